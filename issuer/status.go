package issuer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/openbadge"
)

const (
	statusLife = 24 * time.Hour   // how long a signed list may be relied on
	statusTTL  = 60 * time.Second // how long a checker may keep it
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
	mu     sync.Mutex
	signed map[int64]signedStatus
}

type signedStatus struct {
	revision int64
	signedAt time.Time
	document Document
}

// StatusList is the signed Bitstring Status List credential (VC-JWT) of that number. Every call reads
// the list's revision, so a bit that any process has set shows at once; the list is built and signed
// again only when it changed or when half of its life is over.
func (i *Issuer) StatusList(ctx context.Context, number int64) (Document, bool, error) {
	row, found, err := selectStatusList(ctx, i.db.Reader(), number)
	if err != nil || !found {
		return Document{}, false, err
	}
	i.statusLists.mu.Lock()
	defer i.statusLists.mu.Unlock()
	kept, ok := i.statusLists.signed[number]
	if ok && kept.revision == row.Revision && i.now().Sub(kept.signedAt) < statusLife/2 {
		return kept.document, true, nil
	}
	kept, err = i.signStatusList(ctx, row)
	if err != nil {
		return Document{}, false, fmt.Errorf("sign status list %d: %w", number, err)
	}
	if i.statusLists.signed == nil {
		i.statusLists.signed = map[int64]signedStatus{}
	}
	i.statusLists.signed[number] = kept
	return kept.document, true, nil
}

func (i *Issuer) signStatusList(ctx context.Context, row statusList) (signedStatus, error) {
	positions, err := selectStatusBits(ctx, i.db.Reader(), row.Number)
	if err != nil {
		return signedStatus{}, err
	}
	list := openbadge.NewStatusList(int(row.Size))
	for _, p := range positions {
		list.SetBit(int(p), true)
	}
	organisation, err := i.Organisation(ctx)
	if err != nil {
		return signedStatus{}, err
	}
	now := i.now()
	credential := openbadge.NewStatusListCredential(i.statusURL(row.Number), i.profile(organisation), "revocation", list.Encode(), now, now.Add(statusLife))
	credential.Subject.TTL = statusTTL.Milliseconds()
	payload, err := credential.Payload()
	if err != nil {
		return signedStatus{}, err
	}
	token, err := i.Signer.SignJWT(ctx, payload)
	if err != nil {
		return signedStatus{}, err
	}
	return signedStatus{row.Revision, now, newDocument(typeJWT, []byte(token))}, nil
}

// setStatus marks credentials as no longer good, for ever: reinstating takes a new place.
func setStatus(ctx context.Context, t *database.Tx, places []statusIndex, now time.Time) error {
	rows := make([][]any, 0, len(places))
	changed := map[int64]bool{}
	for _, p := range places {
		rows = append(rows, []any{p.list, p.position, now})
		changed[p.list] = true
	}
	if len(rows) == 0 {
		return nil
	}
	if err := insertStatusBits(ctx, t, rows); err != nil {
		return err
	}
	return touchStatusLists(ctx, t, slices.Sorted(maps.Keys(changed)))
}
