package credential

import "sync"

const backlogMost = 100_000 // awards; more are left to the poll

// backlog are the awards that this process has still to issue.
type backlog struct {
	mu   sync.Mutex
	ids  []string
	wake chan struct{}
}

func newBacklog() backlog { return backlog{wake: make(chan struct{}, 1)} }

func (b *backlog) add(ids []string) {
	b.mu.Lock()
	if len(b.ids)+len(ids) <= backlogMost {
		b.ids = append(b.ids, ids...)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *backlog) takeAll() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := b.ids
	b.ids = nil
	return ids
}
