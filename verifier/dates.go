package verifier

import "time"

// skew is how far the clocks of an issuer and this machine may differ at the start of a period. The
// end is sharp.
const skew = 5 * time.Minute

func (x *examination) credentialDates(s *sealed) {
	from, until := s.period()
	faults := periodFaults(from, until, x.at)
	for _, f := range faults {
		x.refuse(CheckDates, f)
	}
	if len(faults) == 0 && !s.ValidFrom.IsZero() {
		x.pass(CheckDates, "The badge is within its dates.")
	}
}

// claimedDates remarks upon the dates of a document whose issuer is not known: they are nobody's word.
func (x *examination) claimedDates(s *sealed) {
	from, until := s.period()
	for _, f := range periodFaults(from, until, x.at) {
		x.add(Check{Name: CheckDates, Outcome: Warning, Code: f.code, Property: f.property, Message: f.message})
	}
}

// period is when the credential holds; a token that carries it can only narrow that (VC-JOSE-COSE).
func (s *sealed) period() (from, until time.Time) {
	from, until = s.ValidFrom.Time, s.ValidUntil.Time
	if s.Claims == nil {
		return from, until
	}
	if s.Claims.NotBefore.After(from) {
		from = s.Claims.NotBefore
	}
	if expires := s.Claims.Expires; !expires.IsZero() && (until.IsZero() || expires.Before(until)) {
		until = expires
	}
	return from, until
}

// periodFaults judges a period as of a moment (spec 3.0 section 10, step 4); zero times set no limit.
func periodFaults(from, until, at time.Time) []*fault {
	var faults []*fault
	if from.After(at.Add(skew)) {
		faults = append(faults, &fault{code: NotYetIssued, property: "validFrom", message: "The badge is not valid yet."})
	}
	if until.IsZero() {
		return faults
	}
	if until.Before(from) {
		faults = append(faults, &fault{code: ExpiresBeforeIssued, property: "validUntil", message: "The badge ends before it begins."})
	}
	if !until.After(at) {
		faults = append(faults, &fault{code: CodeExpired, property: "validUntil", message: "The badge has expired."})
	}
	return faults
}
