package credential

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/openbadge"
)

const (
	statusLife = 24 * time.Hour   // how long a signed list may be relied on
	statusTTL  = 60 * time.Second // how long a checker may keep it
	// statusEarly is how far back a list's life begins, for checkers whose clocks are behind.
	statusEarly = 5 * time.Minute
)

// StatusLists are the lists that say which credentials hold no more (Bitstring Status List v1.0).
type StatusLists struct {
	Addresses
	catalogue *catalogue.Catalogue
	db        *database.DB
	signer    Signer
	keys      KeyList
	clock     func() time.Time

	cache statusCache
	pool  indexPool
}

func (l *StatusLists) now() time.Time { return l.clock().UTC().Truncate(time.Second) }

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
	json     catalogue.Document
	jwt      catalogue.Document
}

// statusPause is how long a list is served without asking whether another process has changed it.
const statusPause = time.Second

// StatusList is the signed Bitstring Status List credential of that number, with a Data Integrity proof.
// A bit that this process sets shows at once, that of another one after statusPause. The list is built
// and signed again only when it changed or when half of its life is over.
func (l *StatusLists) StatusList(ctx context.Context, number int64) (catalogue.Document, bool, error) {
	s, found, err := l.statusList(ctx, number)
	return s.json, found, err
}

// StatusListJWT is the same list as VC-JWT.
func (l *StatusLists) StatusListJWT(ctx context.Context, number int64) (catalogue.Document, bool, error) {
	s, found, err := l.statusList(ctx, number)
	return s.jwt, found, err
}

func (l *StatusLists) statusList(ctx context.Context, number int64) (signedStatus, bool, error) {
	now := l.clock()
	kept, ok := l.cache.load(number)
	fresh := ok && kept.young(now)
	if fresh && now.Sub(kept.asked) < statusPause {
		return kept, true, nil
	}
	row, found, err := selectStatusList(ctx, l.db.Reader(), number)
	if err != nil || !found {
		return kept, false, err
	}
	keys, err := l.signing(ctx)
	if err != nil {
		return kept, false, err
	}
	l.cache.signing.Lock()
	defer l.cache.signing.Unlock()
	if again, ok := l.cache.load(number); ok && again.revision >= row.Revision && again.keys == keys && again.young(now) {
		kept = again
	} else if kept, err = l.signStatusList(ctx, row); err != nil {
		return kept, false, fmt.Errorf("sign status list %d: %w", number, err)
	}
	kept.asked, kept.keys = now, keys
	l.cache.keep(number, kept)
	return kept, true, nil
}

// young reports whether the list has more than half of its life before it. One that was signed ahead, by a clock
// that has been set right since, is not valid yet for anybody else.
func (s signedStatus) young(now time.Time) bool {
	age := now.Sub(s.signedAt)
	return age > -statusEarly && age < statusLife/2
}

func (l *StatusLists) signStatusList(ctx context.Context, row statusList) (s signedStatus, err error) {
	positions, err := selectStatusBits(ctx, l.db.Reader(), row.Number)
	if err != nil {
		return s, err
	}
	bits := openbadge.NewStatusList(int(row.Size))
	for _, p := range positions {
		bits.SetBit(int(p), true)
	}
	organisation, err := l.catalogue.Organisation(ctx)
	if err != nil {
		return s, err
	}
	now := l.now()
	credential := openbadge.NewStatusListCredential(l.statusURL(row.Number), l.profile(organisation), "revocation", bits.Encode(), now.Add(-statusEarly), now.Add(statusLife))
	credential.Subject.TTL = statusTTL.Milliseconds()
	token, err := l.statusJWT(ctx, credential)
	if err != nil {
		return s, err
	}
	proven, err := l.statusJSON(ctx, credential)
	if err != nil {
		return s, err
	}
	return signedStatus{revision: row.Revision, signedAt: now, json: catalogue.NewDocument(catalogue.TypeVC, proven), jwt: catalogue.NewDocument(catalogue.TypeJWT, token)}, nil
}

func (l *StatusLists) statusJWT(ctx context.Context, c *openbadge.StatusListCredential) ([]byte, error) {
	payload, err := c.Payload()
	if err != nil {
		return nil, err
	}
	token, err := l.signer.SignJWT(ctx, payload)
	return []byte(token), err
}

func (l *StatusLists) statusJSON(ctx context.Context, c *openbadge.StatusListCredential) ([]byte, error) {
	doc, err := c.JSON()
	if err != nil {
		return nil, err
	}
	return l.signer.AddProof(ctx, doc, l.now())
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

// End sets the status bits of all editions of awards that ended. One that is being signed at this moment finds its
// award ended.
func (l *StatusLists) End(ctx context.Context, t *database.Tx, awards []string) error {
	if len(awards) == 0 {
		return nil
	}
	places, err := selectPlaces(ctx, t, awards)
	if err != nil {
		return err
	}
	return l.set(ctx, t, places)
}

// set marks credentials as no longer good, for ever: reinstating takes a new place.
func (l *StatusLists) set(ctx context.Context, t *database.Tx, places []statusIndex) error {
	rows := make([][]any, 0, len(places))
	changed := map[int64]bool{}
	for _, p := range places {
		rows = append(rows, []any{p.list, p.position, l.now()})
		changed[p.list] = true
	}
	if len(rows) == 0 {
		return nil
	}
	if err := insertStatusBits(ctx, t, rows); err != nil {
		return err
	}
	revisions, err := touchStatusLists(ctx, t, slices.Sorted(maps.Keys(changed)))
	t.OnCommit(func() { l.cache.note(revisions) })
	return err
}
