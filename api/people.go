package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
)

// people is what the pages for people need beside the rest of a Server.
type people struct {
	formKey []byte // of form tokens
	origins *http.CrossOriginProtection
	cookies cookies
	icon    templates.Asset
}

func newPeople(o Options) people {
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte("insignia form token"))
	return people{
		formKey: mac.Sum(nil), origins: ownOrigin(o.BaseURL), cookies: newCookies(strings.HasPrefix(o.BaseURL, "https://")), icon: favicon(),
	}
}

// peopleRoutes are the addresses for people with a browser (contract 6). GET changes nothing anywhere.
func (s *Server) peopleRoutes(e *echo.Echo) {
	s.get("/", s.general(s.getHome))
	s.get("/help", s.general(s.getHelp))
	s.get("/privacy", s.general(s.getPrivacy))
	s.get("/favicon.ico", s.getFavicon)
	s.get("/robots.txt", getRobots)

	s.get("/verify", s.general(s.getVerify))
	e.POST("/verify", s.general(s.postVerifyPage))
	e.POST(recordPath, s.general(s.postRecord))
	s.get(manyPath, s.general(s.getMany))
	e.POST(manyPath, s.general(s.postMany))
	s.get(manyPath+"/:run", s.general(s.getRun))
	s.get(manyPath+"/:run/results.csv", s.general(s.getRunCSV))
	s.get("/achievements/:id", s.getAchievement)
	s.get("/issuers/:id", s.getIssuer)

	s.form("/claim/lost", s.getLost, s.postLost)
	s.form("/claim/:token", s.claim(s.getClaim), s.claim(s.postClaim))
	s.form("/claim/:token/continue", s.claim(s.getContinue), s.claim(s.postContinue))
	s.form("/claim/:token/code", s.claim(s.getClaimCode), s.claim(s.postClaimCode))
	s.form("/claim/:token/not-me", s.claim(s.getNotMe), s.claim(s.postNotMe))
	s.get("/claim/:token/done", s.personal(s.claim(s.getDone)))
	s.form("/confirm/:link", s.getConfirm, s.postConfirm)

	s.form("/sign-in", s.getSignIn, s.postSignIn)
	s.form("/sign-in/code", s.getSignInCode, s.postSignInCode)
	e.POST("/sign-out", s.personal(s.sent(s.postSignOut)))
	s.get("/me", s.personal(getMe))
	s.form("/me/badges", s.mine(s.getMyBadges), s.mine(s.postMyBadge))
	s.get("/me/badges/:id/badge.png", s.personal(s.mine(s.myFile(s.bakedPNG))))
	s.get("/me/badges/:id/badge.svg", s.personal(s.mine(s.myFile(s.bakedSVG))))
	s.get("/me/badges/:id/credential.json", s.personal(s.mine(s.myFile(s.credentialJSON))))
	s.get("/me/badges/:id/credential.jwt", s.personal(s.mine(s.myFile(s.credentialJWT))))
	s.get("/me/badges/:id/assertion.jws", s.personal(s.mine(s.myFile(s.signedAssertion))))
	s.get("/me/credentials", s.personal(s.mine(s.getMyCredentials)))

	// Whoever has a stop link may use it, mail programs included (RFC 8058): no check of where it comes from.
	s.get("/stop/:token", s.personal(s.getStop))
	e.POST("/stop/:token", s.personal(s.postStop))
}

// form registers a page with a form, which posts to the same address.
func (s *Server) form(path string, get, post echo.HandlerFunc) {
	s.get(path, s.personal(get))
	s.echo.POST(path, s.personal(s.sent(post)))
}

// general is around pages that are the same for everybody, save their frame.
func (s *Server) general(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
		return next(c)
	}
}

// personal is around pages that are somebody's: nothing keeps or lists them.
func (s *Server) personal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.rememberLanguage(c)
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set("X-Robots-Tag", "noindex")
		return next(c)
	}
}
