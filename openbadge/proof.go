package openbadge

import (
	"encoding/json"
	"fmt"

	"github.com/open-insignia/insignia/openbadge/jsonld"
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
	m = opened(bare).(map[string]any)
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
