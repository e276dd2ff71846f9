package keyring_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

// clock is a clock that tests move.
type clock struct{ now time.Time }

func (c *clock) add(d time.Duration) { c.now = c.now.Add(d) }

// overlapping opens a ring whose new keys wait a day, and uses the JWT key once.
func overlapping(t *testing.T, db *database.DB) (*keyring.Keyring, *clock, keyring.Options) {
	t.Helper()
	c := &clock{start}
	o := options()
	o.Overlap, o.Now = 24*time.Hour, func() time.Time { return c.now }
	k := open(t, db, o)
	signed(t, k, active(t, k, keyring.JWT))
	return k, c, o
}

func rotate(t *testing.T, k *keyring.Keyring) keyring.Key {
	t.Helper()
	key, err := k.Rotate(t.Context(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNewKeyIsPublishedBeforeItSigns(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k, c, o := overlapping(t, db)
		old := active(t, k, keyring.JWT)
		next := rotate(t, k)
		if next.ID == old.ID || !next.Begins.Equal(start.Add(24*time.Hour)) || !next.Published() || next.Retired != nil {
			t.Fatalf("got %+v, want a key that begins in a day", next)
		}
		if again := rotate(t, k); again.ID != next.ID {
			t.Errorf("got %s from a second rotation, want %s", again.ID, next.ID)
		}
		c.add(24*time.Hour - time.Second)
		signed(t, k, old)
		signed(t, open(t, db, o), old)
		c.add(time.Second)
		signed(t, k, next)
		signed(t, open(t, db, o), next)
		retired, _, err := k.Key(t.Context(), old.ID)
		if err != nil || retired.Retired == nil || !retired.Retired.Equal(next.Begins) || !retired.Published() {
			t.Errorf("got %+v, %v, want it retired when the next began, and published", retired, err)
		}
		if third := rotate(t, k); third.ID == next.ID {
			t.Error("got the same key after it had begun")
		}
	})
}

func TestKeyThatNeverSignedIsReplacedAtOnce(t *testing.T) {
	k, _, _ := overlapping(t, databasetest.New(t))
	next, err := k.Rotate(t.Context(), keyring.OB2)
	if err != nil || !next.Begins.Equal(start) || active(t, k, keyring.OB2).ID != next.ID {
		t.Errorf("got %+v, %v, want a key that signs now", next, err)
	}
}

func TestRevokingTheSigningKeyLetsTheNextBeginEarly(t *testing.T) {
	k, _, _ := overlapping(t, databasetest.New(t))
	first := active(t, k, keyring.JWT)
	next := rotate(t, k)
	if found, err := k.Revoke(t.Context(), first.ID, "lost"); !found || err != nil {
		t.Fatalf("got %v, %v", found, err)
	}
	if now := active(t, k, keyring.JWT); now.ID != next.ID || !now.Begins.Equal(start) {
		t.Errorf("got %+v, want %s beginning now", now, next.ID)
	}
	signed(t, k, next)
}

// A key that is retired already has no part in the rotation of others.
func TestRevokingARetiredKeyLeavesTheNextWaiting(t *testing.T) {
	k, c, _ := overlapping(t, databasetest.New(t))
	first := active(t, k, keyring.JWT)
	second := rotate(t, k)
	c.now = second.Begins
	signed(t, k, second)
	third := rotate(t, k)
	if found, err := k.Revoke(t.Context(), first.ID, "old"); !found || err != nil {
		t.Fatalf("got %v, %v", found, err)
	}
	if key, _, err := k.Key(t.Context(), third.ID); err != nil || !key.Begins.Equal(third.Begins) {
		t.Errorf("got %+v, %v, want it to begin as planned", key, err)
	}
	signed(t, k, second)
}

func TestClockThatWentBack(t *testing.T) {
	k, c, _ := overlapping(t, databasetest.New(t))
	key := active(t, k, keyring.JWT)
	c.add(-48 * time.Hour)
	signed(t, k, key)
}

func TestRevokingTheNextKeyLetsTheSigningOneStay(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k, c, _ := overlapping(t, db)
		first := active(t, k, keyring.JWT)
		next := rotate(t, k)
		c.add(12 * time.Hour)
		if found, err := k.Revoke(t.Context(), next.ID, "leaked"); !found || err != nil {
			t.Fatalf("got %v, %v", found, err)
		}
		c.add(23 * time.Hour)
		signed(t, k, first)
		c.add(time.Hour)
		third := active(t, k, keyring.JWT)
		if third.ID == first.ID || third.ID == next.ID || !third.Begins.Equal(c.now) {
			t.Errorf("got %+v, want another key that begins now", third)
		}
		signed(t, k, third)
	})
}

// The setting of the algorithm changes while a successor waits, and again.
func TestAlgorithmChangesDuringAnOverlap(t *testing.T) {
	db := databasetest.New(t)
	k, c, o := overlapping(t, db)
	first := active(t, k, keyring.JWT)
	next := rotate(t, k)
	o.Algorithm = openbadge.RS256
	k = open(t, db, o)
	signed(t, k, first)
	c.now = next.Begins
	now := active(t, k, keyring.JWT)
	if now.Algorithm != openbadge.RS256 {
		t.Errorf("got %s when the overlap is over, want RS256", now.Algorithm)
	}
	signed(t, k, now)
}

func TestLifeOfKeys(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k, c, _ := overlapping(t, db)
		first := active(t, k, keyring.JWT)
		c.add(time.Hour)
		next := rotate(t, k)
		c.add(time.Hour)
		if _, err := k.Revoke(t.Context(), next.ID, "leaked"); err != nil {
			t.Fatal(err)
		}
		keys, err := k.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, key := range keys {
			if key.Purpose == keyring.JWT {
				line := map[string]string{first.ID: "first", next.ID: "next"}[key.ID]
				for _, at := range []*time.Time{&key.Created, &key.Begins, key.FirstUsed, key.Retired, key.Revoked} {
					moment := " -"
					if at != nil {
						moment = " " + at.Sub(start).String()
					}
					line += moment
				}
				got = append(got, line)
			}
		}
		want := []string{"first 0s 0s 0s 26h0m0s -", "next 1h0m0s 25h0m0s - - 2h0m0s", " 2h0m0s 26h0m0s - - -"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("created, begins, first used, retired, revoked (-want +got):\n%s", diff)
		}
	})
}

// What was stored before keys had a beginning begins when it was made.
func TestKeyOfAnOlderRelease(t *testing.T) {
	db := databasetest.New(t)
	open(t, db, options())
	exec(t, db, `UPDATE signing_key SET begins_at = NULL, first_used_at = NULL`)
	k := open(t, db, options())
	key := active(t, k, keyring.JWT)
	if !key.Begins.Equal(start) {
		t.Errorf("got %v, want %v", key.Begins, start)
	}
	signed(t, k, key)
	k.Expire()
	if key := active(t, k, keyring.JWT); key.FirstUsed == nil || !key.FirstUsed.Equal(start) {
		t.Errorf("got first use %v, want %v", key.FirstUsed, start)
	}
}

// TestWaitingKeyBeginsAtOnce lets a rotation that shall not wait end the waiting of an earlier one.
func TestWaitingKeyBeginsAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k, c, o := overlapping(t, db)
		old := active(t, k, keyring.JWT)
		next := rotate(t, k)
		c.add(time.Hour)
		o.Overlap = 0
		hasty := open(t, db, o)
		got := rotate(t, hasty)
		if got.ID != next.ID || !got.Begins.Equal(start.Add(time.Hour)) {
			t.Errorf("got %+v, want the waiting key %s from now on", got, next.ID)
		}
		k = open(t, db, o)
		if now := active(t, k, keyring.JWT); now.ID != next.ID {
			t.Errorf("%s signs, want %s", now.ID, next.ID)
		}
		if key, _, err := k.Key(t.Context(), old.ID); err != nil || key.Retired == nil || !key.Retired.Equal(start.Add(time.Hour)) {
			t.Errorf("got %+v, error %v, want it retired an hour after the start", key, err)
		}
	})
}
