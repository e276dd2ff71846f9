package issuer

import (
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Facts are what is told of an award wherever something is told of it: on pages, in answers, in the documents
// that are signed, and to the verifier (contract 5, one set of facts).
type Facts struct {
	EarnedOn  programme.Date
	ExpiresOn programme.Date // zero: never
	Status    Validity
	Since     time.Time // from when it has been revoked, on hold or expired; zero for any other status
	Reason    string    // of a revocation or a hold, as everybody may read it; may be empty
}

// Facts are the award's on a day.
func (a *Award) Facts(today programme.Date) Facts {
	f := Facts{EarnedOn: a.EarnedOn.Date, ExpiresOn: a.ExpiresOn.Date, Status: a.Validity(today)}
	switch f.Status {
	case Revoked:
		f.Since, f.Reason = a.RevokedAt.UTC(), a.Told()
	case Suspended:
		f.Since, f.Reason = a.SuspendedAt.UTC(), a.Told()
	case Expired:
		f.Since = a.ExpiresOn.Time()
	}
	return f
}

// Facts are those of the badge at this moment.
func (i *Issuer) Facts(b *Badge) Facts { return b.Award.Facts(i.Today()) }
