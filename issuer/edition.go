package issuer

import "time"

// overAt reports whether the award's days are over at a moment.
func (a *Award) overAt(t time.Time) bool {
	return !a.ExpiresOn.IsZero() && !t.Before(a.ExpiresOn.Time())
}

// validFrom is when the current edition begins: when it was signed, but for one that was over by then.
func (a *Award) validFrom() time.Time {
	if a.ValidFrom != nil {
		return a.ValidFrom.UTC()
	}
	return a.IssuedAt
}

// lateStart is the beginning of an edition that is over when it is signed, as after a late result. Its end is
// the true one, and no credential may end before it begins (VC Data Model 2.0 §4.9), so that it cannot begin
// with the signature. validFrom is when a credential begins to hold and need not be when it was made
// (OB 3.0 §2.1: the day of the award itself is awardedDate): it held from the day it was earned. Of two
// editions the one that begins later is the current one (OB 3.0 §2.6), so a further one begins a second after
// the one before, as long as the end allows.
func (a *Award) lateStart(before time.Time) time.Time {
	from := a.EarnedOn.Time()
	if !before.IsZero() {
		from = later(from, before.Add(time.Second))
	}
	if end := a.ExpiresOn.Time(); from.After(end) {
		return end
	}
	return from
}
