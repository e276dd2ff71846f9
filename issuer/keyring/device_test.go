package keyring_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

// cabinet is a device for tests: it keeps keys in memory, may be out of reach, and may sign badly.
type cabinet struct {
	keys map[string]crypto.Signer
	fail error
	lie  bool
	make func(algorithm string) crypto.Signer // nil: as asked
}

func newCabinet() *cabinet { return &cabinet{keys: map[string]crypto.Signer{}} }

func (c *cabinet) Make(_ context.Context, purpose keyring.Purpose, algorithm string) (string, error) {
	if c.fail != nil {
		return "", c.fail
	}
	name := fmt.Sprintf("%s-%d", purpose, len(c.keys))
	if c.make != nil {
		c.keys[name] = c.make(algorithm)
		return name, nil
	}
	c.keys[name] = newKey(algorithm)
	return name, nil
}

func newKey(algorithm string) (key crypto.Signer) {
	switch algorithm {
	case openbadge.ES256:
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case openbadge.RS256:
		key, _ = rsa.GenerateKey(rand.Reader, 2048)
	default:
		_, key, _ = ed25519.GenerateKey(rand.Reader)
	}
	return key
}

func (c *cabinet) Open(_ context.Context, name string) (crypto.Signer, error) {
	key, found := c.keys[name]
	if c.fail != nil || !found {
		return nil, errors.Join(c.fail, errors.New("does not answer"))
	}
	return drawer{key, c}, nil
}

// drawer is one key in a cabinet. Nothing but crypto.Signer can be had of it.
type drawer struct {
	key crypto.Signer
	c   *cabinet
}

func (d drawer) Public() crypto.PublicKey { return d.key.Public() }

func (d drawer) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if d.c.fail != nil {
		return nil, d.c.fail
	}
	signature, err := d.key.Sign(r, digest, opts)
	if d.c.lie && err == nil {
		signature[len(signature)-1] ^= 1
	}
	return signature, err
}

// withDevice opens a ring that keeps all its keys in a cabinet.
func withDevice(t *testing.T, db *database.DB, c *cabinet) (*keyring.Keyring, keyring.Options) {
	t.Helper()
	o := options()
	o.Devices = map[keyring.Purpose]keyring.Device{keyring.JWT: c, keyring.OB2: c, keyring.Proof: c}
	return open(t, db, o), o
}

func TestKeysInADevice(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := newCabinet()
		k, o := withDevice(t, db, c)
		signsEverything(t, k)
		signsEverything(t, open(t, db, o)) // after a restart
		if len(c.keys) != 3 {
			t.Errorf("got %d keys in the device, want 3", len(c.keys))
		}
		old := active(t, k, keyring.JWT)
		if old.Device == "" {
			t.Error("the key does not say where it is kept")
		}
		if _, err := k.Rotate(t.Context(), keyring.JWT); err != nil {
			t.Fatal(err)
		}
		signed(t, k, active(t, k, keyring.JWT))
		if _, err := k.Revoke(t.Context(), old.ID, "lost"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Sign(t.Context(), old.ID, openbadge.Header{}, nil); !errors.Is(err, keyring.ErrRevoked) {
			t.Errorf("got %v, want ErrRevoked", err)
		}
	})
}

// signsEverything signs for each purpose and checks what comes.
func signsEverything(t *testing.T, k *keyring.Keyring) {
	t.Helper()
	signed(t, k, active(t, k, keyring.JWT))
	ob2 := active(t, k, keyring.OB2)
	token, err := k.Sign(t.Context(), ob2.ID, openbadge.Header{}, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if j, err := openbadge.ParseJWS(token); err != nil || j.Verify(ob2.Public, openbadge.RS256) != nil {
		t.Errorf("got a token that does not verify: %v", err)
	}
	proven(t, k)
}

func TestSettingADeviceRotatesIntoIt(t *testing.T) {
	db := databasetest.New(t)
	k := open(t, db, options())
	before := active(t, k, keyring.JWT)
	k, _ = withDevice(t, db, newCabinet())
	if now := active(t, k, keyring.JWT); now.ID == before.ID || now.Device == "" {
		t.Errorf("got %+v, want a key in the device", now)
	}
	inDevice := active(t, k, keyring.JWT)
	k = open(t, db, options()) // and back
	if now := active(t, k, keyring.JWT); now.ID == inDevice.ID || now.Device != "" {
		t.Errorf("got %+v, want a key in the database", now)
	}
	if _, err := k.Sign(t.Context(), inDevice.ID, openbadge.Header{}, nil); !errors.Is(err, keyring.ErrDevice) {
		t.Errorf("got %v from a key whose device is not set, want ErrDevice", err)
	}
	if key, found, err := k.Key(t.Context(), inDevice.ID); err != nil || !found || !key.Published() {
		t.Errorf("got %+v, %v, want its public key published", key, err)
	}
}

func TestDeviceOutOfReach(t *testing.T) {
	db := databasetest.New(t)
	c := newCabinet()
	_, o := withDevice(t, db, c)
	c.fail = errors.New("network down")
	k := open(t, db, o) // starts, and serves public keys
	key := active(t, k, keyring.JWT)
	if !key.Published() {
		t.Error("the public key is not published while the device is away")
	}
	if _, err := k.SignJWT(t.Context(), []byte("{}")); !errors.Is(err, keyring.ErrDevice) || !errors.Is(err, c.fail) {
		t.Errorf("got %v, want ErrDevice with its reason", err)
	}
	if _, err := k.Rotate(t.Context(), keyring.JWT); !errors.Is(err, c.fail) {
		t.Errorf("got %v from Rotate, want the device's reason", err)
	}
	if _, err := k.Revoke(t.Context(), key.ID, "x"); !errors.Is(err, c.fail) {
		t.Errorf("got %v from Revoke, want the device's reason", err)
	}
	if _, err := keyring.Open(t.Context(), databasetest.New(t), o); err != nil {
		t.Errorf("got %v from Open, want nothing made yet", err)
	}
	c.fail = nil
	signed(t, k, key)
}

func TestDeviceThatSignsBadly(t *testing.T) {
	c := newCabinet()
	k, _ := withDevice(t, databasetest.New(t), c)
	c.lie = true
	if signed, err := k.AddProof(t.Context(), []byte(plain), start); !errors.Is(err, openbadge.ErrSignature) || signed != nil {
		t.Errorf("got %s, %v, want the bad signature refused", signed, err)
	}
	if token, err := k.SignJWT(t.Context(), []byte("{}")); err == nil || token != "" {
		t.Errorf("got %s, %v, want the bad signature refused", token, err)
	}
	if _, err := k.Rotate(t.Context(), keyring.OB2); !errors.Is(err, keyring.ErrDevice) {
		t.Errorf("got %v, want no key that signs badly", err)
	}
}

func TestDeviceThatMakesSomethingElse(t *testing.T) {
	for name, made := range map[string]func(string) crypto.Signer{
		"another kind": func(string) crypto.Signer { return newKey(openbadge.EdDSA) },
		"another curve": func(string) crypto.Signer {
			key, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			return key
		},
	} {
		c := newCabinet()
		c.make = made
		o := options()
		o.Devices = map[keyring.Purpose]keyring.Device{keyring.JWT: c}
		k, err := keyring.Open(t.Context(), databasetest.New(t), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Ensure(t.Context()); !errors.Is(err, keyring.ErrDevice) {
			t.Errorf("%s: got %v, want ErrDevice", name, err)
		}
	}
}

func TestDeviceWithAnotherKeyOfThatName(t *testing.T) {
	db := databasetest.New(t)
	c := newCabinet()
	k, o := withDevice(t, db, c)
	key := active(t, k, keyring.JWT)
	signed(t, k, key)
	c.keys[key.Device] = newKey(openbadge.ES256)
	signed(t, k, key) // open already
	if _, err := open(t, db, o).SignJWT(t.Context(), nil); !errors.Is(err, keyring.ErrDevice) {
		t.Errorf("got %v, want ErrDevice", err)
	}
}

// nameless makes keys that cannot be found again.
type nameless struct{ *cabinet }

func (nameless) Make(context.Context, keyring.Purpose, string) (string, error) { return "", nil }

func TestDeviceWithoutNames(t *testing.T) {
	o := options()
	o.Devices = map[keyring.Purpose]keyring.Device{keyring.OB2: nameless{newCabinet()}}
	k, err := keyring.Open(t.Context(), databasetest.New(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Ensure(t.Context()); !errors.Is(err, keyring.ErrDevice) {
		t.Errorf("got %v, want ErrDevice", err)
	}
}
