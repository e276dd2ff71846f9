package issuer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
)

// TestDocuments reads what is published of a badge, its achievement and its issuer, and checks that
// everything that one of them names is the address of another.
//
// proves: 2.0 §2 issued: Assertion, BadgeClass, Profile, CryptographicKey and RevocationList have all required members
// proves: 2.0 §4 issued: ids equal the addresses of the documents, byte for byte
// proves: 3.0 §6 issued: iss, jti, nbf, exp; kid is the address of the JWK
// proves: 3.0 §7 issued: Profile and controller document in one; keys by purpose, old and revoked ones published with their time
func TestDocuments(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		b := published(t, w, record(t, w, Pass("R-1", "E1", "2026-01-01")).Awards[0].ID) // before the loop came by
		jwt := b.CredentialJWT()
		assertion, err := w.Assertion(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		proven, err := w.CredentialJSON(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		baked, err := w.BakedPNG(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		chunks, err := openbadge.Extract(baked.Body)
		if err != nil || len(chunks) != 2 || chunks[0].Text != string(assertion.Body) || chunks[1].Text != string(proven.Body) {
			t.Errorf("got chunks %+v, error %v, want assertion and credential", chunks, err)
		}
		svg, found, err := w.SVG(ctx, b.Achievement.ID)
		if err != nil || !found || !bytes.Contains(svg.Body, []byte("C1")) {
			t.Errorf("got SVG %s, found %v, error %v", svg.Body, found, err)
		}
		all, found, err := w.IssuerDocuments(ctx, "acme")
		if err != nil || !found || all.Organisation().ID != "acme" {
			t.Fatalf("issuer: found %v, error %v", found, err)
		}
		if _, found, err := w.IssuerDocuments(ctx, "other"); found || err != nil {
			t.Errorf("another issuer: found %v, error %v", found, err)
		}
		doc := func(d catalogue.Document, err error) map[string]any {
			t.Helper()
			if err != nil || d.ETag == "" || d.Type == "" {
				t.Fatalf("got %+v, error %v", d, err)
			}
			var m map[string]any
			if err := json.Unmarshal(d.Body, &m); err != nil {
				t.Fatal(err)
			}
			return m
		}
		profile, controller, did := doc(all.Profile()), doc(all.Issuer()), doc(all.DID())
		class, achievement := doc(w.BadgeClass(ctx, b.Achievement, "")), doc(w.AchievementDocument(b.Achievement, ""))
		hosted, revocations := doc(assertion, nil), doc(all.Revocations(ctx))
		credential := payload[map[string]any](t, string(jwt.Body))
		for _, pair := range [][2]any{
			{hosted["badge"], class["id"]}, {class["issuer"], profile["id"]}, {profile["revocationList"], revocations["id"]},
			{credential["issuer"].(map[string]any)["id"], controller["id"]},
			{credential["credentialSubject"].(map[string]any)["achievement"].(map[string]any)["id"], achievement["id"]},
			{controller["alsoKnownAs"].([]any)[0], did["id"]}, {hosted["id"], w.BadgeURL(b.Award.ID) + "/assertion.json"},
		} {
			if pair[0] != pair[1] || pair[0] == nil {
				t.Errorf("got %v and %v, want the same", pair[0], pair[1])
			}
		}
		checkKeys(t, w, all, profile, controller, string(jwt.Body))
	})
}

func checkKeys(t *testing.T, w *World, all credential.IssuerDocuments, profile, controller map[string]any, token string) {
	t.Helper()
	j, err := openbadge.ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	kid := strings.TrimSuffix(j.Header.KID[strings.LastIndex(j.Header.KID, "/")+1:], ".jwk")
	if w.KeyURL(kid) != j.Header.KID {
		t.Errorf("got key URL %s, want %s", w.KeyURL(kid), j.Header.KID)
	}
	jwk, found, err := all.JWK(kid)
	if err != nil || !found {
		t.Fatalf("JWK: found %v, error %v", found, err)
	}
	if set, err := all.JWKSet(); err != nil || !bytes.Contains(set.Body, jwk.Body) {
		t.Errorf("got key set %s, error %v, want the key in it", set.Body, err)
	}
	methods, _ := json.Marshal(controller["verificationMethod"])
	if !bytes.Contains(methods, []byte(j.Header.KID)) {
		t.Errorf("got methods %s, want %s among them", methods, j.Header.KID)
	}
	if _, found, err := all.Key(kid); found || err != nil {
		t.Errorf("a key of 3.0 as one of 2.0: found %v, error %v", found, err)
	}
	if _, found, err := all.JWK("other"); found || err != nil {
		t.Errorf("an unknown key: found %v, error %v", found, err)
	}
	for _, k := range all.Keys() {
		if k.Purpose != credential.ForOB2 {
			continue
		}
		key, found, err := all.Key(k.ID)
		if err != nil || !found || !strings.Contains(string(key.Body), "BEGIN PUBLIC KEY") {
			t.Errorf("got key %s, found %v, error %v", key.Body, found, err)
		}
		own, found, err := all.KeyProfile(k.ID)
		if err != nil || !found || !strings.Contains(string(own.Body), `"publicKey":"`+BaseURL+"/issuers/acme/keys/"+k.ID+`.json"`) || profile["publicKey"] != nil {
			t.Errorf("got profile %s, found %v, error %v, want one with this key, and none with all", own.Body, found, err)
		}
	}
}

// TestPartsAndVersions tell what a badge rests on and what it has been.
func TestPartsAndVersions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	operating := record(t, w, Pass("R-2", "E2", "2026-01-02")).Awards[0].ID
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	certified := record(t, w, Pass("R-3", "E3", "2026-01-03")).Awards[0]
	ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}
	if err := w.Accept(ctx, ana, operating, ledger.Public); err != nil {
		t.Fatal(err)
	}
	badge := published(t, w, certified.ID)
	public, err := w.PublicExams(ctx, badge)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := w.Parts(ctx, badge, public)
	if err != nil || len(parts) != 2 || parts[0].Exam != "E2" || parts[0].Award != operating || parts[1].On.String() != "2026-01-03" || parts[1].Award != "" {
		t.Errorf("got parts %+v, error %v", parts, err)
	}
	yearly := record(t, w, Pass("R-4", "E7", "2025-05-01")).Awards[0].ID
	w.Work(t)
	record(t, w, Pass("R-5", "E7", "2026-03-04"))
	editions, err := w.Versions(ctx, published(t, w, yearly))
	if err != nil || len(editions) != 2 || editions[0].ExpiresOn.String() != "2026-05-01" || editions[1].ExpiresOn.String() != "2027-05-01" {
		t.Errorf("got editions %+v, error %v", editions, err)
	}
	list, err := w.Achievements(ctx)
	var codes []string
	for _, a := range list {
		codes = append(codes, a.Code)
	}
	if want := []string{"E2", "E3", "E4", "C2", "C7"}; err != nil || !slices.Equal(codes, want) {
		t.Errorf("got achievements %v, error %v, want %v", codes, err, want)
	}
}

// TestOneBadCredentialDoesNotStopTheOthers signs what can be signed.
func TestOneBadCredentialDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	bad := record(t, w, Pass("R-2", "E2", "2026-01-01")).Awards[0].ID
	sound := w.Hook.Signer
	w.Hook.Signer = choosy{sound, bad}
	if _, err := w.IssuePending(ctx); err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("got %v, want to hear of the bad one", err)
	}
	w.Hook.Signer = sound
	if n, err := w.IssuePending(ctx); n != 1 || err != nil {
		t.Errorf("issued %d later, error %v, want only the one that failed", n, err)
	}
}

// choosy refuses to sign what mentions a text, or everything.
type choosy struct {
	credential.Signer
	refused string
}

func (c choosy) SignJWT(ctx context.Context, payload []byte) (string, error) {
	if strings.Contains(string(payload), c.refused) {
		return "", errors.New("the key is broken")
	}
	return c.Signer.SignJWT(ctx, payload)
}

// TestIssueLoop signs soon after a result was recorded and ends with its context.
func TestIssueLoop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := New(t)
	signed := make(chan bool, 10)
	w.Hook.Signer = telling{w.Hook.Signer, signed}
	ended := make(chan error)
	go func() { ended <- w.IssueLoop(ctx) }()
	record(t, w, Pass("R-1", "E4", "2026-01-01"))
	<-signed
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

type telling struct {
	credential.Signer
	signed chan<- bool
}

func (s telling) SignJWT(ctx context.Context, payload []byte) (string, error) {
	s.signed <- true
	return s.Signer.SignJWT(ctx, payload)
}
