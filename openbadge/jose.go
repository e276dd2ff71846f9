package openbadge

import (
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// What an error about a token means; every error of Sign, ParseJWS and Verify wraps one of them (or,
// from Sign, the signer's own error).
var (
	ErrMalformed = errors.New("malformed token")
	ErrAlgorithm = errors.New("algorithm not allowed")
	ErrSignature = errors.New("signature does not verify")
)

// Header is the protected header of a compact JWS: the members that we write, and on reading those
// of them that were there. KID is a URI that leads to the key; JWK holds the raw public key that a
// foreign header may carry (it proves integrity only, spec 3.0 section 6) and is never written.
type Header struct {
	Alg string
	KID string
	Typ string
	JWK []byte
}

// Sign makes a compact JWS over the payload bytes as they are. header.Alg must be ES256 or RS256 and
// fit the signer's public key; KID and Typ are written when set. The signer may be any crypto.Signer,
// in software or in a device. The token is read back and verified before it is returned, so a token
// that nobody can verify never leaves; safe for concurrent use if the signer is.
func Sign(header Header, payload []byte, signer crypto.Signer) (string, error) {
	pub := signer.Public()
	if header.Alg != ES256 && header.Alg != RS256 || !fits(header.Alg, pub) {
		return "", fmt.Errorf("%w: cannot sign %.20q with %T", ErrAlgorithm, header.Alg, pub)
	}
	h := jws.NewHeaders()
	for _, member := range [][2]string{{jws.KeyIDKey, header.KID}, {jws.TypeKey, header.Typ}} {
		if member[1] == "" {
			continue
		}
		if err := h.Set(member[0], member[1]); err != nil {
			return "", fmt.Errorf("%w: header %s: %w", ErrMalformed, member[0], err)
		}
	}
	token, err := jws.Sign(payload, jws.WithKey(jwa.SignatureAlgorithm(header.Alg), device{signer}, jws.WithProtectedHeaders(h)))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	made, err := ParseJWS(string(token))
	if err != nil {
		return "", err
	}
	if err := made.Verify(pub, header.Alg); err != nil {
		return "", err
	}
	return made.Token, nil
}

// Verify checks the signature over the original bytes with pub. The header's algorithm must be one of
// allowed (without any: RS256, ES256, PS256, ES384, EdDSA) and belong to the type, curve and size of
// the key. A nil return says that the owner of pub signed the payload, not that the issuer owns pub.
func (j *JWS) Verify(pub crypto.PublicKey, allowed ...string) error {
	if len(allowed) > 0 && !slices.Contains(allowed, j.Header.Alg) || !fits(j.Header.Alg, pub) {
		return fmt.Errorf("%w: %.20q with %T", ErrAlgorithm, j.Header.Alg, pub)
	}
	if _, err := jws.Verify([]byte(j.Token), jws.WithKey(jwa.SignatureAlgorithm(j.Header.Alg), pub)); err != nil {
		return ErrSignature
	}
	return nil
}

// device stands between jwx and the signer. jwx copies what an ECDSA signer returns into a fixed
// width without looking, which would panic on a number that is too long.
type device struct {
	crypto.Signer
}

// Sign passes the digest on, and refuses an ECDSA signature that no P-256 key can have made.
func (d device) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := d.Signer.Sign(rand, digest, opts)
	if err != nil || KeyAlgorithm(d.Public()) != ES256 {
		return signature, err
	}
	var p struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &p); err != nil || len(rest) > 0 || !fitsP256(p.R) || !fitsP256(p.S) {
		return nil, fmt.Errorf("%w: signer returned no ECDSA signature", ErrSignature)
	}
	return signature, nil
}

func fitsP256(n *big.Int) bool { return n.Sign() > 0 && n.BitLen() <= 256 }

// fits binds an algorithm to the kind of key that it may be used with. It is also the allow-list:
// none, HMAC and everything unknown fit no key.
func fits(alg string, pub crypto.PublicKey) bool {
	switch alg {
	case ES256, ES384, RS256, EdDSA:
		return KeyAlgorithm(pub) == alg
	case PS256:
		return KeyAlgorithm(pub) == RS256
	}
	return false
}
