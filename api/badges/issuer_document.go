package badges

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
)

func (ds *documents) issuerRoutes() []web.Route {
	return web.Table(
		web.Open("/achievements/:id/badgeclass.json", ds.achievement(ds.badgeClass)),
		web.Open("/achievements/:id/achievement.json", ds.achievement(ds.achievementDocument)),
		web.Open("/issuers/:id/profile.json", ds.issuerDocument(credential.IssuerDocuments.Profile)),
		web.Open("/issuers/:id/issuer.json", ds.issuerDocument(credential.IssuerDocuments.Issuer)),
		web.Open("/issuers/:id/did.json", ds.issuerDocument(credential.IssuerDocuments.DID)),
		web.Open("/issuers/:id/revocations.json", ds.getRevocations),
		web.Open("/issuers/:id/keys/:file", ds.getKey),
		web.Open("/issuers/:id/keys/:file/profile.json", ds.getKeyProfile),
		web.Open("/.well-known/jwks.json", ds.getKeySet),
		web.Open("/status/:list", ds.getStatus),
	)
}

// achievement serves a document about an achievement.
func (ds *documents) achievement(document func(c echo.Context, a *catalogue.Achievement) (catalogue.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, err := ds.anyAchievement(c)
		if err != nil {
			return err
		}
		d, err := document(c, a)
		if err != nil {
			return err
		}
		return web.Serve(c, web.Document(d), web.CacheHour)
	}
}

// anyAchievement is the achievement that the address names.
func (ds *documents) anyAchievement(c echo.Context) (*catalogue.Achievement, error) {
	id := c.Param("id")
	if !web.PlausibleID(id) {
		return nil, web.NotShown()
	}
	a, found, err := ds.issuer.Achievement(c.Request().Context(), id)
	if err == nil && !found {
		err = web.NotShown()
	}
	return a, err
}

func (ds *documents) badgeClass(c echo.Context, a *catalogue.Achievement) (catalogue.Document, error) {
	kid := c.QueryParam("key")
	if kid == "" {
		return ds.issuer.BadgeClass(c.Request().Context(), a, c.QueryParam("lang"))
	}
	d, found, err := ds.issuer.BadgeClassForKey(c.Request().Context(), a, kid)
	if err == nil && !found {
		err = web.NotShown()
	}
	return d, err
}

func (ds *documents) achievementDocument(c echo.Context, a *catalogue.Achievement) (catalogue.Document, error) {
	return ds.issuer.AchievementDocument(a, c.QueryParam("lang"))
}

// issuerDocument serves a document about the issuer that the address names.
func (ds *documents) issuerDocument(document func(credential.IssuerDocuments) (catalogue.Document, error)) echo.HandlerFunc {
	return func(c echo.Context) error { return ds.serveIssuer(c, c.Param("id"), document) }
}

// serveIssuer answers with a document about an issuer.
func (ds *documents) serveIssuer(c echo.Context, id string, document func(credential.IssuerDocuments) (catalogue.Document, error)) error {
	all, found, err := ds.issuer.IssuerDocuments(c.Request().Context(), id)
	if wording.NoProgramme(err) || err == nil && !found {
		return web.NotShown()
	}
	if err != nil {
		return err
	}
	d, err := document(all)
	if err != nil {
		return err
	}
	return web.Serve(c, web.Document(d), web.CacheMinute)
}

// getKey, GET /issuers/:id/keys/:file, serves one public key in the form that its ending asks for.
func (ds *documents) getKey(c echo.Context) error {
	return ds.serveIssuer(c, c.Param("id"), func(all credential.IssuerDocuments) (d catalogue.Document, err error) {
		found := false
		if kid, asked := strings.CutSuffix(c.Param("file"), ".jwk"); asked {
			d, found, err = all.JWK(kid)
		} else if kid, asked := strings.CutSuffix(c.Param("file"), ".json"); asked {
			d, found, err = all.Key(kid)
		} else {
			d, found, err = all.ProofKey(kid)
		}
		if err == nil && !found {
			err = web.NotShown()
		}
		return d, err
	})
}

// getKeyProfile, GET /issuers/:id/keys/:file/profile.json, serves the Open Badges 2.0 issuer of badges that were
// signed with one key.
func (ds *documents) getKeyProfile(c echo.Context) error {
	return ds.serveIssuer(c, c.Param("id"), func(all credential.IssuerDocuments) (catalogue.Document, error) {
		d, found, err := all.KeyProfile(c.Param("file"))
		if err == nil && !found {
			err = web.NotShown()
		}
		return d, err
	})
}

// getRevocations, GET /issuers/:id/revocations.json, serves the revocation list of signed Open Badges 2.0.
func (ds *documents) getRevocations(c echo.Context) error {
	return ds.serveIssuer(c, c.Param("id"), func(all credential.IssuerDocuments) (catalogue.Document, error) {
		return all.Revocations(c.Request().Context())
	})
}

// getKeySet, GET /.well-known/jwks.json, serves all keys that sign tokens.
func (ds *documents) getKeySet(c echo.Context) error {
	organisation, err := ds.issuer.Organisation(c.Request().Context())
	if wording.NoProgramme(err) {
		return web.NotShown()
	}
	if err != nil {
		return err
	}
	return ds.serveIssuer(c, organisation.ID, credential.IssuerDocuments.JWKSet)
}

// getStatus, GET /status/:list, serves a signed status list: as JSON with a proof, or with .jwt, or where only a
// token is asked for, as VC-JWT.
func (ds *documents) getStatus(c echo.Context) error {
	web.Vary(c.Response().Header(), "Accept")
	name, token := strings.CutSuffix(c.Param("list"), ".jwt")
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != name {
		return web.NotShown()
	}
	list := web.Accepted(c.Request().Header.Get(echo.HeaderAccept))
	read, types := ds.issuer.StatusList, web.DataTypes
	if wanted := web.Preferred(list, append(web.TokenTypes, web.DataTypes...)...); token || slices.Contains(web.TokenTypes, wanted) {
		read, types = ds.issuer.StatusListJWT, web.TokenTypes
	}
	d, found, err := read(c.Request().Context(), number)
	if err != nil {
		return err
	}
	if !found {
		return web.NotShown()
	}
	if wanted := web.Preferred(list, types...); wanted != "" {
		d.Type = wanted
	}
	return web.Serve(c, web.Document(d), web.CacheMinute)
}
