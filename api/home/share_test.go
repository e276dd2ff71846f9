package home_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// attribute finds what elements of a page say.
func attribute(p *apitest.Page, element, name string) (list []string) {
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode || n.Data != element {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == name {
				list = append(list, a.Val)
			}
		}
	}
	return list
}

// typed is what stands in a field of a page.
func typed(p *apitest.Page, id string) string {
	for n := range p.Root.Descendants() {
		if n.Data == "textarea" && n.FirstChild != nil {
			for _, a := range n.Attr {
				if a.Key == "id" && a.Val == id {
					return n.FirstChild.Data
				}
			}
		}
	}
	return ""
}

// accepted signs Ana in and has her accept what waits, to be seen by whoever has the link.
func accepted(v *apitest.Visitors) *apitest.Browser {
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	waiting, err := v.Waiting(context.Background(), "ana@home.test")
	for _, b := range waiting {
		err = errors.Join(err, v.Accept(context.Background(), v.Holder("ana@home.test"), b.Award.ID, ledger.ByLink))
	}
	if err != nil {
		v.T.Fatal(err)
	}
	return ana
}

// TestShare: the page has every channel with the exact address that the channel's own site takes.
//
// row 61: LinkedIn, to the letter, without dates of expiry where there are none. row 62: Facebook. row 63: X. row 64: the line
// for a CV. row 65: embed and static HTML. row 66: signature. row 72: the same for exams and certifications. row 95:
// without a script. row 96: one activation each.
func TestShare(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E2"))
	list := v.Post(apitest.AnasPass("R-2", "E3"), apitest.AnasPass("R-3", "E7"))
	ana := accepted(v)
	var kinds [][]string
	for _, a := range list {
		badge := "https%3A%2F%2Fbadges.acme.test%2Fbadges%2F" + a.ID
		name, expiry := map[string]string{"E3": "Securing%20Clouds", "C2": "Cloud%20Operator", "C7": "Yearly%20Certification"}[a.Code], ""
		if a.Code == "C7" {
			expiry = "&expirationYear=2027&expirationMonth=3"
		}
		p := ana.Get("/badges/"+a.ID+"/share").Want(200, "Share your badge")
		text := "I%20earned%20" + name + "%20from%20Acme%20Certification."
		var found []string
		for _, href := range attribute(p, "a", "href") {
			if strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "mailto:") {
				found = append(found, href)
			}
		}
		want := []string{
			"https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&name=" + name + "&organizationName=Acme%20Certification&issueYear=2026&issueMonth=3" + expiry + "&certUrl=" + badge + "&certId=" + a.ID,
			"https://www.linkedin.com/sharing/share-offsite/?url=" + badge,
			"https://www.facebook.com/sharer/sharer.php?u=" + badge,
			"https://x.com/intent/post?text=" + text + "&url=" + badge,
			"https://wa.me/?text=" + text + "%20" + badge,
			"https://t.me/share/url?url=" + badge + "&text=" + text,
			"https://bsky.app/intent/compose?text=" + text + "%20" + badge,
			"mailto:?subject=" + name + "&body=" + text + "%0D%0A%0D%0A" + badge,
		}
		if strings.Join(found, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", a.Code, strings.Join(found, "\n"), strings.Join(want, "\n"))
		}
		address, title := apitest.Issuer1+"/badges/"+a.ID, strings.ReplaceAll(name, "%20", " ")
		for id, want := range map[string]string{
			"link":     address,
			"embed":    `<iframe src="` + address + `/embed" width="320" height="180" title="Badge: ` + title + `, Ana Ruiz" loading="lazy" style="border:0"></iframe>`,
			"static":   `<a href="` + address + `"><img src="` + address + `/image.png?size=192&amp;ground=white" width="96" height="96" style="border:0" alt="` + title + `. Check this badge"></a>`,
			"citation": title + ", Acme Certification, Mar 2026, badges.acme.test/badges/" + a.ID,
		} {
			if got := typed(p, id); got != want {
				t.Errorf("%s: %s is\n%s\nwant\n%s", a.Code, id, got, want)
			}
		}
		for _, path := range append(attribute(p, "img", "src"), attribute(p, "a", "href")...) {
			if !strings.HasPrefix(path, "/badges/") && !strings.HasPrefix(path, "/me/") {
				continue
			}
			if answer := ana.Get(path); answer.Status != http.StatusOK {
				t.Errorf("%s: %s answers %d", a.Code, path, answer.Status)
			}
		}
		kinds = append(kinds, attribute(p, "h2", "id"))
	}
	for _, k := range kinds {
		if strings.Join(k, " ") != "post put hand wallet codes control" {
			t.Errorf("got %v", k)
		}
	}
}

// TestShareText: the links carry what the holder writes, in any script, and never a plus for a space.
//
// row 63: the text is in the person's language.
func TestShareText(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana, path := accepted(v), "/badges/"+id+"/share"
	for lang, want := range map[string]string{"es": "He conseguido ", "fr": "J’ai obtenu "} {
		if got := typed(ana.Get(path+"?lang="+lang), "text"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q", lang, got)
		}
	}
	const text = "C'est \"fait\" + 100 % & <b>plus</b>\nÑ 山田 🎉 \u0007"
	p := ana.Get(path+"?lang=en&text="+url.QueryEscape(text)).Want(200, "Share your badge")
	want := strings.TrimSpace(strings.ReplaceAll(text, "\u0007", ""))
	found := map[string]bool{}
	for _, href := range attribute(p, "a", "href") {
		if strings.HasPrefix(href, "?lang=") {
			continue
		}
		u, err := url.Parse(href)
		if err != nil || strings.Contains(href, "+") {
			t.Errorf("%s: %v", href, err)
			continue
		}
		q := u.Query()
		switch u.Host {
		case "x.com", "t.me":
			found[u.Host] = q.Get("text") == want
		case "wa.me", "bsky.app":
			found[u.Host] = q.Get("text") == want+" "+apitest.Issuer1+"/badges/"+id
		}
	}
	if len(found) != 4 || !found["x.com"] || !found["t.me"] || !found["wa.me"] || !found["bsky.app"] {
		t.Error(found)
	}
	if got := typed(p, "text"); got != want {
		t.Errorf("the field says %q", got)
	}
	long := ana.Get(path+"?text="+strings.Repeat("a", 501)).Says("There is a problem", "more than 500 characters")
	if got := typed(long, "text"); len(got) != 501 {
		t.Error("what was typed is lost")
	}
	if strings.Contains(long.Body, "intent/post?text=aaa") || !strings.Contains(long.Body, "intent/post?text=I%20earned") {
		t.Error("the links do not carry the usual text")
	}
}

// TestShareLinkedInPage: an issuer with a page on LinkedIn is named by its number, never by both (contract 6.1).
func TestShareLinkedInPage(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	v.Apply(t, strings.Replace(issuertest.Programme, "  name: Acme Certification\n", "  name: Acme Certification\n  linkedin: 1234567\n", 1))
	body := accepted(v).Get("/badges/" + id + "/share").Body
	if !strings.Contains(body, "&amp;organizationId=1234567&amp;issueYear=") || strings.Contains(body, "organizationName") {
		t.Error("the page is not named by its number")
	}
}

// TestShareBelongsToItsHolder: managing needs a session, viewing never does.
//
// row 94: signed out, the share page leads to sign-in and back. rows 108, 110: a private badge has nothing to share but its
// files, and says how to change that.
func TestShareBelongsToItsHolder(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	id := v.Post(apitest.AnasPass("R-1", "E7"))[0].ID
	ana, path := accepted(v), "/badges/"+id+"/share"
	v.Open().Get("/badges/"+id).Want(200, "Ana Ruiz")
	out := v.Open().Get(path).Want(200, "Sign in")
	if out.Path != "/sign-in?next="+url.QueryEscape(path) {
		t.Error(out.Path)
	}
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	for _, other := range []string{path, "/badges/none/share", "/badges/" + strings.Repeat("a", 20) + "/share"} {
		ben.Get(other).Want(404, "Nothing to show here")
		ben.Send(other, url.Values{"do": {"visibility"}, "visibility": {"public"}}).Want(404, "Nothing to show here")
	}
	for _, page := range []string{"/me/badges", "/badges/" + id} {
		if next := ana.Get(page).Follow("Share"); next.Path != path {
			t.Errorf("%s shares at %s", page, next.Path)
		}
	}
	ana.Get(path).Press("Save", "visibility", "private").Want(200, "Share your badge").Says("Saved.", "Only you can see this badge", "Make it link-only", "Hand it over").
		Hides("linkedin", "x.com", "iframe", "/card.png")
	v.Open().Get("/badges/"+id).Want(404, "Nothing to show here")
	ana.Get(path).Press("Make it link-only").Says("Post it").Hides("Make it link-only")
	ana.Send(path, url.Values{"do": {"visibility"}, "visibility": {"everybody"}}).Want(422, "We couldn't read that")
	ana.Send(path, url.Values{"do": {"steal"}}).Want(400, "We couldn't read that")
	v.Clock.Advance(400 * 24 * 3600 * 1e9)
	v.SignIn(ana, "ana@home.test")
	ana.Get(path).Says("This badge has expired.", "Expired on 4 March 2027", "Add to LinkedIn profile")
	if _, err := v.RevokeAward(context.Background(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	ana.Get(path).Want(200, "Share your badge").Says("withdrew this badge").Hides("linkedin", "badge.png")
	if page := ana.Get("/badges/"+id).Want(200, "Ana Ruiz"); strings.Contains(page.Body, path+`"`) || !strings.Contains(page.Body, "Manage") {
		t.Error("the page of a withdrawn badge leads to sharing it")
	}
	ana.Get("/me/badges").Hides(path)
}

// TestDownloadNames: files carry names that people can read, also those of private badges.
//
// row 71: each download has its type and a readable name.
func TestDownloadNames(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	for _, base := range []string{"/badges/", "/me/badges/"} {
		for form, want := range map[string]string{
			"badge.png": "stand-alone-exam-ana-ruiz.png image/png", "badge.svg": "stand-alone-exam-ana-ruiz.svg image/svg+xml",
			"credential.json": "stand-alone-exam-ana-ruiz.json application/vc", "credential.jwt": "stand-alone-exam-ana-ruiz.jwt text/plain; charset=utf-8",
			"assertion.jws": "stand-alone-exam-ana-ruiz-2-0.jws text/plain; charset=utf-8", "certificate.pdf": "stand-alone-exam-ana-ruiz.pdf application/pdf",
		} {
			h := ana.Get(base + id + "/" + form).Header
			if got := strings.TrimSuffix(strings.TrimPrefix(h.Get("Content-Disposition"), `inline; filename="`), `"`) + " " + h.Get("Content-Type"); got != want {
				t.Errorf("%s%s: got %s, want %s", base, form, got, want)
			}
		}
	}
	ana.Get("/me/badges/"+id).Press("Save", "visibility", ledger.Private)
	if got := ana.Get("/me/badges/" + id + "/badge.png").Header.Get("Content-Disposition"); !strings.Contains(got, "stand-alone-exam-ana-ruiz.png") {
		t.Error(got)
	}
}

// TestDoneLeadsToSharing: the first thing to do with an accepted badge is to share it.
//
// row 57: Share comes first on the page after accepting.
func TestDoneLeadsToSharing(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	done := ana.Get(v.Link()).Press("Accept badge", "visibility", "link").Want(200, "Well done")
	var actions []string
	for n := range done.Root.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "class" && strings.HasPrefix(a.Val, "button") {
				actions = append(actions, n.FirstChild.Data)
			}
		}
	}
	if strings.Join(actions, ", ") != "Share, Add to LinkedIn, Download, Go to my badges" {
		t.Error(actions)
	}
	if next := done.Follow("Share"); next.Path != "/badges/"+id+"/share" {
		t.Error(next.Path)
	}
}
