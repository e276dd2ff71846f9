package openbadge

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// AssertionMethod is the one proofPurpose that a credential's proof may have (spec 3.0 section 5).
const AssertionMethod = "assertionMethod"

const dataIntegrityProof = "DataIntegrityProof"

// MaxProofs is how many proofs of one document are looked at.
const MaxProofs = 64

// Proof is one embedded proof (Data Integrity 1.0 section 2.1). Raw holds its bytes as they came and
// is what Verify goes by; the other fields show what they say. Created and Expires are zero when
// absent or unreadable; Previous holds the ids in previousProof.
type Proof struct {
	Raw                json.RawMessage
	ID                 string
	Type               string
	Cryptosuite        string
	VerificationMethod string
	Purpose            string
	Created            Timestamp
	Expires            Timestamp
	Value              string
	Previous           []string
}

// Suite names how the proof was made: the cryptosuite of a DataIntegrityProof, else the type.
func (p Proof) Suite() string {
	if p.Type == dataIntegrityProof {
		return p.Cryptosuite
	}
	return p.Type
}

// Supported reports whether the proof is of a kind that can be verified. One that is not proves nothing,
// and says nothing against the document's other proofs.
func (p Proof) Supported() bool { return suites[p.suiteName()] != nil }

func (p Proof) suiteName() suiteName {
	if p.Type == dataIntegrityProof {
		return suiteName{p.Type, p.Cryptosuite}
	}
	return suiteName{kind: p.Type}
}

// ReadProofs gives the proofs of a document in their order, one or a list alike, none as an empty
// list. A proof that is badly formed is among them, and never verifies. Errors wrap ErrJSON, or
// ErrMalformed for a document that is no object or has more than MaxProofs.
func ReadProofs(doc []byte) ([]Proof, error) {
	s, err := ReadSecured(doc, jsonld.Options{})
	if err != nil {
		return nil, err
	}
	return s.Proofs, nil
}

// readProof reads one proof; the error tells what makes it badly formed.
func readProof(raw []byte) (Proof, error) {
	p := Proof{Raw: raw}
	var m map[string]any
	if raw[0] != '{' || json.Unmarshal(raw, &m) != nil {
		return p, fmt.Errorf("%w: proof is no object", ErrMalformed)
	}
	// Read in the one form of documents; what is signed stays in Raw.
	bare, _ := WithoutNulls(m)
	m = withoutListsOfOne(bare).(map[string]any)
	var faulty string
	for name, to := range map[string]*string{
		"id": &p.ID, "type": &p.Type, "cryptosuite": &p.Cryptosuite, "verificationMethod": &p.VerificationMethod,
		"proofPurpose": &p.Purpose, "proofValue": &p.Value,
	} {
		value, found := m[name]
		if name == "verificationMethod" {
			value = idOf(value) // whose key it is, its owner's document says and not what is embedded here
		}
		if *to = text(value); found && *to == "" {
			faulty = name
		}
	}
	for name, to := range map[string]*Timestamp{"created": &p.Created, "expires": &p.Expires} {
		if value, found := m[name]; found {
			var err error
			if *to, err = ParseTimestamp(text(value)); err != nil {
				faulty = name
			}
		}
	}
	for _, one := range list(m["previousProof"]) {
		if id := idOf(one); id != "" {
			p.Previous = append(p.Previous, id)
		}
	}
	if value, found := m["previousProof"]; found && (len(p.Previous) == 0 || len(p.Previous) != len(list(value))) {
		faulty = "previousProof"
	}
	if faulty != "" {
		return p, fmt.Errorf("%w: %s of the proof", ErrMalformed, faulty)
	}
	return p, p.check()
}

func (p *Proof) check() error {
	switch {
	case p.VerificationMethod == "":
		return fmt.Errorf("%w: proof without verificationMethod", ErrMalformed)
	case p.Purpose != AssertionMethod:
		return fmt.Errorf("%w: proofPurpose is not %s", ErrMalformed, AssertionMethod)
	case p.Value == "":
		return fmt.Errorf("%w: proof without proofValue", ErrMalformed)
	}
	return nil
}

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
