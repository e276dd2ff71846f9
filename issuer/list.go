package issuer

import (
	"cmp"
	"context"
	"encoding/base64"
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
		for _, id := range r.Awards {
			if a := byID[id]; a != nil {
				page[k].Awards = append(page[k].Awards, a)
			}
		}
	}
	return page, nil
}

func oneReceipt(ctx context.Context, t *database.Tx, r ledger.Result) (Receipt, error) {
	list, err := receipts(ctx, t, []ledger.Result{r})
	if err != nil {
		return Receipt{}, err
	}
	return list[0], nil
}

// Awards lists a partner's awards in the order of making; next is empty at the end.
func (rs *Records) Awards(ctx context.Context, caller partner.Caller, p Page) (list []*ledger.Award, next string, err error) {
	from, limit, err := p.start()
	if err != nil {
		return nil, "", err
	}
	if list, err = selectAwardPage(ctx, rs.db.Reader(), caller.ID, p, from, limit+1); err != nil {
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
