package issuer

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/refusal"
)

// ProgrammePlan is what applying a programme would do, before it does.
type ProgrammePlan struct {
	programme.Plan
	Effective programme.Date            // zero for the first version: from the beginning of time
	Gains     map[programme.Subject]int // badges that recorded results would newly earn
	Letters   int                       // that would go out
	Later     []programme.Version       // that go on ruling from their own days
	Uncounted int                       // passes before the day of exams that an added certification names: for it they do not count

	Pictures map[string]string // that the file brought, by digest; stored with the version

	next programme.Version
}

// PlanProgramme compares a programme with the one in force and says who would newly earn what. A
// zero effective means today. It changes nothing. The error is *programme.Problems where the two
// do not go together. It judges every ledger, which takes its time where there are many, and tells progress, if
// that is not nil, how many it has seen.
func (i *Issuer) PlanProgramme(
	ctx context.Context, file *programme.Programme, effective programme.Date, progress func(done, total int),
) (ProgrammePlan, error) {
	t := i.db.Reader()
	h, err := i.HistoryIn(ctx, t)
	if err != nil {
		return ProgrammePlan{}, err
	}
	var current *programme.Programme
	number := 1
	if v := h.Latest(); v != nil {
		current, number = v.Programme, v.Number+1
		if effective.IsZero() {
			effective = i.Today()
		}
	} else {
		effective = programme.Date{}
	}
	next, plan, err := programme.Merge(current, file)
	p := ProgrammePlan{Plan: plan, Effective: effective, Gains: map[programme.Subject]int{}}
	if err != nil || plan.Empty() {
		return p, err
	}
	p.next = programme.Version{Number: number, Effective: effective, Programme: next}
	h = append(h[:len(h):len(h)], p.next)
	p.Later = h.After(effective)
	named := p.namedByAdded()
	if progress == nil {
		progress = func(int, int) {}
	}
	total, err := countLedgers(ctx, t)
	if err != nil {
		return p, err
	}
	done := 0
	progress(done, total)
	err = eachLedger(ctx, t, func(page []*ledger.Ledger) error {
		previews, err := i.newPreviews(ctx, t, h, page)
		if err != nil {
			return err
		}
		var written []string
		for _, c := range previews {
			written = append(written, p.gain(c)...)
			for k := range c.of.Results {
				r := &c.of.Results[k]
				p.Uncounted += database.Flag(r.Live() && named[r.Exam] && programme.DateOf(r.TakenAt).Before(effective))
			}
		}
		stopped, err := selectMailStops(ctx, t, written)
		for _, address := range written {
			p.Letters += database.Flag(!stopped[address])
		}
		done += len(page)
		progress(done, max(done, total)) // some are new
		return err
	})
	return p, err
}

// selectMailStops are those of the addresses that want no letters about badges.
func selectMailStops(ctx context.Context, t *database.Tx, emails []string) (stopped map[string]bool, err error) {
	stopped = map[string]bool{}
	if len(emails) == 0 {
		return stopped, nil
	}
	var list []string
	err = t.Select(ctx, &list, `
		SELECT email
		FROM mail_stop
		WHERE email IN (?)`, emails)
	for _, email := range list {
		stopped[email] = true
	}
	return stopped, err
}

func countLedgers(ctx context.Context, t *database.Tx) (n int, err error) {
	_, err = t.Get(ctx, &n, `SELECT COUNT(*) FROM candidate WHERE ledger IS NULL OR ledger = id`)
	return n, err
}

// namedByAdded are the exams that the added certifications name.
func (p *ProgrammePlan) namedByAdded() map[string]bool {
	named := map[string]bool{}
	for _, added := range p.Added {
		c, found := p.next.Programme.Certification(added.Code)
		if !found || added.Kind != programme.KindCertification {
			continue
		}
		for _, s := range c.Requires.Named() {
			if s.Kind == programme.KindExam {
				named[s.Code] = true
			}
		}
	}
	return named
}

// gain adds what one ledger would newly earn, and returns the addresses to which letters would go, each once.
func (p *ProgrammePlan) gain(c *preview) (written []string) {
	c.Settle(c.of, ledger.ByProgramme)
	for _, a := range c.Made {
		p.Gains[a.Subject()]++
	}
	for _, a := range c.offered() {
		if to := c.of.Address(a); !slices.Contains(written, to) {
			written = append(written, to)
		}
	}
	return written
}

// eachLedger reads every ledger, some hundred at a time.
func eachLedger(ctx context.Context, t *database.Tx, visit func(page []*ledger.Ledger) error) error {
	for after := ""; ; {
		page, err := ledgersAfter(ctx, t, after)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := visit(page); err != nil {
			return err
		}
		after = page[len(page)-1].Root().ID
	}
}

const ledgerPage = 200

// ledgersAfter reads the ledgers of the roots whose ids come next, as they are recorded.
func ledgersAfter(ctx context.Context, t *database.Tx, after string) ([]*ledger.Ledger, error) {
	list, err := selectRootPage(ctx, t, after, ledgerPage)
	if err != nil {
		return nil, err
	}
	page := make([]*ledger.Ledger, len(list))
	for k, c := range list {
		page[k] = ledger.Of(c)
	}
	return page, readLedgers(ctx, t, page)
}

func selectRootPage(ctx context.Context, t *database.Tx, after string, limit int) (list []ledger.Candidate, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id > ? AND (ledger IS NULL OR ledger = id)
		ORDER BY id
		LIMIT ?`, after, limit)
	return list, err
}

// ApplyProgramme makes a plan's programme the newest version and has all ledgers judged by it. A
// plan that is empty changes nothing. A plan made before somebody else applied one is refused.
//
// On PostgreSQL a result that is being recorded at this moment may be judged by the version before and
// not be visible to the reconciliation yet; a second one comes when all such transactions have ended.
func (i *Issuer) ApplyProgramme(ctx context.Context, p ProgrammePlan) error {
	if p.next.Programme == nil {
		return nil
	}
	return i.db.InTx(ctx, func(t *database.Tx) error {
		stored, err := i.Apply(ctx, t, p.next, p.Pictures)
		if err != nil {
			return err
		}
		if !stored {
			return refusal.New("programme_changed", "Somebody else applied a programme meanwhile. Plan again.")
		}
		tasks := []jobs.Task{{Kind: jobReconcile, Payload: reconcilePayload{}}}
		if t.Postgres() {
			tasks = append(tasks, jobs.Task{Kind: jobReconcile, Payload: reconcilePayload{}, RunAt: i.now().Add(2 * batchTimeout)})
		}
		return i.queue.Add(ctx, t, tasks...)
	})
}

type reconcilePayload struct {
	After string `json:"after,omitempty"` // id of the root of a ledger
}

// reconcileJob brings the awards of a few hundred ledgers in line with the programme and queues
// itself for the rest.
func (i *Issuer) reconcileJob(ctx context.Context, j jobs.Job) error {
	var p reconcilePayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	h, err := i.HistoryIn(ctx, i.db.Reader())
	if err != nil {
		return err
	}
	page, err := ledgersAfter(ctx, i.db.Reader(), p.After)
	if err != nil || len(page) == 0 {
		return err
	}
	for _, l := range page {
		c := ledger.Changes{History: h, Now: i.now(), IDs: ledger.PreviewIDs()}
		c.Settle(l, ledger.ByProgramme)
		if len(c.Made)+len(c.Changed) == 0 {
			continue // for most ledgers a programme changes nothing
		}
		if err := i.Reconcile(ctx, l.Root().ID); err != nil {
			return err
		}
	}
	return i.db.InTx(ctx, func(t *database.Tx) error {
		return i.queue.Add(ctx, t, jobs.Task{Kind: jobReconcile, Payload: reconcilePayload{After: page[len(page)-1].Root().ID}})
	})
}

// Reconcile makes the awards of one candidate's ledger follow it and the programme.
func (i *Issuer) Reconcile(ctx context.Context, candidate string) error {
	return i.inWrite(ctx, func(w *write) error {
		l, found, err := w.lockLedger(ctx, candidate)
		if err != nil || !found {
			return err // not found: deleted meanwhile
		}
		w.Settle(l, ledger.ByProgramme)
		return nil
	})
}
