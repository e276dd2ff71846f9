package home

import (
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// profileSettings are what others see of a person: their profile, and how their name is shown.
type profileSettings struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
}

func (*profileSettings) name() string { return "profile" }

func (ps *profileSettings) fill(c echo.Context, who *web.Person, page *templates.Settings) error {
	ctx := c.Request().Context()
	profile, err := ps.accounts.Profile(ctx, who.ID)
	if err != nil {
		return err
	}
	chosen, err := ps.issuer.Presentation(ctx, who.ID)
	if err != nil {
		return err
	}
	s := &templates.ProfileSettings{
		Action: settingsAction(ps.name()), Address: ps.site.BaseURL + web.PeoplePath, Handle: profile.Handle, Shown: profile.Shown,
		Name: chosen.Name, Findable: chosen.Findable, Full: who.Name, Initials: credential.Initials(who.Name),
	}
	if profile.Shown {
		s.SeeURL = web.PeoplePath + profile.Handle + "?as=others"
	}
	if form := c.Request().PostForm; c.QueryParam("section") == ps.name() && form != nil { // what was typed
		s.Handle, s.Shown, s.Name, s.Findable = form.Get("handle"), form.Get("shown") != "", form.Get("name"), form.Get("findable") != ""
	}
	page.Profile = s
	return nil
}

// post shows more only when everything else is settled, and less before anything else is.
func (ps *profileSettings) post(c echo.Context, who *web.Person) (string, error) {
	ctx, form := c.Request().Context(), c.Request().PostForm
	profile := earner.Profile{
		Account: who.ID, Handle: strings.ToLower(strings.TrimSpace(form.Get("handle"))), Shown: form.Get("shown") != "",
	}
	chosen := credential.Presentation{Name: form.Get("name"), Findable: profile.Shown && form.Get("findable") != ""}
	if !profile.Shown {
		if err := ps.issuer.Present(ctx, holderOf(who), chosen); err != nil {
			return "", err
		}
	}
	switch err := ps.accounts.SetProfile(ctx, profile); {
	case refusal.Is(err, earner.HandleInvalid):
		return "", &settingsFault{"profile-handle", templates.ProblemHandleInvalid}
	case refusal.Is(err, earner.HandleTaken):
		return "", &settingsFault{"profile-handle", templates.ProblemHandleTaken}
	case err != nil:
		return "", err
	}
	if profile.Shown {
		if err := ps.issuer.Present(ctx, holderOf(who), chosen); err != nil {
			return "", err
		}
	}
	return settingsDone(ps.name(), "profile"), nil
}
