package issuer_test

import (
	"context"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
)

// TestPresent: how a holder is shown is on all of their badges with the next reading, and the documents follow, each
// once.
func TestPresent(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { testPresent(t, issuertest.On(t, db)) })
}

func testPresent(t *testing.T, w *issuertest.World) {
	ctx := context.Background()
	ana := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
	var ids []string
	for n, exam := range []string{"E2", "E4", "E7"} {
		r := issuertest.Pass("R-"+string(rune('1'+n)), exam, "2026-03-04")
		receipt, err := w.Record(ctx, w.Caller, r)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, receipt.Awards[0].ID)
	}
	w.Work(t)
	for _, id := range ids[:2] {
		if err := w.Accept(ctx, ana, id, ledger.Public); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Present(ctx, ana, credential.Presentation{Name: "backwards"}); !refusal.Is(err, "validation_failed") {
		t.Error(err)
	}
	for _, chosen := range []credential.Presentation{{Name: credential.NameInitials, Findable: true}, {Name: credential.NameHidden}, {Name: credential.NameFull}} {
		before := map[string]int64{}
		for _, id := range ids {
			before[id] = published(t, w, id).Award.Version
		}
		for range 2 { // the same again changes nothing
			if err := w.Present(ctx, ana, chosen); err != nil {
				t.Fatal(err)
			}
		}
		for n, id := range ids {
			b := published(t, w, id)
			if n < 2 && (b.Presentation != chosen || b.Listed() != chosen.Findable) || n == 2 && b.Presentation.Name != credential.NameFull {
				t.Errorf("%s: %d is shown %+v", chosen.Name, n, b.Presentation)
			}
		}
		w.Work(t)
		w.Work(t)
		for n, id := range ids {
			editions := published(t, w, id).Award.Version - before[id]
			if want := map[bool]int64{true: 1, false: 0}[n < 2]; editions != want {
				t.Errorf("%s: %d has %d new editions, want %d", chosen.Name, n, editions, want)
			}
		}
		left, err := credential.OtherwiseNamed(ctx, w.DB.Reader(), ana.ID)
		if err != nil || len(left) > 0 {
			t.Errorf("%s: left over: %v, %v", chosen.Name, left, err)
		}
	}
	list, err := w.PublicBadges(ctx, ana.ID)
	if err != nil || len(list) != 2 {
		t.Errorf("got %v, %v", list, err)
	}
	if all, err := w.FindableBadges(ctx, "", 10); err != nil || len(all) != 0 {
		t.Errorf("findable: %v, %v", all, err)
	}
}
