package issuer

import (
	"context"
	"crypto"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// PublicKey is a key of the issuer's that others check signatures with.
type PublicKey struct {
	ID        string
	Algorithm string // ES256, RS256
	ForOB2    bool   // signs Open Badges 2.0; the others sign VC-JWT
	Public    crypto.PublicKey
	Created   time.Time
	Retired   *time.Time // signs no more, what it signed holds
	Revoked   *time.Time // what it signed is not to be trusted
}

// IssuerDocuments are what the addresses below /issuers/{id} serve.
type IssuerDocuments struct {
	i    *Issuer
	org  programme.Issuer
	keys []PublicKey
}

// IssuerDocuments are the documents of the issuer with this id; found is false for any other.
func (i *Issuer) IssuerDocuments(ctx context.Context, id string) (d IssuerDocuments, found bool, err error) {
	org, err := i.Organisation(ctx)
	if err != nil || org.ID != id {
		return d, false, err
	}
	keys, err := i.Signer.Keys(ctx)
	if err != nil {
		return d, false, fmt.Errorf("read keys: %w", err)
	}
	return IssuerDocuments{i, org, keys}, true, nil
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

// Profile is the Open Badges 2.0 issuer. It names the one key that signs 2.0 badges now.
func (d IssuerDocuments) Profile() (Document, error) {
	p := ob2.NewProfile(d.i.issuerURL(d.org.ID, "/profile.json"), d.org.Name.String(), d.org.URL, d.org.Email)
	p.Description = d.org.Description.String()
	p.RevocationList = d.i.issuerURL(d.org.ID, "/revocations.json")
	p.Related = []ob2.Related{{
		ID: d.i.issuerURL(d.org.ID, "/issuer.json"), Type: []string{"https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile"}, Version: "Open Badges v3p0",
	}}
	for _, k := range d.keys {
		if k.ForOB2 && k.Retired == nil && k.Revoked == nil {
			p.PublicKey = d.i.issuerURL(d.org.ID, "/keys/"+k.ID+".json")
		}
	}
	return ldDocument(p)
}

// Issuer is the Open Badges 3.0 Profile and controller document in one (spec 3.0 §7).
func (d IssuerDocuments) Issuer() (Document, error) {
	id := d.i.issuerURL(d.org.ID, "/issuer.json")
	methods, ids, err := d.methods(id, func(k PublicKey) string { return KeyURL(d.i.BaseURL, d.org.ID, k.ID) })
	if err != nil {
		return Document{}, err
	}
	did, err := openbadge.DIDWeb(d.i.issuerURL(d.org.ID, "/did.json"))
	if err != nil {
		return Document{}, err
	}
	return ldDocument(openbadge.IssuerDocument{
		Context: []string{openbadge.ContextVC2, openbadge.ContextOB3, contextDID, contextJWS},
		Profile: d.i.profile(d.org), AlsoKnownAs: []string{did}, VerificationMethod: methods, AssertionMethod: ids,
	})
}

// DID is the did:web document of the issuer.
func (d IssuerDocuments) DID() (Document, error) {
	did, err := openbadge.DIDWeb(d.i.issuerURL(d.org.ID, "/did.json"))
	if err != nil {
		return Document{}, err
	}
	methods, ids, err := d.methods(did, func(k PublicKey) string { return did + "#" + k.ID })
	if err != nil {
		return Document{}, err
	}
	return ldDocument(openbadge.DIDDocument{
		Context: []string{contextDID, contextJWS}, ID: did, AlsoKnownAs: []string{d.i.issuerURL(d.org.ID, "/issuer.json")},
		VerificationMethod: methods, AssertionMethod: ids,
	})
}

// The contexts of controller documents with keys as JWK.
const (
	contextDID = "https://www.w3.org/ns/did/v1"
	contextJWS = "https://w3id.org/security/suites/jws-2020/v1"
)

func (d IssuerDocuments) methods(controller string, idOf func(PublicKey) string) (methods []openbadge.VerificationMethod, ids []string, err error) {
	for _, k := range d.keys {
		if k.ForOB2 || k.Revoked != nil {
			continue
		}
		jwk, err := openbadge.PublicJWK(k.Public, "")
		if err != nil {
			return nil, nil, fmt.Errorf("write key %s: %w", k.ID, err)
		}
		methods = append(methods, openbadge.VerificationMethod{ID: idOf(k), Type: "JsonWebKey2020", Controller: controller, PublicKeyJWK: jwk})
		ids = append(ids, idOf(k))
	}
	return methods, ids, nil
}

// JWK is one public key as JSON Web Key (RFC 7517). Revoked keys are not served any more.
func (d IssuerDocuments) JWK(kid string) (doc Document, found bool, err error) {
	k, found := d.key(kid)
	if !found {
		return doc, false, nil
	}
	body, err := openbadge.PublicJWK(k.Public, KeyURL(d.i.BaseURL, d.org.ID, k.ID))
	return newDocument(typeJWK, body), true, err
}

// JWKSet is all keys that sign VC-JWT or did, for /.well-known/jwks.json.
func (d IssuerDocuments) JWKSet() (Document, error) {
	var keys [][]byte
	for _, k := range d.keys {
		if doc, found, err := d.JWK(k.ID); err != nil {
			return Document{}, err
		} else if found && !k.ForOB2 {
			keys = append(keys, doc.Body)
		}
	}
	body, err := openbadge.JWKSet(keys...)
	return newDocument(typeJWKSet, body), err
}

// Key is one Open Badges 2.0 CryptographicKey.
func (d IssuerDocuments) Key(kid string) (doc Document, found bool, err error) {
	k, found := d.key(kid)
	if !found || !k.ForOB2 {
		return doc, false, nil
	}
	pem, err := openbadge.PublicKeyPEM(k.Public)
	if err != nil {
		return doc, false, err
	}
	doc, err = ldDocument(ob2.NewCryptographicKey(d.i.issuerURL(d.org.ID, "/keys/"+k.ID+".json"), d.i.issuerURL(d.org.ID, "/profile.json"), pem))
	return doc, true, err
}

// Revocations is the 2.0 revocation list. It names signed 2.0 badges only, and there are none yet.
func (d IssuerDocuments) Revocations() (Document, error) {
	return ldDocument(ob2.NewRevocationList(d.i.issuerURL(d.org.ID, "/revocations.json"), d.i.issuerURL(d.org.ID, "/profile.json")))
}

func ldDocument(v any) (Document, error) {
	body, err := openbadge.Document(v)
	return newDocument(typeJSONLD, body), err
}
