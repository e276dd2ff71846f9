package programme

// decide says what the pass being judged did for a certification.
func (f *fold) decide(c *candidate) Decision {
	d := Decision{Subject: c.subject(), Outcome: Skipped, Version: f.version.Number}
	if t := f.last[d.Subject]; t != nil && t.held(f.day) {
		d.Date, d.Expires = t.EarnedOn, t.Expires
	}
	switch {
	case (c.now != nil || c.renewed) && c.cert.Badge == Never:
		d.Reason = BadgeNever
	case c.now != nil:
		d.Outcome, d.Reason = Awarded, CertificationEarned
	case c.renewed:
		d.Outcome, d.Reason, d.Date = Renewed, CertificationRenewed, f.day
	case c.held && !c.inWindow(f.day):
		d.Reason, d.RenewFrom = AlreadyEarned, c.opens()
	case f.day.Before(c.cert.InProgrammeSince):
		d.Outcome, d.Reason, d.Date = None, NotInBadgeProgramme, c.cert.InProgrammeSince
	case !c.alive(f.day):
		d.Outcome, d.Reason, d.Date = None, CertificationRetired, c.cert.Retired
	default:
		d.Outcome, d.Reason = NotYet, RequirementMissing
		d.Missing = c.cert.Requires.Missing(f.have, f.open)
		d.Closed = !c.cert.Requires.Satisfied(func(s Subject) bool { return f.have(s) || f.open(s) })
	}
	return d
}
