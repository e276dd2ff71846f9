package verifier

import (
	"context"
	"sync"
)

// budget is what one badge may cost the network (contract section 5): requests sent, redirected ones and
// those that failed included, and bytes received, whatever became of them. It travels in the context, so
// that what sends and reads can charge it. Nil has no limit.
type budget struct {
	mu       sync.Mutex // a fetch may go on after the badge's time is over
	requests int
	bytes    int
}

type budgetKey struct{}

func (b *budget) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, b)
}

func budgetOf(ctx context.Context) *budget {
	b, _ := ctx.Value(budgetKey{}).(*budget)
	return b
}

// request charges a request that is about to be sent; false: it may not be.
func (b *budget) request() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests >= maxFetches || b.bytes >= maxBytes {
		return false
	}
	b.requests++
	return true
}

// receive charges bytes that came; false: they were more than may come.
func (b *budget) receive(n int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes += n
	return b.bytes <= maxBytes
}

// room is how many bytes may still come.
func (b *budget) room() int {
	if b == nil {
		return maxBytes
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(maxBytes-b.bytes, 0)
}

// spent gives what was charged so far.
func (b *budget) spent() (requests, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests, b.bytes
}

// settle charges a document at least as one request and its own bytes, beside what was spent before it was
// asked for: one that somebody else fetched, or that was at hand, is work for the badge all the same.
func (b *budget) settle(requests, bytes, size int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.bytes = max(b.requests, requests+1), max(b.bytes, bytes+size)
}

// over reports whether nothing more may be fetched.
func (b *budget) over() bool {
	if b == nil {
		return false
	}
	requests, bytes := b.spent()
	return requests >= maxFetches || bytes > maxBytes
}
