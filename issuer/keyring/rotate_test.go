package keyring_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

func TestRotationKeepsTheOldKey(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		k := open(t, db, options())
		for _, purpose := range []keyring.Purpose{keyring.JWT, keyring.OB2} {
			old := active(t, k, purpose)
			made, err := k.Rotate(ctx, purpose)
			if err != nil {
				t.Fatal(err)
			}
			if now := active(t, k, purpose); now.ID != made.ID || made.ID == old.ID || made.Algorithm != old.Algorithm {
				t.Errorf("got active %s, made %s, old %s, want a new one", now.ID, made.ID, old.ID)
			}
			retired, found, err := k.Key(ctx, old.ID)
			if err != nil || !found || retired.Retired == nil || !retired.Retired.Equal(start) || !retired.Published() {
				t.Errorf("got %+v, %v, %v, want it retired and published", retired, found, err)
			}
			token, err := k.Sign(ctx, old.ID, openbadge.Header{}, []byte("composed before"))
			if err != nil {
				t.Fatal(err)
			}
			if j, err := openbadge.ParseJWS(token); err != nil || j.Verify(old.Public) != nil {
				t.Errorf("got a token that the retired key does not verify: %v", err)
			}
		}
		signed(t, k, active(t, k, keyring.JWT))
		if _, err := k.Rotate(ctx, "nothing"); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("got %v for an unknown purpose, want ErrNoKey", err)
		}
	})
}

func TestRevokedKeyIsDestroyed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		k := open(t, db, options())
		first := active(t, k, keyring.JWT)
		second, err := k.Rotate(ctx, keyring.JWT)
		if err != nil {
			t.Fatal(err)
		}
		for _, kid := range []string{first.ID, second.ID} { // a retired and an active one
			for _, want := range []bool{true, false} {
				if found, err := k.Revoke(ctx, kid, "laptop lost"); err != nil || found != want {
					t.Errorf("got %v, %v, want %v", found, err, want)
				}
			}
			key, found, err := k.Key(ctx, kid)
			if err != nil || !found || key.Revoked == nil || key.Reason != "laptop lost" || key.Published() {
				t.Errorf("got %+v, %v, %v, want it revoked", key, found, err)
			}
			if _, err := k.Sign(ctx, kid, openbadge.Header{}, []byte("x")); !errors.Is(err, keyring.ErrRevoked) {
				t.Errorf("got %v, want ErrRevoked", err)
			}
			var sealed []byte
			if _, err := db.Reader().Get(ctx, &sealed, `SELECT sealed FROM signing_key WHERE id = ?`, kid); err != nil || len(sealed) != 0 {
				t.Errorf("got %d sealed bytes, %v, want none", len(sealed), err)
			}
		}
		third := active(t, k, keyring.JWT)
		if third.ID == second.ID {
			t.Error("the revoked key is still active")
		}
		signed(t, k, third)
		signed(t, open(t, db, options()), third) // and after a restart
		if found, err := k.Revoke(ctx, "nosuchkey", ""); found || err != nil {
			t.Errorf("got %v, %v for an unknown key", found, err)
		}
	})
}

func TestSettingOfTheAlgorithmRotates(t *testing.T) {
	db := databasetest.New(t)
	k := open(t, db, options())
	old, ob2 := active(t, k, keyring.JWT), active(t, k, keyring.OB2)
	o := options()
	o.Algorithm = openbadge.RS256
	k = open(t, db, o)
	if now := active(t, k, keyring.JWT); now.Algorithm != openbadge.RS256 {
		t.Errorf("got %s, want RS256", now.Algorithm)
	}
	if key, _, _ := k.Key(t.Context(), old.ID); key.Retired == nil {
		t.Error("the ES256 key is not retired")
	}
	if now := active(t, k, keyring.OB2); now.ID != ob2.ID {
		t.Error("the 2.0 key was changed as well")
	}
	signed(t, k, active(t, k, keyring.JWT))
}

// Ten processes start on an empty database, rotate together, and revoke together.
func TestManyProcessesAgree(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		rings := make([]*keyring.Keyring, 10)
		together := func(f func(n int)) {
			var wg sync.WaitGroup
			for n := range rings {
				wg.Go(func() { f(n) })
			}
			wg.Wait()
		}
		actives := func() (keys []keyring.Key, all int) {
			t.Helper()
			list, err := rings[0].Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range list {
				if key.Purpose == keyring.JWT && key.Retired == nil && key.Revoked == nil {
					keys = append(keys, key)
				}
			}
			return keys, len(list)
		}
		together(func(n int) {
			k, err := keyring.Open(t.Context(), db, options())
			if err == nil {
				err = k.Ensure(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
			rings[n] = k
		})
		if keys, all := actives(); len(keys) != 1 || all != 3 {
			t.Fatalf("got %d active JWT keys of %d keys, want one of three", len(keys), all)
		}
		first := active(t, rings[0], keyring.JWT)
		together(func(n int) {
			if _, err := rings[n].Rotate(t.Context(), keyring.JWT); err != nil {
				t.Error(err)
			}
		})
		keys, _ := actives()
		if len(keys) != 1 || keys[0].ID == first.ID {
			t.Fatalf("got %d active JWT keys, want one new one", len(keys))
		}
		revoked := 0
		var mu sync.Mutex
		together(func(n int) {
			found, err := rings[n].Revoke(t.Context(), keys[0].ID, "test")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if found {
				revoked++
			}
		})
		if after, _ := actives(); revoked != 1 || len(after) != 1 || after[0].ID == keys[0].ID {
			t.Errorf("got %d revocations and %d active keys, want one of each", revoked, len(after))
		}
	})
}

func TestOtherProcessesNoticeARotation(t *testing.T) {
	db := databasetest.New(t)
	k, other := open(t, db, options()), open(t, db, options())
	made, err := other.Rotate(t.Context(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	k.Expire()
	if now := active(t, k, keyring.JWT); now.ID != made.ID {
		t.Errorf("got %s a second after another process's rotation, want %s", now.ID, made.ID)
	}
	signed(t, k, made)
}
