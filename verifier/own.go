package verifier

import "context"

// Site is this server as the issuer of badges that it is asked to judge.
type Site interface {
	// Fetch answers addresses of this server without the network: false when the address is not ours, a
	// Response of status 404 (or nil) when it is ours and shows nothing. The address of a badge page
	// should be answered with a badge document.
	Fetch(ctx context.Context, url string) (*Response, bool)

	// RecordOf is what is on record of a badge of this server's that strangers may see: false for any
	// other. badge and issuer are the ids by which the badge names itself and its issuer; issuer is empty
	// where it names none.
	RecordOf(ctx context.Context, badge, issuer string) (Record, bool)

	// OfSandbox reports whether it is a badge of this server's that was made for a trial, whoever may see it.
	OfSandbox(ctx context.Context, badge, issuer string) bool
}

// Record is what an issuer knows of a badge beyond the documents that strangers read.
type Record struct {
	State  Verdict // Valid, Expired, Superseded, Suspended or Revoked, whatever edition was handed in
	Reason string  // for Suspended; may be empty
	Holder string  // name
}

// record asks this server about the badge, once it is sure who made it.
func (x *examination) record(ctx context.Context) (Record, bool) {
	b := x.report.Badge
	if !x.isOurs() || !x.sound() {
		return Record{}, false
	}
	return x.options.Own.RecordOf(ctx, b.ID, b.Issuer.ID)
}

// isOurs reports whether what was judged may be this server's own: a hosted badge only if this server
// answered for its address, a signed one only if its proof holds, by a key of the issuer that it names.
// That a stranger's document bears the id of a badge of ours makes it none.
func (x *examination) isOurs() bool {
	b := x.report.Badge
	switch {
	case x.options.Own == nil || b == nil:
		return false
	case x.report.Format == FormatOB1Hosted || x.report.Format == FormatOB2Hosted:
		return x.ours[b.ID]
	}
	return x.sound() && b.Issuer.ID != ""
}

// trial marks a badge of a sandbox of ours: it is signed like any other, and nobody earned it.
func (x *examination) trial(ctx context.Context) {
	b := x.report.Badge
	if x.isOurs() && x.options.Own.OfSandbox(ctx, b.ID, b.Issuer.ID) {
		x.report.Test = true
		x.warn(CheckTest, CodeTest, "This is a test badge of this server's: nothing was earned.")
	}
}

// takenBack writes down that the badge is among those that its issuer has withdrawn. A status list has one
// bit for that, and a place in it that was set stays set (contract section 4): of a badge of ours the
// record knows whether it is withdrawn for ever, on hold, or stands again with a newer edition.
func (x *examination) takenBack(ctx context.Context, message string) {
	var r Record
	var found bool
	if x.in.At.IsZero() { // the record is of today
		r, found = x.record(ctx)
	}
	switch {
	case found && r.State == Suspended:
		x.fail(CheckStatus, CodeSuspended, withReason("The badge is suspended: the issuer's record, which is newer than its status list, says so.", r.Reason))
	case found && (r.State == Valid || r.State == Expired):
		x.findings = append(x.findings, Superseded)
		x.warn(CheckStatus, CodeRevoked, "This edition does not count any more, but the badge stands: the issuer's record has a newer edition.")
	default:
		x.fail(CheckStatus, CodeRevoked, message)
	}
}
