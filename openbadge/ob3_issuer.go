package openbadge

import (
	"crypto"
	"encoding/json"
	"time"
)

// Contexts of controller documents. That of DIDs comes first: readers that see it there take the
// document as it is, the others frame it.
const (
	contextDID      = "https://www.w3.org/ns/did/v1"
	contextMultikey = "https://w3id.org/security/multikey/v1"
	contextJWK      = "https://w3id.org/security/jwk/v1"
)

// VerificationMethod is one key of a controller document (spec 3.0 section 7): a Multikey with
// PublicKeyMultibase, or a JsonWebKey with PublicKeyJWK. ID is the full URL, fragment included.
// Revoked is zero unless the key is not to be trusted any more.
type VerificationMethod struct {
	ID                 string          `json:"id"`
	Type               string          `json:"type"`
	Controller         string          `json:"controller"`
	Revoked            time.Time       `json:"revoked,omitzero"`
	PublicKeyMultibase string          `json:"publicKeyMultibase,omitempty"`
	PublicKeyJWK       json.RawMessage `json:"publicKeyJwk,omitempty"`
}

// NewMultikey makes the method of a key for Data Integrity proofs. id is where the key is served by
// itself; "" names it by a fragment of its controller, which is the key itself (spec 3.0 section 7). RSA
// keys are no good for proofs: an error.
func NewMultikey(controller, id string, pub crypto.PublicKey, revoked time.Time) (VerificationMethod, error) {
	key, err := Multikey(pub)
	if err != nil {
		return VerificationMethod{}, err
	}
	if id == "" {
		id = controller + "#" + key
	}
	return VerificationMethod{ID: id, Type: "Multikey", Controller: controller, Revoked: wholeSeconds(revoked), PublicKeyMultibase: key}, nil
}

// MultikeyDocument is what the address of a key for proofs serves.
type MultikeyDocument struct {
	Context string `json:"@context"`
	VerificationMethod
}

// NewMultikeyDocument makes the document of a method made by NewMultikey. The context stands alone: some
// readers take a key only under exactly this one.
func NewMultikeyDocument(m VerificationMethod) MultikeyDocument {
	return MultikeyDocument{contextMultikey, m}
}

// NewJSONWebKey makes the method of a key for JWS; id is the token's kid.
func NewJSONWebKey(controller, id string, pub crypto.PublicKey, revoked time.Time) (VerificationMethod, error) {
	k, err := bareJWK(pub)
	if err != nil {
		return VerificationMethod{}, err
	}
	k.Alg = KeyAlgorithm(pub)
	raw, err := marshal(k)
	return VerificationMethod{ID: id, Type: "JsonWebKey", Controller: controller, Revoked: wholeSeconds(revoked), PublicKeyJWK: raw}, err
}

// IssuerDocument is what an https issuer id serves: Profile and controller document in one.
type IssuerDocument struct {
	Context []string `json:"@context"`
	Profile
	AlsoKnownAs        []string             `json:"alsoKnownAs,omitempty"`
	VerificationMethod []VerificationMethod `json:"verificationMethod,omitempty"`
	AssertionMethod    []string             `json:"assertionMethod,omitempty"`
}

// NewIssuerDocument makes the document served at p.ID. did names the same issuer; methods are all keys
// it ever had. Those with Revoked stay listed, with their time, and may no longer make assertions.
func NewIssuerDocument(p Profile, did string, methods ...VerificationMethod) IssuerDocument {
	return IssuerDocument{
		Context: []string{contextDID, ContextOB3, contextMultikey, contextJWK}, Profile: p, AlsoKnownAs: []string{did},
		VerificationMethod: methods, AssertionMethod: trusted(methods),
	}
}

// DIDDocument is what a did:web serves.
type DIDDocument struct {
	Context            []string             `json:"@context"`
	ID                 string               `json:"id"`
	AlsoKnownAs        []string             `json:"alsoKnownAs,omitempty"`
	VerificationMethod []VerificationMethod `json:"verificationMethod,omitempty"`
	AssertionMethod    []string             `json:"assertionMethod,omitempty"`
}

// NewDIDDocument makes the document of a did:web; issuer is the id that the same keys have over https.
// The ids and controllers of the methods are the did's.
func NewDIDDocument(did, issuer string, methods ...VerificationMethod) DIDDocument {
	return DIDDocument{
		Context: []string{contextDID, contextMultikey, contextJWK}, ID: did, AlsoKnownAs: []string{issuer},
		VerificationMethod: methods, AssertionMethod: trusted(methods),
	}
}

// trusted are the ids of the methods that are not revoked.
func trusted(methods []VerificationMethod) (ids []string) {
	for _, m := range methods {
		if m.Revoked.IsZero() {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
