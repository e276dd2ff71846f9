package programme

// candidate is a certification that the pass being judged may bear on.
type candidate struct {
	cert    *Certification
	place   int     // in the programme
	named   bool    // the certification names the exam; otherwise a certification that it names was earned by this pass
	through *tenure // where it is not named: the certification that it names, earned by this pass
	was     *tenure // its latest earning before the pass, or nil
	held    bool    // whether that held before the pass
	now     *tenure // earned by this pass
	renewed bool    // by this pass
}

func (c *candidate) subject() Subject { return Subject{KindCertification, c.cert.Code} }

func (c *candidate) alive(day Date) bool {
	return counts(c.cert.InProgrammeSince, c.cert.Retired, day)
}

func (f *fold) candidate(place int, through *tenure) *candidate {
	c := &candidate{cert: &f.version.Programme.Certifications[place], place: place, named: through == nil, through: through}
	c.was = f.last[c.subject()]
	c.held = c.was != nil && c.was.held(f.day)
	return c
}

func (c *candidate) expiry(from Date) Date {
	if c.cert.ValidFor == 0 {
		return Date{}
	}
	return from.AddMonths(int(c.cert.ValidFor))
}

// opens is the first day on which a pass renews what is held; zero where nothing expires.
func (c *candidate) opens() Date {
	if c.was.Expires.IsZero() {
		return Date{}
	}
	window := c.cert.RenewalWindow
	if c.cert.ValidFor == 0 {
		window = c.cert.ValidFor.window() // held from a version in which it still expired
	}
	return c.was.Expires.AddDays(-int(window))
}

func (c *candidate) inWindow(day Date) bool {
	return !c.was.Expires.IsZero() && !day.Before(c.opens())
}
