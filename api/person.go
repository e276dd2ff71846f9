package api

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
)

// person is who is signed in.
type person struct {
	earner.Account
	addresses []string // the primary one first
	sandbox   bool     // they were confirmed in a sandbox, so nothing live is theirs
}

// looked is the answer to who is signed in, found once a request.
type looked struct {
	who *person
	err error
}

const keyPerson = "person"

// person is who is signed in in this browser; nil if nobody is. Nothing is read unless the browser sent
// a session.
func (s *Server) person(c echo.Context) (*person, error) {
	if l, ok := c.Get(keyPerson).(looked); ok {
		return l.who, l.err
	}
	var l looked
	if token := cookie(c, s.people.cookies.session); token != "" {
		l.who, l.err = s.signedInAs(c, token)
	}
	c.Set(keyPerson, l)
	return l.who, l.err
}

func (s *Server) signedInAs(c echo.Context, token string) (*person, error) {
	ctx := c.Request().Context()
	session, found, err := s.o.Earners.Session(ctx, token)
	if err != nil || !found {
		return nil, err
	}
	c.Set(keyEarner, session.Account.ID)
	addresses, err := s.o.Earners.Addresses(ctx, session.Account.ID)
	if err != nil {
		return nil, err
	}
	p := &person{Account: session.Account}
	for _, a := range addresses {
		p.addresses = append(p.addresses, a.Address)
		p.sandbox = p.sandbox || a.Sandbox
	}
	return p, nil
}

// signIn starts the session that a confirmed address brought. Somebody else's in this browser ends.
func (s *Server) signIn(c echo.Context, out earner.Outcome) error {
	if out.Token == "" {
		return nil
	}
	k := s.people.cookies
	if old := cookie(c, k.session); old != "" && old != out.Token {
		if err := s.o.Earners.SignOut(c.Request().Context(), old); err != nil {
			return err
		}
	}
	k.set(c, k.session, out.Token, out.Expires.Sub(s.o.Now()).Round(time.Second))
	return nil
}

// owns reports whether the signed-in person is the holder of a badge that strangers do not see.
func (s *Server) owns(c echo.Context, b *issuer.Badge) (bool, error) {
	who, err := s.person(c)
	if err != nil || who == nil {
		return false, err
	}
	return b.Award.State == issuer.Accepted && b.Award.Holder == who.ID, nil
}
