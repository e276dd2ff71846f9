package api

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"github.com/open-insignia/insignia/issuer"
)

// cacheBytes bounds what rendered documents may take of memory.
const cacheBytes = 16 << 20

// cache keeps rendered documents, those used last, by a key that names everything they depend on.
// Privacy and status are asked for before it, on every request.
type cache struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[string, issuer.Document]
	bytes int
	once  singleflight.Group
}

func newCache() *cache {
	c := new(cache)
	// The number of entries is bounded by their bytes; each counts its overhead.
	c.kept, _ = simplelru.NewLRU(cacheBytes/entryOverhead, func(key string, d issuer.Document) { c.bytes -= weight(key, d) })
	return c
}

const entryOverhead = 256

func weight(key string, d issuer.Document) int { return len(key) + len(d.Body) + entryOverhead }

// get is the document of that key, made at most once at a time.
func (c *cache) get(key string, makeIt func() (issuer.Document, error)) (issuer.Document, error) {
	if d, found := c.look(key); found {
		return d, nil
	}
	v, err, _ := c.once.Do(key, func() (any, error) {
		if d, found := c.look(key); found { // somebody was faster
			return d, nil
		}
		d, err := makeIt()
		if err == nil {
			c.keep(key, d)
		}
		return d, err
	})
	d, _ := v.(issuer.Document)
	return d, err
}

func (c *cache) look(key string) (issuer.Document, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.Get(key)
}

func (c *cache) keep(key string, d issuer.Document) {
	if weight(key, d) > cacheBytes/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(key)
	c.kept.Add(key, d)
	for c.bytes += weight(key, d); c.bytes > cacheBytes; {
		c.kept.RemoveOldest()
	}
}
