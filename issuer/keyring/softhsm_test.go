//go:build cgo

package keyring_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

// The mechanisms for Ed25519 of PKCS #11 3.0 §6.3.16, which the library does not name.
const (
	mechanismEdwardsPair = 0x1055
	mechanismEdDSA       = 0x1057
	keyTypeEdwards       = 0x40
)

// token is a PKCS #11 token as a Device: it stands for any that an operator may bring.
type token struct {
	mu      sync.Mutex // one session, one operation at a time
	context *pkcs11.Ctx
	session pkcs11.SessionHandle
	made    int
}

// softHSM is a fresh token of SoftHSM, or the end of the test where the module is not installed.
func softHSM(t *testing.T) *token {
	t.Helper()
	module := ""
	for _, pattern := range []string{os.Getenv("SOFTHSM2_MODULE"), "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib*/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			module = found[0]
			break
		}
	}
	if module == "" {
		t.Skip("no SoftHSM module found: .ci/install test installs one, or set SOFTHSM2_MODULE")
	}
	folder := t.TempDir()
	conf := filepath.Join(folder, "softhsm2.conf")
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+folder+"\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	d := &token{context: pkcs11.New(module)}
	if d.context == nil {
		t.Fatalf("cannot load %s", module)
	}
	if err := d.login(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(d.context.CloseSession(d.session), d.context.Finalize()); err != nil {
			t.Error(err)
		}
		d.context.Destroy()
	})
	return d
}

func (d *token) login() error {
	if err := d.context.Initialize(); err != nil {
		return err
	}
	slots, err := d.context.GetSlotList(false)
	if err != nil || len(slots) == 0 {
		return fmt.Errorf("no slot: %w", err)
	}
	if err := d.context.InitToken(slots[0], "0000", "insignia"); err != nil {
		return err
	}
	if slots, err = d.context.GetSlotList(true); err != nil {
		return err
	}
	if d.session, err = d.context.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION); err != nil {
		return err
	}
	if err := d.context.Login(d.session, pkcs11.CKU_SO, "0000"); err != nil {
		return err
	}
	if err := errors.Join(d.context.InitPIN(d.session, "1111"), d.context.Logout(d.session)); err != nil {
		return err
	}
	return d.context.Login(d.session, pkcs11.CKU_USER, "1111")
}

// Make makes a key pair that cannot be read out.
func (d *token) Make(_ context.Context, purpose keyring.Purpose, algorithm string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made++
	name := fmt.Sprintf("insignia-%s-%d", purpose, d.made)
	var mechanism uint
	public := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name),
	}
	switch algorithm {
	case openbadge.ES256:
		mechanism = pkcs11.CKM_EC_KEY_PAIR_GEN
		curve, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
		public = append(public, pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, curve))
	case openbadge.EdDSA:
		mechanism = mechanismEdwardsPair
		curve, _ := asn1.MarshalWithParams("edwards25519", "printable")
		public = append(public, pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, curve))
	default:
		mechanism = pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN
		public = append(public, pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, 2048),
			pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}))
	}
	private := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
	}
	_, _, err := d.context.GenerateKeyPair(d.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, public, private)
	return name, err
}

// Open finds both halves of a key by their label.
func (d *token) Open(_ context.Context, name string) (crypto.Signer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	public, err := d.find(pkcs11.CKO_PUBLIC_KEY, name)
	if err != nil {
		return nil, err
	}
	private, err := d.find(pkcs11.CKO_PRIVATE_KEY, name)
	if err != nil {
		return nil, err
	}
	key, err := d.public(public)
	return tokenKey{key, private, d}, err
}

func (d *token) find(class uint, name string) (pkcs11.ObjectHandle, error) {
	err := d.context.FindObjectsInit(d.session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_LABEL, name),
	})
	if err != nil {
		return 0, err
	}
	found, _, err := d.context.FindObjects(d.session, 2)
	if err := errors.Join(err, d.context.FindObjectsFinal(d.session)); err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d objects %s", len(found), name)
	}
	return found[0], nil
}

func (d *token) public(o pkcs11.ObjectHandle) (crypto.PublicKey, error) {
	if a, err := d.attributes(o, pkcs11.CKA_MODULUS, pkcs11.CKA_PUBLIC_EXPONENT); err == nil {
		return &rsa.PublicKey{N: new(big.Int).SetBytes(a[0]), E: int(new(big.Int).SetBytes(a[1]).Int64())}, nil
	}
	a, err := d.attributes(o, pkcs11.CKA_EC_POINT, pkcs11.CKA_KEY_TYPE)
	if err != nil {
		return nil, err
	}
	var point []byte // in an OCTET STRING
	if _, err := asn1.Unmarshal(a[0], &point); err != nil {
		return nil, err
	}
	if a[1][0] == keyTypeEdwards {
		return ed25519.PublicKey(point), nil
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
}

func (d *token) attributes(o pkcs11.ObjectHandle, types ...uint) (values [][]byte, err error) {
	for _, typ := range types {
		a, err := d.context.GetAttributeValue(d.session, o, []*pkcs11.Attribute{pkcs11.NewAttribute(typ, nil)})
		if err != nil {
			return nil, err
		}
		values = append(values, a[0].Value)
	}
	return values, nil
}

// tokenKey is a key in the token.
type tokenKey struct {
	public  crypto.PublicKey
	private pkcs11.ObjectHandle
	d       *token
}

// Public is what the token says the public half is.
func (k tokenKey) Public() crypto.PublicKey { return k.public }

// Sign has the token sign.
func (k tokenKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	switch k.public.(type) {
	case ed25519.PublicKey:
		return k.sign(mechanismEdDSA, digest)
	case *rsa.PublicKey:
		sha256Info := []byte{0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20} // RFC 8017 §9.2
		return k.sign(pkcs11.CKM_RSA_PKCS, append(sha256Info, digest...))
	}
	raw, err := k.sign(pkcs11.CKM_ECDSA, digest)
	if err != nil {
		return nil, err
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

func (k tokenKey) sign(mechanism uint, data []byte) ([]byte, error) {
	k.d.mu.Lock()
	defer k.d.mu.Unlock()
	if err := k.d.context.SignInit(k.d.session, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, k.private); err != nil {
		return nil, err
	}
	return k.d.context.Sign(k.d.session, data)
}

// All three kinds of keys in a token: made, used, found again after a restart, rotated.
//
// proves: 3.0 §5 issued: a signing key may stay in a device (PKCS #11)
func TestKeysInSoftHSM(t *testing.T) {
	hsm := softHSM(t)
	db := databasetest.New(t)
	o := options()
	o.Devices = map[keyring.Purpose]keyring.Device{keyring.JWT: hsm, keyring.OB2: hsm, keyring.Proof: hsm}
	k := open(t, db, o)
	signsEverything(t, k)
	before := active(t, k, keyring.Proof)
	if _, err := k.Rotate(t.Context(), keyring.Proof); err != nil {
		t.Fatal(err)
	}
	if now := active(t, k, keyring.Proof); now.ID == before.ID {
		t.Error("the key was not rotated")
	}
	signsEverything(t, open(t, db, o))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := k.SignJWT(t.Context(), []byte("{}")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
