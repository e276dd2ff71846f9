package badges_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestIdentityLine: a page says that the identity was checked where it was, by which method, and nothing where nothing is
// known.
//
// row 28: the line with the method, and its absence.
func TestIdentityLine(t *testing.T) {
	v := apitest.NewVisitors(t)
	for n, c := range []struct {
		check *issuer.IdentityCheck
		want  string
	}{
		{&issuer.IdentityCheck{Method: "government-id", Matched: true}, "Identity checked at the exam: government ID"},
		{&issuer.IdentityCheck{Method: "Driving_Licence", Matched: true}, "Identity checked at the exam: driving licence"},
		{&issuer.IdentityCheck{Method: "iris <scan>", Matched: true}, "Identity checked at the exam: iris <scan>"},
		{&issuer.IdentityCheck{Matched: true}, "Identity checked at the exam"},
		{nil, ""},
	} {
		r := apitest.PassBy("R-"+apitest.Itoa(n), "E4", "C-"+apitest.Itoa(n), "ana@home.test", "Ana Ruiz", "en")
		r.Identity = c.check
		id := v.Post(r)[0].ID
		v.ShowTo(id, ledger.Public)
		p := v.Open().Get("/badges/" + id)
		if c.want == "" {
			if strings.Contains(p.Text(), "dentity") || strings.Contains(p.Text(), "How it was assessed") {
				t.Error("something is told of a check that is not known")
			}
			continue
		}
		p.Says("How it was assessed", c.want)
	}
}

// TestSkillsAreDefined: a viewer learns what was assessed and what the skills mean.
//
// row 59: description, criteria, skills with links to definitions, dates.
func TestSkillsAreDefined(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Apply(t, strings.Replace(issuertest.Programme, "skills: [operations, monitoring]", `skills: [operations, {name: {en: monitoring, es: supervisión}, uri: "https://esco.example/skill/7"}]`, 1))
	id := v.Post(apitest.AnasPass("R-1", "E2"))[0].ID
	v.ShowTo(id, ledger.Public)
	p := v.Open().Get("/badges/"+id).Says("What it means", "Pass E2 Operating Clouds", "operations", "monitoring (opens esco.example)", "Issued 4 March 2026", "Does not expire")
	if !strings.Contains(p.Body, `<a class="alone" href="https://esco.example/skill/7" rel="noopener noreferrer">monitoring</a>`) {
		t.Error("the skill leads nowhere")
	}
	v.Open().Get("/badges/" + id + "?lang=es").Says("supervisión (abre esco.example)")
	v.Open().Get(p.Resolve("/achievements/" + v.Achievement1(id))).Says("monitoring (opens esco.example)")
	if got := v.Open().Get("/badges/" + id + "/assertion.json"); got.Status != 200 {
		t.Error(got.Status)
	}
}

// TestRelated: exams and certifications of the programme that have to do with the badge are named, and lead to their pages.
func TestRelated(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-3", "E3"))
	for _, a := range awards {
		v.ShowTo(a.ID, ledger.Public)
		p := v.Open().Get("/badges/" + a.ID).Says("In this programme")
		switch a.Code {
		case "E2":
			p.Says("Cloud Operator Certification. It counts towards this.")
			p.Follow("Cloud Operator").Want(200, "Cloud Operator")
		case "C2":
			p.Says("Operating Clouds Exam. It is needed for this badge.", "Securing Clouds Exam. It is needed for this badge.")
		}
	}
	alone := v.Post(apitest.AnasPass("R-4", "E4"))[0].ID
	v.ShowTo(alone, ledger.Public)
	v.Open().Get("/badges/" + alone).Hides("In this programme")
}

// TestTags: what crawlers read without cookies and scripts.
//
// row 62: all tags of flows 2.4. row 92: expired by the clock, the card has another address and the tags say so.
func TestTags(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Site = web.DefaultName })
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	address := apitest.Issuer1 + "/badges/" + id
	tags := func() map[string]string {
		found := map[string]string{}
		body := v.Open().Get("/badges/" + id).Body
		for _, m := range regexp.MustCompile(`<meta (?:property|name)="([a-z:_]+)" content="([^"]*)">`).FindAllStringSubmatch(body, -1) {
			found[m[1]] += m[2]
		}
		for _, m := range regexp.MustCompile(`<link rel="([a-z]+)"(?: type="([^"]*)")?(?: hreflang="([a-z-]+)")?(?: title="[^"]*")? href="([^"]*)">`).FindAllStringSubmatch(body, -1) {
			found[m[1]+m[2]+m[3]] = m[4]
		}
		found["title"] = regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(body)[1]
		return found
	}
	before := tags()
	for name, want := range map[string]string{
		"title": "Ana Ruiz, Yearly Certification | Acme Certification", "canonical": address, "alternatees": address + "?lang=es", "alternatex-default": address,
		"description": "Issued 4 March 2026 by Acme Certification. See what it covers and check it.", "og:type": "website", "og:site_name": "Acme Certification", "og:url": address,
		"og:title": "Ana Ruiz earned Yearly Certification", "og:description": "Issued 4 March 2026. Valid until 4 March 2027.", "og:image:type": "image/png",
		"og:image:alt": "Badge: Yearly Certification, awarded to Ana Ruiz", "og:locale": "en_GB", "og:locale:alternate": "es_ESfr_FR", "twitter:card": "summary_large_image",
		"twitter:title": "Ana Ruiz earned Yearly Certification", "twitter:image:alt": "Badge: Yearly Certification, awarded to Ana Ruiz", "robots": "noindex",
		"alternateapplication/json+oembed": apitest.Issuer1 + "/oembed?url=" + url.QueryEscape(address) + "&amp;format=json", "alternateapplication/ld+json": address + "/credential.json",
	} {
		if before[name] != want {
			t.Errorf("%s is %q, want %q", name, before[name], want)
		}
	}
	for _, image := range []string{before["og:image"], before["twitter:image"]} {
		card := v.Open().Get(strings.ReplaceAll(image, "&amp;", "&"))
		if !strings.Contains(image, "v=") || card.Status != http.StatusOK || len(card.Body) > 300<<10 {
			t.Error(image, card.Status, len(card.Body))
		}
	}
	oembed := v.Open().Get(strings.ReplaceAll(before["alternateapplication/json+oembed"], "&amp;", "&"))
	var provider struct {
		Name string `json:"provider_name"`
	}
	if err := json.Unmarshal([]byte(oembed.Body), &provider); err != nil || provider.Name != "Acme Certification" {
		t.Error(oembed.Body, err)
	}
	v.Clock.Advance(400 * 24 * time.Hour)
	after := tags()
	if after["og:image"] == before["og:image"] || after["og:description"] != "Expired on 4 March 2027. Issued 4 March 2026." {
		t.Errorf("expired: %s, %q", after["og:image"], after["og:description"])
	}
	v.Open().Get("/badges/" + id).Says("Expired on 4 March 2027")
}

// TestSchemaOrg: search engines read the badge as an EducationalOccupationalCredential.
func TestSchemaOrg(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.Public)
	body := v.Open().Get("/badges/" + id).Body
	block := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(body)
	var got struct {
		Type         string `json:"@type"`
		RecognizedBy struct{ Name string }
		ValidFor     string
		Category     string `json:"credentialCategory"`
		Expires      string
	}
	if err := json.Unmarshal([]byte(block[1]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "EducationalOccupationalCredential" || got.RecognizedBy.Name != "Acme Certification" || got.ValidFor != "P12M" || got.Category != "certification" || got.Expires != "2027-03-04" {
		t.Errorf("got %+v", got)
	}
	if strings.Contains(block[1], "Ana") {
		t.Error("the holder is told to search engines as data")
	}
}

// TestNameCheck: whoever has a CV in hand learns how close its name is, and never the name on the badge.
func TestNameCheck(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.PassBy("R-1", "E4", "C-1", "chloe@ecole.test", "Chloé Marie Dupont", "fr"))[0].ID
	chloe := v.Open()
	v.SignIn(chloe, "chloe@ecole.test")
	h := v.Holder("chloe@ecole.test")
	if err := v.Accept(context.Background(), h, id, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	page := v.Open().Get("/badges/"+id).Says("Compare a name", "never completed for you")
	for name, want := range map[string]string{
		"chloé  marie DUPONT": "The same name", "Dupont, Chloe": "The same name, written another way", "C. Dupont": "The names fit only in part", "Ben Okafor": "Another name",
	} {
		p := page.Press("Compare", "name", name).Want(200, want)
		if strings.Contains(p.Body, "Chloé Marie Dupont") || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: %v", name, p.Header)
		}
		p.Follow("Back to the badge").Want(200, "Chloé Marie Dupont")
	}
	page.Press("Compare", "name", "").Want(422, "Compare a name").Says("Type a name.")
	page.Press("Compare", "name", strings.Repeat("x", 201)).Want(422, "Compare a name").Says("up to 200 characters")
	page.Press("Compare", "name", `<b>"x"</b>`).Want(200, "Another name").Says(`<b>"x"</b>`)
	es := v.Open().Get("/badges/"+id+"?lang=es").Press("Comparar", "name", "Ana").Want(200, "Otro nombre")
	if es.Lang() != "es" {
		t.Error(es.Lang())
	}
	if err := v.Show(context.Background(), h, id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	v.Open().Send("/badges/"+id+"/name", url.Values{"name": {"x"}}).Want(404, "Nothing to show here")
	v.Open().Send("/badges/none/name", url.Values{"name": {"x"}}).Want(404, "Nothing to show here")
}

// TestNameCheckIsLimited: nobody finds a name by trying a list of them.
func TestNameCheckIsLimited(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	send := func(name string) *apitest.Page {
		return v.Open().Send("/badges/"+id+"/name", url.Values{"name": {name}})
	}
	for n := range 10 {
		send("Name "+apitest.Itoa(n)).Want(200, "Another name")
	}
	p := send("Ana Ruiz").Want(429, "Compare a name").Says("Too many names were compared")
	if p.Header.Get("Retry-After") == "" {
		t.Error(p.Header)
	}
	v.Clock.Advance(time.Hour)
	send("Ana Ruiz").Want(200, "The same name")
}

// TestBadgePageIsSmall: budget of look-and-words 3.6, for a page with everything on it.
func TestBadgePageIsSmall(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-2", "E2"), apitest.AnasPass("R-3", "E3"))
	for _, a := range awards {
		v.ShowTo(a.ID, ledger.Public)
		p := v.Open().Get("/badges/" + a.ID)
		total := len(p.Body)
		for _, m := range regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`).FindAllStringSubmatch(p.Body, -1) {
			total += len(v.Open().Get(m[1]).Body)
		}
		if total > 60<<10 {
			t.Errorf("%s: %d bytes without pictures", a.Code, total)
		}
	}
}
