package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
)

// achievement serves a document about an achievement.
func (s *Server) achievement(document func(c echo.Context, a *issuer.Achievement) (issuer.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, err := s.anyAchievement(c)
		if err != nil {
			return err
		}
		d, err := document(c, a)
		if err != nil {
			return err
		}
		return s.serve(c, d, cacheHour)
	}
}

// anyAchievement is the achievement that the address names.
func (s *Server) anyAchievement(c echo.Context) (*issuer.Achievement, error) {
	id := c.Param("id")
	if !plausibleID(id) {
		return nil, notShown()
	}
	a, found, err := s.o.Issuer.Achievement(c.Request().Context(), id)
	if err == nil && !found {
		err = notShown()
	}
	return a, err
}

func (s *Server) badgeClass(c echo.Context, a *issuer.Achievement) (issuer.Document, error) {
	kid := c.QueryParam("key")
	if kid == "" {
		return s.o.Issuer.BadgeClass(c.Request().Context(), a, c.QueryParam("lang"))
	}
	d, found, err := s.o.Issuer.BadgeClassForKey(c.Request().Context(), a, kid)
	if err == nil && !found {
		err = notShown()
	}
	return d, err
}

func (s *Server) achievementDocument(c echo.Context, a *issuer.Achievement) (issuer.Document, error) {
	return s.o.Issuer.AchievementDocument(a, c.QueryParam("lang"))
}

// issuerDocument serves a document about the issuer that the address names.
func (s *Server) issuerDocument(document func(issuer.IssuerDocuments) (issuer.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error { return s.serveIssuer(c, c.Param("id"), document) }
}

// serveIssuer answers with a document about an issuer.
func (s *Server) serveIssuer(c echo.Context, id string, document func(issuer.IssuerDocuments) (issuer.Document, error)) error {
	all, found, err := s.o.Issuer.IssuerDocuments(c.Request().Context(), id)
	if nobody(err) || err == nil && !found {
		return notShown()
	}
	if err != nil {
		return err
	}
	d, err := document(all)
	if err != nil {
		return err
	}
	return s.serve(c, d, cacheMinute)
}

// getKey serves one public key in the form that its ending asks for.
func (s *Server) getKey(c echo.Context) error {
	return s.serveIssuer(c, c.Param("id"), func(all issuer.IssuerDocuments) (d issuer.Document, err error) {
		found := false
		if kid, asked := strings.CutSuffix(c.Param("file"), ".jwk"); asked {
			d, found, err = all.JWK(kid)
		} else if kid, asked := strings.CutSuffix(c.Param("file"), ".json"); asked {
			d, found, err = all.Key(kid)
		} else {
			d, found, err = all.ProofKey(kid)
		}
		if err == nil && !found {
			err = notShown()
		}
		return d, err
	})
}

// getKeyProfile serves the Open Badges 2.0 issuer of badges that were signed with one key.
func (s *Server) getKeyProfile(c echo.Context) error {
	return s.serveIssuer(c, c.Param("id"), func(all issuer.IssuerDocuments) (issuer.Document, error) {
		d, found, err := all.KeyProfile(c.Param("file"))
		if err == nil && !found {
			err = notShown()
		}
		return d, err
	})
}

// getRevocations serves the revocation list of signed Open Badges 2.0.
func (s *Server) getRevocations(c echo.Context) error {
	return s.serveIssuer(c, c.Param("id"), func(all issuer.IssuerDocuments) (issuer.Document, error) {
		return all.Revocations(c.Request().Context())
	})
}

// getKeySet serves all keys that sign tokens.
func (s *Server) getKeySet(c echo.Context) error {
	organisation, err := s.o.Issuer.Organisation(c.Request().Context())
	if nobody(err) {
		return notShown()
	}
	if err != nil {
		return err
	}
	return s.serveIssuer(c, organisation.ID, issuer.IssuerDocuments.JWKSet)
}

// getStatus serves a signed status list: as JSON with a proof, or with .jwt, or where only a token is
// asked for, as VC-JWT.
func (s *Server) getStatus(c echo.Context) error {
	vary(c.Response().Header(), "Accept")
	name, token := strings.CutSuffix(c.Param("list"), ".jwt")
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != name {
		return notShown()
	}
	list := accepted(c.Request().Header.Get(echo.HeaderAccept))
	read, types := s.o.Issuer.StatusList, dataTypes
	if wanted := first(list, append(tokenTypes, dataTypes...)...); token || slices.Contains(tokenTypes, wanted) {
		read, types = s.o.Issuer.StatusListJWT, tokenTypes
	}
	d, found, err := read(c.Request().Context(), number)
	if err != nil {
		return err
	}
	if !found {
		return notShown()
	}
	if wanted := first(list, types...); wanted != "" {
		d.Type = wanted
	}
	return s.serve(c, d, cacheMinute)
}
