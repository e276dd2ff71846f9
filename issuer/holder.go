package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Holder is a signed-in person: an account and the addresses that it has confirmed.
type Holder struct {
	ID        string
	Addresses []string // in their one spelling
	Sandbox   bool     // they were confirmed by letters that stayed in a sandbox, so nothing live is theirs
}

// Owns reports whether the holder may decide about a badge.
func (i *Issuer) Owns(ctx context.Context, h Holder, a *ledger.Award) (bool, error) {
	t := i.db.Reader()
	c, found, err := selectCandidate(ctx, t, a.CandidateID)
	if err != nil || !found {
		return false, err
	}
	return h.owns(ctx, t, a, c)
}

// Backpack is all badges of a holder, whatever was decided about them: theirs, and those that wait
// for them. Revoked offers are left out, the newest come first.
func (i *Issuer) Backpack(ctx context.Context, h Holder) ([]OfferedBadge, error) {
	if h.ID == "" {
		return nil, nil
	}
	awards, err := selectBackpack(ctx, i.db.Reader(), h)
	if err != nil {
		return nil, fmt.Errorf("read backpack: %w", err)
	}
	return i.withAchievements(ctx, awards)
}

// BackpackState names what a holder's badges are: it is another one after any change of them, and costs less to read
// than they do.
func (rs *Records) BackpackState(ctx context.Context, h Holder) (string, error) {
	if h.ID == "" {
		return "", nil
	}
	var rows []string
	if err := rs.db.Reader().Select(ctx, &rows, backpackStateQuery, backpackArguments(h)...); err != nil {
		return "", fmt.Errorf("read state of backpack: %w", err)
	}
	slices.Sort(rows)
	state := sha256.Sum256([]byte(strings.Join(rows, "\n")))
	return hex.EncodeToString(state[:]), nil
}

func selectBackpack(ctx context.Context, t *database.Tx, h Holder) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, backpackAwardsQuery, backpackArguments(h)...)
	return list, err
}

func backpackArguments(h Holder) []any {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	test := database.Flag(h.Sandbox)
	return []any{h.ID, addresses, test, addresses, test, h.ID, h.ID, h.ID, addresses, test, h.ID}
}

var (
	backpackAwardsQuery = backpackQuery(ledger.AwardColumns, ledger.QualifiedAwardColumns, "UNION") + `
		ORDER BY earned_on DESC, id
		LIMIT 10000`
	backpackStateQuery = backpackQuery(`id || ' ' || revision`, `a.id || ' ' || a.revision`, "UNION ALL")
)

// backpackQuery is statements in one, each with an index of its own (see owner.go).
func backpackQuery(columns, qualified, union string) string {
	return `
		SELECT ` + columns + `
		FROM award
		WHERE holder = ? AND holder <> ''
		` + union + `
		SELECT ` + qualified + `
		FROM candidate c
		JOIN award a ON a.candidate_id = c.id
		JOIN partner p ON p.id = c.partner_id
		WHERE c.email IN (?) AND p.sandbox >= ? AND a.owner_email = '' AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		` + union + `
		SELECT ` + qualified + `
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE a.owner_email IN (?) AND p.sandbox >= ? AND a.owner_email <> '' AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		` + union + `
		SELECT ` + qualified + `
		FROM award own
		JOIN award a ON a.candidate_id = own.candidate_id AND a.owner_email = own.owner_email
		WHERE own.holder = ? AND own.holder <> '' AND own.state = 'accepted'
			AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		` + union + `
		SELECT ` + qualified + `
		FROM connection n
		JOIN award a ON a.candidate_id = n.candidate_id AND a.owner_email = n.owner_email
		WHERE n.account_id = ? AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		` + union + `
		SELECT ` + qualified + `
		FROM connection n
		JOIN candidate c ON c.ledger = n.candidate_id AND c.id <> n.candidate_id
		JOIN award a ON a.candidate_id = c.id AND a.owner_email = ''
		WHERE n.account_id = ? AND n.owner_email = '' AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		` + union + `
		SELECT ` + qualified + `
		FROM ` + mergedAt + `
		JOIN award a ON a.candidate_id = m.id AND a.owner_email = ''
		WHERE ` + mergedAtHolder + ` AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''`
}

// What was merged with a candidate is the same person's: whoever has confirmed the address of one of them takes what is
// offered at those of the others, unless another account is connected to their profile. m are the candidates; arguments
// are the addresses, whether they are a sandbox's, and the account.
const (
	mergedAt = `candidate c
		JOIN candidate m ON m.ledger = c.ledger AND m.id <> c.id
		JOIN partner p ON p.id = m.partner_id`
	mergedAtHolder = `c.email IN (?) AND p.sandbox >= ?
			AND NOT EXISTS (SELECT 1 FROM connection o WHERE o.candidate_id = c.ledger AND o.owner_email = '' AND o.account_id <> ?)`
)

// Accept makes an offered or declined badge the holder's, seen by whom they say, and connects its profile to the account
// where both are free. Accepting again is harmless and leaves the visibility as it is. A withdrawn or disputed badge
// cannot be accepted.
func (i *Issuer) Accept(ctx context.Context, h Holder, award, visibility string) error {
	if err := checkVisibility(visibility); err != nil {
		return err
	}
	return i.decide(ctx, h, award, "badge.accepted", func(t *database.Tx, a *ledger.Award) (bool, error) {
		switch {
		case !a.Stands():
			return false, refusal.New("withdrawn", "This badge was withdrawn and cannot be accepted any more.")
		case a.DisputedAt != nil:
			return false, refusal.New("disputed", "Somebody says of this badge that it is not theirs, and it cannot be accepted until that is settled.")
		}
		accepted, err := acceptAward(ctx, t, a.ID, h.ID, visibility, i.now())
		if accepted && err == nil {
			err = names{i}.accepted(ctx, t, h, a)
		}
		return accepted, err
	})
}

// acceptAward changes nothing of a badge that is accepted already.
func acceptAward(ctx context.Context, t *database.Tx, id, holder, visibility string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'accepted', holder = ?, visibility = ?, decided_at = ?, revision = revision + 1
		WHERE id = ? AND state <> 'accepted' AND holder IN ('', ?) AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL`,
		holder, visibility, now, id, holder)
	return n == 1, err
}

// Decline puts an offered or accepted badge away: nothing of it is public any more. It can be
// accepted again at any time.
func (i *Issuer) Decline(ctx context.Context, h Holder, award string) error {
	return i.decide(ctx, h, award, "badge.declined", func(t *database.Tx, a *ledger.Award) (bool, error) {
		return declineAward(ctx, t, a.ID, h.ID, i.now())
	})
}

func declineAward(ctx context.Context, t *database.Tx, id, holder string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'declined', holder = ?, decided_at = ?, revision = revision + 1
		WHERE id = ? AND state <> 'declined' AND holder IN ('', ?)`, holder, now, id, holder)
	return n == 1, err
}

// OnceAccepted are those of the awards that somebody has accepted, whatever became of them. Of what was decided before
// awards had a history nothing is known.
func (i *Issuer) OnceAccepted(ctx context.Context, awards ...string) (map[string]bool, error) {
	if len(awards) == 0 {
		return nil, nil
	}
	list, err := selectOnceAccepted(ctx, i.db.Reader(), awards)
	if err != nil {
		return nil, fmt.Errorf("read which awards were accepted: %w", err)
	}
	once := make(map[string]bool, len(list))
	for _, id := range list {
		once[id] = true
	}
	return once, nil
}

func selectOnceAccepted(ctx context.Context, t *database.Tx, awards []string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT DISTINCT award_id
		FROM award_entry
		WHERE award_id IN (?) AND change = ?`, awards, ledger.Accepted)
	return list, err
}

// Show changes who may see an accepted badge; it takes effect with the next request.
func (i *Issuer) Show(ctx context.Context, h Holder, award, visibility string) error {
	if err := checkVisibility(visibility); err != nil {
		return err
	}
	return i.decide(ctx, h, award, "", func(t *database.Tx, a *ledger.Award) (bool, error) {
		return showAward(ctx, t, a.ID, h.ID, visibility)
	})
}

// showAward makes the badge of somebody who had left, and is back, theirs again.
func showAward(ctx context.Context, t *database.Tx, id, holder, visibility string) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET visibility = ?, holder = ?, revision = revision + 1
		WHERE id = ? AND state = 'accepted' AND (visibility <> ? OR holder = '')`, visibility, holder, id, visibility)
	return n == 1, err
}

// decide runs a conditional change of one award by its owner, under the lock of its ledger: what was
// withdrawn this very moment cannot be accepted. The event is stored with it, and only if something
// changed. Partners never learn of visibility.
func (i *Issuer) decide(ctx context.Context, h Holder, award, kind string, change func(*database.Tx, *ledger.Award) (bool, error)) error {
	return i.db.InTx(ctx, func(t *database.Tx) error {
		c, found, err := lockCandidateOf(ctx, t, award)
		if err != nil {
			return err
		}
		if !found {
			return noSuchBadge()
		}
		a, _, err := selectAward(ctx, t, award)
		if err != nil {
			return err
		}
		owns, err := h.owns(ctx, t, a, c)
		if err != nil {
			return err
		}
		if !owns {
			return noSuchBadge()
		}
		changed, err := change(t, a)
		if err != nil || !changed || kind == "" {
			return err
		}
		if a, _, err = selectAward(ctx, t, award); err != nil { // as it is now
			return err
		}
		w := newWrite(i, t, ledger.Changes{Now: i.now(), Actor: ledger.Actor{Kind: ledger.ByPerson, Name: c.Name}})
		w.AwardEvent(kind, ledger.Of(c), a, "")
		if err := insertEntries(ctx, w); err != nil {
			return err
		}
		return appendEvents(ctx, w)
	})
}

// lockCandidateOf locks the ledger that an award belongs to, and reads the award's candidate.
func lockCandidateOf(ctx context.Context, t *database.Tx, award string) (c ledger.Candidate, found bool, err error) {
	if !line.Storable(award) {
		return c, false, nil
	}
	return lockCandidateBy(ctx, t, `SELECT candidate_id FROM award WHERE id = ?`, award)
}

func noSuchBadge() error { return refusal.New("not_found", "No such badge.") }

func checkVisibility(v string) error {
	if !slices.Contains([]string{ledger.Private, ledger.ByLink, ledger.Public}, v) {
		return refusal.New("validation_failed", "visibility must be private, link or public")
	}
	return nil
}

// owns reports whether the holder may decide about an award of a candidate.
func (h Holder) owns(ctx context.Context, t *database.Tx, a *ledger.Award, c ledger.Candidate) (bool, error) {
	switch {
	case h.ID == "":
		return false, nil
	case a.Holder != "":
		return a.Holder == h.ID, nil
	case slices.Contains(h.Addresses, a.Address(&c)):
		return h.reaches(ctx, t, a)
	}
	with, err := selectKnown(ctx, t, h, a.CandidateID)
	return with[known{a.CandidateID, a.OwnerEmail}], err
}

// reaches reports whether an award at an address of the holder is of the kind that they have confirmed it for.
func (h Holder) reaches(ctx context.Context, t *database.Tx, a *ledger.Award) (bool, error) {
	if !h.Sandbox {
		return true, nil
	}
	p, _, err := partner.Find(ctx, t, a.PartnerID)
	if err != nil {
		return false, fmt.Errorf("read partner of an award: %w", err)
	}
	return p.Sandbox, nil
}

// ShareScores has the credential of an accepted badge tell the scores of the passes that it rests on, or
// not any more: a new edition is signed under the same addresses. Files that were handed out before keep
// what they say, and verify as replaced. Partners do not learn of it.
func (i *Issuer) ShareScores(ctx context.Context, h Holder, award string, share bool) error {
	a, found, err := selectAward(ctx, i.db.Reader(), award)
	if err != nil {
		return err
	}
	if !found {
		return noSuchBadge()
	}
	err = i.inWrite(ctx, func(w *write) error {
		l, _, err := w.lockLedger(ctx, a.CandidateID)
		if err != nil {
			return err
		}
		a := l.Award(award)
		owns, err := h.owns(ctx, w.t, a, *l.Candidate(a.CandidateID))
		if err != nil {
			return err
		}
		if !owns {
			return noSuchBadge()
		}
		return w.shareScores(l, a, share)
	})
	if err != nil {
		return fmt.Errorf("share scores of award %s: %w", award, err)
	}
	return nil
}

func (w *write) shareScores(l *ledger.Ledger, a *ledger.Award, share bool) error {
	switch {
	case a.State != ledger.Accepted || share && !a.Stands():
		return refusal.New("not_accepted", "Scores are shared with badges that you have accepted and that were not withdrawn.")
	case share && !l.HasScores(a):
		return refusal.New("no_scores", "No scores were recorded for this badge.")
	case a.Scores != share:
		a.Scores = share
		w.Reissue(a)
	}
	return nil
}

// names has documents follow how holders want their names shown. Pages follow at once.
type names struct{ *Issuer }

// present keeps how a holder is shown on all badges: pages, pictures and embeds with the next request, documents when new
// editions are signed. Files that were handed out keep what they say.
func (n names) present(ctx context.Context, h Holder, chosen credential.Presentation) error {
	if h.ID == "" || !slices.Contains([]string{credential.NameFull, credential.NameInitials, credential.NameHidden}, chosen.Name) {
		return refusal.New("validation_failed", "A name is shown in full, as initials or not at all.")
	}
	return n.db.InTx(ctx, func(t *database.Tx) error {
		if err := credential.StorePresentation(ctx, t, h.ID, chosen, n.now()); err != nil {
			return err
		}
		return n.queue.Add(ctx, t, jobs.Task{Kind: credential.JobNames, Payload: credential.NamesTask{Holder: h.ID}})
	})
}

// Present is how a holder wants to be shown.
func (i *Issuer) Present(ctx context.Context, h Holder, chosen credential.Presentation) error {
	return names{i}.present(ctx, h, chosen)
}

// follow has the documents of a holder follow, if what is signed without asking may say something else.
func (n names) follow(ctx context.Context, t *database.Tx, holder string) error {
	chosen, err := credential.SelectPresentation(ctx, t, holder)
	if err != nil || chosen.Name == credential.NameFull {
		return err
	}
	return n.queue.Add(ctx, t, jobs.Task{Kind: credential.JobNames, Payload: credential.NamesTask{Holder: holder}})
}

// accepted is what follows from a badge that somebody has just accepted: its documents say the name as they want it, and
// its profile is theirs. What is a test connects no live account.
func (n names) accepted(ctx context.Context, t *database.Tx, h Holder, a *ledger.Award) error {
	if err := n.follow(ctx, t, h.ID); err != nil {
		return err
	}
	test, err := n.Partners.Sandbox(ctx, t, a.PartnerID)
	if err != nil || test != h.Sandbox {
		return err
	}
	c, _, err := selectCandidate(ctx, t, a.CandidateID)
	if err != nil {
		return fmt.Errorf("read candidate of an award: %w", err)
	}
	return connection.Accepted(ctx, t, h.ID, a, c, n.now())
}

// job begins new editions, one ledger after another.
func (n names) job(ctx context.Context, j jobs.Job) error {
	var p credential.NamesTask
	if err := j.Decode(&p); err != nil {
		return err
	}
	awards, err := credential.OtherwiseNamed(ctx, n.db.Reader(), p.Holder)
	if err != nil {
		return err
	}
	for _, id := range awards {
		a, found, err := selectAward(ctx, n.db.Reader(), id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		err = n.inWrite(ctx, func(w *write) error {
			l, _, err := w.lockLedger(ctx, a.CandidateID)
			if err != nil {
				return err
			}
			// An edition that is due will say the name as it is to be shown now.
			if a := l.Award(id); a != nil && a.Stands() && a.State == ledger.Accepted && a.Signed == a.Version {
				w.Reissue(a)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("have award %s say its holder's name anew: %w", id, err)
		}
	}
	return nil
}
