package connection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/refusal"
)

// Connections are the verbs of people on what connects them. Each is one transaction.
type Connections struct {
	db     *database.DB
	queue  *jobs.Queue
	people People
	clock  func() time.Time
}

// People tells accounts of what was done to them.
type People interface {
	// Tell writes a change of an account down and mails it to all its addresses.
	Tell(ctx context.Context, t *database.Tx, account, change, what string) error
}

// New returns the connections of a migrated database.
func New(db *database.DB, queue *jobs.Queue, people People, now func() time.Time) *Connections {
	return &Connections{db, queue, people, now}
}

func (cs *Connections) now() time.Time { return cs.clock().UTC().Truncate(time.Second) }

// Who is somebody who is signed in, and the addresses that are known to be theirs: confirmed ones, and those that a
// provider vouches for.
type Who struct {
	Account   string
	Name      string
	Addresses []string
	Sandbox   bool // they were confirmed in a sandbox
}

// Profile is a certification profile as the person whose it is sees it.
type Profile struct {
	Candidate      string // to whom the ledger belongs
	Partner        string // its name
	Name           string
	Email          string
	Numbers        []string // registrations, as the partner counts them
	Exams          int      // that were passed
	Certifications int      // that stand
	Account        string   // it is connected to; empty: none
	Owner          string
	Since          *time.Time
}

// The codes of refusals.
const (
	AlreadyConnected   = "already_connected"   // the account has another profile
	ConnectedElsewhere = "connected_elsewhere" // another account has the profile
	Unknown            = "not_found"
)

type profileRow struct {
	Root    string     `db:"root"`
	Email   string     `db:"email"`
	Name    string     `db:"name"`
	Partner string     `db:"partner"`
	Account *string    `db:"account_id"`
	Owner   *string    `db:"owner_email"`
	Since   *time.Time `db:"connected_at"`
}

const profileColumns = `COALESCE(c.ledger, c.id) AS root, c.email, c.name, p.name AS partner, n.account_id, n.owner_email, n.connected_at`

// Of is the profile of an account.
func (cs *Connections) Of(ctx context.Context, account string) (p Profile, found bool, err error) {
	var row profileRow
	t := cs.db.Reader()
	found, err = t.Get(ctx, &row, `
		SELECT `+profileColumns+`
		FROM connection n
		JOIN candidate c ON c.id = n.candidate_id
		JOIN partner p ON p.id = c.partner_id
		WHERE n.account_id = ?`, account)
	if err != nil || !found {
		return p, false, err
	}
	p, err = describe(ctx, t, row)
	return p, true, err
}

// Since is when an account was connected to its profile.
func (cs *Connections) Since(ctx context.Context, account string) (at time.Time, found bool, err error) {
	found, err = cs.db.Reader().Get(ctx, &at, `
		SELECT connected_at
		FROM connection
		WHERE account_id = ?`, account)
	if err != nil {
		return at, false, fmt.Errorf("read since when a profile is connected: %w", err)
	}
	return at.UTC(), found, nil
}

// Free reports whether some profile at the addresses of somebody is connected to nobody.
func (cs *Connections) Free(ctx context.Context, addresses []string, sandbox bool) (bool, error) {
	if len(addresses) == 0 {
		return false, nil
	}
	var one int
	found, err := cs.db.Reader().Get(ctx, &one, `
		SELECT 1
		FROM candidate c
		JOIN partner p ON p.id = c.partner_id
		WHERE c.email IN (?) AND p.sandbox = ?
			AND NOT EXISTS (SELECT 1 FROM connection n WHERE n.candidate_id = COALESCE(c.ledger, c.id) AND n.owner_email = '')
		LIMIT 1`, addresses, database.Flag(sandbox))
	if err != nil {
		return false, fmt.Errorf("look for certification profiles: %w", err)
	}
	return found, nil
}

// At are the profiles at the addresses of somebody, whoever they are connected to: the free ones first.
func (cs *Connections) At(ctx context.Context, addresses []string, sandbox bool) (list []Profile, err error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	var rows []profileRow
	t := cs.db.Reader()
	err = t.Select(ctx, &rows, `
		SELECT `+profileColumns+`
		FROM candidate c
		JOIN partner p ON p.id = c.partner_id
		LEFT JOIN connection n ON n.candidate_id = COALESCE(c.ledger, c.id) AND n.owner_email = ''
		WHERE c.email IN (?) AND p.sandbox = ?
		ORDER BY c.created_at, c.id
		LIMIT 20`, addresses, database.Flag(sandbox))
	if err != nil {
		return nil, fmt.Errorf("read certification profiles: %w", err)
	}
	seen := map[string]bool{}
	for _, row := range rows {
		if seen[row.Root] {
			continue
		}
		seen[row.Root] = true
		p, err := describe(ctx, t, row)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b Profile) int {
		return cmp.Compare(database.Flag(a.Account != ""), database.Flag(b.Account != ""))
	})
	return list, nil
}

// describe counts what is in a profile.
func describe(ctx context.Context, t *database.Tx, row profileRow) (p Profile, err error) {
	p = Profile{Candidate: row.Root, Partner: row.Partner, Name: row.Name, Email: row.Email, Since: row.Since}
	if row.Account != nil {
		p.Account, p.Owner = *row.Account, *row.Owner
	}
	all, err := members(ctx, t, row.Root)
	if err != nil {
		return p, err
	}
	var ids []string
	for _, m := range all {
		ids, p.Numbers = append(ids, m.ID), append(p.Numbers, m.Number)
	}
	var n struct {
		Exams          int `db:"exams"`
		Certifications int `db:"certifications"`
	}
	_, err = t.Get(ctx, &n, `
		SELECT (SELECT COUNT(DISTINCT exam) FROM result WHERE candidate_id IN (?) AND outcome = 'pass' AND state = 'recorded') AS exams,
			(SELECT COUNT(DISTINCT code) FROM award WHERE candidate_id IN (?) AND owner_email = ? AND kind = 'certification' AND revoked_at IS NULL AND superseded_by = '') AS certifications`,
		ids, ids, p.Owner)
	if err != nil {
		return p, fmt.Errorf("count what is in a certification profile: %w", err)
	}
	p.Exams, p.Certifications = n.Exams, n.Certifications
	return p, nil
}

// members are the candidates of a ledger, the one to whom it belongs first.
func members(ctx context.Context, t *database.Tx, root string) (list []ledger.Candidate, err error) {
	err = t.Select(ctx, &list, `
		SELECT id, partner_id, number, email
		FROM candidate
		WHERE id = ?
		UNION ALL
		SELECT id, partner_id, number, email
		FROM candidate
		WHERE ledger = ? AND id <> ?`, root, root, root)
	if err != nil {
		return nil, fmt.Errorf("read the candidates of a ledger: %w", err)
	}
	return list, nil
}

// Connect connects a profile to the account of somebody to whom its address is known to belong. Again it is the same.
// It refuses as AlreadyConnected where the account has another one, as ConnectedElsewhere where another account has it,
// and as Unknown.
func (cs *Connections) Connect(ctx context.Context, who Who, candidate, how string) (n Connection, err error) {
	err = cs.db.InTx(ctx, func(t *database.Tx) error {
		n, err = cs.connect(ctx, t, who, candidate, how, false)
		return err
	})
	return n, err
}

// Move is Connect, but takes the profile from the account that has it. Both are told.
func (cs *Connections) Move(ctx context.Context, who Who, candidate, how string) (n Connection, err error) {
	err = cs.db.InTx(ctx, func(t *database.Tx) error {
		n, err = cs.connect(ctx, t, who, candidate, how, true)
		return err
	})
	return n, err
}

func (cs *Connections) connect(ctx context.Context, t *database.Tx, who Who, candidate, how string, move bool) (n Connection, err error) {
	c, found, err := lockCandidate(ctx, t, candidate)
	if err != nil || !found {
		return n, cmp.Or(err, error(refusal.New(Unknown, "There is no such certification profile.")))
	}
	test, err := isTest(ctx, t, c.PartnerID)
	if err != nil {
		return n, err
	}
	all, err := members(ctx, t, c.ID)
	if err != nil {
		return n, err
	}
	k := slices.IndexFunc(all, func(m ledger.Candidate) bool { return slices.Contains(who.Addresses, m.Email) })
	if k < 0 || test != who.Sandbox {
		return n, refusal.New(Unknown, "There is no such certification profile.")
	}
	has, mine, err := ofAccount(ctx, t, who.Account)
	switch {
	case err != nil:
		return n, err
	case mine && has.Candidate == c.ID:
		return has, nil
	case mine:
		return n, refusal.New(AlreadyConnected, "This account is connected to another certification profile.")
	}
	n = Connection{who.Account, c.ID, "", all[k].Email, cs.now()}
	why := Change{How: how, Actor: person(who.Name)}
	stored, err := insert(ctx, t, n, why)
	if err != nil || stored {
		return n, err
	}
	// Somebody else was first: the account in another window, or another account.
	if has, mine, err = ofAccount(ctx, t, who.Account); err != nil || mine {
		if err == nil && has.Candidate != c.ID {
			err = refusal.New(AlreadyConnected, "This account is connected to another certification profile.")
		}
		return has, err
	}
	if !move {
		return n, refusal.New(ConnectedElsewhere, "This certification profile is connected to another account.")
	}
	return n, cs.move(ctx, t, n, all, why)
}

// lockCandidate locks the ledger that a candidate belongs to.
func lockCandidate(ctx context.Context, t *database.Tx, id string) (c ledger.Candidate, found bool, err error) {
	for { // until nothing was merged between reading and locking
		if id, err = Root(ctx, t, id); err != nil {
			return c, false, err
		}
		found, err = t.Get(ctx, &c, `
			UPDATE candidate
			SET revision = revision + 1
			WHERE id = ?
			RETURNING id, partner_id, number, email, name, locale, revision, COALESCE(ledger, '') AS ledger`, id)
		if err != nil {
			return c, false, fmt.Errorf("lock candidate: %w", err)
		}
		if !found || c.Root() == id {
			return c, found, nil
		}
	}
}

func isTest(ctx context.Context, t *database.Tx, partner string) (bool, error) {
	var sandbox int
	if _, err := t.Get(ctx, &sandbox, `SELECT sandbox FROM partner WHERE id = ?`, partner); err != nil {
		return false, fmt.Errorf("read partner: %w", err)
	}
	return sandbox == 1, nil
}

func ofAccount(ctx context.Context, t *database.Tx, account string) (n Connection, found bool, err error) {
	found, err = t.Get(ctx, &n, `
		SELECT `+columns+`
		FROM connection
		WHERE account_id = ?`, account)
	if err != nil {
		return n, false, fmt.Errorf("read connection: %w", err)
	}
	return n, found, nil
}

// The kinds of changes that accounts are told of.
const (
	ToldMoved = "profile_moved" // the profile is theirs now
	ToldGiven = "profile_given" // it is another account's now
)

// move takes a profile whose ledger is locked, and its badges, from the account that has it.
func (cs *Connections) move(ctx context.Context, t *database.Tx, n Connection, all []ledger.Candidate, why Change) error {
	var from string
	found, err := t.Get(ctx, &from, `
		SELECT account_id
		FROM connection
		WHERE candidate_id = ? AND owner_email = ?`, n.Candidate, n.Owner)
	if err != nil || !found {
		return cmp.Or(err, fmt.Errorf("the connection of %s vanished under its lock", n.Candidate))
	}
	if _, err := t.Exec(ctx, `
		DELETE FROM connection
		WHERE account_id = ? AND candidate_id = ?`, from, n.Candidate); err != nil {
		return fmt.Errorf("take connection: %w", err)
	}
	rows, err := t.Exec(ctx, `
		INSERT INTO connection (`+columns+`)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, n.Account, n.Candidate, n.Owner, n.Email, n.Since)
	if err != nil {
		return fmt.Errorf("move connection: %w", err)
	}
	if rows == 0 { // the account has connected another one at this moment
		return refusal.New(AlreadyConnected, "This account is connected to another certification profile.")
	}
	var ids []string
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	if _, err := t.Exec(ctx, `
		UPDATE award
		SET holder = ?, revision = revision + 1
		WHERE holder = ? AND candidate_id IN (?) AND owner_email = ?`, n.Account, from, ids, n.Owner); err != nil {
		return fmt.Errorf("move badges: %w", err)
	}
	for _, entry := range []struct{ account, kind, told string }{{from, Given, ToldGiven}, {n.Account, Moved, ToldMoved}} {
		why.Account, why.Candidate, why.Kind, why.At = entry.account, n.Candidate, entry.kind, n.Since
		if err := note(ctx, t, why); err != nil {
			return err
		}
		if err := cs.people.Tell(ctx, t, entry.account, entry.told, why.Actor.Name); err != nil {
			return fmt.Errorf("tell an account: %w", err)
		}
	}
	return cs.queue.Add(ctx, t, jobs.Task{Kind: credential.JobNames, Payload: credential.NamesTask{Holder: n.Account}})
}

// History is what happened to the connections of an account, the newest first.
func (cs *Connections) History(ctx context.Context, account string) (list []Change, err error) {
	var rows []struct {
		Change
		ByKind string `db:"actor_kind"`
		ByName string `db:"actor_name"`
	}
	err = cs.db.Reader().Select(ctx, &rows, `
		SELECT account_id, candidate_id, change, how, actor_kind, actor_name, created_at
		FROM connection_entry
		WHERE account_id = ?
		ORDER BY number DESC
		LIMIT 50`, account)
	for _, r := range rows {
		r.Actor = ledger.Actor{Kind: ledger.ActorKind(r.ByKind), Name: r.ByName}
		list = append(list, r.Change)
	}
	return list, err
}
