package home

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/templates"
)

func (d *Door) routes() []web.Route {
	general := d.site.General
	return web.Table(
		web.Get("/", general(d.getHome)),
		web.Get("/help", general(d.getHelp)),
		web.Get("/help/:topic", general(d.getHelpArticle)),
		web.Get("/privacy", general(d.getPrivacy)),
		web.Get("/favicon.ico", d.getFavicon),
		web.Get("/robots.txt", d.getRobots),
	)
}

// assets are the files of the pages.
func assets() (table []web.Route) {
	for _, a := range templates.Assets {
		table = append(table, web.Get(a.Path, asset(a))...)
	}
	return table
}

// getHome answers GET /.
func (d *Door) getHome(c echo.Context) error {
	page := d.site.Page(c)
	by, _, err := wording.Organisation(c.Request().Context(), d.issuer, d.site, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = d.site.BaseURL + "/"
	home := templates.Home{Page: page, Issuer: by}
	if d.mailbox {
		home.TestURL = web.MailboxPath
	}
	return web.Show(c, home)
}

// getHelp, GET /help, lists the articles.
func (d *Door) getHelp(c echo.Context) error {
	page := d.site.Page(c)
	facts, err := d.helpFacts(c, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = d.site.BaseURL + "/help"
	return web.Show(c, templates.Help{Page: page, HelpFacts: facts})
}

// getHelpArticle, GET /help/:topic, is one of them.
func (d *Door) getHelpArticle(c echo.Context) error {
	topic := c.Param("topic")
	if !templates.HasHelp(topic) {
		return web.NewProblem("not_found", "There is no such article.")
	}
	page := d.site.Page(c)
	facts, err := d.helpFacts(c, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = d.site.BaseURL + "/help/" + topic
	return web.Show(c, templates.HelpArticle{Page: page, HelpFacts: facts, Topic: topic})
}

// helpFacts are what the articles say of this site: who really sends its mail, and who answers.
func (d *Door) helpFacts(c echo.Context, lang string) (f templates.HelpFacts, err error) {
	by, org, err := wording.Organisation(c.Request().Context(), d.issuer, d.site, lang)
	return templates.HelpFacts{Issuer: by, Sender: d.sender, Address: d.site.BaseURL, Contact: org.Email}, err
}

// getPrivacy answers GET /privacy.
func (d *Door) getPrivacy(c echo.Context) error {
	page := d.site.Page(c)
	by, org, err := wording.Organisation(c.Request().Context(), d.issuer, d.site, page.Lang)
	if err != nil {
		return err
	}
	page.Canonical = d.site.BaseURL + "/privacy"
	return web.Show(c, templates.Privacy{Page: page, Issuer: by, Contact: org.Email})
}

// favicon is the site's icon.
func favicon() templates.Asset {
	for _, a := range templates.Assets {
		if strings.HasPrefix(a.Type, "image/svg") {
			return a
		}
	}
	panic("api: templates have no icon")
}

// getFavicon, GET /favicon.ico, is for browsers that look for the icon where it used to be.
func (d *Door) getFavicon(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, web.CacheDay)
	return c.Blob(http.StatusOK, d.icon.Type, d.icon.Body)
}

// robots keeps crawlers from links that are somebody's.
const robots = `User-agent: *
Disallow: /claim/
Disallow: /confirm/
Disallow: /stop/
Disallow: /undo/
Disallow: /me
Disallow: /sign-in
Disallow: /mailbox
Disallow: /api/
`

// getRobots answers GET /robots.txt.
func (d *Door) getRobots(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, web.CacheDay)
	return c.String(http.StatusOK, robots+"\nSitemap: "+d.site.BaseURL+"/sitemap.xml\n")
}

// asset serves a file of the pages, whose address changes with its content. Pages wait for their stylesheet, so it is
// compressed once for all who take that.
func asset(a templates.Asset) echo.HandlerFunc {
	small := compressed(a.Body)
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		web.Vary(h, echo.HeaderAcceptEncoding)
		if !takesGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
			return c.Blob(http.StatusOK, a.Type, a.Body)
		}
		h.Set(echo.HeaderContentEncoding, "gzip")
		return c.Blob(http.StatusOK, a.Type, small)
	}
}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(body) // to memory
	_ = w.Close()
	return b.Bytes()
}

// takesGzip reads Accept-Encoding (RFC 9110 §12.5.3).
func takesGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight, "q=0.") != ""
		}
	}
	return false
}
