package verifier

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// The cache holds at most 256 answers of at most 64 KiB, so 16 MiB.
const (
	maxKept     = 256
	maxKeptBody = 64 << 10
	maxFresh    = 2 * time.Minute
)

// cache stands in front of a Fetcher: it keeps fresh answers and lets questions that are asked at the
// same time share one fetch.
type cache struct {
	next Fetcher
	now  func() time.Time
	kept *lru.Cache[Request, keptResponse]
	same singleflight.Group
}

type keptResponse struct {
	response *Response
	until    time.Time
}

func remember(next Fetcher, now func() time.Time) *cache {
	kept, err := lru.New[Request, keptResponse](maxKept)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &cache{next: next, now: now, kept: kept}
}

func (c *cache) Fetch(ctx context.Context, r Request) (*Response, error) {
	if k, found := c.kept.Get(r); found && c.now().Before(k.until) {
		return k.response, nil
	}
	// The fetch belongs to all who wait for it, so it does not end with the first one's context; the
	// fetcher's own time limit ends it.
	shared := c.same.DoChan(r.Accept+"\n"+r.URL, func() (any, error) {
		return c.fetch(context.WithoutCancel(ctx), r)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-shared:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Response), nil
	}
}

func (c *cache) fetch(ctx context.Context, r Request) (*Response, error) {
	response, err := c.next.Fetch(ctx, r)
	if err != nil {
		return nil, err
	}
	if response.Status == http.StatusOK && response.fresh > 0 && len(response.Body) <= maxKeptBody {
		c.kept.Add(r, keptResponse{response, c.now().Add(response.fresh)})
	}
	return response, nil
}

// freshness is max-age less Age, between nothing and two minutes: longer, and a badge revoked meanwhile
// would go on being valid. No statement means: not kept.
func freshness(h http.Header) time.Duration {
	seconds := 0
	for directive := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache", "private":
			return 0
		case "max-age":
			seconds, _ = strconv.Atoi(strings.Trim(value, `"`))
		}
	}
	age, _ := strconv.Atoi(h.Get("Age"))
	seconds = min(seconds, int(maxFresh/time.Second)+max(age, 0)) - max(age, 0)
	return min(max(time.Duration(seconds)*time.Second, 0), maxFresh)
}
