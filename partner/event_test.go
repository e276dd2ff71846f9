package partner_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/partner"
)

// TestMain lets this test binary be a process that dies while it holds positions.
func TestMain(m *testing.M) {
	if name := os.Getenv("INSIGNIA_TEST_TAKE_POSITIONS"); name != "" {
		takePositions(name)
	}
	os.Exit(m.Run())
}

// takePositions says so once it holds them, and never commits.
func takePositions(name string) {
	db, err := database.Open(context.Background(), name)
	if err == nil {
		err = db.InTx(context.Background(), func(t *database.Tx) error {
			if err := tell(t, "ptn_a", "lost", "lost"); err != nil {
				return err
			}
			fmt.Println("taken")
			select {}
		})
	}
	fmt.Println(err)
	os.Exit(1)
}

func tell(t *database.Tx, to string, types ...string) error {
	var events []partner.Event
	for _, typ := range types {
		events = append(events, partner.Event{Partner: to, Type: typ, Data: struct{}{}})
	}
	return partner.Append(context.Background(), t, time.Now().UTC().Truncate(time.Second), events)
}

// feedOf are the types of a partner's events, with their positions.
func feedOf(t *testing.T, db *database.DB, of string) string {
	t.Helper()
	var rows []struct {
		Position int    `db:"position"`
		Type     string `db:"type"`
	}
	if err := db.Reader().Select(t.Context(), &rows,
		`SELECT position, type FROM partner_event WHERE partner_id = ? ORDER BY position`, of); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, fmt.Sprint(r.Position, r.Type))
	}
	return strings.Join(list, " ")
}

// TestAppend: each partner has positions of its own, and a transaction that fails takes none.
func TestAppend(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		broken := errors.New("broken")
		for _, fail := range []error{nil, broken, nil} {
			err := db.InTx(t.Context(), func(tx *database.Tx) error {
				events := []partner.Event{{Partner: "ptn_b", Type: "x"}, {Partner: "ptn_a", Type: "y"}, {Partner: "ptn_b", Type: "z"}}
				if err := partner.Append(t.Context(), tx, time.Now().UTC(), events); err != nil {
					return err
				}
				return fail
			})
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
		}
		if a, b := feedOf(t, db, "ptn_a"), feedOf(t, db, "ptn_b"); a != "1y 2y" || b != "1x 2z 3x 4z" {
			t.Errorf("got %s and %s", a, b)
		}
		if err := db.InTx(t.Context(), func(tx *database.Tx) error { return partner.Append(t.Context(), tx, time.Now(), nil) }); err != nil {
			t.Error(err)
		}
	})
}

// TestKilledWithPositions: a process that dies while it holds positions leaves no gap, and nobody waits for it.
func TestKilledWithPositions(t *testing.T) {
	test := func(t *testing.T, name string) {
		db := databasetest.Open(t, name)
		if err := db.InTx(t.Context(), func(tx *database.Tx) error { return tell(tx, "ptn_a", "first") }); err != nil {
			t.Fatal(err)
		}
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), "INSIGNIA_TEST_TAKE_POSITIONS="+name)
		out, err := victim.StdoutPipe()
		if err == nil {
			err = victim.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = victim.Process.Kill() })
		if said, err := bufio.NewReader(out).ReadString('\n'); said != "taken\n" {
			t.Fatal(said, err)
		}
		if got := feedOf(t, db, "ptn_a"); got != "1first" {
			t.Errorf("got %s before the commit", got)
		}
		var next sync.WaitGroup
		next.Go(func() {
			if err := db.InTx(t.Context(), func(tx *database.Tx) error { return tell(tx, "ptn_a", "next", "last") }); err != nil {
				t.Error(err)
			}
		})
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = victim.Wait()
		next.Wait()
		if got := feedOf(t, db, "ptn_a"); got != "1first 2next 3last" {
			t.Errorf("got %s", got)
		}
	}
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "insignia.db")) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		test(t, databasetest.PostgresURL(t))
	})
}

// TestFeed reads page by page, as events come, and ends with a cursor that goes on.
func TestFeed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		other := w.partner(t, "OtherCo")
		add := func(to string, types ...string) {
			t.Helper()
			if err := db.InTx(t.Context(), func(tx *database.Tx) error { return tell(tx, to, types...) }); err != nil {
				t.Fatal(err)
			}
		}
		cursor := ""
		read := func(kind string, limit int) string {
			t.Helper()
			list, next, err := w.Feed(t.Context(), w.caller, partner.FeedPage{Cursor: cursor, Limit: limit, Type: kind})
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			for _, e := range list {
				if e.Data != "{}" || !strings.HasPrefix(e.ID, "evt_") || e.CreatedAt.IsZero() {
					t.Errorf("got %+v", e)
				}
				types = append(types, e.Type)
			}
			cursor = next
			return strings.Join(types, " ")
		}
		if got := read("", 10); got != "" {
			t.Errorf("an empty feed: got %s", got)
		}
		add(w.caller.ID, "result.recorded", "badge.offered", "badge.accepted")
		add(other.ID, "badge.declined")
		for _, want := range []string{"result.recorded badge.offered", "badge.accepted", ""} {
			if got := read("", 2); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		add(w.caller.ID, "result.recorded", "badge.offered", "result.held", "badge.offered")
		begin := cursor
		for kind, want := range map[string][]string{
			"badge.offered": {"badge.offered", "badge.offered", ""}, "result.*": {"result.recorded", "result.held", ""}, "mail.bounced": {"", ""}, "BADGE.*": {""},
		} {
			cursor = begin
			for _, want := range want {
				if got := read(kind, 1); got != want {
					t.Errorf("%s: got %q, want %q", kind, got, want)
				}
			}
		}
		ahead := base64.RawURLEncoding.EncodeToString([]byte(w.caller.ID + " 99"))
		for _, bad := range []string{"x", "!", base64.RawURLEncoding.EncodeToString([]byte(w.caller.ID + " -1")), ahead} {
			if _, _, err := w.Feed(t.Context(), w.caller, partner.FeedPage{Cursor: bad}); code(err) != "cursor_invalid" {
				t.Errorf("cursor %s: got %v", bad, err)
			}
		}
		if _, _, err := w.Feed(t.Context(), other, partner.FeedPage{Cursor: begin}); code(err) != "cursor_invalid" {
			t.Errorf("the cursor of another partner: got %v", err)
		}
		for _, page := range []partner.FeedPage{{Limit: -1}, {Limit: 201}, {Type: "\x00"}, {Type: "\xff*"}} {
			if _, _, err := w.Feed(t.Context(), w.caller, page); code(err) != "validation_failed" {
				t.Errorf("%+v: got %v", page, err)
			}
		}
	})
}
