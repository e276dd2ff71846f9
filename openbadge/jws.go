package openbadge

import (
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// What an error about a token or an embedded proof means; every error of Sign, ParseJWS and JWS.Verify
// wraps one of them (or, from Sign, the signer's own error).
var (
	ErrMalformed = errors.New("malformed token or proof")
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
// in software or in a device. The signature is verified before the token is returned, so a token that
// nobody can verify never leaves; safe for concurrent use if the signer is.
func Sign(header Header, payload []byte, signer crypto.Signer) (string, error) {
	pub := signer.Public()
	if header.Alg != ES256 && header.Alg != RS256 || !algorithmFits(header.Alg, pub) {
		return "", fmt.Errorf("%w: cannot sign %.20q with %T", ErrAlgorithm, header.Alg, pub)
	}
	protected, err := marshal(protectedHeader{header.Alg, header.KID, header.Typ})
	if err != nil {
		return "", fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	if b64.EncodedLen(len(protected)) > maxHeader || b64.EncodedLen(len(payload)) > MaxToken-2*maxHeader {
		return "", fmt.Errorf("%w: too long to be read back", ErrMalformed)
	}
	token := make([]byte, 0, b64.EncodedLen(len(protected))+b64.EncodedLen(len(payload))+b64.EncodedLen(maxRSABits/8)+2)
	token = b64.AppendEncode(token, protected)
	token = b64.AppendEncode(append(token, '.'), payload)
	signature, err := signBytes(header.Alg, token, signer)
	if err != nil {
		return "", err
	}
	return string(b64.AppendEncode(append(token, '.'), signature)), nil
}

// protectedHeader has the members that we write, in their order.
type protectedHeader struct {
	Alg string `json:"alg"`
	KID string `json:"kid,omitempty"`
	Typ string `json:"typ,omitempty"`
}

// signBytes signs and verifies what came back.
func signBytes(alg string, input []byte, signer crypto.Signer) ([]byte, error) {
	s, err := jws.NewSigner(jwa.SignatureAlgorithm(alg))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAlgorithm, err)
	}
	signature, err := s.Sign(input, device{signer})
	if err != nil {
		return nil, fmt.Errorf("sign token: %w", err)
	}
	return signature, verifyBytes(alg, input, signature, signer.Public())
}

func verifyBytes(alg string, input, signature []byte, pub crypto.PublicKey) error {
	if alg == Ed25519 {
		alg = EdDSA // which is the name that jwx knows
	}
	if v, err := jws.NewVerifier(jwa.SignatureAlgorithm(alg)); err != nil || v.Verify(input, signature, pub) != nil {
		return ErrSignature
	}
	return nil
}

// Verify checks the signature over the original bytes with pub. The header's algorithm must be one of
// allowed (without any: all constants of this package) and belong to the type, curve and size of
// the key. A nil return says that the owner of pub signed the payload, not that the issuer owns pub.
func (j *JWS) Verify(pub crypto.PublicKey, allowed ...string) error {
	if len(allowed) > 0 && !slices.Contains(allowed, j.Header.Alg) || !algorithmFits(j.Header.Alg, pub) {
		return fmt.Errorf("%w: %.20q with %T", ErrAlgorithm, j.Header.Alg, pub)
	}
	end := strings.LastIndexByte(j.Token, '.')
	if end < 0 {
		return fmt.Errorf("%w: not read by ParseJWS", ErrMalformed)
	}
	return verifyBytes(j.Header.Alg, []byte(j.Token[:end]), j.Signature, pub)
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

// algorithmFits binds an algorithm to the kind of key that it may be used with. It is also the allow-list:
// none, HMAC and everything unknown fit no key.
func algorithmFits(alg string, pub crypto.PublicKey) bool {
	switch alg {
	case ES256, ES384, ES512, RS256, EdDSA:
		return KeyAlgorithm(pub) == alg
	case RS384, RS512, PS256:
		return KeyAlgorithm(pub) == RS256
	case Ed25519:
		return KeyAlgorithm(pub) == EdDSA
	}
	return false
}

// CheckAlgorithm tells why a token cannot be verified with any key, nil when it can. An algorithm that
// proves nothing, "none" or one with a shared secret, is ErrAlgorithm; one that is not known wraps
// ErrUnsupported as well.
func CheckAlgorithm(alg string) error {
	switch upper := strings.ToUpper(alg); {
	case slices.Contains(algorithms, alg):
		return nil
	case upper == "NONE" || strings.HasPrefix(upper, "HS"):
		return fmt.Errorf("%w: %.20q proves nothing", ErrAlgorithm, alg)
	}
	return fmt.Errorf("%w: %w: %.20q", ErrAlgorithm, ErrUnsupported, alg)
}

var algorithms = []string{ES256, ES384, ES512, RS256, RS384, RS512, PS256, EdDSA, Ed25519}

// Limits of a token in bytes. The text carries a whole badge, often with its picture as data URI.
const (
	MaxToken  = 4 << 20
	maxHeader = 16 << 10
)

// JWS is a compact JWS that was read but not yet verified. Payload is decoded, Token is the text as
// it came (without surrounding white space).
type JWS struct {
	Header    Header
	Payload   []byte
	Signature []byte
	Token     string
}

// Members that bring a key or a rule of reading from somewhere else. RFC 7515 lets a reader ignore
// most of them; we refuse them, since the next reader may not ignore them.
var refusedHeaders = []string{"crit", "b64", "jku", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc", "epk"}

// ParseJWS splits a compact JWS and reads its header strictly (spec 3.0 section 6): three base64url
// parts without padding, a header without repeated members, alg a string, and none of crit, b64, jku,
// x5u, x5c, x5t and their kin. alg "none" and unknown algorithms parse, and then never verify. Errors
// wrap ErrMalformed.
func ParseJWS(token string) (*JWS, error) {
	token = strings.TrimSpace(token)
	if len(token) > MaxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxToken)
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 || len(parts[0]) > maxHeader {
		return nil, fmt.Errorf("%w: not three parts of reasonable length", ErrMalformed)
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = decodePart(part); err != nil {
			return nil, fmt.Errorf("%w: part %d is not base64url", ErrMalformed, i+1)
		}
	}
	header, err := readHeader(raw[0])
	if err != nil {
		return nil, err
	}
	return &JWS{Header: header, Payload: raw[1], Signature: raw[2], Token: token}, nil
}

// decodePart refuses line ends, which encoding/base64 skips.
func decodePart(part string) ([]byte, error) {
	if strings.IndexByte(part, '\r') >= 0 || strings.IndexByte(part, '\n') >= 0 {
		return nil, ErrMalformed
	}
	return b64.DecodeString(part)
}

func readHeader(raw []byte) (h Header, err error) {
	if err := checkStrict(raw); err != nil {
		return h, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	members, _ := strictjson.Split(raw)
	for _, m := range members {
		switch m.Name {
		case "alg":
			h.Alg, err = headerText(m)
		case "kid":
			h.KID, err = headerText(m)
		case "typ":
			h.Typ, err = headerText(m)
		case "jwk":
			h.JWK = m.Value
		default:
			if slices.Contains(refusedHeaders, m.Name) {
				err = fmt.Errorf("%w: header names %s", ErrMalformed, m.Name)
			}
		}
		if err != nil {
			return Header{}, err
		}
	}
	if h.Alg == "" {
		return Header{}, fmt.Errorf("%w: header names no algorithm", ErrMalformed)
	}
	return h, nil
}

func headerText(m strictjson.Member) (string, error) {
	if m.Value[0] != '"' {
		return "", fmt.Errorf("%w: header member %s is no string", ErrMalformed, m.Name)
	}
	if len(m.Value) == len(`""`) {
		return "", fmt.Errorf("%w: header member %s is empty", ErrMalformed, m.Name)
	}
	return strictjson.Text(m.Value), nil
}
