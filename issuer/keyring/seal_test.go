package keyring_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

func TestWrongSecretIsSaidClearly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		open(t, db, options())
		o := options()
		o.Secret = []byte("not that secret")
		if k, err := keyring.Open(t.Context(), db, o); k != nil || !errors.Is(err, keyring.ErrSecret) {
			t.Errorf("got %v, %v, want ErrSecret", k, err)
		}
		o.OldSecret = []byte("nor that one")
		if _, err := keyring.Open(t.Context(), db, o); !errors.Is(err, keyring.ErrSecret) {
			t.Errorf("got %v, want ErrSecret", err)
		}
		open(t, db, options()) // nothing was changed
	})
}

func TestSecretIsChanged(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k := open(t, db, options())
		jwt := active(t, k, keyring.JWT)
		if _, err := k.Rotate(t.Context(), keyring.OB2); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Revoke(t.Context(), active(t, k, keyring.OB2).ID, "test"); err != nil {
			t.Fatal(err)
		}
		o := options()
		o.OldSecret, o.Secret = o.Secret, []byte("the next secret")
		signed(t, open(t, db, o), jwt)
		o.OldSecret = nil // the change is over
		signed(t, open(t, db, o), jwt)
		if _, err := keyring.Open(t.Context(), db, options()); !errors.Is(err, keyring.ErrSecret) {
			t.Errorf("got %v with the old secret, want ErrSecret", err)
		}
	})
}

// While the secret changes, a process that has only the old one may still make a key.
func TestKeySealedMeanwhileWithTheOldSecretOpens(t *testing.T) {
	db := databasetest.New(t)
	slow := open(t, db, options())
	o := options()
	o.OldSecret, o.Secret = o.Secret, []byte("the next secret")
	k := open(t, db, o)
	made, err := slow.Rotate(t.Context(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	token, err := k.Sign(t.Context(), made.ID, openbadge.Header{}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if j, err := openbadge.ParseJWS(token); err != nil || j.Verify(made.Public) != nil {
		t.Error("the new key does not verify what the other process signed with it")
	}
}

func TestTamperedRowsAreRefused(t *testing.T) {
	var other []byte // a sealed key of the same secret from another database
	{
		db := databasetest.New(t)
		open(t, db, options())
		if _, err := db.Reader().Get(t.Context(), &other, `SELECT sealed FROM signing_key WHERE purpose = 'jwt'`); err != nil {
			t.Fatal(err)
		}
	}
	for name, tamper := range map[string]func(t *testing.T, db *database.DB, kid string){
		"one bit": func(t *testing.T, db *database.DB, kid string) {
			var sealed []byte
			if _, err := db.Reader().Get(t.Context(), &sealed, `SELECT sealed FROM signing_key WHERE id = ?`, kid); err != nil {
				t.Fatal(err)
			}
			flipped := bytes.Clone(sealed)
			flipped[len(flipped)/2] ^= 1
			exec(t, db, `UPDATE signing_key SET sealed = ? WHERE id = ?`, flipped, kid)
		},
		"cut off": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET sealed = ? WHERE id = ?`, []byte("short"), kid)
		},
		"another row's key": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET sealed = ? WHERE id = ?`, other, kid)
		},
		"algorithm": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET algorithm = 'RS256' WHERE id = ?`, kid)
		},
		"public key": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET public_key = (SELECT public_key FROM signing_key WHERE purpose = 'ob2') WHERE id = ?`, kid)
		},
		"no public key": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET public_key = ? WHERE id = ?`, []byte("nonsense"), kid)
		},
		"id": func(t *testing.T, db *database.DB, kid string) {
			exec(t, db, `UPDATE signing_key SET id = 'aaaaaaaaaaaaaaaa' WHERE id = ?`, kid)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.New(t)
			tamper(t, db, active(t, open(t, db, options()), keyring.JWT).ID)
			k, err := keyring.Open(t.Context(), db, options())
			if err != nil {
				t.Fatal(err)
			}
			if err := k.Ensure(t.Context()); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("got %v from Ensure, want ErrSealed", err)
			}
			if _, err := k.SignJWT(t.Context(), []byte("x")); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("got %v from SignJWT, want ErrSealed", err)
			}
			if _, err := k.Rotate(t.Context(), keyring.JWT); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("got %v from Rotate, want ErrSealed", err)
			}
			// What the message asks for helps.
			if found, err := k.Revoke(t.Context(), active(t, k, keyring.JWT).ID, "tampered with"); err != nil || !found {
				t.Fatalf("got %v, %v, want it revoked", found, err)
			}
			k = open(t, db, options())
			signed(t, k, active(t, k, keyring.JWT))
		})
	}
}

func TestPublicKeyOfATamperedRowIsNotServed(t *testing.T) {
	db := databasetest.New(t)
	kid := active(t, open(t, db, options()), keyring.JWT).ID
	exec(t, db, `UPDATE signing_key SET public_key = (SELECT public_key FROM signing_key WHERE purpose = 'ob2') WHERE id = ?`, kid)
	k, err := keyring.Open(t.Context(), db, options())
	if err != nil {
		t.Fatal(err)
	}
	if key, found, err := k.Key(t.Context(), kid); err != nil || !found || key.Published() || key.Public != nil {
		t.Errorf("got %+v, %v, %v, want no public key", key, found, err)
	}
}

// Whoever can write rows must not become an issuer: a key whose private half is not sealed here is not
// published, and taking back a revocation brings no trust back.
func TestPublicKeyWithoutItsSealIsNotServed(t *testing.T) {
	db := databasetest.New(t)
	k := open(t, db, options())
	revoked := active(t, k, keyring.JWT).ID
	if _, err := k.Revoke(t.Context(), revoked, "lost"); err != nil {
		t.Fatal(err)
	}
	if key, _, _ := k.Key(t.Context(), revoked); key.Public == nil {
		t.Error("a revoked key is shown with its public half")
	}
	foreign := active(t, open(t, databasetest.New(t), options()), keyring.OB2)
	der, err := x509.MarshalPKIXPublicKey(foreign.Public)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, `UPDATE signing_key SET revoked_at = NULL, retired_at = created_at WHERE id = ?`, revoked)
	exec(t, db, `
		INSERT INTO signing_key (id, purpose, algorithm, public_key, sealed, created_at, retired_at, reason)
		SELECT ?, purpose, algorithm, ?, sealed, created_at, created_at, reason FROM signing_key WHERE purpose = 'ob2'`, foreign.ID, der)
	k, err = keyring.Open(t.Context(), db, options())
	if err != nil {
		t.Fatal(err)
	}
	for _, kid := range []string{revoked, foreign.ID} {
		key, found, err := k.Key(t.Context(), kid)
		if err != nil || !found || key.Published() || key.Public != nil {
			t.Errorf("got %+v, %v, %v, want no public key", key, found, err)
		}
	}
}

func TestSecretIsChangedForKeysInADevice(t *testing.T) {
	db := databasetest.New(t)
	_, o := withDevice(t, db, newCabinet())
	o.OldSecret, o.Secret = o.Secret, []byte("the next secret")
	open(t, db, o)
	o.OldSecret = nil
	signsEverything(t, open(t, db, o))
	o.Secret = []byte("not that secret")
	if _, err := keyring.Open(t.Context(), db, o); !errors.Is(err, keyring.ErrSecret) {
		t.Errorf("got %v, want ErrSecret", err)
	}
}
