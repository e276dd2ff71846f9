package verifier

import (
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const maxResults = 50 // shown of one badge

// badgeOf is what a credential says about itself.
func badgeOf(r *openbadge.Received) *Badge {
	a := r.Subject.Achievement
	b := &Badge{
		Name: a.Name, Description: a.Description, Image: a.Image, ID: r.ID,
		Issuer:    Issuer{ID: r.Issuer.ID, Name: r.Issuer.Name, URL: r.Issuer.URL},
		Recipient: recipientOf(r.Subject),
		IssuedOn:  moment(r.ValidFrom.Time), ExpiresOn: moment(r.ValidUntil.Time),
	}
	for _, result := range r.Subject.Results {
		if len(b.Results) < maxResults {
			b.Results = append(b.Results, Result(result))
		}
	}
	if !r.AwardedDate.IsZero() {
		b.IssuedOn = moment(r.AwardedDate.Time)
	}
	for to, from := range map[*string]string{&b.Name: r.Name, &b.Description: r.Description, &b.Image: r.Image} {
		if *to == "" {
			*to = from
		}
	}
	return b
}

// recipientOf names the recipient as well as the document allows.
func recipientOf(s openbadge.ReceivedSubject) string {
	plain, hash := "", ""
	for _, i := range s.Identifiers {
		switch {
		case i.Hashed:
			hash = i.IdentityHash
		case i.IdentityType == "name":
			return i.IdentityHash
		default:
			plain = i.IdentityHash
		}
	}
	for _, name := range []string{identityOf(s.ID), plain, hash} {
		if name != "" {
			return name
		}
	}
	return ""
}

// badgeOf2 is what the documents of a 2.0 badge say; each may be nil.
func badgeOf2(assertion, class, profile *ob2.Object) *Badge {
	b := &Badge{}
	if profile != nil {
		b.ID, b.Name, b.Description, b.Image = profile.ID, profile.Text("name"), profile.Text("description"), profile.Image().URL
		b.Issuer = Issuer{ID: profile.ID, Name: profile.Text("name"), URL: profile.Text("url")}
	}
	if class != nil {
		b.ID, b.Name, b.Description, b.Image = class.ID, class.Text("name"), class.Text("description"), class.Image().URL
	}
	if assertion != nil {
		b.ID, b.Recipient = assertion.ID, assertion.Recipient().Identity
		b.IssuedOn, b.ExpiresOn = moment(assertion.IssuedOn().Time), moment(assertion.Expires().Time)
		if image := assertion.Image().URL; image != "" && b.Image == "" {
			b.Image = image
		}
	}
	return b
}

// clip shortens a text of a stranger's to what fits a line.
func clip(text string) string {
	const most = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
