package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// posting is one result on its way into the ledger. The batch that takes it fills receipt and err
// before it closes done.
type posting struct {
	caller  partner.Caller
	result  Result
	exam    string // what result.Exam means
	digest  string
	receipt Receipt
	err     error
	done    chan struct{}
}

// errNotRecorded is the answer of a posting until it has another one.
var errNotRecorded = errors.New("the result was not recorded")

func newPosting(caller partner.Caller, r Result, exam string) (*posting, error) {
	d, err := r.digest()
	return &posting{caller: caller, result: r, exam: exam, digest: d, err: errNotRecorded, done: make(chan struct{})}, err
}

func (p *posting) key() programme.ResultKey {
	return programme.ResultKey{Partner: p.caller.ID, ID: p.result.ID}
}

func (p *posting) candidate() ledger.CandidateKey {
	return ledger.CandidateKey{Partner: p.caller.ID, Number: p.result.Candidate.ID}
}

// recorded is the posting as a line of the ledger.
func (p *posting) recorded(candidate string, now time.Time) ledger.Result {
	r := ledger.Result{
		PartnerID: p.caller.ID, ID: p.result.ID, CandidateID: candidate, Exam: p.exam, Outcome: p.result.Outcome,
		Score: numberText(p.result.Score), MaxScore: numberText(p.result.MaxScore),
		State: ledger.StateRecorded, Digest: p.digest, TakenAt: p.result.TakenAt, RecordedAt: now,
		CandidateEmail: p.result.Candidate.Email, CandidateName: p.result.Candidate.Name, CandidateLocale: p.result.Candidate.Locale,
	}
	if c := p.result.Identity; c != nil {
		r.IdentityMethod, r.IdentityMatched = c.Method, yes(c.Matched)
	}
	if p.result.held() {
		r.State = ledger.StateHeld
	}
	return r
}

// repeat answers a posting whose id is taken: with the first answer, or with a conflict.
func (p *posting) repeat(digest string, first Receipt) {
	if digest != p.digest {
		p.receipt, p.err = Receipt{}, refusal.New("result_conflict",
			"A result with this id was recorded with other content. To change it, post a correction.")
		return
	}
	p.receipt, p.err = first, nil
	p.receipt.Replayed = true
}

// answerRepeats answers the postings whose results are in the ledger already and returns the rest, and
// apart from them those that come twice in the batch, each with the first of its kind.
func answerRepeats(ctx context.Context, t *database.Tx, batch []*posting) (fresh []*posting, again map[*posting]*posting, err error) {
	ids := map[string][]string{}
	for _, p := range batch {
		ids[p.caller.ID] = append(ids[p.caller.ID], p.result.ID)
	}
	found, err := selectResults(ctx, t, ids)
	if err != nil {
		return nil, nil, err
	}
	receipts, err := receipts(ctx, t, found)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[programme.ResultKey]Receipt, len(found))
	for _, r := range receipts {
		known[r.Result.Key()] = r
	}
	first := make(map[programme.ResultKey]*posting, len(batch))
	again = map[*posting]*posting{}
	for _, p := range batch {
		switch r, repeated := known[p.key()]; {
		case repeated:
			p.repeat(r.Result.Digest, r)
		case first[p.key()] != nil:
			again[p] = first[p.key()]
		default:
			first[p.key()] = p
			fresh = append(fresh, p)
		}
	}
	return fresh, again, nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func numberText(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}
