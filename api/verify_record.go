package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// recordPath takes the signed record that a result page carries and gives it in a form to keep. Nothing is
// stored here: the signature is what makes sure that the record is about the very report that was shown.
const recordPath = verifyPath + "/record"

// RecordSigner signs records of checks: a compact JWS with typ verifier.ReceiptTyp, whose kid is the
// address of one of the issuer's published keys.
type RecordSigner interface {
	SignReceipt(ctx context.Context, payload []byte) (token string, err error)
}

// record is the signed record of a report. It is empty where nobody could check it: without a signer, or
// before there is an issuer whose key is published.
func (s *Server) record(ctx context.Context, r *verifier.Report, in verifier.Input) (string, error) {
	if s.o.Records == nil {
		return "", nil
	}
	if _, err := s.o.Issuer.Organisation(ctx); err != nil {
		if nobody(err) {
			err = nil
		}
		return "", err
	}
	return verifier.SignReceipt(ctx, verifier.NewReceipt(bounded(r), in, "Insignia "+s.o.Version, s.o.BaseURL+verifyPath), s.o.Records)
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
		b.Issuer = verifier.Issuer{ID: short(b.Issuer.ID, issuerIDMost), Name: short(b.Issuer.Name, titleMost), URL: short(b.Issuer.URL, issuerIDMost)}
		n.Badge = &b
	}
	n.Reason = short(n.Reason, messageKept)
	return &n
}

// postRecord gives a record in the form that was asked for.
func (s *Server) postRecord(c echo.Context) error {
	notToKeep(c)
	if err := s.checks.allow(c, network(c)); err != nil {
		return err
	}
	form, err := s.readFields(c, verifyBodyMost)
	if isTooBig(err) {
		return bodyTooLarge(verifyBodyMost)
	}
	if err != nil {
		return err
	}
	page := s.page(c)
	page.NoIndex = true
	token := form.text("record")
	state, receipt, err := s.readRecord(c.Request().Context(), token)
	if err != nil {
		return err
	}
	if state != templates.RecordKnown {
		return trouble(codeInvalid, "This is no record that was signed here.")
	}
	as, known := recordForms[form.text("as")]
	if !known {
		return trouble(codeInvalid, "A record comes as page, pdf or json.")
	}
	return as(s, c, s.recordPage(page, receipt, token), receipt)
}

// recordForms are the forms of a record.
var recordForms = map[string]func(s *Server, c echo.Context, p templates.Record, r verifier.Receipt) error{
	"page": func(s *Server, c echo.Context, p templates.Record, _ verifier.Receipt) error { return s.show(c, p) },
	"pdf": func(s *Server, c echo.Context, p templates.Record, r verifier.Receipt) error {
		leave, err := s.drawing.enter(c.Request().Context())
		if err != nil {
			return err
		}
		defer leave()
		var body bytes.Buffer
		if err := p.PDF(&body); err != nil {
			return err
		}
		attach(c, recordName(r)+".pdf")
		return c.Blob(http.StatusOK, "application/pdf", body.Bytes())
	},
	"json": func(_ *Server, c echo.Context, p templates.Record, r verifier.Receipt) error {
		readable, err := r.Payload()
		if err != nil {
			return fmt.Errorf("write record: %w", err)
		}
		attach(c, recordName(r)+".json")
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, encode(recordFile{readable, p.Signed}))
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
func (s *Server) readRecord(ctx context.Context, token string) (state string, r verifier.Receipt, err error) {
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		return templates.RecordAltered, r, nil
	}
	if _, ours := s.own(kid); !ours {
		return templates.RecordForeign, r, nil
	}
	key, found, err := s.publishedKey(ctx, kid)
	if err != nil || !found {
		return templates.RecordKeyless, r, err
	}
	if r, err = verifier.ReadReceipt(token, key); errors.Is(err, verifier.ErrReceipt) {
		return templates.RecordAltered, r, nil
	}
	return templates.RecordKnown, r, err
}

// recordPage is a record for people.
func (s *Server) recordPage(page templates.Page, r verifier.Receipt, token string) templates.Record {
	kid, _ := verifier.ReceiptKID(token)
	report := verifier.Report{Checks: r.Checks, IssuerKnown: r.IssuerKnown, Test: r.Test}
	p := templates.Record{
		Page: page, Verdict: string(r.Verdict), IssuerKnown: r.IssuerKnown, Test: r.Test, CheckedAt: r.CheckedAt, Format: r.Format, Asked: r.RecipientAsked,
		Fingerprint: r.Fingerprint, Size: r.Size, Program: r.Program, VerifyURL: s.o.BaseURL + verifyPath, KeyURL: kid, Signed: token, Action: recordPath,
	}
	if r.At != nil {
		p.At = r.At.UTC()
	}
	if b := r.Badge; b != nil && proven(r.Checks) {
		report.Badge = &verifier.Badge{Issuer: b.Issuer}
		p.Title, p.BadgeID, p.Issuer, p.IssuerID, p.Domain = b.Name, b.ID, b.Issuer.Name, b.Issuer.ID, domain(b.Issuer.ID)
		p.IssuedOn, p.Expires, p.Since, p.Reason = day(b.IssuedOn), day(b.ExpiresOn), day(r.Since), r.Reason
		if webAddress(b.ID) != "" {
			p.BadgeURL = verifyURL(b.ID)
		}
	}
	p.Checks = checksOf(&report)
	return p
}
