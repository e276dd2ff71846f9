package credential

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// IssuerDocuments are what the addresses below /issuers/{id} serve.
type IssuerDocuments struct {
	p    *Publisher
	org  programme.Issuer
	keys []PublicKey
}

// IssuerDocuments are the documents of the issuer with this id; found is false for any other.
func (p *Publisher) IssuerDocuments(ctx context.Context, id string) (d IssuerDocuments, found bool, err error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil || org.ID != id {
		return d, false, err
	}
	keys, err := p.keys.Keys(ctx)
	if err != nil {
		return d, false, fmt.Errorf("read keys: %w", err)
	}
	return IssuerDocuments{p, org, keys}, true, nil
}

// Organisation is the issuer itself.
func (d IssuerDocuments) Organisation() programme.Issuer { return d.org }

// Keys are all keys, also retired and revoked ones, the oldest first.
func (d IssuerDocuments) Keys() []PublicKey { return d.keys }

func (d IssuerDocuments) key(kid string) (PublicKey, bool) {
	for _, k := range d.keys {
		if k.ID == kid && k.Revoked == nil {
			return k, true
		}
	}
	return PublicKey{}, false
}

// Profile is the Open Badges 2.0 issuer of hosted badges. It lists no key: each key that signs 2.0 badges
// has a profile of its own.
func (d IssuerDocuments) Profile() (catalogue.Document, error) { return ldDocument(d.ob2Profile()) }

func (d IssuerDocuments) ob2Profile() ob2.Profile {
	p := ob2.NewProfile(d.p.issuerURL(d.org.ID, "/profile.json"), d.org.Name.String(), d.org.URL, d.org.Email)
	p.Description = d.org.Description.String()
	p.RevocationList = d.p.issuerURL(d.org.ID, "/revocations.json")
	p.Related = []ob2.Related{ob2.RelatedProfile(d.p.issuerURL(d.org.ID, "/issuer.json"))}
	return p
}

// ob2KeyURL and keyProfileURL are where a key that signs Open Badges 2.0 and its profile are served.
func (d IssuerDocuments) ob2KeyURL(kid string) string {
	return d.p.issuerURL(d.org.ID, "/keys/"+kid+".json")
}

func (d IssuerDocuments) keyProfileURL(kid string) string {
	return d.p.issuerURL(d.org.ID, "/keys/"+kid+"/profile.json")
}

// Issuer is the Open Badges 3.0 Profile and controller document in one (spec 3.0 §7).
func (d IssuerDocuments) Issuer() (catalogue.Document, error) {
	p := d.p.profile(d.org)
	did, err := d.did()
	if err != nil {
		return catalogue.Document{}, err
	}
	methods, err := d.methods(p.ID, func(k PublicKey) []string {
		if k.Purpose == ForProof {
			// Badges that were signed before keys had addresses of their own name the fragment.
			return []string{ProofKeyURL(d.p.BaseURL, d.org.ID, k.ID), ""}
		}
		return []string{KeyURL(d.p.BaseURL, d.org.ID, k.ID)}
	})
	if err != nil {
		return catalogue.Document{}, err
	}
	return ldDocument(openbadge.NewIssuerDocument(p, did, methods...))
}

// DID is the did:web document of the issuer.
func (d IssuerDocuments) DID() (catalogue.Document, error) {
	did, err := d.did()
	if err != nil {
		return catalogue.Document{}, err
	}
	methods, err := d.methods(did, func(k PublicKey) []string {
		if k.Purpose == ForProof {
			return []string{""}
		}
		return []string{did + "#" + k.ID}
	})
	if err != nil {
		return catalogue.Document{}, err
	}
	return ldDocument(openbadge.NewDIDDocument(did, d.p.issuerURL(d.org.ID, "/issuer.json"), methods...))
}

func (d IssuerDocuments) did() (string, error) {
	return openbadge.DIDWeb(d.p.issuerURL(d.org.ID, "/did.json"))
}

// methods are all keys for Open Badges 3.0, under each of the names that namesOf gives; a revoked one stays
// listed with its time.
func (d IssuerDocuments) methods(controller string, namesOf func(PublicKey) []string) (methods []openbadge.VerificationMethod, err error) {
	for _, k := range d.keys {
		var revoked time.Time
		if k.Revoked != nil {
			revoked = *k.Revoked
		}
		method := openbadge.NewMultikey
		switch k.Purpose {
		case ForJWT:
			method = openbadge.NewJSONWebKey
		case ForProof:
		default:
			continue
		}
		for _, name := range namesOf(k) {
			m, err := method(controller, name, k.Public, revoked)
			if err != nil {
				return nil, fmt.Errorf("write key %s: %w", k.ID, err)
			}
			methods = append(methods, m)
		}
	}
	return methods, nil
}

// JWK is one public key as JSON Web Key (RFC 7517). Revoked keys are not served any more.
func (d IssuerDocuments) JWK(kid string) (doc catalogue.Document, found bool, err error) {
	k, found := d.key(kid)
	if !found {
		return doc, false, nil
	}
	body, err := openbadge.PublicJWK(k.Public, KeyURL(d.p.BaseURL, d.org.ID, k.ID))
	return catalogue.NewDocument(catalogue.TypeJWK, body), true, err
}

// ProofKey is one public key for embedded proofs, at the address that proofs name it by. Readers that take
// an address for the key itself, as DCC verifier-core does, find it there without the issuer's document.
// Revoked keys are not served any more.
func (d IssuerDocuments) ProofKey(kid string) (doc catalogue.Document, found bool, err error) {
	k, found := d.key(kid)
	if !found || k.Purpose != ForProof {
		return doc, false, nil
	}
	m, err := openbadge.NewMultikey(d.p.issuerURL(d.org.ID, "/issuer.json"), ProofKeyURL(d.p.BaseURL, d.org.ID, k.ID), k.Public, time.Time{})
	if err != nil {
		return doc, false, fmt.Errorf("write key %s: %w", k.ID, err)
	}
	doc, err = ldDocument(openbadge.NewMultikeyDocument(m))
	return doc, true, err
}

// JWKSet is all keys that sign VC-JWT or did, for /.well-known/jwks.json.
func (d IssuerDocuments) JWKSet() (catalogue.Document, error) {
	var keys [][]byte
	for _, k := range d.keys {
		if doc, found, err := d.JWK(k.ID); err != nil {
			return catalogue.Document{}, err
		} else if found && k.Purpose == ForJWT {
			keys = append(keys, doc.Body)
		}
	}
	body, err := openbadge.JWKSet(keys...)
	return catalogue.NewDocument(catalogue.TypeJWKSet, body), err
}

// Key is one Open Badges 2.0 CryptographicKey, KeyProfile the Profile that owns it. Those of revoked keys
// are not served any more.
func (d IssuerDocuments) Key(kid string) (doc catalogue.Document, found bool, err error) {
	k, found := d.key(kid)
	if !found || k.Purpose != ForOB2 {
		return doc, false, nil
	}
	pem, err := openbadge.PublicKeyPEM(k.Public)
	if err != nil {
		return doc, false, err
	}
	doc, err = ldDocument(ob2.NewCryptographicKey(d.ob2KeyURL(k.ID), d.keyProfileURL(k.ID), pem))
	return doc, true, err
}

// KeyProfile is the issuer of badges that were signed with one key.
func (d IssuerDocuments) KeyProfile(kid string) (doc catalogue.Document, found bool, err error) {
	k, found := d.key(kid)
	if !found || k.Purpose != ForOB2 {
		return doc, false, nil
	}
	doc, err = ldDocument(d.ob2Profile().ForKey(d.keyProfileURL(k.ID), d.ob2KeyURL(k.ID)))
	return doc, true, err
}

// Revocations is the 2.0 revocation list: the signed badges that are revoked or on hold, whichever key
// signed them, and the hosted ones that strangers may see, since some validators look for those here too.
func (d IssuerDocuments) Revocations(ctx context.Context) (catalogue.Document, error) {
	rows, err := selectRevokedForms(ctx, d.p.db.Reader())
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("read revoked badges: %w", err)
	}
	hosted, err := selectEndedShown(ctx, d.p.db.Reader())
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("read revoked badges: %w", err)
	}
	list := make([]ob2.Revocation, 0, len(rows)+len(hosted))
	for _, r := range hosted {
		list = append(list, ob2.Revocation{ID: d.p.badgeURL(r.ID, "/assertion.json"), Reason: r.Reason})
	}
	for _, r := range rows {
		list = append(list, ob2.Revocation{ID: r.ID, Reason: r.Reason})
	}
	return ldDocument(ob2.NewRevocationList(d.p.issuerURL(d.org.ID, "/revocations.json"), "", list...))
}

func ldDocument(v any) (catalogue.Document, error) {
	body, err := openbadge.Document(v)
	return catalogue.NewDocument(catalogue.TypeJSONLD, body), err
}
