package verifier

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Site is this server as the issuer of badges that it is asked to judge.
type Site interface {
	// Document is what strangers find at an address of this server: false when the address is not ours. At the
	// address of a badge's page it is a badge document.
	Document(ctx context.Context, address string) (OwnDocument, bool)

	// RecordOf is what is on record of a badge of this server's that strangers may see: false for any
	// other. badge and issuer are the ids by which the badge names itself and its issuer; issuer is empty
	// where it names none.
	RecordOf(ctx context.Context, badge, issuer string) (Record, bool)

	// OfSandbox reports whether it is a badge of this server's that was made for a trial, whoever may see it.
	OfSandbox(ctx context.Context, badge, issuer string) bool
}

// OwnDocument is what this server shows at an address of its own. Type is its media type, Address where it stands, if
// that is another address than the one that was asked for.
type OwnDocument struct {
	State   OwnState
	Address string
	Type    string
	Body    []byte // must not be changed
}

// OwnState tells why an address of this server's has no document, if it has none.
type OwnState int

// States of an address.
const (
	Shown      OwnState = iota // there is the document
	NotShown                   // there is nothing that strangers may see
	Withdrawn                  // the badge there is withdrawn; the document may say why
	Unreadable                 // it could not be read
)

// Record is what an issuer knows of a badge beyond the documents that strangers read, as it is now.
type Record struct {
	State  Verdict    // Valid, Expired, Superseded, Suspended or Revoked, whatever edition was handed in
	Since  *time.Time // for Suspended and Revoked
	Reason string     // the same; may be empty
	Older  bool       // badge is the id of an edition that a newer one has replaced

	Holder    string // name, as it is shown; empty: the holder hides it
	Named     string // the whole name, for comparing only
	Name      string // of the badge
	Issuer    Issuer
	IssuedOn  *time.Time
	ExpiresOn *time.Time // nil: never
}

// ownRecord is what this server answered about the badge.
type ownRecord struct {
	Record
	found bool
}

// record asks this server about the badge, once, and only when it is sure who made it.
func (x *examination) record(ctx context.Context) (Record, bool) {
	b := x.report.Badge
	if !x.isOurs() || !x.sound() {
		return Record{}, false
	}
	if x.own == nil {
		r, found := x.site.RecordOf(ctx, b.ID, b.Issuer.ID)
		x.own = &ownRecord{r, found}
	}
	return x.own.Record, x.own.found
}

// applyRecord lets the record have the last word about a badge of ours as it is now: it is newer than any document, and
// knows what some documents do not tell (contract 5, one set of facts). An edition that was replaced goes on telling
// what was so when it was signed.
func (x *examination) applyRecord(ctx context.Context) {
	r, found := x.record(ctx)
	if !found || !x.in.At.IsZero() { // the record is of today
		return
	}
	x.addStateOfRecord(r)
	if r.State == Suspended || r.State == Revoked {
		x.report.Since, x.report.Reason = r.Since, r.Reason
	}
	if slices.Contains(x.findings, Superseded) && r.State != Superseded {
		return
	}
	b := x.report.Badge
	if b.IssuedOn, b.ExpiresOn = r.IssuedOn, r.ExpiresOn; r.Holder != "" || r.Named != "" {
		b.Recipient = r.Holder // a name that its holder hides is not told from what was signed before they did
	}
	if b.Issuer == (Issuer{}) { // a withdrawn 2.0 badge names nobody, and this very server says that it is
		b.Name, b.Issuer = cmp.Or(b.Name, r.Name), r.Issuer
		x.pass(CheckProof, "The issuer's own server, which this is, has the badge on record.")
	}
}

// addStateOfRecord adds what the record says of the badge's state and its documents do not.
func (x *examination) addStateOfRecord(r Record) {
	const newer = "The issuer's record, which is newer than what it publishes, says so."
	said := func(v Verdict) bool { return slices.Contains(x.findings, v) }
	switch {
	case r.State == Revoked && !said(Revoked):
		x.fail(CheckStatus, CodeRevoked, withReason("The badge is revoked. "+newer, r.Reason))
	case r.State == Suspended && !said(Suspended):
		x.fail(CheckStatus, CodeSuspended, withReason("The badge is suspended. "+newer, r.Reason))
	case r.State == Superseded && !said(Superseded):
		x.findings = append(x.findings, Superseded)
		x.warn(CheckRefresh, "", "The issuer has another badge in the place of this one.")
	case r.Older && !said(Superseded):
		x.findings = append(x.findings, Superseded)
		x.warn(CheckRefresh, "", "The issuer has signed a newer edition of this badge.")
	}
}

// isOurs reports whether what was judged may be this server's own: a hosted badge only if this server
// answered for its address, a signed one only if its proof holds, by a key of the issuer that it names.
// That a stranger's document bears the id of a badge of ours makes it none.
func (x *examination) isOurs() bool {
	b := x.report.Badge
	switch {
	case x.site == nil || b == nil:
		return false
	case x.report.Format == FormatOB1Hosted || x.report.Format == FormatOB2Hosted:
		return x.ours[b.ID]
	}
	return x.sound() && b.Issuer.ID != ""
}

// markTest marks a badge of a sandbox of ours: it is signed like any other, and nobody earned it.
func (x *examination) markTest(ctx context.Context) {
	b := x.report.Badge
	if x.isOurs() && x.site.OfSandbox(ctx, b.ID, b.Issuer.ID) {
		x.report.Test = true
		x.warn(CheckTest, CodeTest, "This is a test badge of this server's: nothing was earned.")
	}
}

// noteWithdrawn writes down that the badge is among those that its issuer has withdrawn. A status list has one
// bit for that, and a place in it that was set stays set (contract section 4): of a badge of ours the
// record knows whether it is withdrawn for ever, on hold, or stands again with a newer edition.
func (x *examination) noteWithdrawn(ctx context.Context, message, reason string) {
	var r Record
	var found bool
	if x.in.At.IsZero() { // the record is of today
		r, found = x.record(ctx)
	}
	switch {
	case found && r.State == Suspended:
		x.fail(CheckStatus, CodeSuspended, withReason("The badge is suspended: the issuer's record, which is newer than its status list, says so.", r.Reason))
	case found && r.State == Revoked:
		x.fail(CheckStatus, CodeRevoked, withReason(message, r.Reason))
	case found && (r.State == Valid || r.State == Expired):
		x.findings = append(x.findings, Superseded)
		x.warn(CheckStatus, CodeRevoked, "This edition does not count any more, but the badge stands: the issuer's record has a newer edition.")
	default:
		x.noteRevoked(message, reason)
	}
}

// noteRevoked writes down that the badge's documents call it withdrawn, and why.
func (x *examination) noteRevoked(message, reason string) {
	x.report.Reason = clip(reason)
	x.fail(CheckStatus, CodeRevoked, withReason(message, reason))
}
