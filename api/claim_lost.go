package api

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/templates"
)

const lostPath = "/claim/lost"

// getLost is the form of those who lost the letter (S13), or its one answer.
func (s *Server) getLost(c echo.Context) error {
	return s.show(c, templates.ClaimLost{Page: s.formPage(c), Action: lostPath, Sent: sentAgain(c), SignInURL: signInPath})
}

// postLost answers the same for every address. Only one with badges waiting gets a letter.
func (s *Server) postLost(c echo.Context) error {
	typed := c.Request().PostForm.Get("email")
	form := templates.ClaimLost{Page: s.formPage(c), Action: lostPath, Email: typed}
	address, problem := typedAddress(typed)
	if form.Problem = problem; problem != "" {
		return refusedField(form)
	}
	sent, err := s.sendAgain(c, address, "")
	switch {
	case err != nil:
		form.Problem = templates.ProblemTooMany
		return s.tooOften(c, err, form)
	case !sent:
		return seeOther(c, lostPath+"?sent=earlier")
	}
	return seeOther(c, lostPath+"?sent=1")
}

// sendAgain mails what waits for the address, unless that has been done often enough today. claimLink is the token of a
// link to it that they have in hand.
func (s *Server) sendAgain(c echo.Context, address, claimLink string) (bool, error) {
	ctx := c.Request().Context()
	again, err := s.o.Earners.MailAgain(ctx, address, network(c), claimLink)
	if err != nil || !again {
		return false, err
	}
	return true, s.o.Issuer.SendAgain(ctx, address)
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

// getNotMe and postNotMe take "This isn't me" (S14). Nobody needs to sign in, and nothing is shown. Opening the
// page changes nothing. A link that holds nothing, any more or at all, says how things stand instead of thanks.
func (s *Server) getNotMe(c echo.Context, k *claim) error {
	return s.show(c, s.notMe(c, k))
}

func (s *Server) notMe(c echo.Context, k *claim) templates.NotMe {
	return templates.NotMe{Page: s.frame(c, k), Action: k.path + "/not-me", BackURL: k.path, Done: c.QueryParam("done") != ""}
}

func (s *Server) postNotMe(c echo.Context, k *claim) error {
	page := s.notMe(c, k)
	reasons := c.Request().PostForm["reason"]
	if len(reasons) != 1 || !slices.Contains(page.Reasons(), reasons[0]) { // scanners that send forms send all that is in them
		page.Problem, page.Done = templates.ProblemMissing, false
		return refusedField(page)
	}
	held, err := s.o.Issuer.Dispute(c.Request().Context(), c.Param("token"), reasons[0])
	if err != nil {
		return err
	}
	if !held {
		return seeOther(c, k.path)
	}
	return seeOther(c, k.path+"/not-me?done=1")
}
