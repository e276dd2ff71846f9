package api

import (
	"errors"
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
	return s.o.Issuer.BadgeClass(c.Request().Context(), a)
}

func (s *Server) achievementDocument(_ echo.Context, a *issuer.Achievement) (issuer.Document, error) {
	return s.o.Issuer.AchievementDocument(a)
}

// issuerDocument serves a document about the issuer.
func (s *Server) issuerDocument(document func(issuer.IssuerDocuments) (issuer.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		all, found, err := s.o.Issuer.IssuerDocuments(c.Request().Context(), c.Param("id"))
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
}

// nobody reports whether there is no issuer yet, because no programme was applied.
func nobody(err error) bool {
	var refusal *issuer.Error
	return errors.As(err, &refusal) && refusal.Kind == issuer.NotFound
}

// getKey serves one public key in the form that its ending asks for.
func (s *Server) getKey(c echo.Context) error {
	return s.issuerDocument(func(all issuer.IssuerDocuments) (d issuer.Document, err error) {
		found := false
		if kid, asked := strings.CutSuffix(c.Param("file"), ".jwk"); asked {
			d, found, err = all.JWK(kid)
		} else if kid, asked := strings.CutSuffix(c.Param("file"), ".json"); asked {
			d, found, err = all.Key(kid)
		}
		if err == nil && !found {
			err = notShown()
		}
		return d, err
	})(c)
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
	c.SetParamNames("id")
	c.SetParamValues(organisation.ID)
	return s.issuerDocument(issuer.IssuerDocuments.JWKSet)(c)
}

// getStatus serves a signed status list: with .jwt as application/jwt, else as application/vc+jwt, and
// whatever of the two is asked for.
func (s *Server) getStatus(c echo.Context) error {
	vary(c.Response().Header(), "Accept")
	name, token := strings.CutSuffix(c.Param("list"), ".jwt")
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != name {
		return notShown()
	}
	d, found, err := s.o.Issuer.StatusList(c.Request().Context(), number)
	if err != nil {
		return err
	}
	if !found {
		return notShown()
	}
	d.Type = typeVCJWT
	if token {
		d.Type = typeJWT
	}
	if wanted := first(accepted(c.Request().Header.Get(echo.HeaderAccept)), typeVCJWT, typeJWT); wanted != "" {
		d.Type = wanted
	}
	return s.serve(c, d, cacheMinute)
}
