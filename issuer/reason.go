package issuer

import "github.com/open-insignia/insignia/line"

// Reason is why somebody changed a result or an award. It has two audiences (contract 3), and the same rule
// holds wherever one is given.
type Reason struct {
	Text   string // for the record, for the partner and for staff; never shown to anybody else
	Public string // what holder and world may read, on pages, in letters and in what is signed; empty: a neutral sentence
}

// check finds what is wrong with a reason, and tidies it: the first part is always needed.
func (r *Reason) check(f *faults) {
	f.prose("/reason", r.Text, maxReason)
	if r.Public != "" {
		f.prose("/public_reason", r.Public, maxReason)
	}
	r.Text, r.Public = line.Tidy(r.Text), line.Tidy(r.Public)
}

// Told is why the award was revoked or suspended, as everybody may read it: what was said on purpose, or the
// code of a result that was taken back. Empty: nothing but that it happened.
func (a *Award) Told() string {
	switch {
	case a.RevokedAt == nil && a.SuspendedAt == nil:
		return ""
	case a.PublicReason != "":
		return a.PublicReason
	case a.Revocation == ByVoid:
		return ByVoid
	}
	return ""
}

// revocationReason is Told for Open Badges 2.0 documents, which have a sentence always.
func revocationReason(told string, suspended bool) string {
	switch {
	case told != "":
		return told
	case suspended:
		return "Put on hold by its issuer."
	}
	return "Withdrawn by its issuer."
}
