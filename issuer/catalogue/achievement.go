package catalogue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
)

// Words writes the texts of a credential that no programme file brings.
type Words interface {
	// Criteria says in a language how an achievement is earned, as Markdown.
	Criteria(lang string, c Criteria) string
	// Test marks in a language a name or description as that of a test.
	Test(lang, text string) string
}

// Criteria is what has to be done for an achievement: an exam passed, or a certification's
// requirement met, with the names of what it names.
type Criteria struct {
	Name     string
	Requires *programme.Requirement // nil for an exam
	NameOf   func(s programme.Subject, lang string) string
}

// Achievement is what outsiders see of an exam or a certification: one wording and picture of it.
// Awards keep the one that they were made with.
type Achievement struct {
	ID        string    `json:"-"`
	CreatedAt time.Time `json:"-"`

	Kind        programme.Kind    `json:"kind"`
	Code        string            `json:"code"`
	Level       string            `json:"level,omitempty"`
	Language    string            `json:"language"` // of Name, Description and Criteria without a translation
	Name        map[string]string `json:"name"`     // by language; always has Language
	Description map[string]string `json:"description"`
	Criteria    map[string]string `json:"criteria"`
	Skills      []programme.Skill `json:"skills,omitempty"`
	Issuer      map[string]string `json:"issuer"`           // its name
	Image       string            `json:"image,omitempty"`  // digest of a picture that the programme brought
	Images      map[string]string `json:"images,omitempty"` // of those for readers of another language than Language
	Test        bool              `json:"test,omitempty"`   // for sandbox partners: whatever is signed says so by its name
}

// In is a text of the achievement in a language, or else in the programme's first.
func (a *Achievement) In(text map[string]string, lang string) string {
	if s, ok := text[lang]; ok {
		return s
	}
	return text[a.Language]
}

// Spoken is In with the language that its wording is in. What is the same as in the programme's first language
// was never translated.
func (a *Achievement) Spoken(text map[string]string, lang string) (words, spoken string) {
	first := text[a.Language]
	if words, found := text[lang]; found && words != first {
		return words, lang
	}
	return first, a.Language
}

// PicturedIn reports whether the achievement has a picture of its own in a language: one that was brought for it, or
// that is drawn and says something else than the picture that is signed.
func (a *Achievement) PicturedIn(lang string) bool {
	if a.Image != "" {
		return a.Images[lang] != ""
	}
	_, named := a.Spoken(a.Name, lang)
	_, issued := a.Spoken(a.Issuer, lang)
	return lang != a.Language && (named == lang || issued == lang)
}

// ImageIn is the digest of the picture that was brought for readers of a language, empty where one is drawn.
func (a *Achievement) ImageIn(lang string) string { return cmp.Or(a.Images[lang], a.Image) }

// picture is what is drawn for readers of a language.
func (a *Achievement) picture(lang string) Picture {
	title, spoken := a.Spoken(a.Name, lang)
	by, _ := a.Spoken(a.Issuer, lang)
	return Picture{Title: title, Kind: string(a.Kind), Level: a.Level, Issuer: by, Code: a.Code, Language: spoken}
}

// SkillsIn are the skills in a language.
func (a *Achievement) SkillsIn(lang string) (skills []string) {
	for _, s := range a.Skills {
		skills = append(skills, s.In(lang))
	}
	return skills
}

// Speak is the language that was asked for, or else the programme's first.
func (a *Achievement) Speak(lang string) string {
	if _, found := a.Name[lang]; found {
		return lang
	}
	return a.Language
}

// OtherLanguages are those that the achievement has besides one, sorted.
func (a *Achievement) OtherLanguages(than string) (list []string) {
	for lang := range a.Name {
		if lang != than {
			list = append(list, lang)
		}
	}
	slices.Sort(list)
	return list
}

// Subject is what the achievement is for.
func (a *Achievement) Subject() programme.Subject {
	return programme.Subject{Kind: a.Kind, Code: a.Code}
}

// identify derives the id from everything else, so that equal achievements have equal ids.
func (a *Achievement) identify() (content []byte, err error) {
	if content, err = json.Marshal(a); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	a.ID = strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
	return content, nil
}

// describe makes the achievement of a subject as the programme words it on a day.
func (c *Catalogue) describe(h programme.History, day programme.Date, s programme.Subject) (*Achievement, error) {
	v := h.On(day)
	if v == nil {
		v = h.Latest()
	}
	org := v.Programme.Issuer
	a := &Achievement{Kind: s.Kind, Code: s.Code, Language: org.Languages[0], Issuer: map[string]string{}}
	var name, description, image programme.Text
	criteria := Criteria{NameOf: func(s programme.Subject, lang string) string { return Titled(h, s, lang) }}
	switch s.Kind {
	case programme.KindExam:
		e, found := examOn(h, day, s.Code)
		if !found {
			return nil, fmt.Errorf("no exam %s in the programme", s.Code)
		}
		name, description, a.Skills, image = e.Name, e.Description, e.Skills, e.Image
	case programme.KindCertification:
		cert, found := certificationOn(h, day, s.Code)
		if !found {
			return nil, fmt.Errorf("no certification %s in the programme", s.Code)
		}
		name, description, a.Skills, image, a.Level = cert.Name, cert.Description, cert.Skills, cert.Image, cert.Level
		criteria.Requires = &cert.Requires
	}
	a.Name, a.Description, a.Criteria, a.Image = map[string]string{}, map[string]string{}, map[string]string{}, image.String()
	for _, lang := range image.Languages() {
		if brought := image.In(lang); brought != a.Image {
			if a.Images == nil {
				a.Images = map[string]string{}
			}
			a.Images[lang] = brought
		}
	}
	for _, lang := range org.Languages {
		a.Name[lang], a.Issuer[lang] = name.In(lang), org.Name.In(lang)
		criteria.Name = name.In(lang)
		if s.Kind == programme.KindExam {
			criteria.Name = Titled(h, s, lang)
		}
		a.Criteria[lang] = c.words.Criteria(lang, criteria)
		a.Description[lang] = description.In(lang)
		if a.Description[lang] == "" {
			a.Description[lang] = a.Criteria[lang]
		}
	}
	return a, nil
}

// markTest keeps what a sandbox partner's results earn from being taken for more than a test, by people and
// by whatever reads the signed documents.
func (c *Catalogue) markTest(a *Achievement) {
	a.Test = true
	for lang := range a.Name {
		a.Name[lang], a.Description[lang] = c.words.Test(lang, a.Name[lang]), c.words.Test(lang, a.Description[lang])
	}
}

// Titled is a subject's name, for an exam behind its code: exams and certifications often share names.
func Titled(h programme.History, s programme.Subject, lang string) string {
	if name := Name(h, s, lang); s.Kind == programme.KindCertification || name == s.Code {
		return name
	}
	return s.Code + " " + Name(h, s, lang)
}

type currentKey struct {
	versions int
	day      programme.Date
	subject  programme.Subject
	test     bool
}

// CurrentIn is the current achievement of a subject, or the one that only says it is a test. A new one is
// stored in the transaction.
func (c *Catalogue) CurrentIn(ctx context.Context, t *database.Tx, h programme.History, s programme.Subject, test bool) (*Achievement, error) {
	day := programme.DateOf(c.now())
	key := currentKey{len(h), day, s, test}
	if a, ok := c.current.Load(key); ok {
		return a, nil
	}
	a, err := c.describe(h, day, s)
	if err != nil {
		return nil, err
	}
	if test {
		c.markTest(a)
	}
	content, err := a.identify()
	if err != nil {
		return nil, err
	}
	svg, brought, err := selectPicture(ctx, t, programme.PictureDigest(a.Image))
	if err != nil {
		return nil, fmt.Errorf("read picture of %s: %w", s.Code, err)
	}
	if !brought {
		svg = string(c.artist.Draw(a.picture(a.Language)))
	}
	if err := insertAchievement(ctx, t, a, string(content), svg, c.now()); err != nil {
		return nil, fmt.Errorf("store achievement of %s: %w", s.Code, err)
	}
	t.OnCommit(func() { c.current.Store(key, a) })
	return a, nil
}

// insertAchievement stores an achievement unless there is one: its wording stays for ever. One that a program of before
// has stored is told whether it is a test.
func insertAchievement(ctx context.Context, t *database.Tx, a *Achievement, content, svg string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO achievement (id, kind, code, test, content, svg, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET test = excluded.test WHERE achievement.test <> excluded.test`,
		a.ID, string(a.Kind), a.Code, database.Flag(a.Test), content, svg, now)
	return err
}

// Achievement is the achievement with this id.
func (c *Catalogue) Achievement(ctx context.Context, id string) (*Achievement, bool, error) {
	if a, ok := c.drawn.Load(id); ok {
		return a, true, nil
	}
	a, found, err := selectAchievement(ctx, c.db.Reader(), id)
	if err != nil || !found {
		return nil, false, err
	}
	c.drawn.Store(id, a)
	return a, true, nil
}

// OfAward is the achievement of an award, which is never missing.
func (c *Catalogue) OfAward(ctx context.Context, award, id string) (*Achievement, error) {
	a, found, err := c.Achievement(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read achievement of award %s: %w", award, err)
	}
	if !found {
		return nil, fmt.Errorf("no achievement %s of award %s", id, award)
	}
	return a, nil
}

// Achievements are the last wordings of all exams and certifications that somebody was awarded, exams
// first, in the order of their codes.
func (c *Catalogue) Achievements(ctx context.Context) (list []*Achievement, err error) {
	ids, err := selectNewestAchievements(ctx, c.db.Reader())
	if err != nil {
		return nil, fmt.Errorf("list achievements: %w", err)
	}
	for _, id := range ids {
		a, _, err := c.Achievement(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// selectNewestAchievements are the ids of the last wording of each exam and certification, without those of
// tests.
func selectNewestAchievements(ctx context.Context, t *database.Tx) (ids []string, err error) {
	err = t.Select(ctx, &ids, `
		SELECT a.id
		FROM achievement a
		WHERE a.test = 0 AND NOT EXISTS (
			SELECT 1
			FROM achievement n
			WHERE n.test = 0 AND n.kind = a.kind AND n.code = a.code
				AND (n.created_at > a.created_at OR (n.created_at = a.created_at AND n.id > a.id)))
		ORDER BY a.kind DESC, a.code
		LIMIT 1000`)
	return ids, err
}

// AchievementIn is the achievement with this id, which the transaction may have made.
func (c *Catalogue) AchievementIn(ctx context.Context, t *database.Tx, id string) (*Achievement, error) {
	if known, ok := c.drawn.Load(id); ok {
		return known, nil
	}
	a, found, err := selectAchievement(ctx, t, id)
	if err != nil {
		return nil, fmt.Errorf("read achievement %s: %w", id, err)
	}
	if !found {
		return nil, fmt.Errorf("no achievement %s", id)
	}
	t.OnCommit(func() { c.drawn.Store(id, a) })
	return a, nil
}
