package issuer

import "sync"

// cache remembers values by key, and begins anew when it is full. It is safe for concurrent use.
type cache[K comparable, V any] struct {
	most int

	mu     sync.Mutex
	values map[K]V
}

func newCache[K comparable, V any](most int) *cache[K, V] { return &cache[K, V]{most: most} }

func (c *cache[K, V]) load(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, found := c.values[key]
	return v, found
}

func (c *cache[K, V]) keep(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= c.most {
		c.values = map[K]V{}
	}
	c.values[key] = value
}
