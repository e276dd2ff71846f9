package credential

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

func selectBadge(ctx context.Context, t *database.Tx, id string) (*Badge, bool, error) {
	var row struct {
		ledger.Award
		HolderName string     `db:"holder_name"`
		Recipient  string     `db:"recipient"`
		Signed     string     `db:"signed_achievement"`
		From       ledger.Day `db:"signed_earned_on"`
		Until      ledger.Day `db:"signed_expires_on"`
		SignedAt   time.Time  `db:"signed_at"`
		Scored     bool       `db:"signed_scores"`
		Begins     *time.Time `db:"signed_from"`
		List       int64      `db:"status_list"`
		Index      int64      `db:"status_index"`
		JWT        Packed     `db:"jwt"`
		Sandbox    bool       `db:"sandbox"`
		Said       string     `db:"signed_name"`
		Shown      string     `db:"name_shown"`
		Findable   bool       `db:"findable"`
	}
	found, err := t.Get(ctx, &row, `
		SELECT `+ledger.QualifiedAwardColumns+`, c.holder_name, c.recipient, c.achievement_id AS signed_achievement,
			c.earned_on AS signed_earned_on, c.expires_on AS signed_expires_on, c.issued_at AS signed_at, c.scores AS signed_scores, c.valid_from AS signed_from,
			c.status_list, c.status_index, c.jwt, p.sandbox, c.name_shown AS signed_name, COALESCE(h.name, 'full') AS name_shown, COALESCE(h.findable, 0) AS findable
		FROM award a
		JOIN credential c ON c.award_id = a.id AND c.version = a.signed
		JOIN partner p ON p.id = a.partner_id
		LEFT JOIN holder_choice h ON h.holder = a.holder AND a.holder <> ''
		WHERE a.id = ?`, id)
	if err != nil || !found {
		return nil, false, err
	}
	a := row.Award
	return &Badge{
		Award: &a, HolderName: row.HolderName, Sandbox: row.Sandbox, IssuedAt: row.SignedAt, Renewals: a.Renewed, Presentation: Presentation{row.Shown, row.Findable},
		credential: credential{
			AwardID: a.ID, Version: a.Signed, HolderName: row.HolderName, NameShown: row.Said, Recipient: row.Recipient, AchievementID: row.Signed,
			EarnedOn: row.From, ExpiresOn: row.Until, Scores: row.Scored, StatusList: row.List, StatusIndex: row.Index,
			IssuedAt: row.SignedAt, ValidFrom: row.Begins, JWT: row.JWT, Salt: a.Salt,
		},
	}, true, nil
}

func selectRevision(ctx context.Context, t *database.Tx, id string) (revision int64, found bool, err error) {
	if !line.Storable(id) {
		return 0, false, nil
	}
	found, err = t.Get(ctx, &revision, `SELECT revision FROM award WHERE id = ?`, id)
	return revision, found, err
}

func selectSeen(ctx context.Context, t *database.Tx, id, by string) (revision int64, found bool, err error) {
	if !line.Storable(id) {
		return 0, false, nil
	}
	found, err = t.Get(ctx, &revision, `
		SELECT revision
		FROM award
		WHERE id = ? AND state = 'accepted' AND (visibility <> 'private' OR holder = ? AND holder <> '')`, id, by)
	return revision, found, err
}

// publicExam is a public exam badge.
type publicExam struct {
	ID   string `db:"id"`
	Code string `db:"code"`
}

// selectPublicExams are those of a candidate, and of those that share its ledger.
func selectPublicExams(ctx context.Context, t *database.Tx, candidate string) (list []publicExam, err error) {
	err = t.Select(ctx, &list, `
		SELECT id, code
		FROM award
		WHERE candidate_id IN (
				SELECT id FROM candidate WHERE id = ?
				UNION SELECT m.id FROM candidate c JOIN candidate m ON m.ledger = c.ledger WHERE c.id = ?)
			AND kind = 'exam' AND state = 'accepted' AND visibility = 'public' AND revoked_at IS NULL AND superseded_by = ''
		ORDER BY created_at DESC, id`, candidate, candidate)
	return list, err
}

func selectEditions(ctx context.Context, t *database.Tx, award string) (list []Edition, err error) {
	err = t.Select(ctx, &list, `
		SELECT version, issued_at, holder_name, name_shown, earned_on, expires_on
		FROM credential
		WHERE award_id = ?
		ORDER BY version`, award)
	return list, err
}

// pass is a result that an award rests on, as credentials tell of it.
type pass struct {
	Partner string    `db:"partner_id"`
	ID      string    `db:"id"`
	Exam    string    `db:"exam"`
	Score   string    `db:"score"`
	Max     string    `db:"max_score"`
	TakenAt time.Time `db:"taken_at"`
}

// selectPasses finds passes by their keys. The ids of each partner go into one list.
func selectPasses(ctx context.Context, t *database.Tx, ids map[string][]string) (found []pass, err error) {
	for partner, list := range ids {
		var part []pass
		err = t.Select(ctx, &part, `
			SELECT partner_id, id, exam, score, max_score, taken_at
			FROM result
			WHERE partner_id = ? AND id IN (?)`, partner, list)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}
