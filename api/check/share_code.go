package check

import (
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// shareCodes are the codes and their addresses that people hand in where a badge could be.
type shareCodes struct {
	site   *web.Site
	issuer *issuer.Issuer
	ours   credential.Site
	codes  *sharecode.Codes
}

// read is the code that somebody means by a text, as the path of what it shows; false: it is something else. Whether
// there is such a code is not asked.
func (sc shareCodes) read(text string) (path string, is bool) {
	if len(text) > addressMost {
		return "", false
	}
	text = strings.TrimSpace(text)
	if sharecode.Looks(text) {
		bare, _ := sharecode.Bare(text)
		return web.SharedPath + sharecode.Code{Bare: bare}.Text(), true
	}
	own, ours := sc.ours.Path(text)
	if !ours || !strings.HasPrefix(own.Path, web.SharedPath) {
		return "", false
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(own.Path, web.SharedPath), "/")
	bare, ok := sharecode.Bare(code)
	if !ok {
		return "", false
	}
	return web.SharedPath + sharecode.Code{Bare: bare}.Text(), true
}

// instead is what is judged where a program hands in a code: the badge or signed record behind it. Where the code shows
// nothing, or asks for a PIN, it is the address of the code, at which no badge is shown. understood is that address.
func (sc shareCodes) instead(c echo.Context, in verifier.Input, typed string) (_ verifier.Input, understood string, err error) {
	if in.Name != "" || len(in.Data) > addressMost {
		return in, typed, nil
	}
	path, is := sc.read(string(in.Data))
	if !is {
		return in, typed, nil
	}
	understood = sc.site.BaseURL + path
	in.Data = []byte(understood)
	ctx := c.Request().Context()
	code, found, err := sc.codes.Find(ctx, strings.TrimPrefix(path, web.SharedPath), sharecode.Reader{Network: web.Network(c)})
	if err != nil || !found || code.PIN != "" {
		return in, understood, err
	}
	if code.Award == "" {
		in.Data, err = sc.record(c, code, in.Data)
		return in, understood, err
	}
	b, found, err := sc.issuer.Published(ctx, code.Award)
	if err == nil && found && b.Award.State == ledger.Accepted && b.Award.Holder == code.Account {
		in.Data = b.CredentialJWT().Body
	}
	return in, understood, err
}

// record is the signed record that a code shows; where there is none, it is otherwise.
func (sc shareCodes) record(c echo.Context, code sharecode.Code, otherwise []byte) ([]byte, error) {
	ctx := c.Request().Context()
	name, holder, found, err := wording.HolderOf(ctx, sc.site, code.Account)
	if err != nil || !found {
		return otherwise, err
	}
	of := wording.RecordFor{
		Holder: holder, Name: name, Lang: sc.site.Language(c), Others: true,
		With: templates.TranscriptChoice{Past: code.Past, Exams: code.Exams, Scores: code.Scores},
	}
	d, err := wording.Record(ctx, sc.site, sc.issuer, of, credential.LearnerRecords.JWT)
	if errors.Is(err, wording.ErrNoRecord) {
		return otherwise, nil
	}
	return d.Body, err
}
