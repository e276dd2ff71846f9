package issuer_test

import (
	"context"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// TestDeliveries follows the letter of an award; the awards of others do not matter.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		other := Pass("R-9", "E4", "2026-01-02")
		other.Candidate = issuer.Candidate{ID: "C-2", Email: "ben@home.test", Name: "Ben"}
		list := append(record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards, record(t, w, other).Awards...)
		want := func(mail issuer.Mail) {
			t.Helper()
			for n := range list {
				var err error
				if list[n], err = w.Award(context.Background(), w.Caller, list[n].ID); err != nil {
					t.Fatal(err)
				}
			}
			got, err := w.Deliveries(context.Background(), list...)
			if err != nil || len(got) != 2 || got[list[0].ID] != (issuer.Delivery{Candidate: "C-77", Mail: mail}) || got[list[1].ID] != (issuer.Delivery{Candidate: "C-2", Mail: mail}) {
				t.Errorf("got %v, error %v, want %s", got, err, mail)
			}
		}
		want(issuer.MailWaiting)
		if _, err := w.IssuePending(context.Background()); err != nil {
			t.Fatal(err)
		}
		want(issuer.MailWaiting)
		w.Work(t)
		want(issuer.MailSent)
	})
}
