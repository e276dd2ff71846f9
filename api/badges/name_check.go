package badges

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// namePath is where a name is compared with that on a badge.
func namePath(id string) string { return "/badges/" + id + "/name" }

const (
	nameMost     = 200     // characters of a name
	nameFormMost = 4 << 10 // bytes of the form
)

// postName, POST /badges/:id/name, says how close a name is to the one on the badge. It changes nothing and needs no
// session, so that it may come from anywhere; what would be guessing is counted.
func (ps *pages) postName(c echo.Context) error {
	b, err := ps.documents.published(c)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(c, nameFormMost)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Robots-Tag", "noindex")
	page, name := ps.site.Page(c), form.Text("name")
	page.NoIndex, page.Sandbox = true, b.Sandbox
	page.Answers = templates.Form{Action: namePath(b.Award.ID), Fields: []templates.Field{{Name: "name", Value: name}}}
	p := templates.NameCheck{
		Page: page, Name: name, BadgePath: "/badges/" + b.Award.ID, Action: namePath(b.Award.ID),
		Title: wording.InLanguage(b.Achievement, b.Achievement.Name, page.Lang), Issuer: wording.IssuerName(b.Achievement, page.Lang),
	}
	switch {
	case name == "":
		p.Problem = templates.ProblemMissing
	case !web.Readable(name, nameMost):
		p.Name, p.Problem, p.Answers = "", templates.ProblemBadName, templates.Form{}
	}
	if p.Problem != "" {
		return web.RefusedField(p)
	}
	if err := ps.issuer.CountName(c.Request().Context(), b, web.Network(c)); err != nil {
		p.Problem = templates.ProblemTooMany
		return ps.site.AsPage(c, err, p)
	}
	p.Outcome = verifier.CompareName(b.HolderName, name)
	return web.Show(c, p)
}
