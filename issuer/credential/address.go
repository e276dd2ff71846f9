package credential

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// Addresses are the public addresses below a base address (contract 4), and what documents say of what stands there.
// They are ids inside signed documents: never changed.
type Addresses struct {
	BaseURL string // no slash at its end
}

func (at Addresses) badgeURL(award, form string) string {
	return at.BaseURL + "/badges/" + award + form
}

// BadgeURL is the address of an award's page.
func (at Addresses) BadgeURL(award string) string { return at.badgeURL(award, "") }

func (at Addresses) achievementURL(id, form string) string {
	return at.BaseURL + "/achievements/" + id + form
}

func (at Addresses) issuerURL(id, form string) string { return at.BaseURL + "/issuers/" + id + form }

func (at Addresses) statusURL(list int64) string {
	return at.BaseURL + "/status/" + strconv.FormatInt(list, 10)
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
func (p *Publisher) KeyURL(kid string) string {
	return KeyURL(p.BaseURL, p.catalogue.OrganisationID(), kid)
}

// profile is the issuer as Open Badges 3.0 names it inside credentials.
func (at Addresses) profile(org programme.Issuer) openbadge.Profile {
	p := openbadge.NewProfile(at.issuerURL(org.ID, "/issuer.json"), org.Name.String(), org.URL)
	p.Email = org.Email
	p.Description = org.Description.String()
	return p
}

// achievementOf is an achievement as Open Badges 3.0 writes it, in a language that it has. The one in the
// programme's first language is the one that credentials name; the others are translations of it.
func (at Addresses) achievementOf(a *catalogue.Achievement, lang string) openbadge.Achievement {
	page := at.achievementURL(a.ID, "")
	name := a.In(a.Name, lang)
	oa := openbadge.NewAchievement(at.translationURL(a, "/achievement.json", lang), name, a.In(a.Description, lang),
		openbadge.Criteria{ID: page, Narrative: a.In(a.Criteria, lang)})
	oa.AchievementType = "Certification"
	if a.Kind == programme.KindExam {
		oa.AchievementType = "Assessment"
	}
	oa.HumanCode = a.Code
	oa.InLanguage = lang
	oa.Tag = a.SkillsIn(lang)
	for n, skill := range oa.Tag {
		oa.Alignment = append(oa.Alignment, openbadge.NewAlignment(skill, page+skillAnchor(n)))
	}
	oa.Image = openbadge.NewImage(at.achievementURL(a.ID, "/image.png"), name)
	oa.Related = []openbadge.Related{openbadge.RelatedBadgeClass(at.translationURL(a, "/badgeclass.json", lang))}
	for _, other := range a.OtherLanguages(lang) {
		oa.Related = append(oa.Related, openbadge.Translation(at.translationURL(a, "/achievement.json", other), other))
	}
	return oa
}

// skillAnchor is where an achievement's page names its nth skill, counted from 0.
func skillAnchor(n int) string { return "#skill-" + strconv.Itoa(n) }

// badgeClassOf is an achievement as Open Badges 2.0 writes it, in a language that it has.
func (at Addresses) badgeClassOf(a *catalogue.Achievement, lang string, org programme.Issuer) ob2.BadgeClass {
	page := at.achievementURL(a.ID, "")
	c := ob2.NewBadgeClass(at.translationURL(a, "/badgeclass.json", lang), a.In(a.Name, lang), a.In(a.Description, lang),
		at.achievementURL(a.ID, "/image.png"), at.issuerURL(org.ID, "/profile.json"),
		ob2.Criteria{ID: page, Narrative: a.In(a.Criteria, lang)})
	c.Language = lang
	c.Tags = a.SkillsIn(lang)
	for n, skill := range c.Tags {
		c.Alignment = append(c.Alignment, ob2.Alignment{TargetName: skill, TargetURL: page + skillAnchor(n)})
	}
	c.Related = []ob2.Related{ob2.RelatedAchievement(at.translationURL(a, "/achievement.json", lang))}
	for _, other := range a.OtherLanguages(lang) {
		c.Related = append(c.Related, ob2.Translation(at.translationURL(a, "/badgeclass.json", other), other))
	}
	return c
}

// badgeClassForKey is an achievement as badges that were signed with a key embed it.
func (at Addresses) badgeClassForKey(a *catalogue.Achievement, docs IssuerDocuments, kid string) ob2.BadgeClass {
	id := at.achievementURL(a.ID, "/badgeclass.json?key="+url.QueryEscape(kid))
	return at.badgeClassOf(a, a.Language, docs.org).ForKey(id, docs.keyProfileURL(kid))
}

// translationURL is the address of a document about an achievement in a language.
func (at Addresses) translationURL(a *catalogue.Achievement, document, lang string) string {
	if lang != a.Language {
		document += "?lang=" + url.QueryEscape(lang)
	}
	return at.achievementURL(a.ID, document)
}
