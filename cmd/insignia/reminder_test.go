package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
)

// TestRemindersThread goes through a real relay: a reminder belongs to the letter that offered, has its subject, leads
// to the same link, can be stopped in one click or by mail, and a person answers.
//
// row 80: claim mail by the programme's own sender; row 112: one-click stop.
func TestRemindersThread(t *testing.T) {
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1001", "NL-100", "ana@home.test", "Ana Ruiz", 3), &r)
	offer := post.next(t, "ana@home.test")
	for n, last := range []string{"remind you once more", "last reminder"} {
		eventually(t, "the reminder is on the agenda, and its time comes", func() (due bool) {
			err := s.db.InTx(context.Background(), func(t *database.Tx) error {
				rows, err := t.Exec(context.Background(), `UPDATE agenda SET due_at = ? WHERE kind = 'claim.reminder'`, time.Now().UTC().Add(-time.Hour).Truncate(time.Second))
				due = rows == 1
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return due
		})
		l := post.next(t, "ana@home.test")
		if got, want := l.header.Get("References"), offer.header.Get("Message-Id"); got != want || l.header.Get("In-Reply-To") != want || l.header.Get("Message-Id") == want {
			t.Errorf("reminder %d refers to %q, want %q", n+1, got, want)
		}
		if l.subject != offer.subject || l.claimLink(t) != offer.claimLink(t) || !strings.Contains(l.text, last) {
			t.Errorf("reminder %d: %q\n%s", n+1, l.subject, l.text)
		}
		for _, m := range []received{offer, l} {
			stop := m.find(t, `(https?://\S+/stop/\S+)`)
			token := stop[strings.LastIndex(stop, "/")+1:]
			want := map[string]string{
				"From": `"Northlight Institute" <badges@northlight.test>`, "Reply-To": `"Northlight Institute" <badges@northlight.example>`,
				"List-Unsubscribe":      "<" + stop + ">, <mailto:badges@northlight.example?subject=stop%20" + token + ">",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Id": "<badges.northlight.test>", "Auto-Submitted": "auto-generated",
			}
			for name, value := range want {
				if got := m.header.Get(name); got != value {
					t.Errorf("%q: got %s %q, want %q", m.subject, name, got, value)
				}
			}
		}
	}
}
