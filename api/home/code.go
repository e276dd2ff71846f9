package home

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// begin mails a code for the address to whoever reads it there.
func (ss *sessions) begin(c echo.Context, r earner.Request) (earner.Confirmation, error) {
	r.Browser, r.Network, r.Lang = ss.site.Browser(c), web.Network(c), ss.site.Language(c)
	return ss.accounts.Begin(c.Request().Context(), r)
}

// beginOnce is begin, but asked for twice in a row it mails one code, and goes on with that.
func (ss *sessions) beginOnce(c echo.Context, r earner.Request) (earner.Confirmation, error) {
	sent, err := ss.begin(c, r)
	var refused *refusal.Error
	if !errors.As(err, &refused) || refused.Code != earner.Throttled {
		return sent, err
	}
	last, found, failed := ss.pending(c)
	if failed != nil {
		return sent, failed
	}
	if address, _ := email.Canonical(r.Address); found && last.Address == address && !last.Finished {
		return last, nil
	}
	return sent, err
}

// pending is the confirmation that the query names, if this browser began it.
func (ss *sessions) pending(c echo.Context) (earner.Confirmation, bool, error) {
	browser := ss.site.KnownBrowser(c)
	if browser == "" {
		return earner.Confirmation{}, false, nil
	}
	return ss.accounts.Pending(c.Request().Context(), browser, c.QueryParam("confirmation"))
}

// codePath is the page for the code of a confirmation.
func codePath(page string, k earner.Confirmation) string {
	return page + "?confirmation=" + url.QueryEscape(k.ID)
}

// finish confirms an address by the code that was typed. name is for an account that is made now.
func (ss *sessions) finish(c echo.Context, k earner.Confirmation, name string) (earner.Outcome, error) {
	a, err := ss.answer(c, name)
	if err != nil {
		return earner.Outcome{}, err
	}
	a.Confirmation, a.Code = k.ID, c.Request().PostForm.Get("code")
	out, err := ss.accounts.Finish(c.Request().Context(), a)
	if err != nil {
		return out, err
	}
	return out, ss.signIn(c, out)
}

func (ss *sessions) answer(c echo.Context, name string) (earner.Answer, error) {
	who, err := ss.site.Person(c)
	a := earner.Answer{Browser: ss.site.KnownBrowser(c), Network: web.Network(c), Name: name, Language: ss.site.Language(c)}
	if who != nil {
		a.Account = who.ID
	}
	return a, err
}

// longSent is when the letter went out whose long code is asked for; zero where it is six digits.
func longSent(k earner.Confirmation) time.Time {
	if !k.Shared {
		return time.Time{}
	}
	return k.Sent.UTC()
}

// codeStep is one post of a page that asks for a code.
type codeStep struct {
	k    earner.Confirmation
	r    earner.Request // what asks for another code
	name string
	page templates.ClaimCode
	path string // of the page
}

// postCode takes the code, or mails a new one. done goes on after the code was right; a refusal that the
// page has no words for goes to other.
func (ss *sessions) postCode(c echo.Context, t codeStep, done func() error, other func(*refusal.Error) error) error {
	if c.QueryParam("again") != "" {
		k, err := ss.begin(c, t.r)
		if err != nil {
			return ss.notAgain(c, t, err, other)
		}
		return web.SeeOther(c, codePath(t.path, k)+"&sent=1")
	}
	if strings.TrimSpace(c.Request().PostForm.Get("code")) == "" {
		t.page.Problem = templates.ProblemMissing
		if t.k.Shared {
			t.page.Problem = templates.ProblemMissingLong
		}
		return web.RefusedField(t.page)
	}
	if _, err := ss.finish(c, t.k, t.name); err != nil {
		return ss.codeProblem(c, t, err, other)
	}
	return done()
}

// notAgain says when a new code can be asked for. Nothing is wrong with the one that they have.
func (ss *sessions) notAgain(c echo.Context, t codeStep, err error, other func(*refusal.Error) error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) || refused.Code != earner.Throttled || !ss.site.Now().Before(t.k.Again) {
		return ss.codeProblem(c, t, err, other)
	}
	t.page.AgainIn = int(refused.When.Sub(ss.site.Now()).Round(time.Second) / time.Second)
	return ss.site.AsPage(c, err, t.page)
}

// codeProblem shows the page again with what is wrong. A code that is too old is replaced at once.
func (ss *sessions) codeProblem(c echo.Context, t codeStep, err error, other func(*refusal.Error) error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case earner.WrongCode:
		t.page.Problem, t.page.TriesLeft = templates.ProblemWrong, refused.TriesLeft
		if t.k.Shared {
			t.page.Problem = templates.ProblemWrongLong
		}
	case earner.TooOld:
		k, failed := ss.begin(c, t.r)
		switch {
		case failed != nil:
			t.page.Problem = templates.ProblemTooMany
			err = failed
		case k.Shared:
			return web.SeeOther(c, codePath(t.path, k))
		default:
			t.page.Problem = templates.ProblemExpired
		}
	case earner.Spent, earner.Throttled:
		t.page.Problem = templates.ProblemTooMany
	default:
		return other(refused)
	}
	return ss.site.AsPage(c, err, t.page)
}
