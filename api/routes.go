package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/templates"
)

// Addresses that are named at several places.
const (
	apiPath     = "/api/v1"
	docsPath    = apiPath + "/docs"
	specPath    = apiPath + "/openapi.json"
	mailboxPath = "/mailbox"
)

// get registers a handler for GET and HEAD.
func (s *Server) get(path string, h echo.HandlerFunc) {
	s.echo.GET(path, h)
	s.echo.HEAD(path, h)
}

// open registers a document that everybody may read, also pages of other sites.
func (s *Server) open(path string, h echo.HandlerFunc) {
	s.get(path, h)
	s.echo.OPTIONS(path, preflight)
}

// form registers a page with a form, which posts to the same address.
func (s *Server) form(path string, get, post echo.HandlerFunc) {
	s.get(path, s.personal(get))
	s.echo.POST(path, s.personal(s.sent(post)))
}

// routes are all addresses, grouped by who may call them.
func (s *Server) routes() {
	s.partnerRoutes()
	s.documentRoutes()
	s.operatorRoutes()
	s.peopleRoutes(s.echo)
	for _, a := range templates.Assets {
		s.get(a.Path, asset(a))
	}
}

// partnerRoutes are the partner API (contract 3).
func (s *Server) partnerRoutes() {
	i, e, results := s.o.Issuer, s.echo, partner.ScopeResults
	e.POST(apiPath+"/results", s.partner(results, s.postResult))
	e.POST(apiPath+"/results/explain", s.partner(results, s.postResultExplain))
	s.get(apiPath+"/results", s.partner(results, s.getResults))
	s.get(apiPath+"/results/:id", s.partner(results, s.getResult))
	s.get(apiPath+"/results/:id/history", s.partner(results, s.getHistory(i.ResultHistory)))
	e.POST(apiPath+"/results/:id/void", s.partner(results, s.postResultVoid))
	e.POST(apiPath+"/results/:id/corrections", s.partner(results, s.postResultCorrection))
	e.POST(apiPath+"/results/:id/release", s.partner(results, s.postResultRelease))
	s.get(apiPath+"/awards", s.partner(results, s.getAwards))
	s.get(apiPath+"/awards/:id", s.partner(results, s.getAward))
	s.get(apiPath+"/awards/:id/history", s.partner(results, s.getHistory(i.AwardHistory)))
	e.POST(apiPath+"/awards/:id/revoke", s.partner(results, s.postAward(i.RevokeAward)))
	e.POST(apiPath+"/awards/:id/suspend", s.partner(results, s.postAward(i.SuspendAward)))
	e.POST(apiPath+"/awards/:id/reinstate", s.partner(results, s.postAward(i.ReinstateAward)))
	e.POST(apiPath+"/awards/:id/resend", s.partner(results, s.postAwardResend))
	e.POST(apiPath+"/candidates/:id/name", s.partner(results, s.postCandidateName))
	e.POST(apiPath+"/candidates/:id/email", s.partner(results, s.postCandidateEmail))
	s.get(apiPath+"/exams", s.partner("", s.getExams))
	s.get(apiPath+"/certifications", s.partner("", s.getCertifications))

	// Without a key.
	e.POST(apiPath+"/verify", s.postVerify)
	s.open(specPath, s.getSpec)
	s.get(docsPath, s.getDocs)
}

// documentRoutes are what strangers and their programs read (contract 4).
func (s *Server) documentRoutes() {
	s.open("/badges/:id", s.getBadge)
	s.open("/badges/:id/", getBadgeSlash)
	s.open("/badges/:id/assertion.json", s.badge("/assertion.json", s.assertion))
	s.open("/badges/:id/credential.jwt", s.badge("/credential.jwt", s.credentialJWT))
	s.open("/badges/:id/credential.json", s.badge("/credential.json", s.credentialJSON))
	s.open("/badges/:id/assertion.jws", s.badge("/assertion.jws", s.signedAssertion))
	s.open("/badges/:id/badge.png", s.badge("/badge.png", s.bakedPNG))
	s.open("/badges/:id/badge.svg", s.badge("/badge.svg", s.bakedSVG))
	s.open("/badges/:id/image.png", s.badge("/image.png", s.badgePicture))
	s.open("/badges/:id/card.png", s.badge("/card.png", s.card))
	s.open("/badges/:id/qr.png", s.badge("/qr.png", s.qrPNG))
	s.open("/badges/:id/qr.svg", s.badge("/qr.svg", s.qrSVG))

	s.open("/achievements/:id/badgeclass.json", s.achievement(s.badgeClass))
	s.open("/achievements/:id/achievement.json", s.achievement(s.achievementDocument))
	s.open("/achievements/:id/image.png", s.getAchievementPNG)
	s.open("/achievements/:id/image.svg", s.getAchievementSVG)

	s.open("/issuers/:id/profile.json", s.issuerDocument(issuer.IssuerDocuments.Profile))
	s.open("/issuers/:id/issuer.json", s.issuerDocument(issuer.IssuerDocuments.Issuer))
	s.open("/issuers/:id/did.json", s.issuerDocument(issuer.IssuerDocuments.DID))
	s.open("/issuers/:id/revocations.json", s.getRevocations)
	s.open("/issuers/:id/keys/:file", s.getKey)
	s.open("/issuers/:id/keys/:file/profile.json", s.getKeyProfile)
	s.open("/.well-known/jwks.json", s.getKeySet)
	s.open("/status/:list", s.getStatus)
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

// operatorRoutes are for whoever runs the server.
func (s *Server) operatorRoutes() {
	s.get("/healthz", getHealth)
	s.get("/readyz", s.getReady)
	s.get("/metrics", s.getMetrics)
	if s.o.Mailbox != nil {
		mailbox := echo.WrapHandler(s.o.Mailbox(s.mailboxFrame))
		s.echo.Any(mailboxPath, mailbox)
		s.echo.Any(mailboxPath+"/*", mailbox)
	}
}

// asset serves a file of the pages, whose address changes with its content.
func asset(a templates.Asset) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		return c.Blob(http.StatusOK, a.Type, a.Body)
	}
}
