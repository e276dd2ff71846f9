package egress

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// The cache holds at most so many answers, each of at most so many bytes, and 32 MiB in all.
const (
	maxKept      = 1024
	maxKeptBody  = 1 << 20
	maxKeptBytes = 32 << 20
	maxStale     = time.Hour // for answers that are only good for asking whether they changed
)

// cache stands in front of a Fetcher: it keeps fresh answers, asks again about stale ones by the name
// of their version, and lets questions that are asked at the same time share one fetch. The media types
// wanted are part of the question, so an answer for one reader is never given to another.
type cache struct {
	next    Fetcher
	now     func() time.Time
	atLeast time.Duration // keep every answer so long, whatever its sender says; see NewRunCache

	mu      sync.Mutex
	kept    *simplelru.LRU[Request, keptResponse]
	bytes   int
	same    singleflight.Group
	flights map[string]*flight // by key of same
}

type keptResponse struct {
	response *Response
	until    time.Time
}

func newCache(next Fetcher, now func() time.Time) *cache {
	c := &cache{next: next, now: now, flights: map[string]*flight{}}
	kept, err := simplelru.NewLRU(maxKept, func(_ Request, k keptResponse) { c.bytes -= len(k.response.Body) })
	if err != nil {
		panic(err) // only for a size below one
	}
	c.kept = kept
	return c
}

// NewRunCache puts a cache before next that keeps every answer for two minutes, whatever its sender says: for a run
// over many documents that name the same ones.
func NewRunCache(next Fetcher, now func() time.Time) Fetcher {
	c := newCache(next, now)
	c.atLeast = maxFresh
	return c
}

// asker is a Fetcher that can ask whether an answer is still the same.
type asker interface {
	ask(ctx context.Context, r Request, old *Response) (*Response, error)
}

func (c *cache) Fetch(ctx context.Context, r Request) (*Response, error) {
	if k, found := c.find(r); found && c.now().Before(k.until) {
		return k.response, nil
	}
	shared, leave := c.share(ctx, r)
	defer leave()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-shared:
		if errors.Is(result.Err, ErrBudget) && !budgetOf(ctx).over() {
			return c.fetch(ctx, r) // it was another badge's that was spent
		}
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Response), nil
	}
}

// share joins a fetch that is under way, or begins it. It belongs to all who wait for it, so it does not end
// with the first one's context, but when the last of them leaves: nobody's fetch takes anybody's place.
func (c *cache) share(ctx context.Context, r Request) (<-chan singleflight.Result, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := r.Accept + "\n" + r.URL
	f, found := c.flights[key]
	if !found {
		f = &flight{}
		f.ctx, f.end = context.WithCancel(context.Background())
		c.flights[key] = f
	}
	f.users++
	shared := c.same.DoChan(key, func() (any, error) {
		ctx, end := context.WithCancel(context.WithoutCancel(ctx))
		defer context.AfterFunc(f.ctx, end)()
		defer end()
		return c.fetchSafely(ctx, r)
	})
	return shared, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if f.users--; f.users == 0 {
			delete(c.flights, key)
			c.same.Forget(key)
			f.end()
		}
	}
}

// flight is a fetch with those who wait for it.
type flight struct {
	users int
	ctx   context.Context
	end   func()
}

// fetchSafely is fetch for a goroutine that is nobody's: a panic there would end the process.
func (c *cache) fetchSafely(ctx context.Context, r Request) (response *Response, err error) {
	defer func() {
		if p := Recovered(recover()); p != nil {
			err = p
		}
	}()
	return c.fetch(ctx, r)
}

func (c *cache) fetch(ctx context.Context, r Request) (*Response, error) {
	response, err := c.again(ctx, r)
	if err != nil {
		return nil, err
	}
	c.keep(r, response)
	return response, nil
}

// again asks the next one, about an older answer if there is one that has a name.
func (c *cache) again(ctx context.Context, r Request) (*Response, error) {
	k, found := c.find(r)
	next, canAsk := c.next.(asker)
	if found && canAsk && k.response.named() {
		return next.ask(ctx, r, k.response)
	}
	return c.next.Fetch(ctx, r)
}

func (c *cache) find(r Request) (keptResponse, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.Get(r)
}

// keep puts an answer in the place of an older one, and makes room.
func (c *cache) keep(r Request, response *Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(r)
	fresh := max(response.fresh, c.atLeast)
	certain := response.Status == http.StatusOK || c.atLeast > 0 && response.Status >= 400 && response.Status < 500
	if response.noStore || !certain || len(response.Body) > maxKeptBody || fresh <= 0 && !response.named() {
		return
	}
	c.bytes += len(response.Body)
	c.kept.Add(r, keptResponse{response, c.now().Add(fresh)})
	for c.bytes > maxKeptBytes || c.oldestIsStale() {
		c.kept.RemoveOldest()
	}
}

// oldestIsStale: what nobody has asked for in a long time goes, since it may be about somebody.
func (c *cache) oldestIsStale() bool {
	_, oldest, found := c.kept.GetOldest()
	return found && c.now().After(oldest.until.Add(maxStale))
}

// named: the sender gave this version a name by which it can be asked about.
func (r *Response) named() bool { return r.etag != "" || r.modified != "" }

// Panic is a panic that was recovered, with where it came from. A Fetcher gives it as an error where its own
// goroutine panicked, which would end the process otherwise.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Recovered makes an error of what recover gave; nil: there was no panic. It is called where the stack still is.
func Recovered(value any) *Panic {
	if value == nil {
		return nil
	}
	if p, already := value.(*Panic); already {
		return p
	}
	return &Panic{value, debug.Stack()}
}
