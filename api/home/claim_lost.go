package home

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/templates"
)

func (cs *claims) lostRoutes() []web.Route {
	return web.Table(
		cs.site.Form("/claim/lost", cs.getLost, cs.postLost),
		cs.site.Form("/claim/:token/not-me", cs.claim(cs.getNotMe), cs.claim(cs.postNotMe)),
	)
}

const lostPath = "/claim/lost"

// getLost, GET /claim/lost, is the form of those who lost the letter (S13), or its one answer.
func (cs *claims) getLost(c echo.Context) error {
	return web.Show(c, templates.ClaimLost{
		Page: cs.site.FormPage(c), Action: lostPath, Sent: sentAgain(c), SignInURL: web.SignInPath,
	})
}

// postLost, POST /claim/lost, answers the same for every address. Only one with badges waiting gets a letter.
func (cs *claims) postLost(c echo.Context) error {
	typed := c.Request().PostForm.Get("email")
	form := templates.ClaimLost{Page: cs.site.FormPage(c), Action: lostPath, Email: typed}
	address, problem := typedAddress(typed)
	if form.Problem = problem; problem != "" {
		return web.RefusedField(form)
	}
	sent, err := cs.sendAgain(c, address, "")
	switch {
	case err != nil:
		form.Problem = templates.ProblemTooMany
		return cs.sessions.tooOften(c, err, form)
	case !sent:
		return web.SeeOther(c, lostPath+"?sent=earlier")
	}
	return web.SeeOther(c, lostPath+"?sent=1")
}

// sendAgain mails what waits for the address, unless that has been done often enough today. claimLink is the token of a
// link to it that they have in hand.
func (cs *claims) sendAgain(c echo.Context, address, claimLink string) (bool, error) {
	ctx := c.Request().Context()
	again, err := cs.accounts.MailAgain(ctx, address, web.Network(c), claimLink)
	if err != nil || !again {
		return false, err
	}
	return true, cs.issuer.SendAgain(ctx, address)
}

// sentAgain is what the query says of a letter that was asked for again.
func sentAgain(c echo.Context) templates.SentAgain {
	switch c.QueryParam("sent") {
	case "":
		return templates.NotSent
	case "earlier":
		return templates.SentEarlier
	}
	return templates.SentNow
}

// getNotMe, GET /claim/:token/not-me, takes "This isn't me" (S14). Nobody needs to sign in, and nothing is shown.
// Opening the page changes nothing. A link that holds nothing, any more or at all, says how things stand instead of
// thanks.
func (cs *claims) getNotMe(c echo.Context, k *claim) error {
	return web.Show(c, cs.notMe(c, k))
}

func (cs *claims) notMe(c echo.Context, k *claim) templates.NotMe {
	return templates.NotMe{
		Page: cs.frame(c, k), Action: k.path + "/not-me", BackURL: k.path, Done: c.QueryParam("done") != "",
	}
}

// postNotMe, POST /claim/:token/not-me, is its button.
func (cs *claims) postNotMe(c echo.Context, k *claim) error {
	page := cs.notMe(c, k)
	reasons := c.Request().PostForm["reason"]
	if len(reasons) != 1 || !slices.Contains(page.Reasons(), reasons[0]) { // scanners that send forms send all that is in them
		page.Problem, page.Done = templates.ProblemMissing, false
		return web.RefusedField(page)
	}
	held, err := cs.issuer.Dispute(c.Request().Context(), c.Param("token"), reasons[0])
	if err != nil {
		return err
	}
	if !held {
		return web.SeeOther(c, k.path)
	}
	return web.SeeOther(c, k.path+"/not-me?done=1")
}

// typedAddress is the address in its one spelling, or what is wrong with it.
func typedAddress(typed string) (address, problem string) {
	address, ok := email.Canonical(typed)
	switch {
	case typed == "":
		return "", templates.ProblemMissing
	case !ok:
		return "", templates.ProblemBadEmail
	}
	return address, ""
}

// noSuchLink is a link that we never sent.
func noSuchLink(page web.Drawable) error {
	p := web.NewProblem(web.CodeNotFound, "This link is not known.")
	p.Page = page
	return p
}
