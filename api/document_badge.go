package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
)

// published is a badge that strangers may see, looked up anew for each request. Everything else – unknown,
// waiting, declined, private – is the same notShown.
func (s *Server) published(c echo.Context) (*issuer.Badge, error) {
	b, err := s.anyBadge(c, c.Param("id"))
	if err != nil {
		return nil, err
	}
	if !b.Award.Shown() {
		return nil, notShown()
	}
	return b, nil
}

func (s *Server) anyBadge(c echo.Context, id string) (*issuer.Badge, error) {
	if !plausibleID(id) {
		return nil, notShown()
	}
	b, found, err := s.o.Issuer.Published(c.Request().Context(), id)
	if err == nil && !found {
		err = notShown()
	}
	return b, err
}

// plausibleID keeps what cannot be one of our public ids away from the database.
func plausibleID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == "" && id != ""
}

// badge serves a form of a badge. A superseded one leads to the same form of the one that stayed.
func (s *Server) badge(form string, document func(c echo.Context, b *issuer.Badge) (issuer.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		b, err := s.published(c)
		if err != nil {
			return err
		}
		if moved, err := s.moved(c, b, form); moved || err != nil {
			return err
		}
		return s.serveBadge(c, b, document)
	}
}

func (s *Server) serveBadge(c echo.Context, b *issuer.Badge, document func(c echo.Context, b *issuer.Badge) (issuer.Document, error)) error {
	d, err := document(c, b)
	if err != nil {
		return err
	}
	if b.Award.Visibility != issuer.Public {
		c.Response().Header().Set("X-Robots-Tag", "noindex")
	}
	if name := saveAs(b, c.Path()); name != "" {
		c.Response().Header().Set(echo.HeaderContentDisposition, name)
	}
	return s.serve(c, d, cacheMinute)
}

// moved answers for a superseded badge whose successor can be seen.
func (s *Server) moved(c echo.Context, b *issuer.Badge, form string) (bool, error) {
	next, err := s.o.Issuer.Successor(c.Request().Context(), b)
	if err != nil || next == nil {
		return false, err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, cacheMinute)
	h.Set("Access-Control-Allow-Origin", "*")
	target := s.o.Issuer.BadgeURL(next.Award.ID) + form
	if q := c.Request().URL.RawQuery; q != "" {
		target += "?" + q
	}
	return true, c.Redirect(http.StatusPermanentRedirect, target)
}

// getBadge is the page of a badge, or for programs that ask for data one of its documents (contract 4).
func (s *Server) getBadge(c echo.Context) error {
	vary(c.Response().Header(), "Accept")
	list := accepted(c.Request().Header.Get(echo.HeaderAccept))
	if namesPage(list) || !namesData(list) {
		return s.getBadgePage(c)
	}
	b, err := s.published(c)
	if err != nil {
		return err
	}
	if moved, err := s.moved(c, b, ""); moved || err != nil {
		return err
	}
	switch wanted := first(list, append(tokenTypes, dataTypes...)...); wanted {
	case typeVC, typeVCOld:
		return s.serveBadge(c, b, s.credentialJSON)
	case typeVCJWT, typeJWT:
		return s.serveBadge(c, b, s.credentialJWT)
	case "":
		return s.otherForms(c, list)
	default:
		return s.serveBadge(c, b, s.assertion)
	}
}

// getBadgeSlash leads people who typed a slash at the end to the badge. Whether there is one is not its
// business.
func getBadgeSlash(c echo.Context) error {
	id := c.Param("id")
	if !plausibleID(id) {
		return notShown()
	}
	return c.Redirect(http.StatusPermanentRedirect, "/badges/"+id)
}

// otherForms answers a program that named none of the types that there are.
func (s *Server) otherForms(c echo.Context, list []mediaRange) error {
	if first(list, "*/*") != "" {
		return s.getBadgePage(c)
	}
	return trouble("not_acceptable", "The badge comes as text/html, "+strings.Join(dataTypes, ", ")+", "+
		strings.Join(tokenTypes, " or ")+".")
}

// getBadgePage shows the page to everybody who may see the badge, which includes its holder.
func (s *Server) getBadgePage(c echo.Context) error {
	b, err := s.anyBadge(c, c.Param("id"))
	if err != nil {
		return err
	}
	if !b.Award.Shown() {
		owner, err := s.owns(c, b)
		if err != nil {
			return err
		}
		if !owner {
			return notShown()
		}
	}
	if moved, err := s.moved(c, b, ""); moved || err != nil {
		return err
	}
	return s.badgePage(c, b)
}

// assertion is the Open Badges 2.0 hosted assertion, also for those who ask for plain JSON.
func (s *Server) assertion(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return s.signed(c, b, "assertion", s.o.Issuer.Assertion)
}

// credentialJWT is the VC-JWT, as text unless a type of its own is asked for.
func (s *Server) credentialJWT(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	vary(c.Response().Header(), "Accept")
	d, err := s.made.get(keyOf(b, "jwt"), func() (issuer.Document, error) { return b.CredentialJWT(), nil })
	d.Type = typeText
	if wanted := first(accepted(c.Request().Header.Get(echo.HeaderAccept)), tokenTypes...); wanted != "" {
		d.Type = wanted
	}
	return d, err
}

// credentialJSON is the credential with a Data Integrity proof, as the type that is asked for.
func (s *Server) credentialJSON(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	vary(c.Response().Header(), "Accept")
	d, err := s.signed(c, b, "json", s.o.Issuer.CredentialJSON)
	if wanted := first(accepted(c.Request().Header.Get(echo.HeaderAccept)), dataTypes...); wanted != "" {
		d.Type = wanted
	}
	return d, err
}

// signedAssertion is the signed Open Badges 2.0 assertion.
func (s *Server) signedAssertion(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return s.signed(c, b, "jws", s.o.Issuer.SignedAssertion)
}

// bakedPNG and bakedSVG are the picture with both standards inside.
func (s *Server) bakedPNG(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return s.signed(c, b, "baked png", s.o.Issuer.BakedPNG)
}

func (s *Server) bakedSVG(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return s.signed(c, b, "baked svg", s.o.Issuer.BakedSVG)
}

// signed is a document that takes reading or signing first.
func (s *Server) signed(c echo.Context, b *issuer.Badge, form string, sign func(context.Context, *issuer.Badge) (issuer.Document, error)) (issuer.Document, error) {
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	return s.made.get(keyOf(b, form), func() (issuer.Document, error) { return sign(ctx, b) })
}

// keyOf names what a rendering of a badge depends on: its edition, and every change of its state.
func keyOf(b *issuer.Badge, form string) string {
	return form + " " + b.Award.ID + " " + strconv.FormatInt(b.Award.Revision, 36) + " " + strconv.FormatInt(b.Award.Version, 36)
}
