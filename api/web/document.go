package web

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/singleflight"
)

// Cache-Control of documents. Badges and lists change hands within a minute; what the address names by
// its content may stay longer.
const (
	CacheMinute = "public, max-age=60"
	CacheHour   = "public, max-age=3600"
	CacheDay    = "public, max-age=86400"
)

// Media types that Accept chooses between.
const (
	typeJSONLD = "application/ld+json"
	TypeVC     = "application/vc"
	TypeVCOld  = "application/vc+ld+json" // before VC Data Model 2.0 was final
	TypeJWT    = "application/jwt"
	TypeVCJWT  = "application/vc+jwt"
	TypeText   = "text/plain; charset=utf-8"
)

// The types that a credential is served as, by its form.
var (
	DataTypes  = []string{TypeVC, TypeVCOld, typeJSONLD, echo.MIMEApplicationJSON}
	TokenTypes = []string{TypeVCJWT, TypeJWT}
)

// Document is what stands at a public address.
type Document struct {
	Body []byte
	Type string
	ETag string
	Gone bool // it was there and was withdrawn: 410
}

// Serve answers with a document, or with 304 when the caller has it.
func Serve(c echo.Context, d Document, caching string) error {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag")
	h.Set(echo.HeaderCacheControl, caching)
	h.Set("ETag", d.ETag)
	if strings.HasPrefix(d.Type, "image/svg") {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	}
	status := http.StatusOK
	if d.Gone {
		status = http.StatusGone
	} else if matches(c.Request().Header.Values("If-None-Match"), d.ETag) {
		return c.NoContent(http.StatusNotModified)
	}
	h.Set(echo.HeaderContentType, d.Type)
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(d.Body)))
	c.Response().WriteHeader(status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(d.Body) // the caller has gone
	}
	return nil
}

// matches compares If-None-Match weakly (RFC 9110 §13.1.2).
func matches(headers []string, etag string) bool {
	for _, header := range headers {
		for tag := range strings.SplitSeq(header, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == etag || tag == "*" {
				return true
			}
		}
	}
	return false
}

// MediaRange is one entry of an Accept header.
type MediaRange struct {
	name string // type/subtype in lower case, perhaps with wildcards
	q    float64
}

// maxRanges bounds how much of a header is read.
const maxRanges = 40

// Accepted reads an Accept header (RFC 9110 §12.5.1): the wanted ranges, the best first, equal ones in
// the order of the header. Malformed entries are passed over.
func Accepted(header string) []MediaRange {
	var list []MediaRange
	for entry := range strings.SplitSeq(header, ",") {
		name, parameters, err := mime.ParseMediaType(entry)
		if err != nil || !strings.Contains(name, "/") || len(list) == maxRanges {
			continue
		}
		r := MediaRange{name, 1}
		if q, found := parameters["q"]; found {
			if r.q, err = strconv.ParseFloat(q, 64); err != nil || !(r.q >= 0 && r.q <= 1) {
				continue
			}
		}
		if r.q > 0 {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b MediaRange) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	return list
}

// NamesPage reports whether HTML is named; wildcards name nothing.
func NamesPage(list []MediaRange) bool {
	return slices.ContainsFunc(list, func(r MediaRange) bool {
		return r.name == "text/html" || r.name == "application/xhtml+xml"
	})
}

// NamesData reports whether any type that is not HTML is named.
func NamesData(list []MediaRange) bool {
	return slices.ContainsFunc(list, func(r MediaRange) bool {
		return !strings.Contains(r.name, "*") && r.name != "text/html" && r.name != "application/xhtml+xml"
	})
}

// Preferred is the best wanted of the offered media types that is named; empty if none is.
func Preferred(list []MediaRange, offered ...string) string {
	for _, r := range list {
		if slices.Contains(offered, r.name) {
			return r.name
		}
	}
	return ""
}

// NewDocument makes bytes of our own a document with an ETag.
func NewDocument(mediaType string, body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{Body: body, Type: mediaType, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

// cacheBytes bounds what rendered documents may take of memory.
const cacheBytes = 16 << 20

// Cache keeps rendered documents, those used last, by a key that names everything they depend on.
// Privacy and status are asked for before it, on every request.
type Cache struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[string, Document]
	bytes int
	once  singleflight.Group
}

// NewCache is an empty cache.
func NewCache() *Cache {
	c := new(Cache)
	// The number of entries is bounded by their bytes; each counts its overhead.
	c.kept, _ = simplelru.NewLRU(cacheBytes/entryOverhead, func(key string, d Document) { c.bytes -= weight(key, d) })
	return c
}

const entryOverhead = 256

func weight(key string, d Document) int { return len(key) + len(d.Body) + entryOverhead }

// Get is the document of that key, made at most once at a time.
func (c *Cache) Get(key string, makeIt func() (Document, error)) (Document, error) {
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
	d, _ := v.(Document)
	return d, err
}

func (c *Cache) look(key string) (Document, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.Get(key)
}

func (c *Cache) keep(key string, d Document) {
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
