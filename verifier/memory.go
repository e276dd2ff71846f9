package verifier

import (
	"crypto"
	"crypto/sha256"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// What is kept of documents that were read: the parts that many badges share, if they are small.
const (
	maxRemembered     = 128
	maxRememberedSize = 8 << 10
)

// memory holds what was made of bytes that are met again and again: classes, profiles and keys. It
// remembers meanings, not answers: the bytes are fetched anew by the rules of cache. Nil remembers
// nothing. Objects in it are shared and must not be changed.
type memory struct {
	objects *lru.Cache[reading, *ob2.Object]
	keys    *lru.Cache[string, crypto.PublicKey]
}

// reading is what the meaning of a document depends on.
type reading struct {
	bytes [sha256.Size]byte
	loading
}

func newMemory() *memory {
	objects, err := lru.New[reading, *ob2.Object](maxRemembered)
	if err != nil {
		panic(err) // only for a size below one
	}
	keys, err := lru.New[string, crypto.PublicKey](maxRemembered)
	if err != nil {
		panic(err)
	}
	return &memory{objects, keys}
}

func readingOf(data []byte, from, kind string) reading {
	return reading{sha256.Sum256(data), loading{from, kind}}
}

func (m *memory) object(r reading) (*ob2.Object, bool) {
	if m == nil || r.kind == "" { // the document that a check starts with
		return nil, false
	}
	return m.objects.Get(r)
}

func (m *memory) keep(r reading, o *ob2.Object, size int) {
	if m != nil && r.kind != "" && size <= maxRememberedSize {
		m.objects.Add(r, o)
	}
}

// key reads a public key in PEM.
func (m *memory) key(pem string) (crypto.PublicKey, error) {
	if m == nil {
		return openbadge.ParsePublicKeyPEM(pem)
	}
	if key, found := m.keys.Get(pem); found {
		return key, nil
	}
	key, err := openbadge.ParsePublicKeyPEM(pem)
	if err == nil && len(pem) <= maxRememberedSize {
		m.keys.Add(pem, key)
	}
	return key, err
}
