package main

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/verifier"
)

// TestFlow is the test to read first: one exam result all the way through the whole server, as the
// people see it who have to do with it. Letters go by SMTP, pages over HTTP, and strangers verify.
func TestFlow(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { flow(t, "") })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		flow(t, databasetest.PostgresURL(t))
	})
}

func flow(t *testing.T, database string) {
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
		if database != "" {
			c.Database = database
		}
	})
	ana, stranger := newVisitor(t), newVisitor(t)

	// A testing partner posts a result. The answer explains it, and an award follows.
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1001", "NL-100", "ana@home.test", "Ana Ruiz", 3), &r)
	if len(r.Awards) != 1 || r.Awards[0].State != "offered" || r.Awards[0].Validity != "valid" {
		t.Fatalf("got awards %+v, want one that is offered and valid", r.Awards)
	}
	badge := r.Awards[0].URL
	stranger.open(badge).reads(http.StatusNotFound, "Nothing to show here")

	// A letter offers the badge. Its link shows what there is and decides nothing.
	offer := post.next(t, "ana@home.test")
	if offer.subject != "Ana Ruiz, you earned Data Foundations" || offer.header.Get("List-Unsubscribe-Post") == "" {
		t.Errorf("got a letter %q with header %v", offer.subject, offer.header)
	}
	stranger.open(offer.claimLink(t)).reads(http.StatusOK, "You earned a badge").says("Data Foundations", "a•••@home.test")

	// Ana opens it, types the code that only her mailbox gets, and accepts.
	ana.open(offer.claimLink(t)).reads(http.StatusOK, "You earned a badge")
	ana.follow("Claim this badge").reads(http.StatusOK, "Show us it's you").says("ana@home.test")
	ana.press("E-mail me a code").reads(http.StatusOK, "Check your mail")
	code := post.next(t, "ana@home.test")
	if who := "Northlight Institute holds your data"; !bytes.Contains(code.raw, []byte(who)) {
		t.Errorf("the letter with the code does not say %q:\n%s", who, code.raw)
	}
	ana.press("Confirm code", "code", code.code(t)).reads(http.StatusOK, "Accept your badge?").says("Ana Ruiz")
	stranger.open(badge).reads(http.StatusNotFound, "Nothing to show here")
	ana.press("Accept badge", "visibility", "link").reads(http.StatusOK, "Well done, Ana Ruiz")

	// Whoever has the link sees the badge, and can prove it without believing the page.
	stranger.open(badge).reads(http.StatusOK, "Ana Ruiz").says("Data Foundations", "Valid", "Northlight Institute")
	proofs := download(t, stranger, badge)
	s.verify(t, proofs, verifier.Valid)

	// The partner voids the result: the badge is withdrawn, wherever one looks.
	s.call(t, http.StatusOK, "/results/R-1001/void", map[string]any{"reason": "The exam was sat by somebody else."}, nil)
	notice := post.next(t, "ana@home.test")
	if !strings.Contains(notice.subject, "Data Foundations") || !strings.Contains(notice.text, "withdr") {
		t.Errorf("got a letter %q that says:\n%s", notice.subject, notice.text)
	}
	stranger.open(badge).reads(http.StatusOK, "Ana Ruiz").says("Data Foundations", "Withdrawn")
	if stranger.open(badge + "/assertion.json"); stranger.status != http.StatusGone || !strings.Contains(string(stranger.body), `"revoked":true`) {
		t.Errorf("the assertion answers %d %s, want 410 and that it is revoked", stranger.status, stranger.body)
	}
	s.verify(t, proofs, verifier.Revoked)
	ana.open(s.base + "/me/badges").says("Withdrawn")
}
