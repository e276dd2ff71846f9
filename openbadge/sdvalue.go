package openbadge

import (
	"crypto"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

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
