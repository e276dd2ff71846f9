package credential

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/bits"
	mathrand "math/rand/v2"
	"sync"

	"github.com/open-insignia/insignia/database"
)

const (
	statusListSize = 131_072 // entries; the least that Bitstring Status List v1.0 §6.1 allows
	indexBlock     = 256     // indexes that a process takes at a time
)

// statusIndex is a place in a status list.
type statusIndex struct{ list, position int64 }

// indexPool hands out places in random order, so that neighbours in a list say nothing about who
// was awarded when. A process takes a block ahead, outside the transactions that use it: they then
// never wait for each other over a counter. What a stopping process had left over stays unused.
type indexPool struct {
	mu   sync.Mutex
	free []statusIndex
}

// take returns n places that nobody else gets.
func (p *indexPool) take(ctx context.Context, l *StatusLists, n int) ([]statusIndex, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.free) < n {
		block, err := l.reserveIndexes(ctx, max(n, indexBlock))
		if err != nil {
			return nil, fmt.Errorf("reserve status indexes: %w", err)
		}
		p.free = append(p.free, block...)
	}
	taken := p.free[:n:n]
	p.free = p.free[n:]
	return taken, nil
}

// giveBack takes back places that nobody has seen in a credential.
func (p *indexPool) giveBack(places []statusIndex) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, places...)
}

// reserveIndexes moves the counter of the newest list, beginning a new list when it is full.
func (l *StatusLists) reserveIndexes(ctx context.Context, n int) (block []statusIndex, err error) {
	var list statusList
	var from, to int64
	err = l.db.InTx(ctx, func(t *database.Tx) error {
		from, to = 0, 0
		newest, found, err := selectNewestStatusList(ctx, t)
		if err != nil {
			return err
		}
		list = newest
		if !found || list.Taken >= list.Size {
			seed := make([]byte, 32)
			_, _ = rand.Read(seed) // never fails, crypto/rand
			list = statusList{Number: list.Number + 1, Seed: seed, Size: statusListSize}
			return insertStatusList(ctx, t, list, l.now()) // the caller asks again: whoever came first made it
		}
		end := min(list.Taken+int64(n), list.Size)
		moved, err := takeStatusIndexes(ctx, t, list.Number, list.Taken, end)
		if moved { // otherwise another process was faster: the caller asks again
			from, to = list.Taken, end
		}
		return err
	})
	if err != nil || from == to {
		return nil, err
	}
	for _, position := range shuffled(list.Seed, list.Size)[from:to] {
		block = append(block, statusIndex{list.Number, int64(position)})
	}
	return block, nil
}

// shuffled is the order in which a list's places are handed out: a Fisher-Yates shuffle driven by
// ChaCha8, whose output for a seed is fixed, written out because the order must be the same in
// every later release.
func shuffled(seed []byte, size int64) []uint32 {
	source := mathrand.NewChaCha8([32]byte(seed))
	order := make([]uint32, size)
	for k := range order {
		order[k] = uint32(k)
	}
	for k := len(order) - 1; k > 0; k-- {
		high, _ := bits.Mul64(source.Uint64(), uint64(k+1))
		order[k], order[high] = order[high], order[k]
	}
	return order
}
