package verifier

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"maps"
	"testing"

	"github.com/mr-tron/base58"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

const methodID = issuerID + "#key-1"

// object is JSON in the making.
type object = map[string]any

// newSealedWorld is a world whose issuer also signs with embedded proofs by an Ed25519 key.
func newSealedWorld(t testing.TB) *world {
	w := newWorld(t)
	w.putJSON(issuerID, w.controller(issuerID, keys().ed.Public(), nil))
	return w
}

// controller is a controller document with one key under assertionMethod.
func (w *world) controller(id string, key crypto.PublicKey, change func(m, method object)) object {
	multikey, err := openbadge.Multikey(key)
	w.must(err)
	method := object{"id": id + "#key-1", "type": "Multikey", "controller": id, "publicKeyMultibase": multikey}
	m := object{
		"@context": []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"}, "id": id,
		"verificationMethod": []any{method}, "assertionMethod": []any{id + "#key-1", keyID},
	}
	if change != nil {
		change(m, method)
	}
	return m
}

// document is the badge as JSON without claims and proof.
func (w *world) document() object {
	var m object
	w.must(openbadge.UnmarshalStrict(w.payload(), &m))
	for _, claim := range []string{"iss", "sub", "jti", "nbf", "exp"} {
		delete(m, claim)
	}
	return m
}

// options are those of a good proof.
func options() object {
	return object{
		"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-02-04T10:00:00Z",
		"verificationMethod": methodID, "proofPurpose": "assertionMethod",
	}
}

// prove makes a proof with any options over a document as it stands (with the proofs that it has, which
// a chain needs), the way the standard describes and without any of our code but canonicalisation.
func (w *world) prove(doc, options object, signer crypto.Signer) object {
	hash := crypto.SHA256
	if k, isEC := signer.Public().(*ecdsa.PublicKey); isEC && k.Curve.Params().BitSize == 384 {
		hash = crypto.SHA384
	}
	config := maps.Clone(options)
	config["@context"] = doc["@context"]
	data := append(w.digest(config, hash), w.digest(doc, hash)...)
	proof := maps.Clone(options)
	proof["proofValue"] = "z" + base58.Encode(w.signBytes(data, hash, signer))
	return proof
}

func (w *world) signBytes(data []byte, hash crypto.Hash, signer crypto.Signer) []byte {
	k, isEC := signer.(*ecdsa.PrivateKey)
	if !isEC {
		return ed25519.Sign(signer.(ed25519.PrivateKey), data)
	}
	h := hash.New()
	h.Write(data)
	r, s, err := ecdsa.Sign(rand.Reader, k, h.Sum(nil))
	w.must(err)
	size := hash.Size()
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature
}

func (w *world) digest(doc object, hash crypto.Hash) []byte {
	w.t.Helper()
	quads, err := jsonld.ToRDF([]byte(toJSON(w.t, doc)), jsonld.Options{})
	w.must(err)
	canonical, err := rdf.Canonicalize(quads, rdf.Options{Hash: hash})
	w.must(err)
	h := hash.New()
	h.Write(canonical.Text())
	return h.Sum(nil)
}

// seal makes the badge with one proof after changes of document and options.
func (w *world) seal(change func(doc, options object)) string {
	doc, with := w.document(), options()
	if change != nil {
		change(doc, with)
	}
	return w.sealWith(doc, with, keys().ed)
}

func (w *world) sealWith(doc, options object, signer crypto.Signer) string {
	doc["proof"] = []any{w.prove(doc, options, signer)}
	return toJSON(w.t, doc)
}

// altered changes a document after it was sealed.
func (w *world) altered(sealed string, change func(m object)) string {
	return string(edit(w.t, []byte(sealed), change))
}

func proofsOf(m object) []any { return m["proof"].([]any) }

func proofOf(m object) object { return proofsOf(m)[0].(object) }

func asRaw(v any) json.RawMessage {
	data, _ := json.Marshal(v)
	return data
}
