package issuer

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
		JWT        packed     `db:"jwt"`
		Sandbox    bool       `db:"sandbox"`
	}
	found, err := t.Get(ctx, &row, `
		SELECT `+ledger.QualifiedAwardColumns+`, c.holder_name, c.recipient, c.achievement_id AS signed_achievement,
			c.earned_on AS signed_earned_on, c.expires_on AS signed_expires_on, c.issued_at AS signed_at, c.scores AS signed_scores, c.valid_from AS signed_from,
			c.status_list, c.status_index, c.jwt, p.sandbox
		FROM award a
		JOIN credential c ON c.award_id = a.id AND c.version = a.signed
		JOIN partner p ON p.id = a.partner_id
		WHERE a.id = ?`, id)
	if err != nil || !found {
		return nil, false, err
	}
	a := row.Award
	return &Badge{
		Award: &a, HolderName: row.HolderName, Sandbox: row.Sandbox, IssuedAt: row.SignedAt, Renewals: a.Renewed,
		credential: credential{
			AwardID: a.ID, Version: a.Signed, HolderName: row.HolderName, Recipient: row.Recipient, AchievementID: row.Signed,
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
