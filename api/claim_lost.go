package api

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

const lostPath = "/claim/lost"

// getLost is the form of those who lost the letter (S13), or its one answer.
func (s *Server) getLost(c echo.Context) error {
	return s.show(c, templates.ClaimLost{Page: s.formPage(c), Action: lostPath, Sent: c.QueryParam("sent") != ""})
}

// postLost answers the same for every address. Only one with badges waiting gets a letter.
func (s *Server) postLost(c echo.Context) error {
	typed := c.Request().PostForm.Get("email")
	form := templates.ClaimLost{Page: s.formPage(c), Action: lostPath, Email: typed}
	address, problem := typedAddress(typed)
	if form.Problem = problem; problem != "" {
		return refusedField(form)
	}
	err := s.sendAgain(c, address)
	if err != nil {
		form.Problem = templates.ProblemTooMany
		return s.tooOften(c, err, form)
	}
	return nil
}

// sendAgain mails what waits for the address, within the limits.
func (s *Server) sendAgain(c echo.Context, address string) error {
	ctx := c.Request().Context()
	if err := s.o.Earners.Allow(ctx, earner.LostMail, address, network(c)); err != nil {
		return err
	}
	if err := s.o.Issuer.SendAgain(ctx, address); err != nil {
		return err
	}
	return seeOther(c, lostPath+"?sent=1")
}

// typedAddress is the address in its one spelling, or what is wrong with it.
func typedAddress(typed string) (address, problem string) {
	address, ok := issuer.CanonicalEmail(typed)
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
