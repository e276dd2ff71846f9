package openbadge

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// ContextCLR is the context of Comprehensive Learner Record 2.0, between the two of Open Badges.
const ContextCLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

const (
	typeCLR   = "ClrCredential"
	schemaCLR = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
)

// LearnerRecord is a ClrCredential as we write it (1EdTech CLR 2.0): the badges of one person under one signature, each
// as it was signed. NewLearnerRecord fills the fixed members.
type LearnerRecord struct {
	Context   []string      `json:"@context"`
	ID        string        `json:"id"`
	Type      []string      `json:"type"`
	Name      string        `json:"name"`
	Partial   bool          `json:"partial"` // it has not all that its issuer knows of the person
	Subject   RecordSubject `json:"credentialSubject"`
	Issuer    Profile       `json:"issuer"`
	ValidFrom time.Time     `json:"validFrom"`
	Schema    []Service     `json:"credentialSchema"`
}

// RecordSubject is whose record it is, with the credentials in it.
type RecordSubject struct {
	Type        []string          `json:"type"`
	Identifier  []IdentityObject  `json:"identifier"`
	Credentials []json.RawMessage `json:"verifiableCredential"` // with their proofs
}

// NewLearnerRecord makes a record of one person; the caller fills the rest.
func NewLearnerRecord(id, name string, of ...IdentityObject) *LearnerRecord {
	return &LearnerRecord{
		Context: []string{ContextVC2, ContextCLR, ContextOB3, ContextExtensions}, ID: id, Type: []string{"VerifiableCredential", typeCLR}, Name: name,
		Subject: RecordSubject{Type: []string{"ClrSubject"}, Identifier: of}, Schema: []Service{{ID: schemaCLR, Type: typeSchema}},
	}
}

func (r *LearnerRecord) complete() error {
	switch {
	case r.ID == "" || blank(r.Name) || r.Issuer.ID == "" || blank(r.Issuer.Name):
		return errors.New("no id, name or issuer")
	case len(r.Subject.Identifier) == 0 || len(r.Subject.Credentials) == 0:
		return errors.New("nobody's, or without credentials")
	case r.ValidFrom.IsZero():
		return errors.New("no validFrom")
	}
	return nil
}

// Payload gives the bytes to sign as VC-JWT, as that of a Credential.
func (r *LearnerRecord) Payload() ([]byte, error) {
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("learner record: %w", err)
	}
	w := *r
	w.ValidFrom = wholeSeconds(r.ValidFrom)
	return write(struct {
		*LearnerRecord
		claims
	}{&w, newClaims(w.Issuer.ID, w.ID, "", w.ValidFrom, time.Time{})})
}

// JSON gives the record as a document of its own, to which a Data Integrity proof is added.
func (r *LearnerRecord) JSON() ([]byte, error) {
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("learner record: %w", err)
	}
	w := *r
	w.ValidFrom = wholeSeconds(r.ValidFrom)
	return write(&w)
}

// IsRecord reports whether the types make this a ClrCredential.
func (r *Received) IsRecord() bool { return slices.Contains(r.Types, typeCLR) }

// Contained are the credentials in a learner record, as they stand: JSON objects, in order.
func (r *Received) Contained() (all []json.RawMessage) {
	var m struct {
		Subject json.RawMessage `json:"credentialSubject"`
	}
	_ = json.Unmarshal(r.Raw, &m) // an object, as ReadCredential has seen
	for _, subject := range rawList(m.Subject) {
		var s struct {
			Credentials json.RawMessage `json:"verifiableCredential"`
		}
		if json.Unmarshal(subject, &s) == nil {
			all = append(all, rawList(s.Credentials)...)
		}
	}
	return all
}

var contextCLR = regexp.MustCompile(`^https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)*\.json$`)

// record holds a ClrCredential to the schema of CLR 2.0, as far as it goes beyond that of any credential.
func (c *conformance) record(r *Received) {
	if len(r.Context) < 3 || !contextCLR.MatchString(r.Context[1]) || !contextOB3.MatchString(r.Context[2]) {
		c.add(ContextProblem, "@context", "the contexts of CLR and Open Badges are not the second and third")
	}
	for _, name := range []string{"id", "name"} {
		if _, found := r.members[name]; !found {
			c.add(MissingProperty, name, "required")
		}
	}
	if r.Subject.Members == nil {
		return
	}
	if !slices.Contains(r.Subject.Types, "ClrSubject") {
		c.add(BadValue, "credentialSubject.type", "no ClrSubject")
	}
	if r.Subject.ID == "" && len(list(r.Subject.Members["identifier"])) == 0 {
		c.add(MissingProperty, "credentialSubject.id", "neither id nor identifier")
	}
	if len(list(r.Subject.Members["verifiableCredential"])) == 0 {
		c.add(MissingProperty, "credentialSubject.verifiableCredential", "required")
	}
}
