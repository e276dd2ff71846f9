package badges

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/templates"
)

// embeds show badges within pages of other sites, and tell programs how.
type embeds struct {
	site      *web.Site
	documents *documents
}

func (es *embeds) routes() []web.Route {
	return web.Table(web.Open("/badges/:id/embed", es.getEmbed), web.Open("/oembed", es.getOEmbed))
}

// getEmbed, GET /badges/:id/embed, is the badge in a frame of any site: how it stands now, without a script. It is the
// one page that others may frame; its links leave the frame.
func (es *embeds) getEmbed(c echo.Context) error {
	ds := es.documents
	b, err := ds.published(c)
	if err != nil {
		return err
	}
	if moved, err := ds.moved(c, b, "/embed"); moved || err != nil {
		return err
	}
	page := es.site.BarePage(c)
	d, err := ds.made.Get(keyOf(b, "embed "+page.Lang+" "+string(b.Validity)), func() (web.Document, error) {
		body, err := web.Draw(es.fill(b, page))
		return web.NewDocument(web.TypeHTML, body), err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Security-Policy", es.policy())
	h.Del("X-Frame-Options")
	return web.Serve(c, d, "no-cache")
}

// policy names this server by its address: within a sandbox, 'self' may be nobody.
func (es *embeds) policy() string {
	here := es.site.Base.Scheme + "://" + es.site.Base.Host
	return "default-src 'none'; style-src " + here + "; img-src " + here + "; base-uri 'none'; form-action 'none'; frame-ancestors *; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
}

func (es *embeds) fill(b *credential.Badge, page templates.Page) templates.Embed {
	f := es.documents.issuer.Facts(b)
	page.Canonical, page.Sandbox, page.NoIndex = es.documents.issuer.BadgeURL(b.Award.ID), b.Sandbox, true
	return templates.Embed{
		Page: page, Holder: b.ShownName(), Title: wording.InLanguage(b.Achievement, b.Achievement.Name, page.Lang),
		Issuer: wording.IssuerName(b.Achievement, page.Lang), Domain: es.site.Base.Host,
		ImageURL: wording.PictureURL(b.Achievement, page.Lang), URL: page.Canonical,
		Verdict: string(f.Status), Since: f.Since, Expires: f.ExpiresOn.Time(),
	}
}

// oEmbed is the answer to programs that want to show an address as more than a link (oembed.com).
type oEmbed struct {
	Version         string `json:"version"`
	Type            string `json:"type"`
	Title           string `json:"title"`
	ProviderName    string `json:"provider_name"`
	ProviderURL     string `json:"provider_url"`
	AuthorName      string `json:"author_name,omitempty"`
	CacheAge        int    `json:"cache_age"`
	Width           int    `json:"width"`
	Height          int    `json:"height"`
	ThumbnailURL    string `json:"thumbnail_url"`
	ThumbnailWidth  int    `json:"thumbnail_width"`
	ThumbnailHeight int    `json:"thumbnail_height"`
	HTML            string `json:"html"`
}

// oEmbedURL is where programs learn how to embed what is at an address of ours.
func oEmbedURL(base, address string) string {
	return base + "/oembed?url=" + url.QueryEscape(address) + "&format=json"
}

const (
	thumbnail     = 320  // edge in pixels
	oEmbedSeconds = 3600 // that others may keep an answer: it says nothing that changes with the badge's status
)

// getOEmbed, GET /oembed, describes how to embed the badge at an address of ours. A private badge is as unknown as one
// that there never was: the 401 of the specification would tell that it exists.
func (es *embeds) getOEmbed(c echo.Context) error {
	if format := c.QueryParam("format"); format != "" && format != "json" {
		return web.NewProblem("format_not_served", "The answer comes as json.")
	}
	id, ours := strings.CutPrefix(withoutQuery(c.QueryParam("url")), es.site.BaseURL+"/badges/")
	if !ours || !web.PlausibleID(id) {
		return web.NotShown()
	}
	ctx := c.Request().Context()
	b, found, err := es.documents.issuer.Seen(ctx, id, "")
	if err == nil && !found {
		err = web.NotShown()
	}
	if err != nil {
		return err
	}
	if next, err := es.documents.issuer.Successor(ctx, b); err != nil {
		return err
	} else if next != nil {
		b = next
	}
	answer, err := es.describe(ctx, b, es.site.BarePage(c).Lang, c.QueryParams())
	if err != nil {
		return err
	}
	return web.Serve(c, web.NewDocument(echo.MIMEApplicationJSON, web.EncodeJSON(answer)), web.CacheMinute)
}

// withoutQuery is an address without what may follow its path.
func withoutQuery(address string) string {
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		address = address[:end]
	}
	return strings.TrimSuffix(address, "/")
}

func (es *embeds) describe(ctx context.Context, b *credential.Badge, lang string, query url.Values) (oEmbed, error) {
	by, _, err := wording.Organisation(ctx, es.documents.issuer, es.site, lang)
	if err != nil {
		return oEmbed{}, err
	}
	title, address := b.Achievement.In(b.Achievement.Name, lang), es.documents.issuer.BadgeURL(b.Award.ID)
	o := oEmbed{
		Version: "1.0", Type: "rich", Title: title, ProviderName: es.site.PublicName(by.Name.Value), ProviderURL: es.site.BaseURL,
		AuthorName: b.ShownName(), CacheAge: oEmbedSeconds,
		Width: within(templates.EmbedWidth, query.Get("maxwidth")), Height: within(templates.EmbedHeight, query.Get("maxheight")),
	}
	if b.ShownName() != "" {
		o.Title += ", " + b.ShownName()
	}
	edge := max(pictureLeast, min(within(thumbnail, query.Get("maxwidth")), within(thumbnail, query.Get("maxheight"))))
	o.ThumbnailURL, o.ThumbnailWidth, o.ThumbnailHeight = address+"/image.png?size="+strconv.Itoa(edge), edge, edge
	o.HTML = templates.EmbedCode(address, templates.BadgeAlt(lang, title, b.ShownName()), o.Width, o.Height)
	return o, nil
}

// within is a size that is no more than was asked for; what is no size asks for nothing.
func within(usual int, most string) int {
	if n, err := strconv.Atoi(most); err == nil && n > 0 && n < usual {
		return n
	}
	return usual
}
