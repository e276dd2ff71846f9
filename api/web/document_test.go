package web

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

func TestCacheIsBounded(t *testing.T) {
	c, made := NewCache(), 0
	get := func(key string, size int) {
		d, err := c.Get(key, func() (Document, error) { made++; return Document{Body: make([]byte, size)}, nil })
		if err != nil || len(d.Body) != size {
			t.Fatal(key, len(d.Body), err)
		}
	}
	for k := range 40 {
		get("first", 10)
		get(strconv.Itoa(k), 1<<20)
		if c.bytes > cacheBytes {
			t.Fatal("the cache takes", c.bytes)
		}
	}
	if made != 41 {
		t.Errorf("made %d documents, want 41: what is used stays", made)
	}
	get("39", 1<<20)
	get("0", 1<<20)
	if made != 42 {
		t.Errorf("made %d documents, want 42: the oldest goes", made)
	}
	get("huge", cacheBytes)
	get("huge", cacheBytes)
	if made != 44 {
		t.Error("what would fill the cache is not kept")
	}
}

func TestCacheMakesOnce(t *testing.T) {
	c := NewCache()
	var made atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range 50 {
		all.Go(func() {
			<-begin
			_, _ = c.Get("k", func() (Document, error) { made.Add(1); return Document{}, nil })
		})
	}
	close(begin)
	all.Wait()
	if made.Load() != 1 {
		t.Error("made", made.Load())
	}
	fault := errors.New("no")
	if _, err := c.Get("e", func() (Document, error) { return Document{}, fault }); !errors.Is(err, fault) {
		t.Error(err)
	}
	if _, err := c.Get("e", func() (Document, error) { return Document{}, nil }); err != nil {
		t.Error("an error is not kept:", err)
	}
}
