package issuer

import (
	"strconv"

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

// KeyURL is where the issuer's public key of that id is served.
func (i *Issuer) KeyURL(kid string) string {
	i.programmes.mu.Lock()
	defer i.programmes.mu.Unlock()
	id := "issuer"
	if v := i.programmes.history.Latest(); v != nil {
		id = v.Programme.Issuer.ID
	}
	return KeyURL(i.BaseURL, id, kid)
}

// profile is the issuer as Open Badges 3.0 names it inside credentials.
func (i *Issuer) profile(org programme.Issuer) openbadge.Profile {
	p := openbadge.NewProfile(i.issuerURL(org.ID, "/issuer.json"), org.Name.String(), org.URL)
	p.Email = org.Email
	p.Description = org.Description.String()
	return p
}

// achievementOf is an achievement as Open Badges 3.0 writes it.
func (i *Issuer) achievementOf(a *Achievement) openbadge.Achievement {
	page := i.achievementURL(a.ID, "")
	name := a.In(a.Name, a.Language)
	oa := openbadge.NewAchievement(i.achievementURL(a.ID, "/achievement.json"), name, a.In(a.Description, a.Language),
		openbadge.Criteria{ID: page, Narrative: a.In(a.Criteria, a.Language)})
	oa.AchievementType = "Certification"
	if a.Kind == programme.KindExam {
		oa.AchievementType = "Assessment"
	}
	oa.HumanCode = a.Code
	oa.InLanguage = a.Language
	oa.Tag = a.Skills
	oa.Image = openbadge.NewImage(i.achievementURL(a.ID, "/image.png"), name)
	oa.Related = []openbadge.Related{{
		ID: i.achievementURL(a.ID, "/badgeclass.json"), Type: []string{"Related", "https://w3id.org/openbadges#BadgeClass"}, Version: "Open Badges v2p0",
	}}
	return oa
}

// badgeClassOf is an achievement as Open Badges 2.0 writes it.
func (i *Issuer) badgeClassOf(a *Achievement, org programme.Issuer) ob2.BadgeClass {
	c := ob2.NewBadgeClass(i.achievementURL(a.ID, "/badgeclass.json"), a.In(a.Name, a.Language), a.In(a.Description, a.Language),
		i.achievementURL(a.ID, "/image.png"), i.issuerURL(org.ID, "/profile.json"),
		ob2.Criteria{ID: i.achievementURL(a.ID, ""), Narrative: a.In(a.Criteria, a.Language)})
	c.Tags = a.Skills
	c.Related = []ob2.Related{{
		ID: i.achievementURL(a.ID, "/achievement.json"), Type: []string{"https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"}, Version: "Open Badges v3p0",
	}}
	return c
}
