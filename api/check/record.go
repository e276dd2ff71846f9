package check

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func (d *Door) recordRoutes() []web.Route {
	return web.Post(recordPath, d.site.General(d.postRecord))
}

// recordPath takes the signed record that a result page carries and gives it in a form to keep. Nothing is
// stored here: the signature is what makes sure that the record is about the very report that was shown.
const recordPath = web.VerifyPath + "/record"

// RecordSigner signs records of checks: a compact JWS with typ verifier.ReceiptTyp, whose kid is the
// address of one of the issuer's published keys.
type RecordSigner interface {
	SignReceipt(ctx context.Context, payload []byte) (token string, err error)
}

// record is the signed record of a report. It is empty where nobody could check it: without a signer, or
// before there is an issuer whose key is published.
func (d *Door) record(ctx context.Context, r *verifier.Report, in verifier.Input) (string, error) {
	if d.records == nil {
		return "", nil
	}
	if _, err := d.issuer.Organisation(ctx); err != nil {
		if wording.NoProgramme(err) {
			err = nil
		}
		return "", err
	}
	return verifier.SignReceipt(ctx, verifier.NewReceipt(bounded(r), in, "Insignia "+d.version, d.site.BaseURL+web.VerifyPath), d.records)
}

// Most of a report that is kept of it, in a record or in a list of many.
const (
	checksKept  = 60
	messageKept = 500
)

// bounded is a report without what sat in the picture, and with an end to the texts of strangers.
func bounded(r *verifier.Report) *verifier.Report {
	n := *r
	n.Extracted, n.Checks = nil, make([]verifier.Check, 0, len(r.Checks))
	for i, k := range r.Checks {
		if i >= checksKept && k.Outcome != verifier.Fail || i >= 2*checksKept {
			continue
		}
		k.Message, k.Property = short(k.Message, messageKept), short(k.Property, messageKept)
		n.Checks = append(n.Checks, k)
	}
	if r.Badge != nil {
		b := *r.Badge
		b.Name, b.ID, b.Recipient = short(b.Name, titleMost), short(b.ID, retryMost), short(b.Recipient, titleMost)
		b.Description, b.Image, b.Results = "", "", nil
		b.Issuer = verifier.Issuer{
			ID: short(b.Issuer.ID, issuerIDMost), Name: short(b.Issuer.Name, titleMost),
			URL: short(b.Issuer.URL, issuerIDMost),
		}
		n.Badge = &b
	}
	n.Reason = short(n.Reason, messageKept)
	return &n
}

// postRecord, POST /verify/record, gives a record in the form that was asked for.
func (d *Door) postRecord(c echo.Context) error {
	notToKeep(c)
	if err := d.checks.Allow(c, web.Network(c)); err != nil {
		return err
	}
	form, err := d.readFields(c, web.VerifyBodyMost)
	if web.IsTooBig(err) {
		return web.BodyTooLarge(web.VerifyBodyMost)
	}
	if err != nil {
		return err
	}
	page := d.site.Page(c)
	page.NoIndex = true
	token := form.Text("record")
	state, receipt, err := d.readRecord(c.Request().Context(), token)
	if err != nil {
		return err
	}
	if state != templates.RecordKnown {
		return web.NewProblem(web.CodeInvalid, "This is no record that was signed here.")
	}
	as, known := recordForms[form.Text("as")]
	if !known {
		return web.NewProblem(web.CodeInvalid, "A record comes as page, pdf or json.")
	}
	return as(d, c, d.recordPage(page, receipt, token), receipt)
}

// recordForms are the forms of a record.
var recordForms = map[string]func(s *Door, c echo.Context, p templates.Record, r verifier.Receipt) error{
	"page": func(s *Door, c echo.Context, p templates.Record, _ verifier.Receipt) error { return web.Show(c, p) },
	"pdf": func(s *Door, c echo.Context, p templates.Record, r verifier.Receipt) error {
		leave, err := s.site.Drawing.Enter(c.Request().Context())
		if err != nil {
			return err
		}
		defer leave()
		pdf, err := s.paper.Record(p.Sheet())
		if err != nil {
			return err
		}
		attach(c, recordName(r)+".pdf")
		return c.Blob(http.StatusOK, "application/pdf", pdf)
	},
	"json": func(_ *Door, c echo.Context, p templates.Record, r verifier.Receipt) error {
		readable, err := r.Payload()
		if err != nil {
			return fmt.Errorf("write record: %w", err)
		}
		attach(c, recordName(r)+".json")
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(recordFile{readable, p.Signed}))
	},
}

// recordFile is a record as JSON: what was signed for reading, and signed.
type recordFile struct {
	Record json.RawMessage `json:"record"`
	Signed string          `json:"signed"`
}

// recordName names the file of a record by day and fingerprint.
func recordName(r verifier.Receipt) string {
	_, digits, _ := strings.Cut(r.Fingerprint, ":")
	return "badge-check-" + r.CheckedAt.UTC().Format("20060102-150405") + "-" + digits[:min(len(digits), 8)]
}

func attach(c echo.Context, name string) {
	c.Response().Header().Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// readRecord tells what is known of a record, and what it says if it is ours and unchanged. The key is the
// one that is published, as any later reader finds it.
func (d *Door) readRecord(ctx context.Context, token string) (state string, r verifier.Receipt, err error) {
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		return templates.RecordAltered, r, nil
	}
	if _, ours := d.own(kid); !ours {
		return templates.RecordForeign, r, nil
	}
	key, found, err := d.publishedKey(ctx, kid)
	if err != nil || !found {
		return templates.RecordKeyless, r, err
	}
	if r, err = verifier.ReadReceipt(token, key); errors.Is(err, verifier.ErrReceipt) {
		return templates.RecordAltered, r, nil
	}
	return templates.RecordKnown, r, err
}

// recordPage is a record for people.
func (d *Door) recordPage(page templates.Page, r verifier.Receipt, token string) templates.Record {
	kid, _ := verifier.ReceiptKID(token)
	report := verifier.Report{Checks: r.Checks, IssuerKnown: r.IssuerKnown, Test: r.Test}
	p := templates.Record{
		Page: page, Verdict: string(r.Verdict), IssuerKnown: r.IssuerKnown, Test: r.Test,
		CheckedAt: r.CheckedAt, Format: r.Format, Asked: r.RecipientAsked, Fingerprint: r.Fingerprint,
		Size: r.Size, Program: r.Program, VerifyURL: d.site.BaseURL + web.VerifyPath, KeyURL: kid,
		Signed: token, Action: recordPath,
	}
	if r.At != nil {
		p.At = r.At.UTC()
	}
	if b := r.Badge; b != nil && proven(r.Checks) {
		report.Badge = &verifier.Badge{Issuer: b.Issuer}
		p.Title, p.BadgeID, p.Issuer, p.IssuerID, p.Domain = b.Name, b.ID, b.Issuer.Name, b.Issuer.ID, domain(b.Issuer.ID)
		p.IssuedOn, p.Expires, p.Since, p.Reason = day(b.IssuedOn), day(b.ExpiresOn), day(r.Since), r.Reason
		if web.WebAddress(b.ID) != "" {
			p.BadgeURL = web.VerifyURL(b.ID)
		}
	}
	p.Checks = checksOf(&report)
	return p
}

// foundRecord is a record that somebody hands in again.
type foundRecord struct {
	token    string
	readable json.RawMessage // what stood beside it, of a JSON file
	inside   bool            // it stood in a file that people read, whose visible part nobody signed
}

// findRecord finds the signed text in what was handed in: the text itself, our JSON file, or a page or PDF
// with it inside.
func findRecord(data []byte) (found foundRecord, is bool) {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case isRecord(text):
		return foundRecord{token: string(text)}, true
	case bytes.HasPrefix(text, []byte("{")):
		var file recordFile
		if err := json.Unmarshal(text, &file); err != nil || !isRecord([]byte(file.Signed)) {
			return found, false
		}
		return foundRecord{token: file.Signed, readable: file.Record}, true
	case bytes.HasPrefix(text, []byte("%PDF-")) || bytes.Contains(bytes.ToLower(text[:min(len(text), 1024)]), []byte("<html")):
		for _, token := range signedText.FindAll(text, signedTexts) {
			if isRecord(token) {
				return foundRecord{token: string(token), inside: true}, true
			}
		}
	}
	return found, false
}

// signedText is a compact JWS whose header and payload are JSON objects.
var signedText = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{40,}`)

const (
	signedTexts = 8       // looked at in a file
	signedMost  = 1 << 20 // bytes of a signed record
)

func isRecord(text []byte) bool {
	if len(text) > signedMost || !bytes.HasPrefix(text, []byte("eyJ")) {
		return false
	}
	_, err := verifier.ReceiptKID(string(text))
	return err == nil
}

// showRecord says what is known of a record that was handed in.
func (d *Door) showRecord(c echo.Context, form templates.Verify, found foundRecord) error {
	notToKeep(c)
	page := form.Page
	page.Canonical, page.NoIndex = "", true
	state, r, err := d.readRecord(c.Request().Context(), found.token)
	if err != nil {
		return err
	}
	if state != templates.RecordKnown {
		return web.Show(c, templates.Record{Page: page, State: state, Host: hostOf(found.token)})
	}
	p := d.recordPage(page, r, found.token)
	p.State, p.Inside = state, found.inside
	if found.differs(r) {
		p.State = templates.RecordMixed
	}
	return web.Show(c, p)
}

// differs reports whether the readable part beside the signed one says something else.
func (f foundRecord) differs(r verifier.Receipt) bool {
	if f.readable == nil {
		return false
	}
	signed, err := r.Payload()
	return err != nil || !reflect.DeepEqual(plainJSON(f.readable), plainJSON(signed))
}

func plainJSON(data []byte) any {
	var v any
	if openbadge.UnmarshalStrict(data, &v) != nil {
		return data // equal to nothing that was signed
	}
	return v
}

// hostOf is the host that a record names as its maker.
func hostOf(token string) string {
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		return ""
	}
	u, err := url.Parse(kid)
	if err != nil {
		return ""
	}
	return short(u.Host, titleMost)
}

// keyPath is where keys are published that sign tokens.
var keyPath = regexp.MustCompile(`^/issuers/[^/]+/keys/[^/]+\.jwk$`)

// publishedKey is a key of ours as everybody finds it at its address; not found: it is not published, or
// not any more.
func (d *Door) publishedKey(ctx context.Context, address string) (key crypto.PublicKey, found bool, err error) {
	path, ours := d.own(address)
	if !ours || !keyPath.MatchString(path.Path) {
		return nil, false, nil
	}
	doc, _, _, err := d.ours.Document(ctx, address)
	if err != nil {
		return nil, false, web.NewProblem(web.CodeUnavailable, "The key cannot be read right now.")
	}
	if doc == nil || doc.Gone {
		return nil, false, nil
	}
	key, _, err = openbadge.ParseJWK(doc.Body)
	return key, err == nil, nil
}
