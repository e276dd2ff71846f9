package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
)

// TestRenewalMail goes through a real relay: whoever holds a certification that ends is told when it can be renewed,
// with the last day as a file for their calendar, can end such letters alone in one click, and gets no file with the
// next one.
//
// row 34: what to do, and until when; row 112: one-click stop.
func TestRenewalMail(t *testing.T) {
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-210", "ana@home.test", "Ana Ruiz", 200), nil)
	post.next(t, "ana@home.test")
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-2", "NL-220", "ana@home.test", "Ana Ruiz", 190), &r)
	post.next(t, "ana@home.test")
	award := ""
	for _, d := range r.Decisions {
		if d.Reason == "certification_earned" {
			award = d.Award
		}
	}
	if err := s.acceptAs(t.Context(), "ana@home.test", "Ana Ruiz", award); err != nil {
		t.Fatal(err)
	}
	fallDue := func(daysAgo int) {
		t.Helper()
		err := s.db.InTx(context.Background(), func(t *database.Tx) error {
			_, err := t.Exec(context.Background(), `UPDATE agenda SET due_at = ? WHERE kind = 'award.renewal' AND subject = ?`,
				time.Now().UTC().AddDate(0, 0, -daysAgo).Truncate(time.Second), award)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fallDue(40) // the window opened 5 to 10 days ago
	first := post.next(t, "ana@home.test")
	if !strings.HasPrefix(first.subject, "Renew Web Operations Associate before ") {
		t.Errorf("subject %q", first.subject)
	}
	for _, want := range []string{"You can renew it now.", "NL-210 Running Web Services, NL-220 Networks and Names", "/me/badges/" + award + "#renewal", "attached as a file"} {
		if !strings.Contains(first.text, want) {
			t.Errorf("the letter does not say %q:\n%s", want, first.text)
		}
	}
	file := first.file(t, "renewal.ics")
	end := time.Now().UTC().AddDate(0, 0, -190).AddDate(1, 0, 0)
	for _, want := range []string{"BEGIN:VCALENDAR\r\n", "DTSTART;VALUE=DATE:" + end.AddDate(0, 0, -1).Format("20060102") + "\r\n", "UID:renewal-" + award + "@"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	stop := first.find(t, `(https?://\S+/stop/renewals/\S+)`)
	if got := first.header.Get("List-Unsubscribe"); !strings.HasPrefix(got, "<"+stop+">") {
		t.Errorf("List-Unsubscribe %q, want %q", got, stop)
	}
	if got := first.header.Get("List-Id"); !strings.HasPrefix(got, "<renewals.") {
		t.Errorf("List-Id %q", got)
	}
	answer, err := http.Post(s.base+stop[strings.Index(stop, "/stop/"):], "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "no more mails about renewals") {
		t.Errorf("one click answers %d %s", answer.StatusCode, page)
	}
}

// file is one that goes with a letter.
func (l received) file(t *testing.T, name string) string {
	t.Helper()
	var found string
	var walk func(contentType, encoding string, body io.Reader)
	walk = func(contentType, encoding string, body io.Reader) {
		media, parameters, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(media, "multipart/") {
			if parameters["name"] == name && strings.EqualFold(encoding, "base64") {
				body = base64.NewDecoder(base64.StdEncoding, body)
				text, err := io.ReadAll(body)
				if err != nil {
					t.Fatal(err)
				}
				found = string(text)
			}
			return
		}
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			walk(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		t.Fatal(err)
	}
	walk(m.Header.Get("Content-Type"), "", m.Body)
	if found == "" {
		t.Fatalf("the letter %q has no file %s", l.subject, name)
	}
	return found
}
