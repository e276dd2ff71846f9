package badges

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// shared is what a share code shows to whoever has it: a transcript or a badge, as it stands now (flows 2.8).
type shared struct {
	site  *web.Site
	codes *sharecode.Codes
	pages *pages
}

func (sh *shared) routes() []web.Route {
	file := func(document badgeFile) echo.HandlerFunc { return sh.site.Personal(sh.badgeFile(document)) }
	ds, path := sh.pages.documents, web.SharedPath+":code"
	return web.Table(
		sh.site.Form(path, sh.getShared, sh.postPIN),
		web.Get(web.SharedPath, sh.getNothing),
		web.Get(path+"/qr.svg", sh.getQR),
		web.Get(path+"/transcript.pdf", sh.site.Personal(sh.getPDF)),
		web.Get(path+"/transcript.clr.json", sh.site.Personal(sh.record(credential.LearnerRecords.JSON))),
		web.Get(path+"/transcript.clr.jwt", sh.site.Personal(sh.record(credential.LearnerRecords.JWT))),
		web.Get(path+"/badge.png", file(ds.bakedPNG)), web.Get(path+"/badge.svg", file(ds.bakedSVG)),
		web.Get(path+"/credential.json", file(ds.credentialJSON)), web.Get(path+"/credential.jwt", file(ds.credentialJWT)),
		web.Get(path+"/assertion.jws", file(ds.signedAssertion)), web.Get(path+"/certificate.pdf", file(ds.certificate)),
	)
}

// getNothing, GET /shared/, is as a code that shows nothing.
func (sh *shared) getNothing(c echo.Context) error { return sh.notShared(c) }

// opened is a code that somebody may look behind.
type opened struct {
	sharecode.Code
	owner bool
}

var errNoPIN = errors.New("the PIN was not typed yet")

// open finds the code of an address. Where its PIN was not typed yet in this browser the error is errNoPIN; everything
// that does not work is the same page.
func (sh *shared) open(c echo.Context) (o opened, err error) {
	who, err := sh.site.Person(c)
	if err != nil {
		return o, err
	}
	reader := sharecode.Reader{Network: web.Network(c)}
	if who != nil {
		reader.Account = who.ID
	}
	code, found, err := sh.codes.Find(c.Request().Context(), c.Param("code"), reader)
	if err != nil {
		return o, err
	}
	if !found {
		return o, sh.notShared(c)
	}
	o = opened{code, who != nil && who.ID == code.Account}
	if code.PIN != "" && !o.owner && !sh.typed(c, code) {
		return o, errNoPIN
	}
	return o, nil
}

// notShared is the one answer for codes that show nothing, whyever.
func (sh *shared) notShared(c echo.Context) error {
	p := web.NotShown()
	p.Page = templates.NotShared{Page: sh.site.Page(c)}
	return p
}

// getShared, GET /shared/:code, is what a code shows. That it was opened is counted, unless its owner did.
func (sh *shared) getShared(c echo.Context) error {
	o, err := sh.open(c)
	if errors.Is(err, errNoPIN) {
		return web.Show(c, sh.askPIN(c, o.Code))
	}
	if err != nil {
		return err
	}
	var page web.Drawable
	if o.Award == "" {
		page, err = sh.transcript(c, o)
	} else {
		page, err = sh.badge(c, o)
	}
	if err != nil {
		return err
	}
	if c.Request().Method == http.MethodGet && !o.owner {
		if err := sh.codes.Opened(c.Request().Context(), o.Code); err != nil {
			return err
		}
	}
	return web.Show(c, page)
}

// transcript is that of the owner of a code, as far as it shows it.
func (sh *shared) transcript(c echo.Context, o opened) (p templates.SharedTranscript, err error) {
	ctx := c.Request().Context()
	who, holder, err := sh.holder(ctx, o.Code)
	if err != nil {
		return p, err
	}
	i := sh.pages.issuer
	page := sh.site.Page(c)
	by, _, err := wording.Organisation(ctx, i, sh.site, page.Lang)
	if err != nil {
		return p, err
	}
	page.NoIndex, page.Sandbox, page.From = true, holder.Sandbox, sh.site.PublicName(by.Name.Value)
	t, err := wording.Transcript(ctx, i, holder, who, page.Lang, templates.TranscriptChoice{Past: o.Past, Exams: o.Exams, Scores: o.Scores})
	path := web.SharedPath + o.Text()
	t.Page, t.MadeAt, t.CheckURL, t.Code, t.Ends = page, sh.site.Now().UTC(), sh.site.BaseURL+path, o.Text(), o.LastDay()
	t.PDFURL, t.LetterURL = path+"/transcript.pdf?lang="+page.Lang, path+"/transcript.pdf?paper=letter&lang="+page.Lang
	if err != nil {
		return p, err
	}
	awards, _, err := wording.RecordAwards(ctx, i, holder, t.With, true)
	if len(awards) > 0 {
		t.RecordURL = path + "/transcript.clr"
	}
	return templates.SharedTranscript{Transcript: t, Owner: o.owner}, err
}

// holder is who made a code, with their name.
func (sh *shared) holder(ctx context.Context, code sharecode.Code) (name string, h issuer.Holder, err error) {
	name, h, found, err := wording.HolderOf(ctx, sh.site, code.Account)
	if err == nil && !found {
		err = web.NotShown()
	}
	return name, h, err
}

// record, GET /shared/:code/transcript.clr.json and .clr.jwt, is the transcript as a signed Comprehensive Learner Record
// 2.0, with the badges that others may see: it goes on proving them when the code has ended.
func (sh *shared) record(sign wording.SignRecord) echo.HandlerFunc {
	return func(c echo.Context) error {
		o, err := sh.openFile(c)
		if err != nil || c.Response().Committed {
			return err
		}
		if o.Award != "" {
			return sh.notShared(c)
		}
		ctx := c.Request().Context()
		name, holder, err := sh.holder(ctx, o.Code)
		if err != nil {
			return err
		}
		of := wording.RecordFor{
			Holder: holder, Name: name, Lang: sh.site.Language(c), Others: true,
			With: templates.TranscriptChoice{Past: o.Past, Exams: o.Exams, Scores: o.Scores},
		}
		d, err := wording.Record(ctx, sh.site, sh.pages.issuer, of, sign)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, d.Type, d.Body)
	}
}

// badge is the page of the badge that a code shows, whoever else can see it.
func (sh *shared) badge(c echo.Context, o opened) (p templates.BadgePage, err error) {
	b, err := sh.badgeOf(c, o)
	if err != nil {
		return p, err
	}
	ctx, page := c.Request().Context(), sh.site.Page(c)
	public, err := sh.pages.issuer.PublicExams(ctx, b)
	if err != nil {
		return p, err
	}
	now := sh.site.Now().UTC()
	if p, err = sh.pages.fillBadge(ctx, b, public, page, now); err != nil {
		return p, err
	}
	p.Canonical, p.NoIndex, p.OEmbedURL, p.CredentialURL, p.CardURL = "", true, "", "", ""
	p.Holder, p.Shared = b.HolderName, templates.SharedFor{Code: o.Text(), Ends: o.LastDay(), At: now, Owner: o.owner}
	p.Downloads = wording.Downloads(b.Validity, web.SharedPath+o.Text(), page.Lang)
	return p, nil
}

// badgeOf is the badge of a code while it is its owner's.
func (sh *shared) badgeOf(c echo.Context, o opened) (*credential.Badge, error) {
	b, found, err := sh.pages.issuer.Published(c.Request().Context(), o.Award)
	if err == nil && (!found || b.Award.State != ledger.Accepted || b.Award.Holder != o.Account) {
		err = sh.notShared(c)
	}
	return b, err
}

// badgeFile, GET /shared/:code/credential.json and the like, is a file of the badge that a code shows.
func (sh *shared) badgeFile(document badgeFile) echo.HandlerFunc {
	return func(c echo.Context) error {
		o, err := sh.openFile(c)
		if err != nil || c.Response().Committed {
			return err
		}
		if o.Award == "" {
			return sh.notShared(c)
		}
		b, err := sh.badgeOf(c, o)
		if err != nil {
			return err
		}
		d, err := document(c, b)
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, saveAs(b, c.Path()))
		return c.Blob(http.StatusOK, d.Type, d.Body)
	}
}

// openFile is open for a file, which leads to the page where the PIN is typed first.
func (sh *shared) openFile(c echo.Context) (opened, error) {
	o, err := sh.open(c)
	if errors.Is(err, errNoPIN) {
		err = web.SeeOther(c, web.SharedPath+o.Text())
	}
	return o, err
}

// getPDF, GET /shared/:code/transcript.pdf, is the transcript on paper (?paper=, ?lang=), with the code by which it is
// read anew.
func (sh *shared) getPDF(c echo.Context) error {
	size := paper.Size(cmp.Or(c.QueryParam("paper"), string(paper.A4)))
	if size != paper.A4 && size != paper.Letter {
		p := web.NewProblem(web.CodeInvalid, "The paper is not one of ours.")
		p.Fields = []refusal.Field{{Pointer: web.InQuery + "paper", Code: "bad_value", Detail: "must be a4 or letter"}}
		return p
	}
	o, err := sh.openFile(c)
	if err != nil || c.Response().Committed {
		return err
	}
	if o.Award != "" {
		return sh.notShared(c)
	}
	t, err := sh.transcript(c, o)
	if err != nil {
		return err
	}
	code, err := web.NewQR(t.CheckURL)
	if err != nil {
		return err
	}
	t.Site = t.From
	leave, err := sh.site.Drawing.Enter(c.Request().Context())
	if err != nil {
		return err
	}
	defer leave()
	pdf, err := sh.pages.documents.paper.Transcript(paper.Transcript{Transcript: t.Worded(), QR: code, Size: size, Program: t.From, Made: t.MadeAt})
	if no := (*paper.NoFontError)(nil); errors.As(err, &no) {
		page := templates.NoCertificate{Page: sh.site.Page(c), Characters: no.Names(), Scripts: no.Scripts, BadgeURL: web.SharedPath + o.Text(), Transcript: true}
		return sh.site.AsPage(c, web.NewProblem("no_font", "No font here can write "+strings.Join(no.Names(), " ")+"."), page)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition,
		`inline; filename="transcript.pdf"; filename*=UTF-8''`+strings.ReplaceAll(url.QueryEscape(t.Words().DocumentTitle+".pdf"), "+", "%20"))
	return c.Blob(http.StatusOK, "application/pdf", pdf)
}

// getQR, GET /shared/:code/qr.svg, is the address of a code as a QR code. It is drawn for any text that could be one, so
// that it tells nothing.
func (sh *shared) getQR(c echo.Context) error {
	bare, ok := sharecode.Bare(c.Param("code"))
	if !ok {
		return sh.notShared(c)
	}
	address := sh.site.BaseURL + web.SharedPath + sharecode.Code{Bare: bare}.Text()
	code, err := web.NewQR(address)
	if err != nil {
		return err
	}
	return web.Serve(c, web.NewDocument("image/svg+xml", code.SVG(address)), "private, max-age=86400")
}

func (sh *shared) askPIN(c echo.Context, code sharecode.Code) templates.SharedPIN {
	page := sh.site.FormPage(c)
	page.NoIndex = true
	return templates.SharedPIN{Page: page, Code: code.Text(), Action: web.SharedPath + code.Text()}
}

// pinLife is how long a browser need not type a PIN again.
const pinLife = time.Hour

// postPIN, POST /shared/:code, takes the PIN of a code.
func (sh *shared) postPIN(c echo.Context) error {
	o, err := sh.open(c)
	if err != nil && !errors.Is(err, errNoPIN) {
		return err
	}
	err = sh.codes.TryPIN(c.Request().Context(), o.Code, c.Request().PostForm.Get("pin"))
	if no := (*refusal.Error)(nil); errors.As(err, &no) && no.Code == sharecode.WrongPIN {
		p := sh.askPIN(c, o.Code)
		p.Problem, p.TriesLeft = templates.ProblemWrong, no.TriesLeft
		return web.RefusedField(p)
	}
	if err != nil {
		return err
	}
	if o.PIN != "" {
		ends := strconv.FormatInt(sh.site.Now().Add(pinLife).Unix(), 10)
		sh.site.Cookies.Set(c, sh.site.Cookies.Shared, o.ID+"."+ends+"."+sh.seal(o.Code, ends), pinLife)
	}
	return web.SeeOther(c, web.SharedPath+o.Text())
}

// typed reports whether the PIN of a code was typed in this browser not long ago.
func (sh *shared) typed(c echo.Context, code sharecode.Code) bool {
	id, rest, _ := strings.Cut(web.Cookie(c, sh.site.Cookies.Shared), ".")
	ends, sealed, _ := strings.Cut(rest, ".")
	until, err := strconv.ParseInt(ends, 10, 64)
	return err == nil && id == code.ID && sh.site.Now().Unix() < until && hmac.Equal([]byte(sealed), []byte(sh.seal(code, ends)))
}

// seal is what nobody makes without the secret of the server. It is over the hash of the PIN, so that it is good for
// this one.
func (sh *shared) seal(code sharecode.Code, ends string) string {
	mac := hmac.New(sha256.New, sh.site.Secret)
	mac.Write([]byte("insignia share code\x00" + code.ID + "\x00" + code.PIN + "\x00" + ends))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
