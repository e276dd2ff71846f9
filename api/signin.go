package api

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

const signInPath = "/sign-in"

// nextPath is the page of ours that the query wants to go on to; empty for any other.
func nextPath(c echo.Context, prefixes ...string) string {
	next := c.QueryParam("next")
	if strings.ContainsAny(next, "\\\r\n") || strings.Contains(next, "//") || len(next) > cookieMost {
		return ""
	}
	for _, prefix := range prefixes {
		if next == prefix || strings.HasPrefix(next, prefix+"/") {
			return next
		}
	}
	return ""
}

func (s *Server) signInForm(c echo.Context) templates.SignIn {
	action := signInPath
	if next := nextPath(c, "/me", "/badges"); next != "" {
		action += "?next=" + url.QueryEscape(next)
	}
	return templates.SignIn{Page: s.formPage(c), Action: action}
}

func (s *Server) getSignIn(c echo.Context) error {
	who, err := s.person(c)
	if err != nil {
		return err
	}
	if who != nil {
		return seeOther(c, myBadgesPath)
	}
	return s.show(c, s.signInForm(c))
}

// postSignIn mails a code, unless nobody knows the address. The answer is the same.
func (s *Server) postSignIn(c echo.Context) error {
	form := s.signInForm(c)
	form.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(form.Email)
	if form.Problem = problem; problem != "" {
		return refusedField(form)
	}
	r, err := s.signInRequest(c, address, nextPath(c, "/me", "/badges"))
	if err != nil {
		return err
	}
	sent, err := s.beginOnce(c, r)
	if err != nil {
		form.Problem = templates.ProblemTooMany
		return s.tooOften(c, err, form)
	}
	return seeOther(c, codePath(signInPath+"/code", sent))
}

// tooOften shows the form again where somebody has to wait.
func (s *Server) tooOften(c echo.Context, err error, form drawable) error {
	if refusal.Is(err, earner.Throttled) {
		return s.asPage(c, err, form)
	}
	return err
}

// signInRequest asks for a code. It is mailed to addresses of accounts, and of candidates that have none
// yet: a badge waits in the account that the code makes. Where it is known from a sandbox only, the code stays there.
func (s *Server) signInRequest(c echo.Context, address, next string) (earner.Request, error) {
	ctx := c.Request().Context()
	live, sandbox, err := s.o.Earners.Known(ctx, address)
	if err != nil {
		return earner.Request{}, err
	}
	liveToo, sandboxToo, err := s.o.Issuer.KnownAddress(ctx, address)
	live, sandbox = live || liveToo, sandbox || sandboxToo
	return earner.Request{Address: address, Purpose: earner.SignIn, Return: next, Sandbox: sandbox && !live, Mute: !live && !sandbox}, err
}

func (s *Server) signInCode(c echo.Context) (t codeStep, open bool, err error) {
	last, found, err := s.pending(c)
	if err != nil || !found || last.Finished || last.Purpose == earner.AddAddress {
		return t, false, err
	}
	t = codeStep{k: last, path: signInPath + "/code"}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{Page: s.formPage(c), SignIn: true, Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1", LostURL: "/help"}
	t.r, err = s.signInRequest(c, last.Address, last.Return)
	return t, true, err
}

func (s *Server) getSignInCode(c echo.Context) error {
	t, open, err := s.signInCode(c)
	if err != nil {
		return err
	}
	if !open {
		return seeOther(c, signInPath)
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return s.show(c, t.page)
}

func (s *Server) postSignInCode(c echo.Context) error {
	t, open, err := s.signInCode(c)
	if err != nil {
		return err
	}
	if !open {
		return seeOther(c, signInPath)
	}
	done := func() error {
		if t.k.Return != "" {
			return seeOther(c, t.k.Return)
		}
		return seeOther(c, myBadgesPath)
	}
	return s.postCode(c, t, done, func(*refusal.Error) error { return seeOther(c, signInPath) })
}

// postSignOut ends the session in every process at once.
func (s *Server) postSignOut(c echo.Context) error {
	k := s.people.cookies
	if token := cookie(c, k.session); token != "" {
		if err := s.o.Earners.SignOut(c.Request().Context(), token); err != nil {
			return err
		}
		k.clear(c, k.session)
	}
	if next := nextPath(c, "/claim"); next != "" {
		return seeOther(c, next)
	}
	return seeOther(c, "/")
}
