package sharecode_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/refusal"
)

// shelf is codes with a clock that tests move, and an account.
type shelf struct {
	*sharecode.Codes
	t   *testing.T
	db  *database.DB
	now atomic.Int64
}

const (
	ana    = "ern_ana"
	reader = "198.51.100.0/24"
)

func each(t *testing.T, test func(t *testing.T, s *shelf)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := &shelf{t: t, db: db}
		s.now.Store(time.Date(2026, time.March, 5, 10, 42, 0, 0, time.UTC).Unix())
		s.Codes = sharecode.New(db, s.clock)
		s.exec(`INSERT INTO account (id, name, language, created_at) VALUES (?, 'Ana', '', ?)`, ana, s.clock())
		test(t, s)
	})
}

func (s *shelf) clock() time.Time { return time.Unix(s.now.Load(), 0).UTC() }

func (s *shelf) wait(d time.Duration) { s.now.Add(int64(d / time.Second)) }

func (s *shelf) exec(query string, args ...any) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), func(t *database.Tx) error {
		_, err := t.Exec(s.t.Context(), query, args...)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

// code makes one that works for ninety days.
func (s *shelf) code(pin string) sharecode.Code {
	s.t.Helper()
	c, err := s.Make(s.t.Context(), ana, sharecode.Wanted{Label: "Contoso", Ends: s.clock().Add(90 * 24 * time.Hour), PIN: pin})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *shelf) found(typed string, r sharecode.Reader) bool {
	s.t.Helper()
	_, found, err := s.Find(s.t.Context(), typed, r)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// row 37: a code is found however it is typed, until it ends, is ended or its account is erased.
func TestCode(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		c := s.code("")
		if text := c.Text(); !sharecode.Looks(text) || strings.ContainsAny(text, "01OI") || len(text) != 14 {
			t.Errorf("a code is %s", text)
		}
		for _, typed := range []string{c.Text(), c.Bare, strings.ToLower(c.Text()), " " + strings.ReplaceAll(c.Text(), "-", " ") + "\n", strings.ReplaceAll(c.Text(), "-", "–")} {
			if !s.found(typed, sharecode.Reader{Network: reader}) {
				t.Errorf("%q is not found", typed)
			}
		}
		if got := c.LastDay().Format(time.DateOnly); got != "2026-06-03" {
			t.Errorf("ends on %s", got)
		}
		s.wait(90*24*time.Hour - time.Second)
		if !s.found(c.Text(), sharecode.Reader{}) {
			t.Error("it ended a second before its time")
		}
		s.wait(time.Second)
		if s.found(c.Text(), sharecode.Reader{}) || s.found(c.Text(), sharecode.Reader{Account: ana}) {
			t.Error("it does not end")
		}
		ended, erased, gone := s.code(""), s.code(""), s.code("")
		if err := s.End(t.Context(), "ern_ben", ended.ID); err != nil || !s.found(ended.Text(), sharecode.Reader{}) {
			t.Errorf("somebody else ended it: %v", err)
		}
		if err := s.End(t.Context(), ana, ended.ID); err != nil || s.found(ended.Text(), sharecode.Reader{}) {
			t.Errorf("End now does not end it: %v", err)
		}
		if err := s.db.InTx(t.Context(), func(t *database.Tx) error { return s.Erase(s.t.Context(), t, ana) }); err != nil || s.found(erased.Text(), sharecode.Reader{}) {
			t.Errorf("it outlives its account: %v", err)
		}
		s.exec(`DELETE FROM account WHERE id = ?`, ana)
		if s.wait(time.Hour); s.found(gone.Text(), sharecode.Reader{}) {
			t.Error("it works without its account")
		}
		if _, err := s.Make(t.Context(), ana, sharecode.Wanted{Ends: s.clock().Add(time.Hour)}); !refusal.Is(err, sharecode.TooMany) {
			t.Errorf("a code of nobody: %v", err)
		}
	})
}

// What is refused: labels that are no line, ends in the past or far away, PINs that are guessed at once.
func TestMakeRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		soon := s.clock().Add(time.Hour)
		html := strings.Repeat("<b>&amp;</b>", 20)[:200]
		for _, k := range []struct {
			w    sharecode.Wanted
			want string
		}{
			{sharecode.Wanted{Label: html, Ends: soon}, ""},
			{sharecode.Wanted{Label: "  ", Ends: soon, PIN: "482 913"}, ""},
			{sharecode.Wanted{Label: html + "x", Ends: soon}, sharecode.BadLabel},
			{sharecode.Wanted{Label: "a\nb", Ends: soon}, sharecode.BadLabel},
			{sharecode.Wanted{Ends: s.clock()}, sharecode.BadEnd},
			{sharecode.Wanted{Ends: s.clock().AddDate(4, 0, 0)}, sharecode.BadEnd},
			{sharecode.Wanted{Ends: soon, PIN: "4711"}, sharecode.BadPIN},
			{sharecode.Wanted{Ends: soon, PIN: "abcdef"}, sharecode.BadPIN},
		} {
			c, err := s.Make(t.Context(), ana, k.w)
			if (err == nil) != (k.want == "") || err != nil && !refusal.Is(err, k.want) {
				t.Errorf("%+v: %v, want %q", k.w, err, k.want)
			}
			if err == nil && c.Label != strings.TrimSpace(k.w.Label) {
				t.Errorf("label %q", c.Label)
			}
			if strings.Contains(c.PIN, "482913") {
				t.Error("a PIN is stored as it is")
			}
		}
	})
}

// contract 6.1: five codes that do not work have the network rest for ten minutes, and never the owner of one that does.
func TestGuessedCodes(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		c := s.code("")
		guess := func(k int) error {
			_, found, err := s.Find(t.Context(), fmt.Sprintf("AAAA-AAAA-AAA%c", 'A'+k), sharecode.Reader{Network: reader})
			if found {
				t.Error("found")
			}
			return err
		}
		for range 20 { // a page that is loaded again is no other guess
			if err := guess(0); err != nil {
				t.Fatal(err)
			}
		}
		for k := range 5 {
			if err := guess(k); err != nil {
				t.Fatalf("guess %d: %v", k, err)
			}
			s.wait(time.Minute)
		}
		for range 100 {
			if err := guess(6); !refusal.Is(err, sharecode.Throttled) {
				t.Fatal(err)
			}
		}
		if _, _, err := s.Find(t.Context(), c.Text(), sharecode.Reader{Network: reader}); !refusal.Is(err, sharecode.Throttled) {
			t.Errorf("a code that works: %v", err)
		}
		if !s.found(c.Text(), sharecode.Reader{Account: ana, Network: reader}) || !s.found(c.Text(), sharecode.Reader{Network: "192.0.2.0/24"}) {
			t.Error("the owner, or somebody else, has to wait")
		}
		s.wait(9*time.Minute - time.Second) // the last guess was a minute ago
		if err := guess(6); !refusal.Is(err, sharecode.Throttled) {
			t.Errorf("it rests no ten minutes: %v", err)
		}
		s.wait(time.Second)
		if !s.found(c.Text(), sharecode.Reader{Network: reader}) {
			t.Error("it rests longer than ten minutes")
		}
	})
}

// contract 6.1: five wrong PINs have the code rest for ten minutes, and never for its owner; the right one in between
// begins anew.
func TestWrongPINs(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		c := s.code("482 913")
		try := func(pin string) error { return s.TryPIN(t.Context(), c, pin) }
		for range 4 {
			if err := try("000000"); !refusal.Is(err, sharecode.WrongPIN) {
				t.Fatal(err)
			}
		}
		if err := try("482-913"); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := try("000000"); !refusal.Is(err, sharecode.WrongPIN) {
				t.Fatal(err)
			}
		}
		if err := try("482913"); !refusal.Is(err, sharecode.Throttled) {
			t.Errorf("the right PIN while it rests: %v", err)
		}
		if _, _, err := s.Find(t.Context(), c.Text(), sharecode.Reader{Network: reader}); !refusal.Is(err, sharecode.Throttled) {
			t.Errorf("a reader while it rests: %v", err)
		}
		if !s.found(c.Text(), sharecode.Reader{Account: ana}) {
			t.Error("its owner is locked out")
		}
		s.wait(10 * time.Minute)
		if err := try("482913"); err != nil {
			t.Errorf("the right PIN after ten minutes: %v", err)
		}
	})
}

// A machine that tries ten thousand PINs at once has five of them compared, and fifty in a day of trying.
func TestTenThousandPINs(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		c := s.code("009999")
		var compared atomic.Int64
		var all sync.WaitGroup
		for worker := range 20 {
			all.Go(func() {
				for k := range 500 {
					switch err := s.TryPIN(t.Context(), c, fmt.Sprintf("%06d", worker*500+k)); {
					case refusal.Is(err, sharecode.WrongPIN):
						compared.Add(1)
					case !refusal.Is(err, sharecode.Throttled):
						t.Errorf("found: %v", err)
					}
				}
			})
		}
		all.Wait()
		if n := compared.Load(); n != 5 {
			t.Errorf("%d were compared", n)
		}
		for range 24 * 6 { // ten minutes each
			s.wait(10 * time.Minute)
			for range 5 {
				if refusal.Is(s.TryPIN(t.Context(), c, "000000"), sharecode.WrongPIN) {
					compared.Add(1)
				}
			}
		}
		if n := compared.Load(); n > 105 { // two UTC days were touched
			t.Errorf("%d were compared in a day", n)
		}
	})
}

// row 37: its owner sees on which days a code was opened, and nothing more.
func TestOpened(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		c, other := s.code(""), s.code("")
		for _, day := range []int{0, 0, 24, 72} {
			s.wait(time.Duration(day) * time.Hour)
			if err := s.Opened(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		list, err := s.Of(t.Context(), ana)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		for _, l := range list {
			var got []string
			for _, d := range l.Days {
				got = append(got, fmt.Sprint(d.On.Format(time.DateOnly), " ", d.Opened))
			}
			want := "2026-03-05 2, 2026-03-06 1, 2026-03-09 1"
			if l.ID == other.ID {
				want = ""
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s: %v, want %s", l.Text(), got, want)
			}
			if l.ID == c.ID && l.Opened() != 4 {
				t.Errorf("opened %d times", l.Opened())
			}
		}
	})
}

// Codes that ended long ago are forgotten, and so are guesses; what works stays.
func TestForget(t *testing.T) {
	each(t, func(t *testing.T, s *shelf) {
		ended := s.code("")
		if err := s.Opened(t.Context(), ended); err != nil {
			t.Fatal(err)
		}
		if err := s.End(t.Context(), ana, ended.ID); err != nil {
			t.Fatal(err)
		}
		_ = s.found("AAAA-AAAA-AAAA", sharecode.Reader{Network: reader})
		s.wait(91 * 24 * time.Hour)
		working := s.code("")
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := s.Of(t.Context(), ana)
		if err != nil || len(list) != 1 || list[0].ID != working.ID {
			t.Error(list, err)
		}
		var guesses int
		if _, err := s.db.Reader().Get(t.Context(), &guesses, `SELECT COUNT(*) FROM share_code_guess`); err != nil || guesses != 0 {
			t.Errorf("%d guesses are kept, %v", guesses, err)
		}
	})
}
