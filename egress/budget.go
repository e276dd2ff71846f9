package egress

import (
	"context"
	"math"
	"sync"
)

// Budget is what one purpose, such as the check of one badge, may cost the network: requests sent, redirected ones
// and those that failed included, and bytes received, whatever became of them. It travels in the context,
// so that what sends and reads can charge it; a context without one has no limit. It is safe for concurrent use.
type Budget struct {
	maxRequests, maxBytes int

	mu       sync.Mutex // a fetch may go on after the time of its purpose is over
	requests int
	bytes    int
}

// NewBudget allows so many requests and bytes.
func NewBudget(requests, bytes int) *Budget { return &Budget{maxRequests: requests, maxBytes: bytes} }

type budgetKey struct{}

// In gives a context whose requests are charged to the budget.
func (b *Budget) In(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, b)
}

func budgetOf(ctx context.Context) *Budget {
	b, _ := ctx.Value(budgetKey{}).(*Budget)
	return b
}

// request charges a request that is about to be sent; false: it may not be.
func (b *Budget) request() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests >= b.maxRequests || b.bytes >= b.maxBytes {
		return false
	}
	b.requests++
	return true
}

// receive charges bytes that came; false: they were more than may come.
func (b *Budget) receive(n int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes += n
	return b.bytes <= b.maxBytes
}

// Room is how many bytes may still come.
func (b *Budget) Room() int {
	if b == nil {
		return math.MaxInt32
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.maxBytes-b.bytes, 0)
}

// Spent gives what was charged so far.
func (b *Budget) Spent() (requests, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests, b.bytes
}

// Settle charges a document at least as one request and its own bytes, beside what was spent before it was
// asked for: one that somebody else fetched, or that was at hand, is work for the badge all the same.
func (b *Budget) Settle(requests, bytes, size int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.bytes = max(b.requests, requests+1), max(b.bytes, bytes+size)
}

// over reports whether nothing more may be fetched.
func (b *Budget) over() bool {
	if b == nil {
		return false
	}
	requests, bytes := b.Spent()
	return requests >= b.maxRequests || bytes > b.maxBytes
}
