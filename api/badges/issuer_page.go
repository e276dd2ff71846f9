package badges

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

// getIssuer says who issues and with which keys.
func (ps *pages) getIssuer(c echo.Context) error {
	documents, found, err := ps.issuer.IssuerDocuments(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !found {
		return web.NotShown()
	}
	page := ps.site.Page(c)
	by, org, err := wording.Organisation(c.Request().Context(), ps.issuer, ps.site.Name, ps.site.Base.Host, page.Lang)
	if err != nil {
		return err
	}
	path := "/issuers/" + org.ID
	page.Canonical = ps.site.BaseURL + path
	by.PageURL = ""
	p := templates.IssuerPage{
		Page: page, Issuer: by, Email: org.Email, Description: templates.Spoken(page.Lang)(org.Description.Spoken(page.Lang)),
		JSON3URL: path + "/issuer.json", JSON2URL: path + "/profile.json", DIDURL: path + "/did.json",
	}
	for _, k := range documents.Keys() {
		p.Keys = append(p.Keys, signingKey(k, path, ps.site.Now()))
	}
	slices.Reverse(p.Keys)
	all, err := ps.issuer.Achievements(c.Request().Context())
	if err != nil {
		return err
	}
	for _, a := range all {
		p.Achievements = append(p.Achievements, templates.AchievementLink{
			Title: wording.InLanguage(a, a.Name, page.Lang), Kind: string(a.Kind), Code: a.Code, URL: "/achievements/" + a.ID, ImageURL: wording.PictureURL(a, page.Lang),
		})
	}
	return ps.site.ShowFrame(c, p)
}

// signingKey is a line of the key timeline at a moment.
func signingKey(k issuer.PublicKey, path string, at time.Time) templates.SigningKey {
	key := templates.SigningKey{
		ID: k.ID, Purpose: string(k.Purpose), Algorithm: k.Algorithm, From: k.Begins.UTC(), Waiting: k.Begins.After(at), Reason: k.Reason,
	}
	switch k.Purpose {
	case issuer.ForOB2:
		key.URL = path + "/keys/" + k.ID + ".json"
	case issuer.ForProof:
		key.URL = path + "/keys/" + k.ID
	default:
		key.URL = path + "/keys/" + k.ID + ".jwk"
	}
	switch {
	case k.Revoked != nil:
		key.Revoked, key.Until, key.URL = true, k.Revoked.UTC(), "" // revoked keys are not served by themselves
	case k.Retired != nil && !k.Retired.After(at):
		key.Until = k.Retired.UTC()
	}
	return key
}
