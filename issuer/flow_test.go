package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

// TestFlow is the main job in one piece: a result becomes an award and a letter, the award is
// accepted and published, the result is voided and the badge revoked.
//
// proves: 2.0 §8 issued: 410 with the small body; the revocation list
func TestFlow(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		receipt, err := w.Record(ctx, w.Caller, Pass("R-1", "E1", "2026-03-04"))
		if err != nil {
			t.Fatal(err)
		}
		if len(receipt.Awards) != 1 || receipt.Awards[0].Code != "C1" {
			t.Fatalf("got awards %v, want one for C1", receipt.Awards)
		}
		id := receipt.Awards[0].ID
		w.Work(t)
		letters := w.Letters.Offers()
		if len(letters) != 1 || letters[0].Email != "ana@home.test" {
			t.Fatalf("got letters %v, want one to Ana", letters)
		}
		claim, found, err := w.Claim(ctx, strings.TrimPrefix(letters[0].ClaimURL, BaseURL+"/claim/"))
		if err != nil || !found || len(claim.Badges) != 1 || claim.Badges[0].Award.ID != id {
			t.Fatalf("got claim %+v, found %v, error %v, want the award", claim, found, err)
		}

		ana := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
		if err := w.Accept(ctx, issuer.Holder{ID: "ern_ben", Addresses: []string{"ben@work.test"}}, id, ledger.ByLink); err == nil {
			t.Error("somebody else accepted Ana's badge")
		}
		for range 2 {
			if err := w.Accept(ctx, ana, id, ledger.ByLink); err != nil {
				t.Fatal(err)
			}
		}
		b := published(t, w, id)
		if !b.Award.Shown() || b.Validity != ledger.Valid {
			t.Errorf("got shown %v and validity %s, want a valid badge that is shown", b.Award.Shown(), b.Validity)
		}
		jwt, again := b.CredentialJWT(), published(t, w, id).CredentialJWT()
		if string(jwt.Body) != string(again.Body) {
			t.Error("signed bytes changed")
		}
		checkSignature(t, w, string(jwt.Body))

		if _, err := w.Void(ctx, w.Caller, "R-1", "wrong candidate"); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		b = published(t, w, id)
		assertion, err := w.Assertion(ctx, b)
		if b.Validity != ledger.Revoked || err != nil || !assertion.Gone || !strings.Contains(string(assertion.Body), `"revoked":true`) {
			t.Errorf("got validity %s, assertion %s, error %v, want a revoked one", b.Validity, assertion.Body, err)
		}
		if !statusBit(t, w, string(jwt.Body)) {
			t.Error("the bit in the status list is not set")
		}
		if n := len(w.Letters.Notices()); n != 1 {
			t.Errorf("got %d notices, want one", n)
		}
		if told := w.Letters.Told(); len(told) != 0 {
			t.Errorf("got %+v besides, want nothing", told)
		}
		if err := w.Accept(ctx, ana, id, ledger.Public); err == nil {
			t.Error("a revoked badge could be accepted")
		}
	})
}

func published(t testing.TB, w *World, id string) *credential.Badge {
	t.Helper()
	b, found, err := w.Published(context.Background(), id)
	if err != nil || !found {
		t.Fatalf("published %s: found %v, error %v", id, found, err)
	}
	return b
}

func checkSignature(t *testing.T, w *World, token string) {
	t.Helper()
	j, err := openbadge.ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	kid := strings.TrimSuffix(j.Header.KID[strings.LastIndex(j.Header.KID, "/")+1:], ".jwk")
	k, found, err := w.Keys.Key(context.Background(), kid)
	if err != nil || !found {
		t.Fatalf("key %s: found %v, error %v", kid, found, err)
	}
	if err := j.Verify(k.Public); err != nil {
		t.Fatal(err)
	}
}

// statusBit reads the bit of a credential in the list that it names.
func statusBit(t *testing.T, w *World, token string) bool {
	t.Helper()
	entry := payload[struct {
		Status struct {
			Index string `json:"statusListIndex"`
			List  string `json:"statusListCredential"`
		} `json:"credentialStatus"`
	}](t, token).Status
	if entry.List != BaseURL+"/status/1" {
		t.Fatalf("got list %q", entry.List)
	}
	doc, found, err := w.StatusListJWT(context.Background(), 1)
	if err != nil || !found {
		t.Fatalf("status list: found %v, error %v", found, err)
	}
	encoded := payload[struct {
		Subject struct {
			List string `json:"encodedList"`
		} `json:"credentialSubject"`
	}](t, string(doc.Body)).Subject.List
	list, err := openbadge.DecodeStatusList(encoded, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var index json.Number = json.Number(entry.Index)
	n, err := index.Int64()
	if err != nil {
		t.Fatal(err)
	}
	set, found := list.Bit(int(n))
	if !found {
		t.Fatalf("list has no entry %d", n)
	}
	return set
}

func payload[T any](t *testing.T, token string) (v T) {
	t.Helper()
	j, err := openbadge.ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(j.Payload, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRepeatAndConflict(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		first, err := w.Record(ctx, w.Caller, Pass("R-1", "E4", "2026-03-04"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Record(ctx, w.Caller, Pass("R-1", "E4", "2026-03-04"))
		if err != nil || !again.Replayed || again.Awards[0].ID != first.Awards[0].ID {
			t.Fatalf("got %+v, error %v, want the first answer", again, err)
		}
		other := Pass("R-1", "E4", "2026-03-04")
		other.Candidate.Name = "Somebody Else"
		var refused *refusal.Error
		if _, err := w.Record(ctx, w.Caller, other); !errors.As(err, &refused) || refused.Code != "result_conflict" {
			t.Errorf("got %v, want result_conflict", err)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 1 {
			t.Errorf("got %d letters, want 1", n)
		}
	})
}

func TestRenewalSignsANewEditionAtTheSameAddress(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	first, err := w.Record(ctx, w.Caller, Pass("R-1", "E7", "2025-05-01"))
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	old := published(t, w, first.Awards[0].ID).CredentialJWT()
	renewal, err := w.Record(ctx, w.Caller, Pass("R-2", "E7", "2026-03-04"))
	if err != nil {
		t.Fatal(err)
	}
	w.Work(t)
	a := renewal.Awards[0]
	if a.ID != first.Awards[0].ID || a.Version != 2 || a.ExpiresOn.String() != "2027-05-01" || a.EarnedOn.String() != "2025-05-01" {
		t.Errorf("got award %s version %d earned %s until %s, want the same one until 2027-05-01", a.ID, a.Version, a.EarnedOn, a.ExpiresOn)
	}
	renewed := published(t, w, a.ID).CredentialJWT()
	if string(old.Body) == string(renewed.Body) {
		t.Error("got the old edition")
	}
	if n := len(w.Letters.Offers()); n != 1 {
		t.Errorf("got %d letters, want only the first offer", n)
	}
}
