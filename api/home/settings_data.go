package home

import (
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
)

// dataSettings are taking one's data along, and leaving (flows 2.14).
type dataSettings struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
	sessions *sessions
	requests *leaving.Requests
	exports  *leaving.Exports
}

func (*dataSettings) name() string { return "data" }

const (
	deletePath = settingsPath + "/delete"
	exportPath = "/me/export.zip"
)

func (ds *dataSettings) routes() []web.Route {
	recently := func(next func(c echo.Context, who *web.Person) error) echo.HandlerFunc {
		return ds.site.SignedIn(ds.sessions.recently("", next))
	}
	return web.Table(
		ds.site.Form(deletePath, recently(ds.getDelete), recently(ds.postDelete)),
		web.Get(exportPath, ds.site.Personal(ds.site.SignedIn(ds.getExport))),
	)
}

// leaverOf is a person as those know them who have data erased.
func leaverOf(who *web.Person) leaving.Person {
	return leaving.Person{Account: who.ID, Addresses: who.Addresses, Sandbox: who.Sandbox}
}

func (ds *dataSettings) fill(c echo.Context, who *web.Person, page *templates.Settings) error {
	section := &templates.DataSettings{Action: settingsAction(ds.name()), DeleteURL: deletePath, Export: &templates.DataExport{}}
	e, made, err := ds.exports.Find(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	if made {
		section.Export = &templates.DataExport{State: e.State, Done: e.Done, Total: e.Total, Size: e.Size, Until: e.Until(), URL: exportPath}
		if e.Ended != nil {
			section.Export.MadeAt = e.Ended.UTC()
		}
	}
	r, found, err := ds.requests.Find(c.Request().Context(), leaverOf(who))
	if err != nil {
		return err
	}
	if found {
		section.Leaving = &templates.Leaving{Choice: r.Choice, On: r.Due.UTC(), Begun: r.Begun()}
	}
	page.Data = section
	return nil
}

func (ds *dataSettings) post(c echo.Context, who *web.Person) (string, error) {
	switch c.Request().PostForm.Get("do") {
	case "export":
		return settingsDone(ds.name(), "export"), ds.exports.Ask(c.Request().Context(), who.ID, ds.site.Language(c))
	case "keep":
		kept, err := ds.requests.Keep(c.Request().Context(), leaverOf(who))
		if !kept { // done in another window, or too late, as the page then says
			return settingsPath + "#" + ds.name(), err
		}
		return settingsDone(ds.name(), "kept"), err
	}
	return "", settingsUnclear()
}

// getDelete, GET /me/settings/delete, tells what deleting the account would do, and asks how.
func (ds *dataSettings) getDelete(c echo.Context, who *web.Person) error {
	_, found, err := ds.requests.Find(c.Request().Context(), leaverOf(who))
	if err != nil {
		return err
	}
	if found {
		return web.SeeOther(c, settingsPath+"#"+ds.name())
	}
	page, err := ds.deletion(c, who)
	if err != nil {
		return err
	}
	return web.Show(c, page)
}

// deletion is the page, with how much there is of the person.
func (ds *dataSettings) deletion(c echo.Context, who *web.Person) (p templates.DeleteAccount, err error) {
	ctx := c.Request().Context()
	p = templates.DeleteAccount{
		Page: ds.site.FormPage(c), On: ds.site.Now().UTC().Add(leaving.Wait), Action: deletePath, BackURL: settingsPath + "#" + ds.name(),
	}
	p.NoIndex = true
	by, org, err := wording.Organisation(ctx, ds.issuer, ds.site, p.Lang)
	if err != nil {
		return p, err
	}
	p.Issuer, p.Kept, p.Contact = by.Name, templates.RegisterKept(org.ResultsKept), org.Email
	badges, err := ds.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return p, err
	}
	for _, b := range badges {
		switch {
		case b.Award.State == ledger.Accepted:
			p.Counts.Accepted++
			if b.Award.Shown() {
				p.Counts.Shown++
			}
		case b.Award.Offered():
			p.Counts.Offered++
		}
	}
	results, err := ds.issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return p, err
	}
	identities, err := ds.accounts.Identities.List(ctx, who.ID)
	if err != nil {
		return p, err
	}
	keys, err := ds.accounts.Passkeys.List(ctx, who.ID)
	p.Counts.Exams, p.Counts.Addresses, p.Counts.Ways = len(results), len(who.Addresses), len(identities)+len(keys)
	return p, err
}

// postDelete, POST /me/settings/delete, notes that the account is to be deleted in fourteen days.
func (ds *dataSettings) postDelete(c echo.Context, who *web.Person) error {
	choice := c.Request().PostForm.Get("choice")
	if choice != leaving.Leave && choice != leaving.Erase {
		page, err := ds.deletion(c, who)
		if err != nil {
			return err
		}
		page.Problem = "delete.missing"
		return web.RefusedField(page)
	}
	if _, err := ds.requests.Ask(c.Request().Context(), leaverOf(who), choice, ds.site.Language(c)); err != nil {
		return err
	}
	return web.SeeOther(c, settingsDone(ds.name(), "deletion"))
}

// getExport, GET /me/export.zip, is the file that somebody takes along, for nobody but its owner. What was cut off goes on
// where it stood (RFC 9110 §14.2), unless another file was made meanwhile.
func (ds *dataSettings) getExport(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	e, found, err := ds.exports.Find(ctx, who.ID)
	if err != nil {
		return err
	}
	if !found || e.State != leaving.Ready {
		return web.SeeOther(c, settingsPath+"#"+ds.name())
	}
	h := c.Response().Header()
	h.Set("ETag", `"`+e.ID+`"`)
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="my-badges-`+e.Ended.UTC().Format(time.DateOnly)+`.zip"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, &patient{ds.exports.Open(ctx, e), http.NewResponseController(c.Response())})
	return nil
}

// patient gives whoever downloads a file a minute for each of its parts, instead of one time for all of it.
type patient struct {
	io.ReadSeeker
	answer *http.ResponseController
}

// Read reads on, for somebody who has taken what was read before.
func (p *patient) Read(data []byte) (int, error) {
	_ = p.answer.SetWriteDeadline(time.Now().Add(time.Minute)) // where it cannot be moved, the server's own holds
	return p.ReadSeeker.Read(data)
}
