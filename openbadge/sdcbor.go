package openbadge

import "math"

// Major types of CBOR (RFC 8949 section 3.1) that a derived proof is made of.
const (
	cborUint  = 0
	cborBytes = 2
	cborArray = 4
	cborMap   = 5
	cborTag   = 6
)

// tagUint8 marks an array of bytes (RFC 8746 section 2.1); older writers put it before byte strings.
const tagUint8 = 64

// cbor reads the few things that a derived proof holds. Everything else, and lengths that the rest
// cannot hold, makes it bad; reads of a bad one give zero values.
type cbor struct {
	rest string
	bad  bool
}

// head reads one initial byte and its argument. Indefinite lengths are refused.
func (c *cbor) head() (major byte, n uint64) {
	if c.rest == "" {
		c.bad = true
		return 0, 0
	}
	first := c.rest[0]
	c.rest = c.rest[1:]
	n = uint64(first & 31)
	if n < 24 {
		return first >> 5, n
	}
	width := 1 << (n - 24)
	if n > 27 || len(c.rest) < width {
		c.bad = true
		return 0, 0
	}
	n = 0
	for _, b := range []byte(c.rest[:width]) {
		n = n<<8 | uint64(b)
	}
	c.rest = c.rest[width:]
	return first >> 5, n
}

// size reads the head of an array or map: its number of elements, which take a byte each at least.
func (c *cbor) size(want byte) int {
	major, n := c.head()
	if c.bad || major != want || n > uint64(len(c.rest)) {
		c.bad = true
		return 0
	}
	return int(n)
}

func (c *cbor) uint() uint64 {
	major, n := c.head()
	if c.bad || major != cborUint || n > math.MaxUint32 {
		c.bad = true
		return 0
	}
	return n
}

// bytes reads a byte string of exactly size bytes.
func (c *cbor) bytes(size int) []byte {
	major, n := c.head()
	if major == cborTag && n == tagUint8 {
		major, n = c.head()
	}
	if c.bad || major != cborBytes || n != uint64(size) || len(c.rest) < size {
		c.bad = true
		return nil
	}
	b := []byte(c.rest[:size])
	c.rest = c.rest[size:]
	return b
}
