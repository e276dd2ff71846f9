package openbadge

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// verifySD verifies a derived proof of ecdsa-sd-2023 (Data Integrity ECDSA Cryptosuites sections 3.4 and
// 3.5): the holder shows some of the statements that the issuer signed one by one with a key of its
// own, and that key is signed together with the statements that must always be shown.
func verifySD(s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) error {
	alg, err := suiteKey(pub, ES256)
	if err != nil {
		return err
	}
	d, err := readDerived(p.Value)
	if err != nil {
		return err
	}
	if err := s.spend(len(d.signatures) * effortSignature); err != nil {
		return err
	}
	options, err := s.optionsHash(p, crypto.SHA256)
	if err != nil {
		return err
	}
	lines, err := s.sdLines(d.labels, previous)
	if err != nil {
		return err
	}
	shown, chosen, err := d.split(lines)
	if err != nil {
		return err
	}
	mandatory := sha256.Sum256([]byte(strings.Join(shown, "")))
	if err := verifySignature(alg, pub, slices.Concat(options, d.keyText, mandatory[:]), d.base); err != nil {
		return err
	}
	for i, line := range chosen {
		if err := verifySignature(ES256, d.key, []byte(line), d.signatures[i]); err != nil {
			return err
		}
	}
	return nil
}

// sdLines gives the document's statements in the order that the proof's indexes count in: canonical,
// with the issuer's names for the blank nodes, sorted. Each blank node must have a name of its own,
// or a holder could cut one node in two or make two into one.
func (s *Secured) sdLines(names map[string]string, previous [][]byte) ([]string, error) {
	quads, err := s.quads(previous)
	if err != nil {
		return nil, err
	}
	c, err := s.canonical(quads, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	if len(names) != len(c.Labels) {
		return nil, fmt.Errorf("%w: proof names %d blank nodes of %d", ErrMalformed, len(names), len(c.Labels))
	}
	labels := make(map[string]string, len(names))
	for before, canonical := range c.Labels {
		name, found := names[canonical]
		if !found {
			return nil, fmt.Errorf("%w: proof has no name for %s", ErrMalformed, canonical)
		}
		labels[before] = name
	}
	return rdf.Sorted(quads, labels)
}

// split parts the lines into those that the issuer demands to be shown and those that the holder
// chose, which need a signature each.
func (d *derived) split(lines []string) (shown, chosen []string, err error) {
	for i, line := range lines {
		if d.mandatory[i] {
			shown = append(shown, line)
			continue
		}
		chosen = append(chosen, line)
	}
	if len(shown) != len(d.mandatory) || len(chosen) != len(d.signatures) {
		return nil, nil, fmt.Errorf("%w: %d signatures for %d statements", ErrMalformed, len(d.signatures), len(chosen))
	}
	return shown, chosen, nil
}

// Limits of a derived proof. Each signature costs a verification, so there may be no more of them
// than a large credential has statements.
const (
	maxDerived    = 1 << 20
	maxSignatures = 2000
)

// Headers of a proofValue of ecdsa-sd-2023.
const (
	sdBase    = "\xd9\x5d\x00"
	sdDerived = "\xd9\x5d\x01"
)

// derived is the content of a derived proofValue: the issuer's signature, the key of the statements'
// signatures (as bytes of a multikey, and read), these signatures, the name for each canonical label
// of a blank node, and which statements are mandatory.
type derived struct {
	base       []byte
	keyText    []byte
	key        crypto.PublicKey
	signatures [][]byte
	labels     map[string]string
	mandatory  map[int]bool
}

// readDerived reads a derived proofValue (Data Integrity ECDSA Cryptosuites section 3.5.8).
func readDerived(value string) (*derived, error) {
	encoded, found := strings.CutPrefix(value, "u")
	if !found || len(encoded) > maxDerived {
		return nil, fmt.Errorf("%w: proofValue", ErrMalformed)
	}
	raw, err := decodePart(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: proofValue is not base64url", ErrMalformed)
	}
	if strings.HasPrefix(string(raw), sdBase) {
		return nil, fmt.Errorf("%w: base proof of ecdsa-sd-2023, which is for the holder alone", ErrMalformed)
	}
	rest, found := strings.CutPrefix(string(raw), sdDerived)
	if !found {
		return nil, fmt.Errorf("%w: header of proofValue", ErrMalformed)
	}
	d, err := parseDerived(&cbor{rest: rest})
	if err != nil {
		return nil, fmt.Errorf("%w: proofValue: %w", ErrMalformed, err)
	}
	return d, nil
}

func parseDerived(c *cbor) (*derived, error) {
	if n := c.size(cborArray); n != 5 {
		return nil, errors.New("not an array of five")
	}
	d := &derived{labels: map[string]string{}, mandatory: map[int]bool{}}
	d.base, d.keyText = c.bytes(64), c.bytes(35)
	if err := d.readSignatures(c); err != nil {
		return nil, err
	}
	if err := d.readLabels(c); err != nil {
		return nil, err
	}
	if err := d.readMandatory(c); err != nil {
		return nil, err
	}
	if c.bad || c.rest != "" {
		return nil, errors.New("not the five parts of a derived proof")
	}
	var err error
	d.key, err = parseMulticodec(d.keyText)
	if err == nil && KeyAlgorithm(d.key) != ES256 {
		err = ErrKey
	}
	return d, err
}

func (d *derived) readSignatures(c *cbor) error {
	n := c.size(cborArray)
	if n > maxSignatures {
		return fmt.Errorf("more than %d signatures", maxSignatures)
	}
	for ; n > 0 && !c.bad; n-- {
		d.signatures = append(d.signatures, c.bytes(64))
	}
	return nil
}

// readLabels reads the compressed label map: the number in a canonical label, and the bytes of the
// name that the issuer gave the node by HMAC.
func (d *derived) readLabels(c *cbor) error {
	names := map[string]bool{}
	for n := c.size(cborMap); n > 0 && !c.bad; n-- {
		label := "c14n" + strconv.FormatUint(c.uint(), 10)
		name := "u" + b64.EncodeToString(c.bytes(32))
		if d.labels[label] != "" || names[name] {
			return errors.New("two blank nodes alike")
		}
		d.labels[label], names[name] = name, true
	}
	return nil
}

func (d *derived) readMandatory(c *cbor) error {
	for n := c.size(cborArray); n > 0 && !c.bad; n-- {
		i := c.uint()
		if i > maxDerived || d.mandatory[int(i)] {
			return errors.New("index of a mandatory statement")
		}
		d.mandatory[int(i)] = true
	}
	return nil
}

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
