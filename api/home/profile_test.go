package home_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// settle sends the profile section of the settings.
func settle(b *apitest.Browser, fields ...string) *apitest.Page {
	values := url.Values{"name": {"full"}}
	for k := 0; k < len(fields); k += 2 {
		values.Set(fields[k], fields[k+1])
	}
	return b.Send("/me/settings?section=profile", values)
}

// TestProfileIsOffUntilSwitchedOn: unknown, off and no handle are the same page, to the byte.
//
// row 109: switched off, the profile is as unknown as any, badges by link keep working, and the switch says so.
func TestProfileIsOffUntilSwitchedOn(t *testing.T) {
	v := apitest.NewVisitors(t)
	awards := v.Post(apitest.AnasPass("R-1", "E4"), apitest.AnasPass("R-7", "E7"))
	ana := accepted(v)
	for n, visibility := range []string{ledger.Public, ledger.ByLink} {
		if err := v.Show(context.Background(), v.Holder("ana@home.test"), awards[n].ID, visibility); err != nil {
			t.Fatal(err)
		}
	}
	unknown := v.Open().Get("/people/nobody").Want(404, "Nothing to show here")
	same := func(paths ...string) {
		t.Helper()
		for _, b := range []*apitest.Browser{v.Open(), v.Open()} {
			for _, path := range paths {
				p := b.Get(path)
				for _, header := range []string{"Cache-Control", "ETag", "X-Robots-Tag", "Content-Type"} {
					if p.Header.Get(header) != unknown.Header.Get(header) {
						t.Errorf("%s: %s is %q, of an unknown one %q", path, header, p.Header.Get(header), unknown.Header.Get(header))
					}
				}
				if p.Status != 404 || p.Body != unknown.Body {
					t.Errorf("%s: %d, not the page of an unknown one", path, p.Status)
				}
			}
		}
	}
	same("/people/ana", "/people/", "/people/ANA", "/people/"+strings.Repeat("a", 3000), "/people/%00", "/people/a'--")
	ana.Get("/me/settings").Says("It is off until you turn it on.", "Badges that you share by link keep working either way.")
	settle(ana, "handle", "ana").Want(200, "Settings").Says("Saved. Others see it so from now on.")
	same("/people/ana")
	settle(ana, "handle", "ana", "shown", "on").Want(200, "Settings")
	p := v.Open().Get("/people/ana").Want(200, "Ana Ruiz").Says("1 badge that everybody can see", "Stand-alone Exam").Hides("Yearly Certification", "ana@home.test")
	if p.Header.Get("X-Robots-Tag") != "noindex" || !strings.Contains(p.Body, `<meta name="robots" content="noindex">`) {
		t.Error("it may be found, which nobody asked for")
	}
	if own := ana.Get("/me/settings").Follow("See what others see"); own.Status != 200 || own.Body != p.Body {
		t.Error("its owner sees something else than others")
	}
	if again := v.Open().Do("GET", "/people/ana", "", map[string][]string{"If-None-Match": {p.Header.Get("ETag")}}); again.Status != 304 {
		t.Error(again.Status)
	}
	if es := v.Open().Get("/people/ana?lang=es").Want(200, "Ana Ruiz").Says("1 insignia que todo el mundo puede ver"); es.Lang() != "es" {
		t.Error(es.Lang())
	}
	v.Open().Get("/people/ana").Follow("Stand-alone Exam").Want(200, "Ana Ruiz")
	settle(ana, "handle", "ana").Want(200, "Settings")
	same("/people/ana")
	for _, a := range awards {
		v.Open().Get("/badges/"+a.ID).Want(200, "Ana Ruiz")
	}
}

// TestProfileFollowsBadges: what is made public, private or over shows with the next request.
//
// row 92: how the badges stand is part of what is shared. row 108: changeable at any time, effective at once.
func TestProfileFollowsBadges(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	ana, ctx, h := accepted(v), context.Background(), v.Holder("ana@home.test")
	settle(ana, "handle", "ana", "shown", "on")
	v.Open().Get("/people/ana").Want(200, "ana").Says("0 badges", "There are no public badges here yet.")
	for _, visibility := range []string{ledger.Public, ledger.Private, ledger.Public, ledger.ByLink, ledger.Public} {
		if err := v.Show(ctx, h, id, visibility); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(v.Open().Get("/people/ana").Body, id); told != (visibility == ledger.Public) {
			t.Errorf("%s: the profile has it: %v", visibility, told)
		}
	}
	v.Clock.Advance(400 * 24 * time.Hour)
	v.Open().Get("/people/ana").Says("Expired")
	if _, err := v.RevokeAward(ctx, v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	v.Open().Get("/people/ana").Hides(id)
}

// TestHandles: addresses that people choose, which stay theirs.
func TestHandles(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"), apitest.AnasPass("R-1", "E4"))
	ana, ben := v.Open(), v.Open()
	v.SignIn(ana, "ana@home.test")
	v.SignIn(ben, "ben@work.test")
	for _, wrong := range []string{"", "a", "ab", "-ana", "ana-", "añá", "ana ruiz", "ana/x", strings.Repeat("a", 31), "<b>", "ana\n"} {
		p := settle(ana, "handle", wrong, "shown", "on")
		if strings.TrimSpace(wrong) == "ana" {
			continue // what is around it is nobody's wish
		}
		p.Want(422, "Settings").Says("There is a problem", "3 to 30 small letters")
		v.Open().Get("/people/ana").Want(404, "Nothing to show here")
		if wrong == "ab" && !strings.Contains(p.Body, `value="ab"`) {
			t.Error("what was typed is lost")
		}
		if wrong == strings.Repeat("a", 31) {
			break
		}
	}
	settle(ana, "handle", " Ana-Ruiz ", "shown", "on").Want(200, "Settings")
	v.Open().Get("/people/ana-ruiz").Want(200, "ana-ruiz")
	settle(ben, "handle", "ana-ruiz", "shown", "on").Want(422, "Settings").Says("Somebody else has this name.")
	settle(ana, "handle", "ana", "shown", "on").Want(200, "Settings")
	v.Open().Get("/people/ana-ruiz").Want(404, "Nothing to show here")
	settle(ben, "handle", "ana-ruiz", "shown", "on").Want(422, "Settings") // an old link never leads to somebody else
	settle(ana, "handle", "ana-ruiz", "shown", "on").Want(200, "Settings")
	v.Open().Get("/people/ana-ruiz").Want(200, "ana-ruiz")
	ana.Send("/me/settings?section=profile", url.Values{"name": {"backwards"}, "handle": {"ana"}}).Want(422, "We couldn't read that")
	v.Open().Send("/me/settings?section=profile", url.Values{"shown": {"on"}, "handle": {"eve"}}).Want(200, "Sign in")
}

// TestShownName: a name in full, as initials or not at all holds for every page and picture at once, and for documents
// when new editions are signed. A hidden name can still be compared.
func TestShownName(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana, badge := accepted(v), "/badges/"+id
	if err := v.Show(context.Background(), v.Holder("ana@home.test"), id, ledger.Public); err != nil {
		t.Fatal(err)
	}
	before := v.Open().Get(badge + "/credential.jwt").Body
	public := []string{badge, badge + "/embed", "/people/ana", "/oembed?url=" + url.QueryEscape(apitest.Issuer1+badge), "/verify?url=" + url.QueryEscape(apitest.Issuer1+badge)}
	for _, c := range []struct{ name, shown string }{{"hidden", ""}, {"initials", "A. R."}, {"full", "Ana Ruiz"}, {"hidden", ""}} {
		settle(ana, "handle", "ana", "shown", "on", "name", c.name).Want(200, "Settings")
		for _, path := range public {
			body := v.Open().Get(path).Body
			if c.name != "full" && strings.Contains(body, "Ruiz") {
				t.Errorf("%s: %s tells the name", c.name, path)
			}
			if c.shown != "" && !strings.Contains(body, c.shown) && !strings.HasPrefix(path, "/verify") {
				t.Errorf("%s: %s does not say %s", c.name, path, c.shown)
			}
		}
		for _, form := range []string{"/badge.png", "/card.png", "/credential.json"} {
			if name := v.Open().Get(badge + form).Header.Get("Content-Disposition"); strings.Contains(name, "ruiz") != (c.name == "full") {
				t.Errorf("%s: %s is called %s", c.name, form, name)
			}
		}
		if mine := ana.Get("/me" + badge + "/certificate.pdf").Body; mine == v.Open().Get(badge+"/certificate.pdf").Body != (c.name == "full") {
			t.Errorf("%s: the public certificate tells the name, or one's own does not", c.name)
		}
		v.Work(t) // the documents follow
		for _, form := range []string{"/credential.json", "/badge.svg"} {
			body := v.Open().Get(badge + form).Body
			if strings.Contains(body, "Ruiz") != (c.name == "full") || c.shown != "" && !strings.Contains(body, c.shown) {
				t.Errorf("%s: %s says another name", c.name, form)
			}
		}
		v.Open().Get("/verify?url="+url.QueryEscape(apitest.Issuer1+badge)).Want(200, "Genuine and current")
		v.Open().Get(badge).Hides("Details updated", "Name corrected").Press("Compare", "name", "Ana Ruiz").Want(200, "The same name")
		v.Open().Send("/verify", url.Values{"input": {apitest.Issuer1 + badge}, "name": {"Ruiz, Ana"}}).Want(200, "Genuine and current")
		v.Open().Send("/verify", url.Values{"input": {apitest.Issuer1 + badge}, "name": {"Ben Okafor"}}).Want(200, "issued to someone else")
	}
	v.Open().Get(badge).Want(200, "Name not shown").Says("The holder does not show their name here.")
	v.Open().Get("/people/ana").Want(200, "ana")
	v.Open().Get("/verify").B.Upload("file", []byte(before)).Want(200, "Genuine, but there is a newer version") // a file keeps what it says

	// What is accepted later is shown as chosen before, and signed so.
	later := v.Post(apitest.AnasPass("R-2", "E2"))[0].ID
	if err := v.Accept(context.Background(), v.Holder("ana@home.test"), later, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	v.Open().Get("/badges/"+later).Want(200, "Name not shown").Hides("Ruiz")
	v.Work(t)
	v.Open().Get("/badges/" + later + "/credential.json").Hides("Ruiz")
}

// TestInitials: the first letter of each word, in any script.
func TestInitials(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Chloé Marie Dupont", "C. M. D."}, {"Ñuño", "Ñ."}, {"山田太郎", "山."}, {"E\u0301ric  Z", "É. Z."}, {"محمد علي", "م. ع."},
	} {
		v := apitest.NewVisitors(t)
		id := v.Post(apitest.PassBy("R-1", "E4", "C-1", "ana@home.test", c.name, "en"))[0].ID
		ana := accepted(v)
		settle(ana, "name", "initials").Want(200, "Settings")
		v.Open().Get("/badges/"+id).Want(200, strings.TrimSpace(c.want))
	}
}

// TestFindable: search engines stay out until somebody lets them in, and are told of nobody else.
//
// row 108: nothing is listed that nobody asked for.
func TestFindable(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	awards := v.Post(apitest.AnasPass("R-1", "E4"), apitest.AnasPass("R-7", "E7"))
	ana, ctx, h := accepted(v), context.Background(), v.Holder("ana@home.test")
	for n, visibility := range []string{ledger.Public, ledger.ByLink} {
		if err := v.Show(ctx, h, awards[n].ID, visibility); err != nil {
			t.Fatal(err)
		}
	}
	sitemaps := func() (all string) {
		index := v.Open().Get("/sitemap.xml")
		if index.Status != 200 || !strings.HasPrefix(index.Header.Get("Content-Type"), "application/xml") {
			t.Fatal(index.Status, index.Header)
		}
		for _, part := range strings.Split(index.Body, "<loc>")[1:] {
			address, _, _ := strings.Cut(part, "</loc>")
			p := v.Open().Get(address)
			if p.Status != 200 {
				t.Fatal(address, p.Status)
			}
			all += p.Body
		}
		return all
	}
	robots := func(path string) string { return v.Open().Get(path).Header.Get("X-Robots-Tag") }
	public, link := "/badges/"+awards[0].ID, "/badges/"+awards[1].ID
	if got := sitemaps(); strings.Contains(got, "/badges/") && strings.Contains(got, awards[0].ID) || robots(public) != "noindex" {
		t.Error("listed before anybody asked for it")
	}
	settle(ana, "handle", "ana", "findable", "on") // not shown: the tick has nothing to stand on
	if robots(public) != "noindex" || strings.Contains(sitemaps(), awards[0].ID) {
		t.Error("listed without a profile")
	}
	settle(ana, "handle", "ana", "shown", "on", "findable", "on")
	all := sitemaps()
	for _, want := range []string{"<loc>" + apitest.Issuer1 + public + "</loc>", "<loc>" + apitest.Issuer1 + "/people/ana</loc>"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
	if strings.Contains(all, awards[1].ID) || robots(public) != "" || robots(link) != "noindex" || robots("/people/ana") != "" || robots(public+"/card.png") != "" {
		t.Error("listed:", all, robots(public), robots(link), robots("/people/ana"))
	}
	if strings.Contains(v.Open().Get(public).Body, "noindex") || strings.Contains(v.Open().Get("/people/ana").Body, "noindex") {
		t.Error("pages keep search engines out")
	}
	v.Open().Get("/robots.txt").Says("Sitemap: " + apitest.Issuer1 + "/sitemap.xml")
	if p := v.Open().Get("/sitemap/badges.xml?behind=zzzz"); strings.Contains(p.Body, "<loc>") {
		t.Error(p.Body)
	}
	settle(ana, "handle", "ana")
	if robots(public) != "noindex" || strings.Contains(sitemaps(), awards[0].ID) || strings.Contains(sitemaps(), "/people/ana") {
		t.Error("still listed")
	}
}

// TestAsOthers: a holder sees what strangers see, without signing out.
func TestAsOthers(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	seen := ana.Get("/badges/" + id).Says("Manage").Follow("See what others see")
	if stranger := v.Open().Get("/badges/" + id); seen.Body != stranger.Body {
		t.Error("not what a stranger sees")
	}
	if err := v.Show(context.Background(), v.Holder("ana@home.test"), id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	ana.Get("/badges/"+id).Want(200, "Ana Ruiz").Follow("See what others see").Want(404, "Nothing to show here")
}
