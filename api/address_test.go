package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/email/emailtest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestOneMailboxAtEveryDoor: whichever way an address is written, whoever writes it, it is the same mailbox.
func TestOneMailboxAtEveryDoor(t *testing.T) {
	for _, m := range emailtest.Mailboxes {
		t.Run(m.Canonical, func(t *testing.T) {
			v := apitest.NewVisitors(t)
			var award, account string
			for n, spelling := range m.Spellings {
				body := string(web.EncodeJSON(map[string]any{
					"id": "R-1", "candidate": map[string]string{"id": "C-1", "email": spelling, "name": "Ana Ruiz", "locale": "en"},
					"exam": "E1", "outcome": "pass", "taken_at": "2026-03-04T10:00:00Z",
				}))
				status := http.StatusCreated
				if n > 0 {
					status = http.StatusOK
				}
				if w := v.Call("POST", web.APIPath+"/results", body); w.Code != status {
					t.Fatalf("posted %q: got %d %s, want %d", spelling, w.Code, w.Body, status)
				}
			}
			v.Work(t)
			offer := v.Letters.Offers()[0]
			if award = offer.Badges[0].Award.ID; offer.Email != m.Canonical {
				t.Errorf("the offer went to %q", offer.Email)
			}
			for n, spelling := range m.Spellings {
				v.Clock.Advance(25 * time.Hour) // beyond every limit
				before := len(v.Letters.Offers())
				v.Open().Get("/claim/lost").Press("Mail me my badges", "email", spelling).Want(200, "Lost the mail?")
				v.Work(t)
				if again := v.Letters.Offers()[before:]; len(again) != 1 || again[0].Email != m.Canonical {
					t.Errorf("lost mail of %q: letters %+v", spelling, again)
				}
				v.SignIn(v.Open(), spelling).Want(200, "Overview")
				if got := v.Code().To.Address; got != m.Canonical {
					t.Errorf("the code of %q went to %q", spelling, got)
				}
				if h := v.Holder(spelling); n == 0 {
					account = h.ID
				} else if h.ID != account {
					t.Errorf("%q has another account", spelling)
				}
			}
			h := issuer.Holder{ID: account, Addresses: []string{m.Canonical}}
			if err := v.Accept(t.Context(), h, award, ledger.ByLink); err != nil {
				t.Fatal(err)
			}
			address := issuertest.BaseURL + "/badges/" + award
			for _, spelling := range m.Spellings {
				v.Open().Get("/verify").Press("Check this badge", "input", address, "recipient", spelling).Want(200, "Genuine and current")
				for _, form := range []string{"/assertion.json", "/credential.jwt"} {
					w := v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": address + form, "recipient": spelling})))
					if w.Code != http.StatusOK || apitest.Object(t, w)["verdict"] != "valid" {
						t.Errorf("verify %s for %q: got %d %s", form, spelling, w.Code, w.Body)
					}
				}
			}
			if _, ok := email.Canonical("x" + m.Canonical); !ok {
				t.Fatal("the neighbour is no address")
			}
			v.Open().Get("/verify").Press("Check this badge", "input", address, "recipient", "x"+m.Canonical).Want(200, "Genuine, but issued to someone else")
		})
	}
}
