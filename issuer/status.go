package issuer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
)

const (
	statusLife = 24 * time.Hour   // how long a signed list may be relied on
	statusTTL  = 60 * time.Second // how long a checker may keep it
	// statusEarly is how far back a list's life begins, for checkers whose clocks are behind.
	statusEarly = 5 * time.Minute
)

// statusList is a row of status_list.
type statusList struct {
	Number   int64  `db:"number"`
	Seed     []byte `db:"seed"`
	Size     int64  `db:"size"`
	Taken    int64  `db:"taken"`
	Revision int64  `db:"revision"`
}

// statusCache holds the newest signed edition of each list that was asked for.
type statusCache struct {
	mu      sync.Mutex
	signed  map[int64]signedStatus
	changed map[int64]int64 // newest revision of each list that this process made
	signing sync.Mutex
}

// signedStatus is a signed list in both forms.
type signedStatus struct {
	revision int64
	signedAt time.Time
	keys     string    // those that signed then
	asked    time.Time // when the database was last asked for a newer revision
	json     Document
	jwt      Document
}

// statusPause is how long a list is served without asking whether another process has changed it.
const statusPause = time.Second

// StatusList is the signed Bitstring Status List credential of that number, with a Data Integrity proof.
// A bit that this process sets shows at once, that of another one after statusPause. The list is built
// and signed again only when it changed or when half of its life is over.
func (i *Issuer) StatusList(ctx context.Context, number int64) (Document, bool, error) {
	s, found, err := i.statusList(ctx, number)
	return s.json, found, err
}

// StatusListJWT is the same list as VC-JWT.
func (i *Issuer) StatusListJWT(ctx context.Context, number int64) (Document, bool, error) {
	s, found, err := i.statusList(ctx, number)
	return s.jwt, found, err
}

func (i *Issuer) statusList(ctx context.Context, number int64) (signedStatus, bool, error) {
	now := i.Now()
	kept, ok := i.statusLists.load(number)
	fresh := ok && kept.young(now)
	if fresh && now.Sub(kept.asked) < statusPause {
		return kept, true, nil
	}
	row, found, err := selectStatusList(ctx, i.db.Reader(), number)
	if err != nil || !found {
		return kept, false, err
	}
	keys, err := i.signing(ctx)
	if err != nil {
		return kept, false, err
	}
	i.statusLists.signing.Lock()
	defer i.statusLists.signing.Unlock()
	if again, ok := i.statusLists.load(number); ok && again.revision >= row.Revision && again.keys == keys && again.young(now) {
		kept = again
	} else if kept, err = i.signStatusList(ctx, row); err != nil {
		return kept, false, fmt.Errorf("sign status list %d: %w", number, err)
	}
	kept.asked, kept.keys = now, keys
	i.statusLists.keep(number, kept)
	return kept, true, nil
}

// young reports whether the list has more than half of its life before it. One that was signed ahead, by a clock
// that has been set right since, is not valid yet for anybody else.
func (s signedStatus) young(now time.Time) bool {
	age := now.Sub(s.signedAt)
	return age > -statusEarly && age < statusLife/2
}

func (i *Issuer) signStatusList(ctx context.Context, row statusList) (s signedStatus, err error) {
	positions, err := selectStatusBits(ctx, i.db.Reader(), row.Number)
	if err != nil {
		return s, err
	}
	list := openbadge.NewStatusList(int(row.Size))
	for _, p := range positions {
		list.SetBit(int(p), true)
	}
	organisation, err := i.Organisation(ctx)
	if err != nil {
		return s, err
	}
	now := i.now()
	credential := openbadge.NewStatusListCredential(i.statusURL(row.Number), i.profile(organisation), "revocation", list.Encode(), now.Add(-statusEarly), now.Add(statusLife))
	credential.Subject.TTL = statusTTL.Milliseconds()
	token, err := i.statusJWT(ctx, credential)
	if err != nil {
		return s, err
	}
	proven, err := i.statusJSON(ctx, credential)
	if err != nil {
		return s, err
	}
	return signedStatus{revision: row.Revision, signedAt: now, json: newDocument(typeVC, proven), jwt: newDocument(typeJWT, token)}, nil
}

func (i *Issuer) statusJWT(ctx context.Context, c *openbadge.StatusListCredential) ([]byte, error) {
	payload, err := c.Payload()
	if err != nil {
		return nil, err
	}
	token, err := i.Signer.SignJWT(ctx, payload)
	return []byte(token), err
}

func (i *Issuer) statusJSON(ctx context.Context, c *openbadge.StatusListCredential) ([]byte, error) {
	doc, err := c.JSON()
	if err != nil {
		return nil, err
	}
	return i.Signer.AddProof(ctx, doc, i.now())
}

// load is the signed list of that number, unless this process has changed it since.
func (c *statusCache) load(number int64) (signedStatus, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.signed[number]
	return s, ok && s.revision >= c.changed[number]
}

func (c *statusCache) keep(number int64, s signedStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.signed == nil {
		c.signed = map[int64]signedStatus{}
	}
	c.signed[number] = s
}

func (c *statusCache) note(changed []statusRevision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = map[int64]int64{}
	}
	for _, r := range changed {
		c.changed[r.Number] = max(c.changed[r.Number], r.Revision)
	}
}

// endCredentials sets the status bits of all editions of the awards that ended. One that is being signed
// at this moment finds its award ended.
func endCredentials(ctx context.Context, w *write) error {
	if len(w.Ended) == 0 {
		return nil
	}
	places, err := selectPlaces(ctx, w.t, ledger.AwardIDs(w.Ended))
	if err != nil {
		return err
	}
	return w.i.setStatus(ctx, w.t, places)
}

// setStatus marks credentials as no longer good, for ever: reinstating takes a new place.
func (i *Issuer) setStatus(ctx context.Context, t *database.Tx, places []statusIndex) error {
	rows := make([][]any, 0, len(places))
	changed := map[int64]bool{}
	for _, p := range places {
		rows = append(rows, []any{p.list, p.position, i.now()})
		changed[p.list] = true
	}
	if len(rows) == 0 {
		return nil
	}
	if err := insertStatusBits(ctx, t, rows); err != nil {
		return err
	}
	revisions, err := touchStatusLists(ctx, t, slices.Sorted(maps.Keys(changed)))
	t.OnCommit(func() { i.statusLists.note(revisions) })
	return err
}
