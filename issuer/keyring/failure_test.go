package keyring_test

import (
	"context"
	"crypto"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
)

// full makes one kind of statement on the keys fail, as on a disk that is full.
func full(t *testing.T, db *database.DB, statement string) (undo func()) {
	t.Helper()
	run := func(query string) {
		err := db.InTx(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), query)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TRIGGER full BEFORE ` + statement + ` ON signing_key BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
	return func() { run(`DROP TRIGGER full`) }
}

// Whatever cannot be stored did not happen: the keys are the same afterwards, and work.
func TestNothingHappensThatCannotBeStored(t *testing.T) {
	for _, statement := range []string{"INSERT", "UPDATE"} {
		db := databasetest.New(t)
		k := open(t, db, options())
		old := active(t, k, keyring.JWT)
		before, err := k.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		undo := full(t, db, statement)
		steps := map[string]func() error{
			"Rotate": func() error { _, err := k.Rotate(t.Context(), keyring.JWT); return err },
			"Revoke": func() error { _, err := k.Revoke(t.Context(), old.ID, "x"); return err },
		}
		if statement == "UPDATE" { // the first use is noted
			steps["SignJWT"] = func() error { _, err := k.SignJWT(t.Context(), []byte("{}")); return err }
			steps["AddProof"] = func() error { _, err := k.AddProof(t.Context(), []byte(plain), start); return err }
		}
		for name, step := range steps {
			if err := step(); err == nil || !strings.Contains(err.Error(), "disk is full") {
				t.Errorf("%s without %s: got %v, want the database's error", name, statement, err)
			}
		}
		k.Expire()
		after, err := k.Keys(t.Context())
		if diff := cmp.Diff(before, after); diff != "" || err != nil {
			t.Errorf("after failing to %s: %v (-before +after):\n%s", statement, err, diff)
		}
		undo()
		signed(t, k, old)
	}
}

func TestFirstKeysThatCannotBeStored(t *testing.T) {
	db := databasetest.New(t)
	o := options()
	o.KeyURL, o.Now = nil, nil
	k, err := keyring.Open(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	undo := full(t, db, "INSERT")
	if err := k.Ensure(t.Context()); err == nil {
		t.Error("got no error from Ensure")
	}
	if _, err := k.Rotate(t.Context(), keyring.JWT); err == nil {
		t.Error("got no error from Rotate")
	}
	undo()
	made, err := k.Rotate(t.Context(), keyring.JWT) // the first, then
	if err != nil {
		t.Fatal(err)
	}
	if j := signed(t, k, made); j.Header.KID != made.ID {
		t.Errorf("got kid %s, want the bare id where no address is set", j.Header.KID)
	}
}

// While the next key is waiting, its revocation moves the end of the one that signs, or does nothing.
func TestRevocationThatCannotMoveTheEnd(t *testing.T) {
	db := databasetest.New(t)
	k, _, _ := overlapping(t, db)
	first, next := active(t, k, keyring.JWT), rotate(t, k)
	undo := full(t, db, "UPDATE OF retired_at")
	if found, err := k.Revoke(t.Context(), next.ID, "leaked"); err == nil || found {
		t.Errorf("got %v, %v, want an error", found, err)
	}
	undo()
	if key, _, err := k.Key(t.Context(), next.ID); err != nil || key.Revoked != nil {
		t.Errorf("got %+v, %v, want it as it was", key, err)
	}
	signed(t, k, first)
}

func TestRevocationThatCannotLetTheNextBegin(t *testing.T) {
	db := databasetest.New(t)
	k, _, _ := overlapping(t, db)
	first := active(t, k, keyring.JWT)
	rotate(t, k)
	defer full(t, db, "UPDATE OF begins_at")()
	if found, err := k.Revoke(t.Context(), first.ID, "lost"); err == nil || found {
		t.Errorf("got %v, %v, want an error", found, err)
	}
	signed(t, k, first)
}

// forgetful makes keys and does not find them.
type forgetful struct{ *cabinet }

func (forgetful) Open(context.Context, string) (crypto.Signer, error) {
	return nil, errors.New("not found")
}

// mute makes keys that do not sign.
type mute struct{ *cabinet }

func (m mute) Open(ctx context.Context, name string) (crypto.Signer, error) {
	key, err := m.cabinet.Open(ctx, name)
	return drawer{key, &cabinet{fail: errors.New("not allowed")}}, err
}

func TestDeviceWhoseKeysAreOfNoUse(t *testing.T) {
	for name, device := range map[string]keyring.Device{"forgetful": forgetful{newCabinet()}, "mute": mute{newCabinet()}} {
		db := databasetest.New(t)
		o := options()
		o.Devices = map[keyring.Purpose]keyring.Device{keyring.JWT: device}
		k, err := keyring.Open(t.Context(), db, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Ensure(t.Context()); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if keys, err := k.Keys(t.Context()); err != nil || len(keys) != 0 {
			t.Errorf("%s: got %d keys, %v, want none", name, len(keys), err)
		}
	}
}

// A key that opens with neither secret does not hinder the change of the others.
func TestSecretIsChangedBesideAKeyThatDoesNotOpen(t *testing.T) {
	db := databasetest.New(t)
	k := open(t, db, options())
	broken := active(t, k, keyring.OB2)
	exec(t, db, `UPDATE signing_key SET sealed = ? WHERE id = ?`, []byte("nonsense"), broken.ID)
	o := options()
	o.OldSecret, o.Secret = o.Secret, []byte("the next secret")
	if _, err := keyring.Open(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	o.OldSecret = nil
	k, err := keyring.Open(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	signed(t, k, active(t, k, keyring.JWT))
	if _, err := k.Revoke(t.Context(), broken.ID, "broken"); err != nil {
		t.Fatal(err)
	}
	open(t, db, o)
}
