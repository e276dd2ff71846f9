package templates

import "html/template"

// stripText is what the status strip of a badge that is not valid says.
func (c *catalogue) stripText(p BadgePage) template.HTML {
	key := "strip." + p.Verdict
	day := p.Since
	if p.Verdict == "expired" && day.IsZero() {
		day = p.Expires
	}
	if k := key + ".since"; !day.IsZero() && c.has(k) {
		key = k
	} else {
		key += ".plain"
	}
	return c.word(key, "issuer", p.Issuer.Name, "date", c.date(day), "moment", c.moment(p.CheckedAt))
}

// schemaOrg is what search engines read (schema.org EducationalOccupationalCredential).
type schemaOrg struct {
	Context            string   `json:"@context"`
	Type               string   `json:"@type"`
	Name               string   `json:"name"`
	Description        string   `json:"description,omitempty"`
	URL                string   `json:"url,omitempty"`
	Image              string   `json:"image,omitempty"`
	CredentialCategory string   `json:"credentialCategory"`
	RecognizedBy       schemaBy `json:"recognizedBy"`
	ValidFrom          string   `json:"validFrom,omitempty"`
	Expires            string   `json:"expires,omitempty"`
	Competencies       []string `json:"competencyRequired,omitempty"`
}

type schemaBy struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// SchemaOrg is the page's JSON-LD block; the template encodes it.
func (p BadgePage) SchemaOrg() any {
	s := schemaOrg{
		Context: "https://schema.org", Type: "EducationalOccupationalCredential",
		Name: p.Title.Value, Description: p.Description.Value, URL: p.Canonical, Image: p.CardURL,
		CredentialCategory: p.Kind,
		RecognizedBy:       schemaBy{Type: "Organization", Name: p.Issuer.Name.Value, URL: p.Issuer.URL},
		ValidFrom:          isoDay(p.EarnedOn), Expires: isoDay(p.Expires),
	}
	for _, skill := range p.Skills {
		s.Competencies = append(s.Competencies, skill.Name.Value)
	}
	return s
}

func isoDay(d Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Format("2006-01-02")
}
