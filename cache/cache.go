// Package cache remembers what is expensive to find, as much of it as it is told.
package cache

import "sync"

// Cache remembers values by key, and begins anew when it is full. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	most int

	mu     sync.Mutex
	values map[K]V
}

// New returns a cache of at most so many values.
func New[K comparable, V any](most int) *Cache[K, V] { return &Cache[K, V]{most: most} }

// Load is the value of a key, if it is known.
func (c *Cache[K, V]) Load(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, found := c.values[key]
	return v, found
}

// Store remembers a value.
func (c *Cache[K, V]) Store(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= c.most {
		c.values = map[K]V{}
	}
	c.values[key] = value
}
