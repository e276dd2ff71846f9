package issuer

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Page limits a list. Cursor comes from the page before and is opaque to callers.
type Page struct {
	Cursor    string
	Limit     int       // 1 to 200; 0: 50
	Since     time.Time // recorded, or made, at or after; zero: from the beginning
	Candidate string    // the partner's own id of a candidate; empty: all
	State     string    // of awards: offered, accepted or declined; empty: all

	joint []string // ids of the partner's candidates that share the ledger of Candidate; empty: it has one of its own
}

const (
	pageDefault = 50
	pageMost    = 200
)

// place is where a page begins: after this time and id.
type place struct {
	at time.Time
	id string
}

func (p Page) start() (place, int, error) {
	limit := cmp.Or(p.Limit, pageDefault)
	if limit < 1 || limit > pageMost {
		return place{}, 0, refusal.New("validation_failed", "limit must be between 1 and 200")
	}
	if p.State != "" && !slices.Contains([]string{ledger.Offered, ledger.Accepted, ledger.Declined}, p.State) {
		return place{}, 0, refusal.New("validation_failed", "state must be offered, accepted or declined")
	}
	if p.Cursor == "" {
		return place{at: wholeSecond(p.Since)}, limit, nil // before every id of that instant
	}
	data, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	at, id, found := strings.Cut(string(data), " ")
	t, timeErr := time.Parse(time.RFC3339Nano, at)
	if err != nil || !found || timeErr != nil || !line.Storable(id) {
		return place{}, 0, refusal.New("validation_failed", "cursor is none that this list gave")
	}
	return place{t.UTC(), id}, limit, nil
}

// wholeSecond is the first whole second, as times are stored, that is not before t.
func wholeSecond(t time.Time) time.Time { return t.UTC().Add(time.Second - 1).Truncate(time.Second) }

func cursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.UTC().Format(time.RFC3339Nano) + " " + id))
}

// Records are results and awards as their partners and holders read them. It changes nothing.
type Records struct{ db *database.DB }

// Results lists a partner's results, with their awards as they are now, in the order of recording;
// next is empty at the end.
func (rs *Records) Results(ctx context.Context, caller partner.Caller, p Page) (page []Receipt, next string, err error) {
	from, limit, err := p.start()
	if err != nil {
		return nil, "", err
	}
	t := rs.db.Reader()
	list, err := selectResultPage(ctx, t, caller.ID, p, from, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list = list[:limit]
		next = cursor(list[limit-1].RecordedAt, list[limit-1].ID)
	}
	if page, err = receipts(ctx, t, list); err != nil {
		return nil, "", err
	}
	return page, next, rs.deliver(ctx, pointers(page)...)
}

func selectResultPage(ctx context.Context, t *database.Tx, partner string, p Page, from place, limit int) (list []ledger.Result, err error) {
	query, args := resultPage(partner, p, from, limit)
	err = t.Select(ctx, &list, query, args...)
	return list, err
}

func pointers(page []Receipt) []*Receipt {
	list := make([]*Receipt, len(page))
	for k := range page {
		list[k] = &page[k]
	}
	return list
}

// receipts joins results with the awards that they made or changed, as they are now.
func receipts(ctx context.Context, t *database.Tx, list []ledger.Result) ([]Receipt, error) {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Awards...)
	}
	byID := map[string]*ledger.Award{}
	if len(ids) > 0 {
		awards, err := selectAwards(ctx, t, ids)
		if err != nil {
			return nil, err
		}
		for _, a := range awards {
			byID[a.ID] = a
		}
	}
	page := make([]Receipt, len(list))
	for k, r := range list {
		page[k] = Receipt{Result: r, Decisions: r.Decisions}
		var made []*ledger.Award
		for _, id := range r.Awards {
			if a := byID[id]; a != nil {
				made = append(made, a)
			}
		}
		page[k].Awards = ownOf(made, r.PartnerID)
	}
	return page, nil
}

// ownOf are those of the awards that are a partner's, which hears of no others. Nearly always these are all.
func ownOf(awards []*ledger.Award, partner string) []*ledger.Award {
	foreign := func(a *ledger.Award) bool { return a.PartnerID != partner }
	if !slices.ContainsFunc(awards, foreign) {
		return awards
	}
	return slices.DeleteFunc(slices.Clone(awards), foreign)
}

func oneReceipt(ctx context.Context, t *database.Tx, r ledger.Result) (Receipt, error) {
	list, err := receipts(ctx, t, []ledger.Result{r})
	if err != nil {
		return Receipt{}, err
	}
	return list[0], nil
}

// Awards lists a partner's awards in the order of making, of a candidate all that its ledger has; next is empty at the
// end.
func (rs *Records) Awards(ctx context.Context, caller partner.Caller, p Page) (list []*ledger.Award, next string, err error) {
	from, limit, err := p.start()
	if err != nil {
		return nil, "", err
	}
	t := rs.db.Reader()
	if p.Candidate != "" {
		if p.joint, err = selectJoint(ctx, t, caller.ID, candidateID(caller.ID, p.Candidate)); err != nil {
			return nil, "", err
		}
	}
	if list, err = selectAwardPage(ctx, t, caller.ID, p, from, limit+1); err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list = list[:limit]
		next = cursor(list[limit-1].CreatedAt, list[limit-1].ID)
	}
	return list, next, nil
}

func selectAwardPage(ctx context.Context, t *database.Tx, partner string, p Page, from place, limit int) (list []*ledger.Award, err error) {
	query, args := awardPage(partner, p, from, limit)
	err = t.Select(ctx, &list, query, args...)
	return list, err
}

// selectJoint are the ids of a partner's candidates that share the ledger of one of them, if that is joint.
func selectJoint(ctx context.Context, t *database.Tx, partner, candidate string) (ids []string, err error) {
	err = t.Select(ctx, &ids, `
		SELECT m.id
		FROM candidate c
		JOIN candidate m ON m.ledger = c.ledger
		WHERE c.id = ? AND m.partner_id = ?
		ORDER BY m.id`, candidate, partner)
	return ids, err
}

// Profile is a candidate as its partner reads it.
type Profile struct {
	ledger.Candidate
	Mail       Mail      `db:"mail"` // MailOK, MailBounced or MailStopped
	CreatedAt  time.Time `db:"created_at"`
	MergedWith []string  `db:"-"` // the partner's own ids of the others that share its ledger; never nil
}

// Profile is one candidate of the caller's, by the partner's own id.
func (rs *Records) Profile(ctx context.Context, caller partner.Caller, number string) (p Profile, err error) {
	if !line.Storable(number) {
		return p, errNoCandidate
	}
	t := rs.db.Reader()
	found, err := t.Get(ctx, &p, `
		SELECT `+candidateColumns+`, created_at,
			CASE WHEN EXISTS (SELECT 1 FROM mail_stop s WHERE s.email = candidate.email) THEN 'stopped'
			WHEN (
				SELECT l.bounced_at
				FROM claim l
				WHERE l.candidate_id = candidate.id AND l.email = candidate.email AND (l.sent_at IS NOT NULL OR l.bounced_at IS NOT NULL)
				ORDER BY l.created_at DESC, l.id DESC
				LIMIT 1) IS NOT NULL THEN 'bounced'
			ELSE 'ok' END AS mail
		FROM candidate
		WHERE id = ?`, candidateID(caller.ID, number))
	if err != nil {
		return p, fmt.Errorf("read candidate: %w", err)
	}
	if !found {
		return p, errNoCandidate
	}
	p.MergedWith = []string{}
	err = t.Select(ctx, &p.MergedWith, `
		SELECT number
		FROM candidate
		WHERE ledger = ? AND partner_id = ? AND id <> ?
		ORDER BY number`, p.Root(), caller.ID, p.ID)
	return p, err
}

// Recorded are those of the ids under which the caller has a result.
func (rs *Records) Recorded(ctx context.Context, caller partner.Caller, ids []string) (known []string, err error) {
	known = []string{}
	err = rs.db.Reader().Select(ctx, &known, `
		SELECT id
		FROM result
		WHERE partner_id = ? AND id IN (?)`, caller.ID, ids)
	return known, err
}

// Result is one result of the caller's, with its awards as they are now.
func (rs *Records) Result(ctx context.Context, caller partner.Caller, id string) (Receipt, error) {
	t := rs.db.Reader()
	r, err := ownResult(ctx, t, caller, id)
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := oneReceipt(ctx, t, r)
	if err != nil {
		return Receipt{}, err
	}
	return receipt, rs.deliver(ctx, &receipt)
}

func ownResult(ctx context.Context, t *database.Tx, caller partner.Caller, id string) (ledger.Result, error) {
	if !line.Storable(id) {
		return ledger.Result{}, noSuchResult()
	}
	found, err := selectResults(ctx, t, map[string][]string{caller.ID: {id}})
	if err != nil {
		return ledger.Result{}, err
	}
	if len(found) == 0 {
		return ledger.Result{}, noSuchResult()
	}
	return found[0], nil
}

func noSuchResult() error { return refusal.New("not_found", "No result with this id.") }

// Award is one award of the caller's.
func (rs *Records) Award(ctx context.Context, caller partner.Caller, id string) (*ledger.Award, error) {
	return ownAward(ctx, rs.db.Reader(), caller, id)
}

// Named are those of the awards that are the caller's, in their order.
func (rs *Records) Named(ctx context.Context, caller partner.Caller, ids []string) ([]*ledger.Award, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := selectAwards(ctx, rs.db.Reader(), ids)
	return ownOf(list, caller.ID), err
}

func ownAward(ctx context.Context, t *database.Tx, caller partner.Caller, id string) (*ledger.Award, error) {
	a, found, err := selectAward(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if !found || a.PartnerID != caller.ID {
		return nil, refusal.New("not_found", "No award with this id.")
	}
	return a, nil
}

// A page of a list begins where an index in the list's order has it (migrations/0014_lists.sql): whose list it
// is stands in one column, a candidate's id already saying the partner.

func resultPage(partner string, p Page, from place, limit int) (query string, args []any) {
	column, owner := pageOwner(partner, p)
	return `
		SELECT ` + ledger.ResultColumns + `
		FROM result
		WHERE ` + column + ` = ? AND (recorded_at, id) > (?, ?)
		ORDER BY recorded_at, id
		LIMIT ?`, []any{owner, from.at, from.id, limit}
}

func awardPage(partner string, p Page, from place, limit int) (query string, args []any) {
	column, owner := pageOwner(partner, p)
	where, args := column+` = ?`, []any{owner}
	if len(p.joint) > 0 {
		where, args = `candidate_id IN (?)`, []any{p.joint}
	}
	if p.State != "" {
		where += ` AND state = ?`
		args = append(args, p.State)
	}
	return `
		SELECT ` + ledger.AwardColumns + `
		FROM award
		WHERE ` + where + ` AND (created_at, id) > (?, ?)
		ORDER BY created_at, id
		LIMIT ?`, append(args, from.at, from.id, limit)
}

func pageOwner(partner string, p Page) (column, owner string) {
	if p.Candidate != "" {
		return "candidate_id", candidateID(partner, p.Candidate)
	}
	return "partner_id", partner
}
