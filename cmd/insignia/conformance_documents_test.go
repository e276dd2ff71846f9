//go:build conformance

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// press signs documents as an issuer does and serves them, so that what no sample badge has is judged,
// too.
type press struct {
	t         *testing.T
	base      string
	profile   openbadge.Profile
	proof     openbadge.VerificationMethod
	proofKey  crypto.Signer
	tokenKey  crypto.Signer
	tokenKID  string
	documents map[string][]byte // by path
}

// TestConformanceDocuments has the JavaScript stack judge a credential that uses every member that
// package openbadge writes, and the documents around it.
func TestConformanceDocuments(t *testing.T) {
	w := newWorld(t)
	p := newPress(t, "https://"+conformanceHost)
	serving := httptest.NewServer(p)
	t.Cleanup(serving.Close)
	w.serve(strings.TrimPrefix(serving.URL, "http://"))
	list := openbadge.NewStatusList(131072)
	list.SetBit(4711, true)
	until := time.Now().Add(24 * time.Hour)
	lists := openbadge.NewStatusListCredential(p.base+"/status/1", p.profile, "revocation", list.Encode(), time.Now().Add(-time.Hour), until)
	p.publish("/status/1", lists)
	var jobs []ob3Job
	for name, index := range map[string]int64{"good": 4710, "revoked": 4711} {
		c := p.everything(name, index)
		body, token := p.publish("/badges/"+name, c)
		jobs = append(jobs, ob3Job{Name: name + " credential", Kind: "credential", Text: body, revoked: name == "revoked"},
			ob3Job{Name: name + " token", Kind: "token", Text: token, revoked: name == "revoked"})
	}
	jobs = append(jobs, ob3Job{Name: "status list", Kind: "credential", Text: string(p.documents["/status/1"])},
		ob3Job{Name: "issuer", Kind: "controller", Text: string(p.documents["/issuer.json"])},
		ob3Job{Name: "did:web", Kind: "controller", Text: string(p.documents["/did.json"])},
		ob3Job{Name: "achievement", Kind: "document", Text: string(p.document(openbadge.NewAchievementDocument(p.everything("x", 1).Subject.Achievement)))})
	b := &site{nil, w, p.base, t.TempDir()}
	b.judgeOB3(t, jobs)
}

func newPress(t *testing.T, base string) *press {
	t.Helper()
	p := &press{t: t, base: base, documents: map[string][]byte{}, tokenKID: base + "/keys/1.jwk"}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	p.must(err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.must(err)
	p.proofKey, p.tokenKey = private, curve
	p.profile = openbadge.NewProfile(base+"/issuer.json", "Institut “Étoile” & Söhne", issuerHomePage)
	p.profile.Description, p.profile.Phone, p.profile.Email = "Line one\nline two", "+34911234567", "badges@northlight.example"
	p.profile.Image = openbadge.NewImage(base+"/logo.png", "Logo")
	p.profile.OtherIdentifier = []openbadge.IdentifierEntry{{Type: "IdentifierEntry", Identifier: "ES-1", IdentifierType: "ext:vat"}}
	did := "did:web:" + conformanceHost + ":i"
	p.proof, err = openbadge.NewMultikey(p.profile.ID, base+"/keys/2", private.Public(), time.Time{})
	p.must(err)
	p.documents["/keys/2"] = p.document(openbadge.NewMultikeyDocument(p.proof))
	token, err := openbadge.NewJSONWebKey(p.profile.ID, p.tokenKID, curve.Public(), time.Time{})
	p.must(err)
	old, err := openbadge.NewMultikey(p.profile.ID, "", curve.Public(), time.Now())
	p.must(err)
	p.documents["/issuer.json"] = p.document(openbadge.NewIssuerDocument(p.profile, did, p.proof, token, old))
	didKey, err := openbadge.NewMultikey(did, "", private.Public(), time.Time{})
	p.must(err)
	p.documents["/did.json"] = p.document(openbadge.NewDIDDocument(did, p.profile.ID, didKey))
	p.documents["/i/did.json"] = p.documents["/did.json"]
	p.documents["/keys/1.jwk"], err = openbadge.PublicJWK(curve.Public(), p.tokenKID)
	p.must(err)
	return p
}

// everything is a credential with every member.
func (p *press) everything(id string, index int64) *openbadge.Credential {
	c := openbadge.NewCredential(p.base + "/badges/" + id)
	c.Name, c.Description = "Data \\ “Foundations” <&> 🛰", "What it says."
	c.Image = openbadge.NewImage(p.base+"/image.png", "A picture")
	c.Issuer, c.ValidFrom, c.AwardedDate = p.profile, time.Now().Add(-time.Hour), time.Now().AddDate(0, 0, -3)
	c.ValidUntil = time.Now().AddDate(1, 0, 0)
	c.Evidence = []openbadge.Evidence{openbadge.AssertionEvidence(p.base + "/assertion.json"), openbadge.NewEvidence("", "NL-210", "Passed.")}
	c.Evidence[1].Genre, c.Evidence[1].Audience, c.Evidence[1].Narrative = "exam", "examiners", "Two *hours*."
	c.NameSchema()
	c.RefreshFrom(p.base + "/badges/" + id)
	c.Status = openbadge.NewStatusEntry(p.base+"/status/1", index)
	a := openbadge.NewAchievement(p.base+"/achievement.json", "Data Foundations", "Reading data.", openbadge.Criteria{ID: p.base + "/criteria", Narrative: "Pass *both*."})
	a.AchievementType, a.InLanguage, a.HumanCode, a.FieldOfStudy, a.Specialization, a.Version = "Certification", "en", "NL-100", "Data", "Tables", "2"
	a.Image, a.Creator, a.Tag = openbadge.NewImage(p.base+"/image.svg", "A picture"), &p.profile, []string{"data", "tables", "data"}
	a.Alignment = []openbadge.Alignment{openbadge.NewAlignment("data literacy", "https://skills.example/data"), openbadge.NewAlignment("tables", "https://skills.example/tables")}
	a.Alignment[0].TargetCode, a.Alignment[0].TargetFramework, a.Alignment[0].TargetDescription, a.Alignment[0].TargetType = "D1", "Skills", "Reads.", "CFItem"
	a.OtherIdentifier = []openbadge.IdentifierEntry{{Type: "IdentifierEntry", Identifier: "x", IdentifierType: "systemId"}}
	a.Related = []openbadge.Related{openbadge.RelatedBadgeClass(p.base + "/badgeclass.json"), openbadge.Translation(p.base+"/es/achievement.json", "es")}
	score, result := openbadge.NewScore(p.base+"/achievement.json#score", "Score", "812", "1000")
	level := openbadge.RubricCriterionLevel{ID: p.base + "/achievement.json#good", Type: []string{"RubricCriterionLevel"}, Name: "Good", Level: "2", Points: "5", Description: "Well done."}
	grade := openbadge.ResultDescription{ID: p.base + "/achievement.json#grade", Type: []string{"ResultDescription"}, Name: "Grade", ResultType: "RubricCriterionLevel",
		AllowedValue: []string{"C", "B", "A"}, RequiredValue: "B", RequiredLevel: level.ID, RubricCriterionLevel: []openbadge.RubricCriterionLevel{level}}
	a.ResultDescription = []openbadge.ResultDescription{score, grade}
	c.Subject = openbadge.NewSubject(a, openbadge.HashedEmail(openbadge.HashIdentity("ana@home.test", "salt"), "salt"), openbadge.Named("Ana “Ñ” Ruiz"))
	c.Subject.Result = []openbadge.Result{result, {Type: []string{"Result"}, ResultDescription: grade.ID, AchievedLevel: level.ID, Value: "B", Status: "Completed"}}
	c.Subject.ActivityStartDate, c.Subject.ActivityEndDate = time.Now().AddDate(0, 0, -4), time.Now().AddDate(0, 0, -3)
	c.Subject.LicenseNumber, c.Subject.Narrative, c.Subject.Image, c.Subject.Source = "L-1", "All of it.", openbadge.NewImage(p.base+"/me.png", ""), &p.profile
	return c
}

// publish signs a credential in both forms and serves them, the token with .jwt at the end.
func (p *press) publish(path string, c interface{ JSON() ([]byte, error) }) (body, token string) {
	plain, err := c.JSON()
	p.must(err)
	signed, err := openbadge.AddProof(plain, openbadge.ProofOptions{VerificationMethod: p.proof.ID, Created: time.Now()}, p.proofKey)
	p.must(err)
	var payload []byte
	switch c := c.(type) {
	case *openbadge.Credential:
		payload, err = openbadge.Payload(c)
	case *openbadge.StatusListCredential:
		payload, err = c.Payload()
	}
	p.must(err)
	token, err = openbadge.Sign(openbadge.Header{Alg: openbadge.ES256, KID: p.tokenKID, Typ: "JWT"}, payload, p.tokenKey)
	p.must(err)
	p.documents[path], p.documents[path+".jwt"] = signed, []byte(token)
	return string(signed), token
}

func (p *press) document(v any) []byte {
	data, err := openbadge.Document(v)
	p.must(err)
	return data
}

func (p *press) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, found := p.documents[r.URL.Path]
	if !found {
		p.t.Errorf("asked for %s", r.URL)
		http.NotFound(w, r)
		return
	}
	media := "application/jwt"
	if json.Valid(body) {
		media = "application/ld+json"
	}
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(body)
}
