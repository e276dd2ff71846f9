package web

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
)

// General is around pages that are the same for everybody, save their frame.
func (s *Site) General(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
		return next(c)
	}
}

// Personal is around pages that are somebody's: nothing keeps or lists them.
func (s *Site) Personal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set("X-Robots-Tag", "noindex")
		return next(c)
	}
}

// SignedIn is around the pages of the person who is signed in. Others are asked to sign in first.
func (s *Site) SignedIn(next func(c echo.Context, who *Person) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, err := s.Person(c)
		if err != nil {
			return err
		}
		if who == nil {
			return SeeOther(c, SignInPath+"?next="+url.QueryEscape(c.Request().URL.Path))
		}
		return next(c, who)
	}
}

// Person is who is signed in.
type Person struct {
	earner.Account
	Addresses []string // the primary one first
	Sandbox   bool     // they were confirmed in a sandbox, so nothing live is theirs
	Session   earner.Session
}

// Called is the person's name, or their address where none is known.
func (p *Person) Called() string {
	if p.Name == "" && len(p.Addresses) > 0 {
		return p.Addresses[0]
	}
	return p.Name
}

// looked is the answer to who is signed in, found once a request.
type looked struct {
	who *Person
	err error
}

const keyPerson = "person"

// Person is who is signed in in this browser; nil if nobody is. Nothing is read unless the browser sent
// a session.
func (s *Site) Person(c echo.Context) (*Person, error) {
	if l, ok := c.Get(keyPerson).(looked); ok {
		return l.who, l.err
	}
	var l looked
	if token := Cookie(c, s.Cookies.Session); token != "" {
		l.who, l.err = s.signedInAs(c, token)
	}
	c.Set(keyPerson, l)
	return l.who, l.err
}

func (s *Site) signedInAs(c echo.Context, token string) (*Person, error) {
	ctx := c.Request().Context()
	session, found, err := s.Accounts.Session(ctx, token)
	if err != nil || !found {
		return nil, err
	}
	c.Set(KeyEarner, session.Account.ID)
	addresses, err := s.Accounts.Addresses(ctx, session.Account.ID)
	if err != nil {
		return nil, err
	}
	p := &Person{Account: session.Account, Session: session}
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, a.Address)
		p.Sandbox = p.Sandbox || a.Sandbox
	}
	return p, nil
}
