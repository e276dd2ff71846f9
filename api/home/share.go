package home

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/templates"
)

// sharing is where a holder takes a badge to others.
type sharing struct {
	site    *web.Site
	issuer  *issuer.Issuer
	wallets *wallet.Wallets
	drawn   *web.Cache // its pages, by all that they say
	codes   *shareCodes
}

func (sh *sharing) routes() []web.Route {
	return web.Table(sh.site.Form("/badges/:id/share", sh.site.SignedIn(sh.getShare), sh.site.SignedIn(sh.postShare)), sh.walletRoutes())
}

// sharePath is the share page of a badge.
func sharePath(id string) string { return "/badges/" + id + "/share" }

// ownBadge is an accepted badge of somebody. All others are the same NotShown.
func (sh *sharing) ownBadge(ctx context.Context, id string, who *web.Person) (*credential.Badge, error) {
	if !web.PlausibleID(id) {
		return nil, web.NotShown()
	}
	b, found, err := sh.issuer.Seen(ctx, id, who.ID)
	if err == nil && (!found || b.Award.Holder != who.ID) {
		err = web.NotShown()
	}
	return b, err
}

// getShare, GET /badges/:id/share, has every way to share a badge; the links carry the text in the query.
func (sh *sharing) getShare(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	b, err := sh.ownBadge(ctx, c.Param("id"), who)
	if err != nil {
		return err
	}
	if next, err := sh.issuer.Successor(ctx, b); err != nil {
		return err
	} else if next != nil {
		return web.SeeOther(c, sharePath(next.Award.ID))
	}
	h, err := sh.issuer.History(ctx)
	if err != nil {
		return err
	}
	page, text, saved := sh.site.FormPage(c), readable(c.QueryParam("text")), c.QueryParam("saved") != ""
	page.NoIndex, page.Sandbox = true, b.Sandbox
	codes, err := sh.codes.section(c, who, b.Award.ID, page, templates.UsualShareCode())
	if err != nil {
		return err
	}
	offer, err := sh.walletOffer(c, b)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("share %s %d %s %d %q %v %+v %+v %+v", b.Award.ID, b.Award.Revision, b.Validity, len(h), text, saved, page, codes, offer)
	d, err := sh.drawn.Get(key, func() (web.Document, error) {
		p, err := sh.fill(context.WithoutCancel(ctx), h, b, page, text)
		if err != nil {
			return web.Document{}, err
		}
		p.Saved, p.Codes, p.Wallet = saved, codes, offer
		body, err := web.Draw(p)
		return web.Document{Body: body}, err
	})
	if err != nil {
		return err
	}
	web.AllowScript(c)
	return c.Blob(http.StatusOK, web.TypeHTML, d.Body)
}

func (sh *sharing) fill(ctx context.Context, h programme.History, b *credential.Badge, page templates.Page, text string) (p templates.SharePage, err error) {
	_, org, err := wording.Organisation(ctx, sh.issuer, sh.site, page.Lang)
	if err != nil {
		return p, err
	}
	a, f, address := b.Award, sh.issuer.Facts(b), sh.issuer.BadgeURL(b.Award.ID)
	p = templates.SharePage{
		Page: page, Holder: b.ShownName(), URL: address, BadgePath: "/badges/" + a.ID,
		BadgeCard: badgeCard(h, issuer.OfferedBadge{Award: a, Achievement: b.Achievement}, page.Lang, sh.issuer.Today()),
		Verdict:   string(b.Validity), Since: f.Since, Visibility: a.Visibility,
		Action: sharePath(a.ID), TextAction: sharePath(a.ID), ManageURL: web.MyBadgesPath,
		Domain: sh.site.Base.Host, Downloads: wording.Downloads(b.Validity, web.MyBadgesPath+"/"+a.ID, page.Lang),
	}
	if !a.Shown() || b.Validity == ledger.Revoked {
		return p, nil
	}
	s := newShared(a, p.BadgeCard, org, page.Lang, address)
	p.Text = s.text
	if utf8.RuneCountInString(text) > longestText {
		p.Text, p.TooLong = text, true
	} else if text != "" {
		p.Text, s.text = text, text
	}
	p.Channels = s.channels()
	p.CardURL = wording.CardURL(p.BadgePath, page.Lang, a, b.Validity)
	p.Embed = templates.EmbedCode(address, templates.BadgeAlt(page.Lang, s.title, p.Holder), templates.EmbedWidth, templates.EmbedHeight)
	p.SignatureImage = p.BadgePath + "/image.png?size=192&ground=white"
	p.Signature = templates.SignatureCode(page.Lang, address, sh.site.BaseURL+p.SignatureImage, s.title)
	p.Citation = templates.Citation(page.Lang, s.title, s.issuer, s.earned.Time(), address)
	p.QRPNG, p.QRSVG = p.BadgePath+"/qr.png", p.BadgePath+"/qr.svg"
	p.Downloads = append(p.Downloads, templates.Download{Kind: "json2", URL: p.BadgePath + "/assertion.json"})
	return p, nil
}

const longestText = 500 // of what a holder writes about a badge

// readable is a text without what nobody can see or send.
func readable(s string) string {
	keep := func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}
	return strings.TrimSpace(strings.Map(keep, strings.ToValidUTF8(s, "")))
}

// postShare, POST /badges/:id/share, changes who can see the badge, makes a share code of it, or offers it to a wallet.
func (sh *sharing) postShare(c echo.Context, who *web.Person) error {
	form, id := c.Request().PostForm, c.Param("id")
	b, err := sh.ownBadge(c.Request().Context(), id, who)
	switch do := form.Get("do"); {
	case do != "visibility" && do != "code" && do != "wallet":
		return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	case err != nil:
		return err
	case do == "wallet":
		return sh.offerToWallet(c, b)
	}
	if form.Get("do") == "code" {
		return sh.codes.post(c, who, id, func(form templates.ShareCodeForm) (web.Drawable, error) { return sh.again(c, who, b, form) })
	}
	if err := sh.issuer.Show(c.Request().Context(), holderOf(who), id, form.Get("visibility")); err != nil {
		return err
	}
	return web.SeeOther(c, sharePath(id)+"?saved=1")
}

// again is the page with the form for a code as it was filled in.
func (sh *sharing) again(c echo.Context, who *web.Person, b *credential.Badge, form templates.ShareCodeForm) (p templates.SharePage, err error) {
	ctx := c.Request().Context()
	h, err := sh.issuer.History(ctx)
	if err != nil {
		return p, err
	}
	page := sh.site.FormPage(c)
	page.NoIndex, page.Sandbox = true, b.Sandbox
	if p, err = sh.fill(ctx, h, b, page, ""); err != nil {
		return p, err
	}
	if p.Wallet, err = sh.walletOffer(c, b); err == nil {
		p.Codes, err = sh.codes.section(c, who, b.Award.ID, page, form)
	}
	web.AllowScript(c)
	return p, err
}

// shared is what links to other sites say of a badge (flows 2.4, contract 6.1).
type shared struct {
	title, issuer, text string
	linkedIn            string // number of the issuer's page; empty: none
	url, id             string
	earned, expires     programme.Date
}

func newShared(a *ledger.Award, card templates.BadgeCard, org programme.Issuer, lang, url string) shared {
	title, by := card.Title.Value, card.Issuer.Value
	return shared{
		title: title, issuer: by, text: templates.ShareText(lang, title, by), linkedIn: org.LinkedIn, url: url, id: a.ID,
		earned: a.EarnedOn.Date, expires: a.ExpiresOn.Date,
	}
}

// channels are the places that take a link, in the order of the page.
func (s shared) channels() []templates.Channel {
	address, text := encoded(s.url), encoded(s.text)
	both := encoded(s.text + " " + s.url)
	return []templates.Channel{
		{Kind: "linkedin_profile", URL: s.linkedInProfile()},
		{Kind: "linkedin", URL: "https://www.linkedin.com/sharing/share-offsite/?url=" + address},
		{Kind: "facebook", URL: "https://www.facebook.com/sharer/sharer.php?u=" + address},
		{Kind: "x", URL: "https://x.com/intent/post?text=" + text + "&url=" + address},
		{Kind: "whatsapp", URL: "https://wa.me/?text=" + both},
		{Kind: "telegram", URL: "https://t.me/share/url?url=" + address + "&text=" + text},
		{Kind: "bluesky", URL: "https://bsky.app/intent/compose?text=" + both},
		{Kind: "mail", URL: "mailto:?subject=" + encoded(s.title) + "&body=" + encoded(strings.ReplaceAll(s.text, "\n", "\r\n")+"\r\n\r\n"+s.url)},
	}
}

// linkedInProfile is the address that adds the badge to a profile. The issuer is named by its page or by its name, never
// by both; what does not expire has no dates of expiry, not even empty ones.
func (s shared) linkedInProfile() string {
	q := "startTask=CERTIFICATION_NAME&name=" + encoded(s.title)
	if s.linkedIn != "" {
		q += "&organizationId=" + s.linkedIn
	} else {
		q += "&organizationName=" + encoded(s.issuer)
	}
	q += yearAndMonth("issue", s.earned)
	if !s.expires.IsZero() {
		q += yearAndMonth("expiration", s.expires)
	}
	return "https://www.linkedin.com/profile/add?" + q + "&certUrl=" + encoded(s.url) + "&certId=" + encoded(s.id)
}

func yearAndMonth(name string, d programme.Date) string {
	t := d.Time()
	return "&" + name + "Year=" + strconv.Itoa(t.Year()) + "&" + name + "Month=" + strconv.Itoa(int(t.Month()))
}

// encoded percent-encodes everything but letters, digits and - . _ ~, in capitals: other sites read a plus as a plus.
func encoded(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
