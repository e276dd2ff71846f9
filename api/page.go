package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// drawable is a page of templates, filled.
type drawable interface{ Render(w io.Writer) error }

const typeHTML = "text/html; charset=utf-8"

// draw renders a page whole before its first byte is sent.
func draw(p drawable) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Render(&b); err != nil {
		return nil, fmt.Errorf("draw %T: %w", p, err)
	}
	return b.Bytes(), nil
}

// show answers with a page.
func (s *Server) show(c echo.Context, p drawable) error {
	body, err := draw(p)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, typeHTML, body)
}

// showOpen answers with a page that is the same for everybody: it has an ETag and is asked for anew each
// time, so that what is changed shows with the next request.
func (s *Server) showOpen(c echo.Context, p drawable) error {
	body, err := draw(p)
	if err != nil {
		return err
	}
	return s.serve(c, document(typeHTML, body), "no-cache")
}

// seeOther ends a form, and leads a person to where they have to go.
func seeOther(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// page is the frame of every page. It gives the browser nothing.
func (s *Server) page(c echo.Context) templates.Page {
	lang := s.language(c)
	h := c.Response().Header()
	h.Set("Content-Language", lang)
	vary(h, "Accept-Language")
	vary(h, "Cookie")
	who, _ := s.person(c) // a page that needs to know asks itself
	return templates.Page{
		Lang: lang, Site: s.o.Site, Path: c.Request().URL.RequestURI(), SignedIn: who != nil, FormToken: s.formToken(s.knownBrowser(c)),
	}
}

// formPage is the frame of a page with a form: the browser gets a set-up cookie if it has none.
func (s *Server) formPage(c echo.Context) templates.Page {
	s.browser(c)
	return s.page(c)
}

// bare is the frame of a page that is shared between all readers of a language.
func (s *Server) bare(c echo.Context) templates.Page {
	p := s.page(c)
	return templates.Page{Lang: p.Lang, Site: p.Site}
}

// keyLetter holds the language of the letter that a page continues.
const keyLetter = "letter"

// language is that of the query, else what the person chose before, else that of the letter that led
// here, else the browser's.
func (s *Server) language(c echo.Context) string {
	chosen := cookie(c, s.people.cookies.language)
	if !speaks(chosen) {
		chosen = ""
		if who, _ := s.person(c); who != nil && speaks(who.Language) {
			chosen = who.Language
		}
	}
	if letter, ok := c.Get(keyLetter).(string); ok && chosen == "" {
		chosen = letter
	}
	return templates.Match(c.QueryParam("lang"), chosen, c.Request().Header.Get("Accept-Language"))
}

func speaks(lang string) bool {
	return slices.ContainsFunc(templates.Languages, func(l templates.Language) bool { return l.Code == lang })
}

// rememberLanguage keeps the choice of the language switch.
func (s *Server) rememberLanguage(c echo.Context) {
	if lang := c.QueryParam("lang"); speaks(lang) && cookie(c, s.people.cookies.language) != lang {
		s.people.cookies.set(c, s.people.cookies.language, lang, languageLife)
	}
}

// organisation is who issues, in words for a page; without a programme the site speaks for itself.
func organisation(ctx context.Context, i *issuer.Issuer, site, host, lang string) (templates.Issuer, programme.Issuer, error) {
	org, err := i.Organisation(ctx)
	if nobody(err) {
		return templates.Issuer{Name: templates.Text{Value: site}, Domain: host}, org, nil
	}
	if err != nil {
		return templates.Issuer{}, org, err
	}
	return templates.Issuer{Name: templates.Spoken(lang)(org.Name.Spoken(lang)), Domain: host, URL: webAddress(org.URL), PageURL: "/issuers/" + org.ID}, org, nil
}

// nobody reports whether there is no issuer yet, because no programme was applied.
func nobody(err error) bool {
	return refusal.Is(err, "no_programme")
}

// webAddress lets addresses through that a link may lead to.
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

// inLanguage is a text of an achievement on a page in a language.
func inLanguage(a *issuer.Achievement, text map[string]string, lang string) templates.Text {
	return templates.Spoken(lang)(a.Spoken(text, lang))
}

// nameOf is what the programme calls a subject, on a page in a language.
func nameOf(h programme.History, s programme.Subject, lang string) templates.Text {
	return templates.Spoken(lang)(issuer.NameSpoken(h, s, lang))
}

// pictureURL is the picture of an achievement for readers of a language.
func pictureURL(a *issuer.Achievement, lang string) string {
	address := "/achievements/" + a.ID + "/image.svg"
	if image := a.ImageIn(lang); image != "" && !programme.IsVector(image) { // a PNG is wrapped into an SVG of twice its size
		address = "/achievements/" + a.ID + "/image.png"
	}
	if a.PicturedIn(lang) {
		address += "?lang=" + lang
	}
	return address
}

// issuerName is who awards an achievement, in a language.
func issuerName(a *issuer.Achievement, lang string) templates.Text {
	return inLanguage(a, a.Issuer, lang)
}

// badgeCard is a badge as lists show it.
func (s *Server) badgeCard(h programme.History, b issuer.OfferedBadge, lang string) templates.BadgeCard {
	f := b.Award.Facts(s.o.Issuer.Today())
	return templates.BadgeCard{
		Title: inLanguage(b.Achievement, b.Achievement.Name, lang), Kind: string(b.Achievement.Kind), Level: b.Achievement.Level,
		Issuer: issuerName(b.Achievement, lang), ImageURL: pictureURL(b.Achievement, lang),
		EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(), RetiredOn: retired(h, b.Award.Subject(), s.o.Issuer.Today()),
	}
}

func (s *Server) badgeCards(c echo.Context, list []issuer.OfferedBadge, lang string) (all []templates.BadgeCard, err error) {
	h, err := s.o.Issuer.History(c.Request().Context())
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		all = append(all, s.badgeCard(h, b, lang))
	}
	return all, nil
}

// retired is the day on which an exam or certification was retired; no day while it is alive.
func retired(h programme.History, subject programme.Subject, today programme.Date) templates.Day {
	var day programme.Date
	if e, found := h.Exam(subject.Code); found && subject.Kind == programme.KindExam {
		day = e.Retired
	}
	if k, found := h.Certification(subject.Code); found && subject.Kind == programme.KindCertification {
		day = k.Retired
	}
	if day.IsZero() || today.Before(day) {
		return templates.Day{}
	}
	return day.Time()
}

// mailboxFrame is that of a page that another handler draws: the built-in mailbox.
func (s *Server) mailboxFrame(r *http.Request) templates.Page {
	return s.page(s.echo.NewContext(r, &noAnswer{header: http.Header{}}))
}

// noAnswer is a response that nobody sees: the frame is all that is wanted.
type noAnswer struct{ header http.Header }

func (n *noAnswer) Header() http.Header       { return n.header }
func (*noAnswer) Write(b []byte) (int, error) { return len(b), nil }
func (*noAnswer) WriteHeader(int)             {}
