package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

// Drawable is a page of templates, filled.
type Drawable interface{ Render(w io.Writer) error }

// TypeHTML is the media type of pages.
const TypeHTML = "text/html; charset=utf-8"

// Draw renders a page whole before its first byte is sent.
func Draw(p Drawable) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Render(&b); err != nil {
		return nil, fmt.Errorf("draw %T: %w", p, err)
	}
	return b.Bytes(), nil
}

// Show answers with a page.
func Show(c echo.Context, p Drawable) error {
	body, err := Draw(p)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, TypeHTML, body)
}

// showOpen answers with a page that is the same for everybody: it has an ETag and is asked for anew each
// time, so that what is changed shows with the next request.
func showOpen(c echo.Context, p Drawable) error {
	body, err := Draw(p)
	if err != nil {
		return err
	}
	return Serve(c, NewDocument(TypeHTML, body), "no-cache")
}

// SeeOther ends a form, and leads a person to where they have to go.
func SeeOther(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// Page is the frame of every page. It gives the browser nothing.
func (s *Site) Page(c echo.Context) templates.Page {
	lang := s.Language(c)
	h := c.Response().Header()
	h.Set("Content-Language", lang)
	Vary(h, "Accept-Language")
	Vary(h, "Cookie")
	p := templates.Page{
		Lang: lang, Site: s.Name, Path: c.Request().URL.RequestURI(),
		FormToken: s.formToken(s.KnownBrowser(c)),
	}
	if who, _ := s.Person(c); who != nil { // a page that needs to know asks itself
		p.SignedIn, p.Account = true, who.Called()
	}
	return p
}

// FormPage is the frame of a page with a form: the browser gets a set-up cookie if it has none.
func (s *Site) FormPage(c echo.Context) templates.Page {
	s.Browser(c)
	return s.Page(c)
}

// BarePage is the frame of a page that is shared between all readers of a language.
func (s *Site) BarePage(c echo.Context) templates.Page {
	p := s.Page(c)
	return templates.Page{Lang: p.Lang, Site: p.Site}
}

// KeyLetter holds the language of the letter that a page continues.
const KeyLetter = "letter"

// Language is that of the query, else what the person chose before, else that of the letter that led
// here, else the browser's.
func (s *Site) Language(c echo.Context) string {
	chosen := Cookie(c, s.Cookies.language)
	if !speaks(chosen) {
		chosen = ""
		if who, _ := s.Person(c); who != nil && speaks(who.Language) {
			chosen = who.Language
		}
	}
	if letter, ok := c.Get(KeyLetter).(string); ok && chosen == "" {
		chosen = letter
	}
	return templates.Match(c.QueryParam("lang"), chosen, c.Request().Header.Get("Accept-Language"))
}

func speaks(lang string) bool {
	return slices.ContainsFunc(templates.Languages, func(l templates.Language) bool { return l.Code == lang })
}

// rememberLanguage keeps the choice of the language switch.
func (s *Site) rememberLanguage(c echo.Context) {
	if lang := c.QueryParam("lang"); speaks(lang) && Cookie(c, s.Cookies.language) != lang {
		s.Cookies.Set(c, s.Cookies.language, lang, languageLife)
	}
}

// FrameOf is that of a page that another handler draws: the built-in mailbox.
func (s *Site) FrameOf(r *http.Request) templates.Page {
	return s.Page(echo.New().NewContext(r, &noAnswer{header: http.Header{}}))
}

// noAnswer is a response that nobody sees: the frame is all that is wanted.
type noAnswer struct{ header http.Header }

func (n *noAnswer) Header() http.Header { return n.header }

func (*noAnswer) Write(b []byte) (int, error) { return len(b), nil }

func (*noAnswer) WriteHeader(int) {}

// ShowFrame answers with a page that strangers may keep, unless it names who is signed in.
func (s *Site) ShowFrame(c echo.Context, p Drawable) error {
	if who, _ := s.Person(c); who != nil {
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
		return Show(c, p)
	}
	return showOpen(c, p)
}

// WebAddress lets addresses through that a link may lead to.
func WebAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

// AllowScript lets a page load scripts of this server. No other page runs any.
func AllowScript(c echo.Context) {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; script-src 'self'")
}

// PageNumber is that of a page of a list, by ?page=, from 1 to the last one; what is no number is the first.
func PageNumber(c echo.Context, last int) int {
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil {
		return 1
	}
	return max(1, min(n, last))
}

// PagerOf leads from a page of a list to those beside it.
func PagerOf(path string, n int, more bool) (p templates.Pager) {
	if n == 2 {
		p.Previous = path
	} else if n > 2 {
		p.Previous = path + "?page=" + strconv.Itoa(n-1)
	}
	if more {
		p.Next = path + "?page=" + strconv.Itoa(n+1)
	}
	return p
}

// PageOf are the rows of a page of a list, of so many a page.
func PageOf[T any](c echo.Context, path string, list []T, most int) (rows []T, p templates.Pager) {
	n := PageNumber(c, max(1, (len(list)+most-1)/most))
	return list[(n-1)*most : min(n*most, len(list))], PagerOf(path, n, len(list) > n*most)
}
