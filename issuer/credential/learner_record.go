package credential

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// LearnerRecords are the badges of one person under one signature (1EdTech Comprehensive Learner Record 2.0). A record is
// signed for whoever asks and not kept: it says what stood at that moment, and each badge in it how it stands now.
type LearnerRecords struct{ p *Publisher }

// NewLearnerRecords are those of what a publisher publishes.
func NewLearnerRecords(p *Publisher) LearnerRecords { return LearnerRecords{p} }

// RecordOf is what a record is to have.
type RecordOf struct {
	Title   string
	Name    string   // of the person; may be empty
	Address string   // of the person, in its one spelling; hashed with a salt of the record's own
	Awards  []string // accepted ones; those that are not published are left out
	Partial bool     // there is more to tell of the person
}

// JSON is a record with a Data Integrity proof.
func (l LearnerRecords) JSON(ctx context.Context, of RecordOf) (catalogue.Document, error) {
	r, err := l.compose(ctx, of)
	if err != nil {
		return catalogue.Document{}, err
	}
	doc, err := r.JSON()
	if err != nil {
		return catalogue.Document{}, err
	}
	body, err := l.p.signer.AddProof(ctx, doc, l.p.now())
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("sign a learner record: %w", err)
	}
	return catalogue.NewDocument(catalogue.TypeVC, body), nil
}

// JWT is a record as VC-JWT.
func (l LearnerRecords) JWT(ctx context.Context, of RecordOf) (catalogue.Document, error) {
	r, err := l.compose(ctx, of)
	if err != nil {
		return catalogue.Document{}, err
	}
	payload, err := r.Payload()
	if err != nil {
		return catalogue.Document{}, err
	}
	token, err := l.p.signer.SignJWT(ctx, payload)
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("sign a learner record: %w", err)
	}
	return catalogue.NewDocument(catalogue.TypeText, []byte(token)), nil
}

func (l LearnerRecords) compose(ctx context.Context, of RecordOf) (*openbadge.LearnerRecord, error) {
	org, err := l.p.catalogue.Organisation(ctx)
	if err != nil {
		return nil, err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	salt := rand.Text()
	r := openbadge.NewLearnerRecord(ob2.UUID(random), of.Title, openbadge.HashedEmail(openbadge.HashIdentity(of.Address, salt), salt))
	if of.Name != "" {
		r.Subject.Identifier = append(r.Subject.Identifier, openbadge.Named(of.Name))
	}
	r.Issuer, r.ValidFrom, r.Partial = l.p.profile(org), l.p.now(), of.Partial
	for _, id := range of.Awards {
		b, found, err := l.p.Published(ctx, id)
		if err != nil {
			return nil, err
		}
		if !found {
			r.Partial = true
			continue
		}
		d, err := l.p.CredentialJSON(ctx, b)
		if err != nil {
			return nil, err
		}
		r.Subject.Credentials = append(r.Subject.Credentials, json.RawMessage(d.Body))
	}
	return r, nil
}
