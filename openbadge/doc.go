// Package openbadge knows the format Open Badges 3.0 and the containers that both editions of the
// standard travel in: keys and their names (JWK, multikey, did:key, did:web, did:jwk), strict compact
// JWS, Data Integrity proofs, the credential that we write and its VC-JWT payload, a tolerant reader of
// credentials written by others, the bitstring status list, baking into PNG and SVG, and the recipient
// hash.
//
// It is pure: it reads no clock, opens no file, asks no network and no database, and logs nothing.
// Whatever needs one of these gets it from its caller. It judges no badge (that is the verifier's
// work) and holds no private key: it signs through a crypto.Signer that somebody else owns. It is
// the only package that may import jwx and a JSON-LD processor.
package openbadge
