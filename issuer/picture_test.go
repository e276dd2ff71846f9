package issuer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
)

// TestBroughtPicture: a picture of the programme file is that of the badges from then on; another one makes
// another achievement, and badges that were issued keep theirs.
func TestBroughtPicture(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		apply := func(picture string) {
			t.Helper()
			p, err := programme.Parse(strings.NewReader(strings.Replace(Programme, "name: Stand-alone Exam", "name: Stand-alone Exam, image: art.png", 1)), "test.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if err := p.ReadPictures(func(string, programme.Pictured) (string, error) { return "digest-of-" + picture, nil }); err != nil {
				t.Fatal(err)
			}
			plan, err := w.PlanProgramme(ctx, p, programme.Date{}, nil)
			if err != nil || plan.Empty() {
				t.Fatalf("%s: no new version (%v)", picture, err)
			}
			plan.Pictures = map[string]string{"digest-of-" + picture: "<svg>" + picture + "</svg>"}
			if err := w.ApplyProgramme(ctx, plan); err != nil {
				t.Fatal(err)
			}
		}
		shown := map[string]string{} // what each badge shows, by award
		look := func(result, want string) {
			t.Helper()
			r := Pass(result, "E4", "2026-03-04")
			r.Candidate.ID, r.Candidate.Email = result, strings.ToLower(result)+"@home.test"
			if _, err := w.Record(ctx, w.Caller, r); err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			for _, id := range allAwards(t, w, issuer.Page{}) {
				b, _, err := w.Published(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				svg, _, err := w.SVG(ctx, b.Achievement.ID)
				if err != nil {
					t.Fatal(err)
				}
				before, known := shown[id]
				if got := string(svg.Body); known && got != before || !known && want != "" && got != want {
					t.Errorf("after %s a badge shows %s, want %s%s", result, got, before, want)
				}
				shown[id] = string(svg.Body)
			}
		}
		look("R-1", "")
		apply("one")
		look("R-2", "<svg>one</svg>")
		apply("two")
		look("R-3", "<svg>two</svg>")
		if len(shown) != 3 {
			t.Errorf("got %d badges, want 3", len(shown))
		}
	})
}
