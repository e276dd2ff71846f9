package verifier

import (
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// skew is how far the clocks of an issuer and this machine may differ at the start of a period. The
// end is sharp.
const skew = 5 * time.Minute

func (x *examination) credentialDates(r *openbadge.Received) {
	faults := periodFaults(r.ValidFrom.Time, r.ValidUntil.Time, x.at)
	for _, f := range faults {
		x.refuse(CheckDates, f)
	}
	if len(faults) == 0 && !r.ValidFrom.IsZero() {
		x.pass(CheckDates, "The badge is within its dates.")
	}
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
