package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestSandboxLettersStayHere does whatever makes letters, with a sandbox's key and with what it made, on a
// server with a relay. The relay sees nothing; the letters lie in the built-in mailbox.
func TestSandboxLettersStayHere(t *testing.T) {
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	live := s.key
	_, key, err := s.partners.Add(t.Context(), "TestCo", true)
	if err != nil {
		t.Fatal(err)
	}
	s.key = key
	box := &sandboxBox{s: s}
	const stranger, second = "stranger@victim.test", "second@victim.test"

	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", stranger, "Sam Stone", 3), &r)
	offer := box.next(t, stranger)
	s.call(t, http.StatusOK, "/awards/"+r.Awards[0].ID+"/resend", map[string]any{}, nil)
	again := box.next(t, stranger)

	newVisitor(t).open(again.claimLink(t)+"/not-me").press("Send", "reason", "never_took").reads(http.StatusOK, "Thank you")
	told := box.next(t, "badges@northlight.example") // to staff of the issuer
	if want := "I never took this exam"; !strings.Contains(told.text, want) || !strings.Contains(told.text, r.Awards[0].ID) || strings.Contains(told.text, "/claim/") {
		t.Errorf("got the letter\n%s\nwant %s, the award and no claim link", told.text, want)
	}
	s.call(t, http.StatusOK, "/awards/"+r.Awards[0].ID+"/resend", map[string]any{}, nil) // the partner's answer
	again = box.next(t, stranger)

	asks := newVisitor(t)
	asks.open(s.base+"/sign-in").press("E-mail me a code", "email", stranger)
	box.next(t, stranger)
	asks.open(s.base+"/claim/lost").press("Mail me my badges", "email", stranger)
	lost := box.next(t, stranger)

	sam := newVisitor(t) // claims and accepts
	sam.open(again.claimLink(t))
	sam.open(offer.claimLink(t))
	sam.open(lost.claimLink(t)).follow("Claim this badge").press("E-mail me a code")
	sam.press("Confirm code", "code", box.next(t, stranger).code(t))
	sam.press("Accept badge", "visibility", "link").reads(http.StatusOK, "Well done, Sam Stone")

	asks = newVisitor(t) // an account has the address now
	asks.open(s.base+"/sign-in").press("E-mail me a code", "email", stranger)
	box.next(t, stranger)

	s.call(t, http.StatusCreated, "/results", passed("R-2", "NL-100", second, "Sam Stone", 2), &r) // and another address joins it
	sam.open(box.next(t, second).claimLink(t)).press("That address is mine too: add it here")
	sam.press("Confirm code", "code", box.next(t, second).code(t))
	box.next(t, stranger) // the notice of that
	sam.press("Decline")

	s.call(t, http.StatusOK, "/results/R-1/void", map[string]any{"reason": "A test."}, nil)
	box.next(t, stranger)

	// The live key's letter is the first one that the relay sees, although it was posted last.
	s.key = live
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3), &r)
	post.next(t, "ana@home.test")

	// Once a live partner knows the address too, and it was proved by mail that left, codes leave again.
	s.call(t, http.StatusCreated, "/results", passed("R-3", "NL-100", stranger, "Sam Stone", 1), &r)
	post.next(t, stranger)
	real := newVisitor(t)
	real.open(s.base+"/sign-in").press("E-mail me a code", "email", stranger)
	post.next(t, stranger)

	if n := box.unread(t); n != 0 {
		t.Errorf("%d letters of the sandbox were not expected", n)
	}
}

// sandboxBox reads what the built-in mailbox keeps.
type sandboxBox struct {
	s    *stage
	read []string
}

func (b *sandboxBox) places(t *testing.T) (places []string) {
	t.Helper()
	rows, err := b.s.db.SQL().Query(`SELECT place FROM letter_copy ORDER BY place`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var place string
		if err := rows.Scan(&place); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(b.read, place) {
			places = append(places, place)
		}
	}
	return places
}

func (b *sandboxBox) unread(t *testing.T) int { return len(b.places(t)) }

// next waits for the next letter, which must be for that address.
func (b *sandboxBox) next(t *testing.T, to string) (l received) {
	t.Helper()
	eventually(t, "a letter in the mailbox for "+to, func() bool { return b.unread(t) > 0 })
	place := b.places(t)[0]
	b.read = append(b.read, place)
	var sandbox bool
	err := b.s.db.SQL().QueryRow(`
		SELECT l.recipient, l.sandbox, c.subject, c.body
		FROM letter_copy c
		JOIN letter l ON l.id = c.letter_id
		WHERE c.place = $1`, place).Scan(&l.to, &sandbox, &l.subject, &l.text)
	if err != nil || l.to != to || !sandbox {
		t.Fatalf("got a letter %q to %q, sandbox %v, %v, want one of the sandbox to %s", l.subject, l.to, sandbox, err, to)
	}
	return l
}
