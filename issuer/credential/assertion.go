package credential

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// Assertion is the badge's Open Badges 2.0 hosted assertion, or, when it was revoked or suspended,
// the small document that goes with 410 (OB 2.0 "Assertion", spec 2.0 §8).
func (p *Publisher) Assertion(ctx context.Context, b *Badge) (catalogue.Document, error) {
	id := p.badgeURL(b.Award.ID, "/assertion.json")
	if b.Validity == ledger.Revoked || b.Validity == ledger.Suspended {
		body, err := openbadge.Document(ob2.NewRevoked(id, revocationReason(b.Award.Told(), b.Validity == ledger.Suspended)))
		d := catalogue.NewDocument(catalogue.TypeJSONLD, body)
		d.Gone = true
		return d, err
	}
	grounds, err := p.grounds(ctx, b.Award)
	if err != nil {
		return catalogue.Document{}, err
	}
	c := b.credential
	a := ob2.NewAssertion(id, p.achievementURL(c.AchievementID, "/badgeclass.json"), ob2.HashedEmail(c.Recipient, c.Salt), c.EarnedOn.Time(), c.ExpiresOn.Time())
	a.Image, a.Evidence = p.badgeURL(b.Award.ID, "/badge.png"), grounds[0].evidence2()
	body, err := openbadge.Document(a)
	return catalogue.NewDocument(catalogue.TypeJSONLD, body), err
}

func (p *Publisher) signAssertion(ctx context.Context, b *Badge) (signedForm, error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil {
		return signedForm{}, err
	}
	docs, _, err := p.IssuerDocuments(ctx, org.ID)
	if err != nil {
		return signedForm{}, err
	}
	key, found := docs.activeOB2(p.now())
	if !found {
		return signedForm{}, errors.New("no key for Open Badges 2.0")
	}
	grounds, err := p.grounds(ctx, b.Award)
	if err != nil {
		return signedForm{}, err
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails, crypto/rand
	c, id := b.credential, ob2.UUID(random)
	class := p.badgeClassForKey(b.Achievement, docs, key.ID)
	a := ob2.NewSignedAssertion(id, class, docs.ob2KeyURL(key.ID), ob2.HashedEmail(c.Recipient, c.Salt), c.EarnedOn.Time(), c.ExpiresOn.Time())
	a.Image, a.Evidence = p.achievementURL(c.AchievementID, "/image.png"), grounds[0].evidence2()
	payload, err := a.Payload()
	if err != nil {
		return signedForm{}, err
	}
	jws, err := p.signer.SignOB2(ctx, key.ID, payload)
	return signedForm{id: id, key: key.ID, body: Packed(jws)}, err
}

// activeOB2 is the key that signs Open Badges 2.0 now.
func (d IssuerDocuments) activeOB2(now time.Time) (active PublicKey, found bool) {
	for _, k := range slices.Backward(d.keys) {
		if k.Purpose == ForOB2 && k.signs(now) {
			return k, true
		}
	}
	return active, false
}

// awardOfSigned is the award, and the version of it, whose signed assertion has this id (a urn:uuid).
func (p *Publisher) awardOfSigned(ctx context.Context, id string) (award string, version int64, found bool, err error) {
	if id == "" || !line.Storable(id) {
		return "", 0, false, nil
	}
	return selectSigned(ctx, p.db.Reader(), id)
}

// revocationReason is Told for Open Badges 2.0 documents, which have a sentence always.
func revocationReason(told string, suspended bool) string {
	switch {
	case told != "":
		return told
	case suspended:
		return "Put on hold by its issuer."
	}
	return "Withdrawn by its issuer."
}
