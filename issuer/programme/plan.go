package programme

// Plan is what applying a programme would change, before anything does.
type Plan struct {
	Added    []Subject `json:"added,omitempty"`
	Changed  []Change  `json:"changed,omitempty"`
	Retired  []Subject `json:"retired,omitempty"` // got a date of retirement; also in Changed where more changed than that
	Kept     []Subject `json:"kept,omitempty"`    // missing from the file and kept: to end them, retire them
	Issuer   []string  `json:"issuer,omitempty"`  // members of the issuer that changed
	Warnings []Problem `json:"warnings,omitempty"`
}

// Change is an exam or certification and the members that are different now, as the file calls them.
type Change struct {
	Subject Subject  `json:"subject"`
	Members []string `json:"members"`
}

// Empty reports whether applying would change nothing, so that no new version is needed. What is merely kept is no change.
func (p Plan) Empty() bool {
	return len(p.Added)+len(p.Changed)+len(p.Retired)+len(p.Issuer) == 0
}

func (p *Plan) changed(s Subject, members []string, retired bool) {
	if retired {
		p.Retired = append(p.Retired, s)
	}
	if len(members) > 1 || len(members) == 1 && !retired {
		p.Changed = append(p.Changed, Change{s, members})
	}
}
