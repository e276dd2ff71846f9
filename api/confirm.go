package api

import (
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// getConfirm opens the link in a letter with a code. In the browser that asked it has a button; in any
// other, which may be a mail scanner, it shows the code to type where things began.
func (s *Server) getConfirm(c echo.Context) error {
	peeked, err := s.o.Earners.Peek(c.Request().Context(), c.Param("link"), s.knownBrowser(c))
	if err != nil {
		return s.confirmProblem(c, err)
	}
	return s.show(c, templates.CodeElsewhere{
		Page: s.confirmFrame(c), SameBrowser: peeked.SameBrowser, Email: peeked.Address, Action: "/confirm/" + c.Param("link"), Code: peeked.Code,
	})
}

func (s *Server) confirmFrame(c echo.Context) templates.Page {
	p := s.page(c)
	p.NoIndex = true
	return p
}

// confirmProblem says that the link is too old or was used. In the browser where it has just been used it leads on.
func (s *Server) confirmProblem(c echo.Context, err error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) {
		return err
	}
	who, failed := s.person(c)
	if failed != nil {
		return failed
	}
	if refused.Code == earner.Used && who != nil {
		return seeOther(c, s.onward(c, ""))
	}
	return s.asPage(c, err, templates.CodeElsewhere{Page: s.confirmFrame(c), Used: refused.Code == earner.Used})
}

// postConfirm confirms the address, in the browser that asked only.
func (s *Server) postConfirm(c echo.Context) error {
	path := cookie(c, s.people.cookies.claim)
	name := ""
	if token, found := strings.CutPrefix(path, claimPrefix); found {
		claim, known, err := s.findClaim(c, token)
		if err != nil {
			return err
		}
		if known {
			name = claim.Name
			c.Set(keyLetter, s.letterLanguage(c, claim.Locale))
		}
	}
	a, err := s.answer(c, name)
	if err != nil {
		return err
	}
	out, err := s.o.Earners.FinishByLink(c.Request().Context(), c.Param("link"), a)
	if err != nil {
		return s.confirmRefused(c, err)
	}
	if err := s.signIn(c, out); err != nil {
		return err
	}
	if out.Purpose == earner.SignIn {
		return seeOther(c, s.onward(c, out.Return))
	}
	return seeOther(c, s.onward(c, ""))
}

func (s *Server) confirmRefused(c echo.Context, err error) error {
	var refused *refusal.Error
	path := cookie(c, s.people.cookies.claim)
	if errors.As(err, &refused) && refused.Code == earner.AddressTaken && strings.HasPrefix(path, claimPrefix) {
		return seeOther(c, path+"?taken=1")
	}
	return s.confirmProblem(c, err)
}

// onward is where a confirmed address leads: to where the person wanted, or to the claim that was under
// way in this browser, or to their badges.
func (s *Server) onward(c echo.Context, wanted string) string {
	if wanted != "" {
		return wanted
	}
	if path := cookie(c, s.people.cookies.claim); plausibleID(strings.TrimPrefix(path, claimPrefix)) && strings.HasPrefix(path, claimPrefix) {
		s.people.cookies.clear(c, s.people.cookies.claim)
		return path
	}
	return myBadgesPath
}
