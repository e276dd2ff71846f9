package credential

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Presentation is how a holder is shown to strangers, on all of their badges at once (contract 6.1).
type Presentation struct {
	Name     string `db:"name"` // NameFull, NameInitials or NameHidden
	Findable bool   `db:"findable"`
}

// How the name of a holder is shown.
const (
	NameFull     = "full"
	NameInitials = "initials"
	NameHidden   = "hidden"
)

// JobNames is the kind of job that has new editions signed of the badges of a holder which show the name otherwise.
const JobNames = "names"

// NamesTask is what it is to do.
type NamesTask struct {
	Holder string `json:"holder"`
}

// shownName is a name as its holder wants it shown; empty where it is hidden. Of a word in any script its first
// letter stands, with the marks that belong to it.
func shownName(name, how string) string {
	switch how {
	case NameHidden:
		return ""
	case NameInitials:
		var initials []string
		for _, word := range strings.Fields(name) {
			initials = append(initials, firstLetter(word)+".")
		}
		return strings.Join(initials, " ")
	}
	return name
}

// Initials are those of a name.
func Initials(name string) string { return shownName(name, NameInitials) }

func firstLetter(word string) string {
	_, end := utf8.DecodeRuneInString(word)
	for end < len(word) {
		r, size := utf8.DecodeRuneInString(word[end:])
		if !unicode.IsMark(r) {
			break
		}
		end += size
	}
	return word[:end]
}

// ShownName is the holder's name as strangers read it; empty where it is hidden. HolderName is what names are compared
// with, and what the holder reads.
func (b *Badge) ShownName() string { return shownName(b.HolderName, b.Presentation.Name) }

// Listed reports whether search engines may list the badge's page.
func (b *Badge) Listed() bool {
	return b.Award.Visibility == ledger.Public && b.Award.Shown() && b.Presentation.Findable
}

// Presentation is how a holder is shown; in full and unlisted unless they chose otherwise.
func (p *Publisher) Presentation(ctx context.Context, holder string) (Presentation, error) {
	return SelectPresentation(ctx, p.db.Reader(), holder)
}

// SelectPresentation is Presentation as a transaction sees it.
func SelectPresentation(ctx context.Context, t *database.Tx, holder string) (Presentation, error) {
	chosen := Presentation{Name: NameFull}
	_, err := t.Get(ctx, &chosen, `
		SELECT name, findable
		FROM holder_choice
		WHERE holder = ?`, holder)
	if err != nil {
		return chosen, fmt.Errorf("read how a holder is shown: %w", err)
	}
	return chosen, nil
}

// StorePresentation keeps how a holder is shown and raises the revisions of their badges, so that every page, picture
// and embed says it with the next request.
func StorePresentation(ctx context.Context, t *database.Tx, holder string, chosen Presentation, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO holder_choice (holder, name, findable, changed_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (holder) DO UPDATE
		SET name = excluded.name, findable = excluded.findable, changed_at = excluded.changed_at`,
		holder, chosen.Name, database.Flag(chosen.Findable), now)
	if err != nil {
		return fmt.Errorf("keep how a holder is shown: %w", err)
	}
	if _, err := t.Exec(ctx, `
		UPDATE award
		SET revision = revision + 1
		WHERE holder = ? AND holder <> ''`, holder); err != nil {
		return fmt.Errorf("have badges of a holder shown anew: %w", err)
	}
	return nil
}

// OtherwiseNamed are the accepted awards of a holder whose newest edition shows the name in another way than they want.
func OtherwiseNamed(ctx context.Context, t *database.Tx, holder string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT a.id
		FROM award a
		JOIN credential c ON c.award_id = a.id AND c.version = a.signed
		LEFT JOIN holder_choice h ON h.holder = a.holder
		WHERE a.holder = ? AND a.holder <> '' AND a.state = 'accepted' AND a.revoked_at IS NULL AND a.superseded_by = ''
			AND CASE c.name_shown WHEN '' THEN 'full' ELSE c.name_shown END <> COALESCE(h.name, 'full')
		ORDER BY a.id`, holder)
	if err != nil {
		return nil, fmt.Errorf("read which badges show a name otherwise: %w", err)
	}
	return list, nil
}

// PublicBadges are the public badges of a holder, the newest first, without what was withdrawn or taken the place of.
func (p *Publisher) PublicBadges(ctx context.Context, holder string) (list []PublicBadge, err error) {
	err = p.db.Reader().Select(ctx, &list, `
		SELECT id, revision
		FROM award
		WHERE holder = ? AND holder <> '' AND state = 'accepted' AND visibility = 'public' AND revoked_at IS NULL AND superseded_by = ''
		ORDER BY earned_on DESC, id
		LIMIT 10000`, holder)
	if err != nil {
		return nil, fmt.Errorf("read public badges: %w", err)
	}
	return list, nil
}

// PublicBadge is a badge of PublicBadges, as of a revision.
type PublicBadge struct {
	ID       string `db:"id"`
	Revision int64  `db:"revision"`
}

// FindableBadges are the ids of badges whose holders let search engines list them, in order, behind one of them.
func (p *Publisher) FindableBadges(ctx context.Context, behind string, most int) (ids []string, err error) {
	err = p.db.Reader().Select(ctx, &ids, `
		SELECT a.id
		FROM holder_choice h
		JOIN award a ON a.holder = h.holder
		JOIN partner p ON p.id = a.partner_id
		WHERE h.findable = 1 AND a.holder <> '' AND a.state = 'accepted' AND a.visibility = 'public' AND a.revoked_at IS NULL AND a.superseded_by = ''
			AND p.sandbox = 0 AND a.id > ?
		ORDER BY a.id
		LIMIT ?`, behind, most)
	if err != nil {
		return nil, fmt.Errorf("read badges that may be found: %w", err)
	}
	return ids, nil
}

// FindableHolders are holders who let search engines list them, in order, behind one of them.
func (p *Publisher) FindableHolders(ctx context.Context, behind string, most int) (list []string, err error) {
	err = p.db.Reader().Select(ctx, &list, `
		SELECT holder
		FROM holder_choice
		WHERE findable = 1 AND holder > ?
		ORDER BY holder
		LIMIT ?`, behind, most)
	if err != nil {
		return nil, fmt.Errorf("read holders who may be found: %w", err)
	}
	return list, nil
}
