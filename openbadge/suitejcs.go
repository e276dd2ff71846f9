package openbadge

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// verifyJCS verifies eddsa-jcs-2022 (Data Integrity EdDSA Cryptosuites section 3.3): the canonical
// form is that of the JSON, no context is read.
func verifyJCS(s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) error {
	alg, err := suiteKey(pub, EdDSA)
	if err != nil {
		return err
	}
	signature, err := decodeValue(p.Value, signatureSize(alg))
	if err != nil {
		return err
	}
	context, err := s.jcsContext(p)
	if err != nil {
		return err
	}
	unsigned := s.document(context, previous)
	if err := s.spend(len(unsigned) / bytesPerEffort); err != nil {
		return err
	}
	options, err := canonicalJSON(p.options(nil))
	if err != nil {
		return err
	}
	document, err := canonicalJSON(unsigned)
	if err != nil {
		return err
	}
	first, second := sha256.Sum256(options), sha256.Sum256(document)
	return verifySignature(alg, pub, slices.Concat(first[:], second[:]), signature)
}

// jcsContext gives the proof's @context, which the document's must begin with: a later holder may
// have added some. Nil when the proof has none.
func (s *Secured) jcsContext(p Proof) ([]byte, error) {
	members, _ := strictjson.Split(p.Raw)
	own := strictjson.Value(members, "@context")
	if own == nil {
		return nil, nil
	}
	signed, present := rawList(own), rawList(s.context)
	if len(signed) > len(present) || !slices.EqualFunc(signed, present[:len(signed)], sameJSON) {
		return nil, fmt.Errorf("%w: @context of the proof is not that of the document", ErrMalformed)
	}
	return own, nil
}

func sameJSON(a, b json.RawMessage) bool {
	first, err := canonicalJSON(a)
	if err != nil {
		return false
	}
	second, err := canonicalJSON(b)
	return err == nil && bytes.Equal(first, second)
}

// canonicalJSON is RFC 8785. It knows numbers as IEEE doubles, so large integers that are not written as
// the double next to them is are refused first: the signature would not cover their last digits.
func canonicalJSON(data []byte) ([]byte, error) {
	if err := checkNumbers(data); err != nil {
		return nil, err
	}
	out, err := jcs.Transform(data)
	if err != nil {
		return nil, fmt.Errorf("%w: no canonical form (RFC 8785)", ErrMalformed)
	}
	return out, nil
}

// maxExact is the first number that a double cannot tell from its neighbour.
const maxExact = 1 << 53

// checkNumbers looks at every number of valid JSON that is written out in digits.
func checkNumbers(data []byte) error {
	for number := range strictjson.Numbers(data) {
		f, err := strconv.ParseFloat(number, 64)
		large := !strings.ContainsAny(number, "eE") && (f >= maxExact || f <= -maxExact)
		if err != nil || large && number != strconv.FormatFloat(f, 'f', -1, 64) {
			return fmt.Errorf("%w: number beyond 2^53 - 1 that is no double", ErrMalformed)
		}
	}
	return nil
}
