package issuer_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// TestFormsSayTheSame signs a badge in every form: the two of 3.0 differ in proof and refresh address
// only, and the picture of each kind carries what its address serves.
//
// proves: 2.0 §9 issued: baked into PNG (iTXt) and SVG beside 3.0
// proves: 3.0 §5 issued: `eddsa-rdfc-2022`, checked before it is stored; canonical form as json-gold's
// proves: 3.0 §9 issued: refresh in the same form; a later edition has a later validFrom
// proves: 3.0 §11 issued: baked into PNG (iTXt) and SVG beside 2.0
// proves: 3.0 §15 issued: both standards linked: related, evidence, otherIdentifier
func TestFormsSayTheSame(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		record(t, w, Pass("R-1", "E2", "2026-01-02"))
		b := published(t, w, record(t, w, Pass("R-2", "E3", "2026-01-03")).Awards[0].ID)
		proven := mustDocument(t, w.CredentialJSON, b)
		checkProof(t, w, proven)
		var a, c map[string]any
		for into, data := range map[*map[string]any][]byte{&a: proven, &c: mustPayload(t, b.CredentialJWT().Body)} {
			if err := json.Unmarshal(data, into); err != nil {
				t.Fatal(err)
			}
		}
		for _, extra := range []string{"proof", "iss", "jti", "sub", "nbf", "exp", "refreshService"} {
			delete(a, extra)
			delete(c, extra)
		}
		if diff := cmp.Diff(c, a); diff != "" {
			t.Errorf("JWT and JSON differ (-jwt +json):\n%s", diff)
		}
		if n := len(a["evidence"].([]any)); n != 3 {
			t.Errorf("got %d pieces of evidence, want the assertion and two exams", n)
		}
		want := exams(t, proven)
		for form, data := range map[string][]byte{"hosted": mustDocument(t, w.Assertion, b), "signed": mustPayload(t, mustDocument(t, w.SignedAssertion, b))} {
			if got := exams(t, data); len(got) != 2 || cmp.Diff(want, got) != "" {
				t.Errorf("%s 2.0: got evidence %v, want %v", form, got, want)
			}
		}
		svg, err := openbadge.ExtractSVG(mustDocument(t, w.BakedSVG, b))
		if err != nil || len(svg) != 2 || svg[0].Verify != string(mustDocument(t, w.SignedAssertion, b)) || svg[1].Body != string(proven) {
			t.Errorf("got %+v, error %v, want signed assertion and credential", svg, err)
		}
	})
}

// exams are the named pieces of evidence of a badge of either edition.
func exams(t *testing.T, badge []byte) (list []string) {
	t.Helper()
	var b struct {
		Evidence []struct{ Name, Description string }
	}
	if err := json.Unmarshal(badge, &b); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Evidence {
		if e.Name != "" {
			list = append(list, e.Name+": "+e.Description)
		}
	}
	return list
}

// TestFormsAreSignedOnce asks for the same form at once in two processes: all get the same bytes, then and
// later.
func TestFormsAreSignedOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		second := On(t, db)
		id := record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID
		for _, form := range []func(*World) func(context.Context, *credential.Badge) (catalogue.Document, error){
			func(w *World) func(context.Context, *credential.Badge) (catalogue.Document, error) {
				return w.CredentialJSON
			},
			func(w *World) func(context.Context, *credential.Badge) (catalogue.Document, error) {
				return w.SignedAssertion
			},
		} {
			got := make([]string, 8)
			var group sync.WaitGroup
			for k := range got {
				group.Go(func() {
					who := []*World{w, second}[k%2]
					got[k] = string(mustDocument(t, form(who), published(t, who, id)))
				})
			}
			group.Wait()
			w.Clock.Advance(time.Hour)
			for _, g := range append(got, string(mustDocument(t, form(w), published(t, w, id)))) {
				if g != got[0] {
					t.Fatalf("got %s and %s, want the same for ever", g, got[0])
				}
			}
		}
	})
}

// TestSignedAssertionsOutliveRotation checks badges that were signed with two keys as a stranger does: each
// names a profile that lists exactly its key.
//
// proves: 2.0 §7 issued: RS256, urn:uuid of version 4, creator, one publicKey a profile, SPKI PEM with LF, over a rotation
// proves: 2.0 §8 issued: 410 with the small body; the revocation list
func TestSignedAssertionsOutliveRotation(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	first := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
	before := mustDocument(t, w.SignedAssertion, first)
	if err := w.Accept(ctx, ana, first.Award.ID, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Keys.Rotate(ctx, keyring.OB2); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(48 * time.Hour)
	second := published(t, w, record(t, w, Pass("R-2", "E2", "2026-01-03")).Awards[0].ID)
	after := mustDocument(t, w.SignedAssertion, second)
	if k, l := checkJWS(t, w, before), checkJWS(t, w, after); k == l {
		t.Errorf("both were signed with %s, want a new key", k)
	}
	if string(mustDocument(t, w.SignedAssertion, published(t, w, first.Award.ID))) != string(before) {
		t.Error("the first badge was signed again")
	}
	checkRevocations(t, w, nil)
	if _, err := w.Issuer.RevokeAward(ctx, w.Caller, first.Award.ID, ledger.Reason{Text: "case 4711", Public: "an error"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SuspendAward(ctx, w.Caller, second.Award.ID, "under review"); err != nil {
		t.Fatal(err)
	}
	checkRevocations(t, w, map[string]string{jwsID(t, before): "an error", jwsID(t, after): ""}) // the second is nobody's to see
	if _, err := w.ReinstateAward(ctx, w.Caller, second.Award.ID, "cleared"); err != nil {
		t.Fatal(err)
	}
	checkRevocations(t, w, map[string]string{jwsID(t, before): "an error"})
}

// TestBadgeClassForKey serves the class that a signed assertion embeds, until its key is revoked.
func TestBadgeClassForKey(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	b := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
	embedded := readJWS(t, mustDocument(t, w.SignedAssertion, b)).Badge().Embedded
	key := keyFor(t, w, credential.ForOB2)
	doc, found, err := w.BadgeClassForKey(ctx, b.Achievement, key.ID)
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	class, err := ob2.Read(doc.Body, embedded.ID, ob2.KindBadgeClass)
	if err != nil || class.Issuer().ID != embedded.Issuer().ID || class.Text("name") != embedded.Text("name") {
		t.Errorf("got %s, error %v, want what is embedded", doc.Body, err)
	}
	if _, err := w.Keys.Revoke(ctx, key.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	for _, kid := range []string{key.ID, keyFor(t, w, credential.ForJWT).ID, "other"} {
		if _, found, err := w.BadgeClassForKey(ctx, b.Achievement, kid); found || err != nil {
			t.Errorf("key %s: found %v, error %v", kid, found, err)
		}
	}
}

// TestReissueAfterRevokedKey gives holders badges that verify again.
//
// proves: 3.0 §7 issued: Profile and controller document in one; keys by purpose, old and revoked ones published with their time
func TestReissueAfterRevokedKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		b := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
		untouched := published(t, w, record(t, w, Pass("R-2", "E2", "2026-01-02")).Awards[0].ID)
		before := mustDocument(t, w.CredentialJSON, b)
		list, _, _ := w.StatusList(ctx, 1)
		keys, err := w.Issuer.Keys.Keys(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if k.Purpose != credential.ForProof {
				continue
			}
			if found, err := w.Keys.Revoke(ctx, k.ID, "lost"); !found || err != nil {
				t.Fatalf("found %v, error %v", found, err)
			}
			if n, err := w.ReissueSignedBy(ctx, k); n != 1 || err != nil {
				t.Errorf("got %d to be issued anew, error %v, want the one that it signed", n, err)
			}
		}
		w.Clock.Advance(time.Minute)
		now := published(t, w, b.Award.ID)
		if !now.IssuedAt.After(b.IssuedAt) {
			t.Errorf("got an edition of %s after one of %s", now.IssuedAt, b.IssuedAt)
		}
		after := mustDocument(t, w.CredentialJSON, now)
		if checkProof(t, w, after); string(after) == string(before) || now.Award.Version != 2 {
			t.Errorf("got version %d, %s, want it signed again", now.Award.Version, after)
		}
		if again := published(t, w, untouched.Award.ID); again.Award.Version != 1 {
			t.Errorf("got version %d of a badge that the key did not sign", again.Award.Version)
		}
		anew, _, err := w.StatusList(ctx, 1)
		if checkProof(t, w, anew.Body); err != nil || string(anew.Body) == string(list.Body) {
			t.Error("the status list was not signed again")
		}
	})
}

// TestStatusListHasAProof checks both forms of a list and that they say the same.
//
// proves: 3.0 §8 issued: one entry, random index, the list signed in both forms and again before it ends, `ttl`
func TestStatusListHasAProof(t *testing.T) {
	t.Parallel()
	w := New(t)
	published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
	list, found, err := w.StatusList(context.Background(), 1)
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	checkProof(t, w, list.Body)
	token, _, err := w.StatusListJWT(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(data []byte) string {
		var l struct {
			Subject struct{ EncodedList string } `json:"credentialSubject"`
		}
		if err := json.Unmarshal(data, &l); err != nil || l.Subject.EncodedList == "" {
			t.Fatalf("got %s, error %v", data, err)
		}
		return l.Subject.EncodedList
	}
	if encoded(list.Body) != encoded(mustPayload(t, token.Body)) {
		t.Error("the two forms of the list differ")
	}
	if _, found, err := w.StatusList(context.Background(), 99); found || err != nil {
		t.Errorf("an unknown list: found %v, error %v", found, err)
	}
}

func mustDocument(t testing.TB, form func(context.Context, *credential.Badge) (catalogue.Document, error), b *credential.Badge) []byte {
	t.Helper()
	d, err := form(context.Background(), b)
	if err != nil {
		t.Error(err)
	}
	return d.Body
}

func mustPayload(t testing.TB, token []byte) []byte {
	t.Helper()
	j, err := openbadge.ParseJWS(string(token))
	if err != nil {
		t.Fatal(err)
	}
	return j.Payload
}

// checkProof verifies the one proof of a document with the key that the issuer's document lists for it.
func checkProof(t *testing.T, w *World, doc []byte) {
	t.Helper()
	all, _, err := w.IssuerDocuments(context.Background(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	d, err := all.Issuer()
	if err != nil {
		t.Fatal(err)
	}
	controller, err := openbadge.ReadController(d.Body)
	if err != nil {
		t.Fatal(err)
	}
	proofs, err := openbadge.ReadProofs(doc)
	if err != nil || len(proofs) != 1 || proofs[0].Suite() != "eddsa-rdfc-2022" {
		t.Fatalf("got %+v, error %v, want one eddsa-rdfc-2022", proofs, err)
	}
	method, found := controller.Method(proofs[0].VerificationMethod)
	if !found || !controller.MayAssert(method.ID) {
		t.Fatalf("%s is not in %s", proofs[0].VerificationMethod, d.Body)
	}
	if err := openbadge.VerifyProof(doc, proofs[0], method.Key); err != nil {
		t.Error(err)
	}
	// Badges that were signed before keys had addresses of their own name the same key by a fragment.
	multikey, _ := openbadge.Multikey(method.Key)
	old, found := controller.Method(controller.ID + "#" + multikey)
	if !found || !controller.MayAssert(old.ID) || openbadge.VerifyProof(doc, proofs[0], old.Key) != nil {
		t.Errorf("badges that name the key by %s would not verify any more", controller.ID+"#"+multikey)
	}
	// Readers that take the address for the key find it there.
	var key struct{ ID, Type, Controller, PublicKeyMultibase string }
	if docs, found, err := w.IssuerDocuments(t.Context(), "acme"); err != nil || !found {
		t.Fatal(found, err)
	} else if d, found, err := docs.ProofKey(method.ID[strings.LastIndexByte(method.ID, '/')+1:]); err != nil || !found || json.Unmarshal(d.Body, &key) != nil {
		t.Fatalf("no key at %s: %v", method.ID, err)
	}
	if strings.Contains(method.ID, "#") || key.ID != method.ID || key.Type != "Multikey" || key.Controller != controller.ID || key.PublicKeyMultibase != multikey {
		t.Errorf("got the key %+v at %s", key, method.ID)
	}
	changed := []byte(strings.Replace(string(doc), "Acme", "Acne", 1))
	if err := openbadge.VerifyProof(changed, proofs[0], method.Key); err == nil {
		t.Error("a changed document passes")
	}
}

// checkJWS verifies a signed assertion and returns the key that it names.
func checkJWS(t *testing.T, w *World, token []byte) string {
	t.Helper()
	all, _, err := w.IssuerDocuments(context.Background(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	o := readJWS(t, token)
	if p := o.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
	kid := strings.TrimSuffix(o.Creator()[strings.LastIndex(o.Creator(), "/")+1:], ".json")
	d, found, err := all.Key(kid)
	if err != nil || !found {
		t.Fatalf("key %s: found %v, error %v", kid, found, err)
	}
	key, err := ob2.Read(d.Body, o.Creator(), ob2.KindKey)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := openbadge.ParsePublicKeyPEM(key.Text("publicKeyPem"))
	if err != nil {
		t.Fatal(err)
	}
	j, _ := openbadge.ParseJWS(string(token))
	if err := j.Verify(pub, openbadge.RS256); err != nil {
		t.Error(err)
	}
	d, found, err = all.KeyProfile(kid)
	if err != nil || !found {
		t.Fatalf("profile of key %s: found %v, error %v", kid, found, err)
	}
	profile, err := ob2.Read(d.Body, o.Badge().Embedded.Issuer().ID, ob2.KindProfile)
	if err != nil || profile.ID != o.Badge().Embedded.Issuer().ID || len(profile.PublicKeys()) != 1 || profile.PublicKeys()[0].ID != o.Creator() || key.Text("owner") != profile.ID {
		t.Errorf("got profile %s, error %v, want the one that the class names, with this key", d.Body, err)
	}
	return kid
}

func readJWS(t testing.TB, token []byte) *ob2.Object {
	t.Helper()
	o, err := ob2.Read(mustPayload(t, token), "", "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func jwsID(t testing.TB, token []byte) string { return readJWS(t, token).ID }

func checkRevocations(t *testing.T, w *World, want map[string]string) {
	t.Helper()
	all, _, err := w.IssuerDocuments(context.Background(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	d, err := all.Revocations(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	list, err := ob2.Read(d.Body, BaseURL+"/issuers/acme/revocations.json", ob2.KindRevocationList)
	if err != nil || len(list.Problems()) > 0 {
		t.Fatalf("got %s, %v, error %v", d.Body, list.Problems(), err)
	}
	for id, reason := range want {
		if revoked, why := list.Listed(id, ""); !revoked || why != reason {
			t.Errorf("%s: revoked %v, reason %q, want %q", id, revoked, why, reason)
		}
	}
	if len(want) == 0 && strings.Contains(string(d.Body), "urn:uuid") {
		t.Errorf("got %s, want nothing listed", d.Body)
	}
}
