package openbadge

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"slices"
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
