package openbadge

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// Secured is a document that was read together with its proofs. It keeps what verifying several
// proofs has in common, so that the document is expanded and canonicalised once. It is not safe for
// concurrent use.
type Secured struct {
	Proofs []Proof

	faults   []error // what is wrong with each proof
	contexts jsonld.Options
	members  []strictjson.Member // of the document, without proof
	context  []byte              // its @context
	plain    rdfForms            // the document without any proof
	effort   int
	refused  error // set when the document takes too much work: the next proof will not be cheaper
}

// maxEffort is how much work all proofs of one document may take, roughly in microseconds.
const maxEffort = 500_000

// What things cost.
const (
	effortQuad      = 3
	effortSignature = 75
	bytesPerEffort  = 50
)

// spend counts work before it is done.
func (s *Secured) spend(effort int) error {
	if s.effort += effort; s.effort > maxEffort {
		return fmt.Errorf("proofs of the document: %w", rdf.ErrWork)
	}
	return nil
}

// ReadSecured reads a document for several calls of Verify. Errors as for ReadProofs.
func ReadSecured(doc []byte, contexts jsonld.Options) (*Secured, error) {
	if err := checkStrict(doc); err != nil {
		return nil, err
	}
	members, isObject := strictjson.Split(doc)
	if !isObject {
		return nil, fmt.Errorf("%w: document is no object", ErrMalformed)
	}
	s := &Secured{contexts: contexts}
	for _, m := range members {
		switch m.Name {
		case "proof":
			for _, raw := range rawList(m.Value) {
				p, err := readProof(raw)
				s.Proofs, s.faults = append(s.Proofs, p), append(s.faults, err)
			}
			continue
		case "@context":
			s.context = m.Value
		}
		s.members = append(s.members, m)
	}
	if len(s.Proofs) > MaxProofs {
		return nil, fmt.Errorf("%w: more than %d proofs", ErrMalformed, MaxProofs)
	}
	return s, nil
}

// VerifyProof checks one proof of a document, as ReadProofs gave it, with the public key of its
// verification method: Secured.Verify for a document with one proof.
func VerifyProof(doc []byte, p Proof, pub crypto.PublicKey) error {
	s, err := ReadSecured(doc, jsonld.Options{})
	if err != nil {
		return err
	}
	return s.Verify(p, pub)
}

// Verify checks one of Proofs with the public key of its verification method, all other proofs removed
// except those that previousProof names (Data Integrity 1.0 sections 4.2 and 4.5). A nil return says that
// the owner of pub signed the document and the proof's other members. It does not say that pub may
// speak for the issuer, that the proof has not expired (Proof.Expires), or that the previous proofs
// of a chain verify: those are the caller's to check.
//
// Errors wrap ErrUnsupported (the kind of proof), ErrMalformed (the proof is not as its suite asks), ErrAlgorithm
// (the key is not of the suite's kind) or ErrSignature; errors of the packages jsonld and rdf pass.
// rdf.ErrWork is given for a document made to keep verifiers busy, and then for all its proofs.
func (s *Secured) Verify(p Proof, pub crypto.PublicKey) error {
	i := slices.IndexFunc(s.Proofs, func(own Proof) bool { return bytes.Equal(own.Raw, p.Raw) })
	if i < 0 {
		return fmt.Errorf("%w: not a proof of this document", ErrMalformed)
	}
	p = s.Proofs[i]
	verify := suites[p.suiteName()]
	switch {
	case p.Suite() == "":
		return fmt.Errorf("%w: proof without type or cryptosuite", ErrMalformed)
	case verify == nil:
		return fmt.Errorf("%w: %.40q", ErrUnsupported, p.Suite())
	}
	if s.faults[i] != nil {
		return s.faults[i]
	}
	previous, err := s.previous(p)
	if err != nil {
		return err
	}
	if s.refused == nil {
		if err = verify(s, p, previous, pub); !errors.Is(err, rdf.ErrWork) {
			return err
		}
		s.refused = err
	}
	return s.refused
}

// previous gives the bytes of the proofs that p was made on top of.
func (s *Secured) previous(p Proof) ([][]byte, error) {
	var found [][]byte
	for _, id := range p.Previous {
		before := len(found)
		for _, other := range s.Proofs {
			if other.ID == id && !bytes.Equal(other.Raw, p.Raw) {
				found = append(found, other.Raw)
			}
		}
		if len(found) != before+1 {
			return nil, fmt.Errorf("%w: previousProof leads to %d proofs", ErrMalformed, len(found)-before)
		}
	}
	return found, nil
}

// document writes the document as it was before its proof: without proofs but the previous ones, and
// with another @context if one is given. Members keep their bytes.
func (s *Secured) document(context []byte, previous [][]byte) []byte {
	members := slices.Clone(s.members)
	for i, m := range members {
		if m.Name == "@context" && context != nil {
			members[i].Value = context
		}
	}
	if len(previous) > 0 {
		proofs := slices.Concat([]byte("["), bytes.Join(previous, []byte(",")), []byte("]"))
		members = append(members, strictjson.Member{Name: "proof", Key: []byte(`"proof"`), Value: proofs})
	}
	return strictjson.Join(members)
}

// options writes the proof's options: all its members but proofValue. With a context, that takes the
// place of the proof's own.
func (p *Proof) options(context []byte) []byte {
	members, _ := strictjson.Split(p.Raw)
	members = slices.DeleteFunc(members, func(m strictjson.Member) bool {
		return m.Name == "proofValue" || m.Name == "@context" && context != nil
	})
	if context != nil {
		members = slices.Insert(members, 0, strictjson.Member{Name: "@context", Key: []byte(`"@context"`), Value: context})
	}
	return strictjson.Join(members)
}
