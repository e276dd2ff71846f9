package keyring_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

var start = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

func options() keyring.Options {
	return keyring.Options{
		Secret:      []byte("a secret for tests"),
		KeyURL:      func(kid string) string { return "https://badges.test/issuers/main/keys/" + kid + ".jwk" },
		ProofKeyURL: func(kid string) string { return "https://badges.test/issuers/main/keys/" + kid },
		Now:         func() time.Time { return start },
	}
}

// open opens a ring and makes the keys that are missing.
func open(t testing.TB, db *database.DB, o keyring.Options) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Open(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

func active(t testing.TB, k *keyring.Keyring, p keyring.Purpose) keyring.Key {
	t.Helper()
	key, err := k.Active(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func exec(t testing.TB, db *database.DB, query string, args ...any) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *database.Tx) error {
		n, err := tx.Exec(t.Context(), query, args...)
		if err == nil && n == 0 {
			err = errors.New("no row changed")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// signed signs with the active JWT key and checks the token as a stranger would.
func signed(t testing.TB, k *keyring.Keyring, pub keyring.Key) *openbadge.JWS {
	t.Helper()
	token, err := k.SignJWT(t.Context(), []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	j, err := openbadge.ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Verify(pub.Public); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestFirstStartMakesOneKeyAPurpose(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		empty, err := keyring.Open(t.Context(), db, options())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := empty.Active(t.Context(), keyring.JWT); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("got %v before Ensure, want ErrNoKey", err)
		}
		k := open(t, db, options())
		jwt, ob2, proof := active(t, k, keyring.JWT), active(t, k, keyring.OB2), active(t, k, keyring.Proof)
		if _, ok := jwt.Public.(*ecdsa.PublicKey); !ok || jwt.Algorithm != openbadge.ES256 {
			t.Errorf("got %T, %s, want ES256 for JWT", jwt.Public, jwt.Algorithm)
		}
		if pub, ok := ob2.Public.(*rsa.PublicKey); !ok || ob2.Algorithm != openbadge.RS256 || pub.N.BitLen() != 2048 {
			t.Errorf("got %T, %s, want RSA of 2048 bits for 2.0", ob2.Public, ob2.Algorithm)
		}
		if _, ok := proof.Public.(ed25519.PublicKey); !ok || proof.Algorithm != openbadge.EdDSA {
			t.Errorf("got %T, %s, want Ed25519 for proofs", proof.Public, proof.Algorithm)
		}
		for _, key := range []keyring.Key{jwt, ob2, proof} {
			if !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(key.ID) || !key.Created.Equal(start) || !key.Begins.Equal(start) ||
				key.FirstUsed != nil || key.Retired != nil || !key.Published() {
				t.Errorf("got %+v, want a fresh key", key)
			}
		}
		again := open(t, db, options())
		before, err1 := k.Keys(t.Context())
		after, err2 := again.Keys(t.Context())
		if diff := cmp.Diff(before, after); diff != "" || err1 != nil || err2 != nil || len(after) != 3 {
			t.Errorf("got other keys after a restart: %s %v %v", diff, err1, err2)
		}
		signed(t, again, jwt)
	})
}

func TestSignJWTNamesItsKey(t *testing.T) {
	for algorithm, alg := range map[string]string{"": openbadge.ES256, openbadge.ES256: openbadge.ES256, openbadge.RS256: openbadge.RS256} {
		o := options()
		o.Algorithm = algorithm
		k := open(t, databasetest.New(t), o)
		key := active(t, k, keyring.JWT)
		j := signed(t, k, key)
		want := openbadge.Header{Alg: alg, KID: o.KeyURL(key.ID), Typ: "JWT"}
		if diff := cmp.Diff(want, j.Header); diff != "" || string(j.Payload) != `{"a":1}` || key.Algorithm != alg {
			t.Errorf("algorithm %q: got header %+v and payload %s: %s", algorithm, j.Header, j.Payload, diff)
		}
	}
}

func TestSignWithOneKey(t *testing.T) {
	k := open(t, databasetest.New(t), options())
	key := active(t, k, keyring.OB2)
	token, err := k.Sign(t.Context(), key.ID, openbadge.Header{Alg: "none"}, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := openbadge.ParseJWS(token)
	if err != nil || j.Header.Alg != openbadge.RS256 || j.Header.KID != "" || j.Header.Typ != "" || j.Verify(key.Public) != nil {
		t.Errorf("got header %+v, %v, want RS256 alone", j.Header, err)
	}
	if _, err := k.Sign(t.Context(), "nosuchkey", openbadge.Header{}, nil); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("got %v, want ErrNoKey", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.SignJWT(ended, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v for a request that has gone, want context.Canceled", err)
	}
}

func TestKeyIsFoundByItsID(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k := open(t, db, options())
		want := active(t, k, keyring.JWT)
		if got, found, err := k.Key(t.Context(), want.ID); err != nil || !found || got.ID != want.ID {
			t.Errorf("got %+v, %v, %v, want %s", got, found, err, want.ID)
		}
		if _, found, err := k.Key(t.Context(), "nosuchkey"); err != nil || found {
			t.Errorf("got %v, %v, want nothing", found, err)
		}
		// Another process makes a key and publishes its address at once.
		made, err := open(t, db, options()).Rotate(t.Context(), keyring.JWT)
		if err != nil {
			t.Fatal(err)
		}
		if got, found, err := k.Key(t.Context(), made.ID); err != nil || !found || got.ID != made.ID {
			t.Errorf("got %+v, %v, %v, want the other process's key", got, found, err)
		}
	})
}

func TestOpenRefusesBadOptions(t *testing.T) {
	db := databasetest.New(t)
	for name, change := range map[string]func(*keyring.Options){
		"no secret":     func(o *keyring.Options) { o.Secret = nil },
		"bad algorithm": func(o *keyring.Options) { o.Algorithm = "HS256" },
	} {
		o := options()
		change(&o)
		if k, err := keyring.Open(t.Context(), db, o); err == nil || k != nil {
			t.Errorf("%s: got %v, %v, want an error", name, k, err)
		}
	}
}

func TestNothingPrintsAPrivateKey(t *testing.T) {
	k := open(t, databasetest.New(t), options())
	keys, err := k.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal([]any{k, keys})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%s %+v %#v %+v", asJSON, k, k, keys)
	for _, sign := range []string{"PrivateKey", "Primes", "private:", "a secret for tests"} {
		if strings.Contains(text, sign) {
			t.Errorf("got %q in what a log would show", sign)
		}
	}
}

func BenchmarkSignES256(b *testing.B) {
	k := open(b, databasetest.New(b), options())
	payload := []byte(`{"vc":"` + strings.Repeat("x", 3000) + `"}`)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := k.SignJWT(b.Context(), payload); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestDatabaseErrorsRise(t *testing.T) {
	db := databasetest.New(t)
	k := open(t, db, options())
	kid := active(t, k, keyring.JWT).ID
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	changing := options()
	changing.OldSecret = []byte("old")
	for name, f := range map[string]func() error{
		"Open":        func() error { _, err := keyring.Open(ctx, db, options()); return err },
		"Open reseal": func() error { _, err := keyring.Open(ctx, db, changing); return err },
		"Ensure":      func() error { return k.Ensure(ctx) },
		"Keys":        func() error { _, err := k.Keys(ctx); return err },
		"Key":         func() error { _, _, err := k.Key(ctx, kid); return err },
		"Key unknown": func() error { _, _, err := k.Key(ctx, "nosuchkey"); return err },
		"Active":      func() error { _, err := k.Active(ctx, keyring.JWT); return err },
		"Rotate":      func() error { _, err := k.Rotate(ctx, keyring.JWT); return err },
		"Revoke":      func() error { _, err := k.Revoke(ctx, kid, "test"); return err },
		"AddProof":    func() error { _, err := k.AddProof(ctx, nil, start); return err },
		"SignJWT":     func() error { _, err := k.SignJWT(ctx, nil); return err },
		"Sign":        func() error { _, err := k.Sign(ctx, kid, openbadge.Header{}, nil); return err },
	} {
		k.Expire()
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the database's error", name, err)
		}
	}
	if now := active(t, k, keyring.JWT); now.ID != kid {
		t.Errorf("got %s afterwards, want %s", now.ID, kid)
	}
}
