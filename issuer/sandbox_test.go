package issuer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/openbadge"
)

// TestSandboxBadges are called tests in whatever is signed, and are not listed among the real ones.
func TestSandboxBadges(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		real := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
		sandbox, _ := w.Partner(t, "TestCo", true)
		r, err := w.Record(ctx, sandbox, Pass("R-1", "E4", "2026-01-02"))
		if err != nil {
			t.Fatal(err)
		}
		test := published(t, w, r.Awards[0].ID)
		for b, want := range map[*credential.Badge]string{real: "Stand-alone Exam", test: "TEST: Stand-alone Exam"} {
			var c openbadge.Credential
			if err := json.Unmarshal(mustPayload(t, b.CredentialJWT().Body), &c); err != nil {
				t.Fatal(err)
			}
			class, err := w.BadgeClass(ctx, b.Achievement, "")
			if err != nil || c.Name != want || c.Subject.Achievement.Name != want || !strings.Contains(string(class.Body), `"name":"`+want+`"`) {
				t.Errorf("got %q, %q, %s, %v, want %q", c.Name, c.Subject.Achievement.Name, class.Body, err, want)
			}
		}
		list, err := w.Achievements(ctx)
		if err != nil || len(list) != 1 || list[0].ID != real.Achievement.ID {
			t.Errorf("got %+v, %v, want the real one only", list, err)
		}
	})
}
