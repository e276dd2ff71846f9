package home

import (
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (es *elsewhere) settingsRoutes() []web.Route {
	site := es.site
	recently := func(next func(c echo.Context, who *web.Person) error) echo.HandlerFunc {
		return site.SignedIn(es.sessions.recently("", next))
	}
	return web.Table(
		web.Get(identityPath+"/start", site.Personal(site.SignedIn(es.getStart))),
		web.Get(identityPath+"/replace", site.Personal(recently(es.getReplaceIdentity))),
		site.Form(identityPath+"/remove", recently(es.getRemoveIdentity), recently(es.postRemoveIdentity)),
	)
}

const identityPath = settingsPath + "/identity"

// startURL leads to a provider to fetch an identity for the account that is signed in, perhaps in the place of one.
func startURL(provider, replaces, next string) string {
	q := url.Values{"provider": {provider}}
	if replaces != "" {
		q.Set("replaces", replaces)
	}
	if next != "" {
		q.Set("next", next)
	}
	return identityPath + "/start?" + q.Encode()
}

// getStart, GET /me/settings/identity/start, leads to a provider, which lets the person choose an account. Nothing is
// connected before they have seen which one it is.
func (es *elsewhere) getStart(c echo.Context, who *web.Person) error {
	return es.leave(c, identity.Attempt{
		Provider: c.QueryParam("provider"), Account: who.ID, Replaces: c.QueryParam("replaces"), Return: nextPath(c, "/me", "/claim"), Choose: true,
	})
}

// theIdentity is the identity of the account that the query names; nil where it has none such.
func (es *elsewhere) theIdentity(c echo.Context, who *web.Person) (*earner.Identity, error) {
	list, err := es.accounts.Identities.List(c.Request().Context(), who.ID)
	k := slices.IndexFunc(list, func(i earner.Identity) bool { return i.ID == c.QueryParam("identity") })
	if err != nil || k < 0 {
		return nil, err
	}
	return &list[k], nil
}

// label is how people know a provider, also one that is configured no longer.
func (es *elsewhere) label(provider string) string {
	if p, found := es.providers.Provider(provider); found {
		return p.Label
	}
	return provider
}

func identityAction(what, id string) string {
	return identityPath + "/" + what + "?identity=" + url.QueryEscape(id)
}

// getReplaceIdentity, GET /me/settings/identity/replace, asks where the one is that takes its place.
func (es *elsewhere) getReplaceIdentity(c echo.Context, who *web.Person) error {
	i, err := es.theIdentity(c, who)
	if err != nil {
		return err
	}
	if i == nil {
		return web.SeeOther(c, settingsPath+"#accounts")
	}
	page := templates.ReplaceIdentity{Page: es.site.Page(c), Provider: es.label(i.Provider), Shown: i.Shown, BackURL: settingsPath + "#accounts"}
	page.NoIndex = true
	for _, p := range es.providers.List() {
		if p.Kind == i.Kind {
			page.Providers = append(page.Providers, templates.Provider{Kind: p.Kind, Name: p.Label, URL: startURL(p.Name, i.ID, "")})
		}
	}
	return web.Show(c, page)
}

// getRemoveIdentity answers GET /me/settings/identity/remove.
func (es *elsewhere) getRemoveIdentity(c echo.Context, who *web.Person) error {
	i, err := es.theIdentity(c, who)
	if err != nil {
		return err
	}
	if i == nil {
		return web.SeeOther(c, settingsPath+"#accounts")
	}
	return web.Show(c, es.removal(c, who, i, false))
}

func (es *elsewhere) removal(c echo.Context, who *web.Person, i *earner.Identity, only bool) templates.RemoveIdentity {
	page := templates.RemoveIdentity{
		Page: es.site.FormPage(c), Provider: es.label(i.Provider), Shown: i.Shown, Only: only, Addresses: who.Addresses,
		Action: identityAction("remove", i.ID), ReplaceURL: identityAction("replace", i.ID), BackURL: settingsPath + "#accounts",
	}
	page.NoIndex = true
	return page
}

// postRemoveIdentity answers POST /me/settings/identity/remove.
func (es *elsewhere) postRemoveIdentity(c echo.Context, who *web.Person) error {
	i, err := es.theIdentity(c, who)
	if err != nil {
		return err
	}
	if i != nil {
		err = es.accounts.Identities.Remove(c.Request().Context(), who.ID, i.ID, who.Session.ID)
	}
	if refusal.Is(err, earner.LastWay) {
		return es.site.AsPage(c, err, es.removal(c, who, i, true))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, settingsDone("accounts", "identity_removed"))
}
