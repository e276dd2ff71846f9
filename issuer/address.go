package issuer

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// The public addresses (contract 4). They are ids inside signed documents: never changed.

func (i *Issuer) badgeURL(award, form string) string { return i.BaseURL + "/badges/" + award + form }

// BadgeURL is the address of an award's page.
func (i *Issuer) BadgeURL(award string) string { return i.badgeURL(award, "") }

func (i *Issuer) achievementURL(id, form string) string {
	return i.BaseURL + "/achievements/" + id + form
}

func (i *Issuer) issuerURL(id, form string) string { return i.BaseURL + "/issuers/" + id + form }

func (i *Issuer) statusURL(list int64) string {
	return i.BaseURL + "/status/" + strconv.FormatInt(list, 10)
}

// KeyURL is the address of a public JSON Web Key; it is the kid of what the key signed.
func KeyURL(baseURL, issuer, kid string) string {
	return baseURL + "/issuers/" + issuer + "/keys/" + kid + ".jwk"
}

// ProofKeyURL is the address of a public key for embedded proofs; it is the verificationMethod of what
// the key signed. It has no fragment, since some readers fetch an address without it and take what they
// get for the key.
func ProofKeyURL(baseURL, issuer, kid string) string {
	return baseURL + "/issuers/" + issuer + "/keys/" + kid
}

// keyID is the key that an address made by KeyURL or ProofKeyURL leads to.
func keyID(address string) string {
	return strings.TrimSuffix(address[strings.LastIndexByte(address, '/')+1:], ".jwk")
}

// KeyURL is where the issuer's public key of that id is served.
func (i *Issuer) KeyURL(kid string) string { return KeyURL(i.BaseURL, i.OrganisationID(), kid) }

// ProofKeyURL is where the issuer's key for embedded proofs of that id is served.
func (i *Issuer) ProofKeyURL(kid string) string {
	return ProofKeyURL(i.BaseURL, i.OrganisationID(), kid)
}

// profile is the issuer as Open Badges 3.0 names it inside credentials.
func (i *Issuer) profile(org programme.Issuer) openbadge.Profile {
	p := openbadge.NewProfile(i.issuerURL(org.ID, "/issuer.json"), org.Name.String(), org.URL)
	p.Email = org.Email
	p.Description = org.Description.String()
	return p
}

// achievementOf is an achievement as Open Badges 3.0 writes it, in a language that it has. The one in the
// programme's first language is the one that credentials name; the others are translations of it.
func (i *Issuer) achievementOf(a *Achievement, lang string) openbadge.Achievement {
	page := i.achievementURL(a.ID, "")
	name := a.In(a.Name, lang)
	oa := openbadge.NewAchievement(i.translationURL(a, "/achievement.json", lang), name, a.In(a.Description, lang),
		openbadge.Criteria{ID: page, Narrative: a.In(a.Criteria, lang)})
	oa.AchievementType = "Certification"
	if a.Kind == programme.KindExam {
		oa.AchievementType = "Assessment"
	}
	oa.HumanCode = a.Code
	oa.InLanguage = lang
	oa.Tag = a.skillsIn(lang)
	for n, skill := range oa.Tag {
		oa.Alignment = append(oa.Alignment, openbadge.NewAlignment(skill, page+skillAnchor(n)))
	}
	oa.Image = openbadge.NewImage(i.achievementURL(a.ID, "/image.png"), name)
	oa.Related = []openbadge.Related{openbadge.RelatedBadgeClass(i.translationURL(a, "/badgeclass.json", lang))}
	for _, other := range a.otherLanguages(lang) {
		oa.Related = append(oa.Related, openbadge.Translation(i.translationURL(a, "/achievement.json", other), other))
	}
	return oa
}

// skillAnchor is where an achievement's page names its nth skill, counted from 0.
func skillAnchor(n int) string { return "#skill-" + strconv.Itoa(n) }

// badgeClassOf is an achievement as Open Badges 2.0 writes it, in a language that it has.
func (i *Issuer) badgeClassOf(a *Achievement, lang string, org programme.Issuer) ob2.BadgeClass {
	page := i.achievementURL(a.ID, "")
	c := ob2.NewBadgeClass(i.translationURL(a, "/badgeclass.json", lang), a.In(a.Name, lang), a.In(a.Description, lang),
		i.achievementURL(a.ID, "/image.png"), i.issuerURL(org.ID, "/profile.json"),
		ob2.Criteria{ID: page, Narrative: a.In(a.Criteria, lang)})
	c.Language = lang
	c.Tags = a.skillsIn(lang)
	for n, skill := range c.Tags {
		c.Alignment = append(c.Alignment, ob2.Alignment{TargetName: skill, TargetURL: page + skillAnchor(n)})
	}
	c.Related = []ob2.Related{ob2.RelatedAchievement(i.translationURL(a, "/achievement.json", lang))}
	for _, other := range a.otherLanguages(lang) {
		c.Related = append(c.Related, ob2.Translation(i.translationURL(a, "/badgeclass.json", other), other))
	}
	return c
}

// badgeClassForKey is an achievement as badges that were signed with a key embed it.
func (i *Issuer) badgeClassForKey(a *Achievement, docs IssuerDocuments, kid string) ob2.BadgeClass {
	id := i.achievementURL(a.ID, "/badgeclass.json?key="+url.QueryEscape(kid))
	return i.badgeClassOf(a, a.Language, docs.org).ForKey(id, docs.keyProfileURL(kid))
}

// translationURL is the address of a document about an achievement in a language.
func (i *Issuer) translationURL(a *Achievement, document, lang string) string {
	if lang != a.Language {
		document += "?lang=" + url.QueryEscape(lang)
	}
	return i.achievementURL(a.ID, document)
}
