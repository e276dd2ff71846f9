package badges

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/templates"
)

// people are the profiles of holders, and what search engines are told of.
type people struct {
	site      *web.Site
	documents *documents
}

func (ps *people) routes() []web.Route {
	return web.Table(
		web.Get("/people/:handle", ps.getProfile), web.Get("/people/", func(echo.Context) error { return web.NotShown() }),
		web.Get("/sitemap.xml", ps.getSitemaps), web.Get("/sitemap/badges.xml", ps.getBadgeSitemap), web.Get("/sitemap/people.xml", ps.getPeopleSitemap),
	)
}

// getProfile, GET /people/:handle, is the page of a person who shows one: their public badges. Unknown, off and no handle
// at all are the same NotShown. It is the same for everybody, its owner too.
func (ps *people) getProfile(c echo.Context) error {
	ctx := c.Request().Context()
	profile, found, err := ps.site.Accounts.ShownProfile(ctx, c.Param("handle"))
	if err == nil && !found {
		err = web.NotShown()
	}
	if err != nil {
		return err
	}
	ds := ps.documents
	shown, err := ds.issuer.PublicBadges(ctx, profile.Account)
	if err != nil {
		return err
	}
	chosen, err := ds.issuer.Presentation(ctx, profile.Account)
	if err != nil {
		return err
	}
	if !chosen.Findable {
		c.Response().Header().Set("X-Robots-Tag", "noindex")
	}
	page := ps.site.BarePage(c)
	rows, pager := web.PageOf(c, web.PeoplePath+profile.Handle, shown, tilesMost)
	key := profileKey(page.Lang, profile.Handle, rows, chosen, fmt.Sprint(ds.issuer.Today(), len(shown), pager))
	d, err := ds.made.Get(key, func() (web.Document, error) {
		p, err := ps.fill(context.WithoutCancel(ctx), profile.Handle, rows, chosen, page)
		if err != nil {
			return web.Document{}, err
		}
		p.InAll, p.Pager = len(shown), pager
		body, err := web.Draw(p)
		return web.NewDocument(web.TypeHTML, body), err
	})
	if err != nil {
		return err
	}
	return web.Serve(c, d, "no-cache")
}

// tilesMost are how many badges a page shows. More have further pages, in the same order.
const tilesMost = 200

// profileKey names all that a profile depends on: each change of a badge raises its revision.
func profileKey(lang, handle string, shown []credential.PublicBadge, chosen credential.Presentation, day string) string {
	sum := fnv.New128a()
	for _, b := range shown {
		_, _ = fmt.Fprintf(sum, "%s %d ", b.ID, b.Revision)
	}
	return "profile " + lang + " " + handle + " " + chosen.Name + " " + strconv.FormatBool(chosen.Findable) + " " + day + " " + string(sum.Sum(nil))
}

func (ps *people) fill(
	ctx context.Context, handle string, shown []credential.PublicBadge, chosen credential.Presentation, page templates.Page,
) (templates.Profile, error) {
	issuer := ps.documents.issuer
	by, _, err := wording.Organisation(ctx, issuer, ps.site, page.Lang)
	if err != nil {
		return templates.Profile{}, err
	}
	h, err := issuer.History(ctx)
	if err != nil {
		return templates.Profile{}, err
	}
	page.Canonical, page.NoIndex, page.From = ps.site.BaseURL+web.PeoplePath+handle, !chosen.Findable, ps.site.PublicName(by.Name.Value)
	p := templates.Profile{Page: page, Handle: handle}
	for _, s := range shown {
		b, found, err := issuer.Published(ctx, s.ID)
		if err != nil {
			return p, err
		}
		if !found || b.Award.Revision != s.Revision {
			continue // it changed this very moment: the next request has another key
		}
		if p.Name == "" {
			p.Name = b.ShownName()
		}
		p.Sandbox = p.Sandbox || b.Sandbox
		a, f := b.Achievement, issuer.Facts(b)
		p.Badges = append(p.Badges, templates.ProfileBadge{ID: b.Award.ID, URL: "/badges/" + b.Award.ID, Verdict: string(f.Status), BadgeCard: templates.BadgeCard{
			Title: wording.InLanguage(a, a.Name, page.Lang), Kind: string(a.Kind), Level: a.Level, Issuer: wording.IssuerName(a, page.Lang),
			ImageURL: wording.PictureURL(a, page.Lang), EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(),
			RetiredOn: wording.Retired(h, b.Award.Subject(), issuer.Today()),
		}})
	}
	return p, nil
}

// sitemapMost is how many addresses a sitemap may have (sitemaps.org).
const sitemapMost = 50_000

// getSitemaps, GET /sitemap.xml, leads to all sitemaps. They have what its people let search engines list, and nothing else.
func (ps *people) getSitemaps(c echo.Context) error {
	var all []string
	for path, next := range map[string]func(behind string) (string, error){
		"/sitemap/badges.xml": ps.after(c, ps.documents.issuer.FindableBadges), "/sitemap/people.xml": ps.after(c, ps.documents.issuer.FindableHolders),
	} {
		for behind := ""; ; {
			all = append(all, ps.site.BaseURL+path+"?behind="+behind)
			last, err := next(behind)
			if err != nil {
				return err
			}
			if last == "" {
				break
			}
			behind = last
		}
	}
	slices.Sort(all)
	return serveSitemap(c, "sitemapindex", "sitemap", all)
}

// after finds the last entry of a sitemap that another one follows.
func (ps *people) after(c echo.Context, read func(ctx context.Context, behind string, most int) ([]string, error)) func(behind string) (string, error) {
	return func(behind string) (string, error) {
		page, err := read(c.Request().Context(), behind, sitemapMost+1)
		if err != nil || len(page) <= sitemapMost {
			return "", err
		}
		return page[sitemapMost-1], nil
	}
}

// getBadgeSitemap, GET /sitemap/badges.xml, has badges.
func (ps *people) getBadgeSitemap(c echo.Context) error {
	ids, err := ps.documents.issuer.FindableBadges(c.Request().Context(), behind(c), sitemapMost)
	if err != nil {
		return err
	}
	for n, id := range ids {
		ids[n] = ps.documents.issuer.BadgeURL(id)
	}
	return serveSitemap(c, "urlset", "url", ids)
}

// getPeopleSitemap, GET /sitemap/people.xml, has profiles.
func (ps *people) getPeopleSitemap(c echo.Context) error {
	ctx := c.Request().Context()
	holders, err := ps.documents.issuer.FindableHolders(ctx, behind(c), sitemapMost)
	if err != nil {
		return err
	}
	var all []string
	for some := range slices.Chunk(holders, 500) {
		list, err := ps.site.Accounts.ShownProfiles(ctx, some)
		if err != nil {
			return err
		}
		for _, p := range list {
			all = append(all, ps.site.BaseURL+web.PeoplePath+p.Handle)
		}
	}
	return serveSitemap(c, "urlset", "url", all)
}

// behind is where a sitemap begins; what is no id of ours begins at the beginning.
func behind(c echo.Context) string {
	if id := c.QueryParam("behind"); web.Readable(id, 64) {
		return id
	}
	return ""
}

func serveSitemap(c echo.Context, list, entry string, addresses []string) error {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<` + list + ` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, address := range addresses {
		b.WriteString("<" + entry + "><loc>")
		_ = xml.EscapeText(&b, []byte(address)) // to memory
		b.WriteString("</loc></" + entry + ">\n")
	}
	b.WriteString("</" + list + ">\n")
	return web.Serve(c, web.NewDocument("application/xml; charset=utf-8", b.Bytes()), web.CacheMinute)
}
