package keyring

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// rsaBits is what every official 2.0 validator reads and the least that RFC 7518 §3.3 allows.
const rsaBits = 2048

// generate makes a key and its sealed row. It takes up to a second for RSA, so never in a transaction.
func (k *Keyring) generate(purpose Purpose) (keyRow, error) {
	row := keyRow{Purpose: purpose, Algorithm: k.algorithmOf(purpose), CreatedAt: k.now()}
	private, err := newPrivate(row.Algorithm)
	if err != nil {
		return row, fmt.Errorf("make %s key: %w", row.Algorithm, err)
	}
	if row.PublicKey, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return row, fmt.Errorf("encode public key: %w", err)
	}
	if row.ID, err = keyID(private.Public()); err != nil {
		return row, err
	}
	row.Sealed, err = k.seal.close(row, private)
	return row, err
}

func (k *Keyring) algorithmOf(purpose Purpose) string {
	if purpose == JWT {
		return k.algorithm
	}
	return openbadge.RS256
}

func newPrivate(algorithm string) (crypto.Signer, error) {
	if algorithm == openbadge.ES256 {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, rsaBits)
}

// keyID is the beginning of the key's thumbprint (RFC 7638), in base32 so that it never looks like an
// option of a command.
func keyID(public crypto.PublicKey) (string, error) {
	jwk, err := openbadge.PublicJWK(public, "")
	if err != nil {
		return "", fmt.Errorf("write key as JWK: %w", err)
	}
	var members map[string]string
	if err := json.Unmarshal(jwk, &members); err != nil {
		return "", fmt.Errorf("read own JWK: %w", err)
	}
	delete(members, "alg") // RFC 7638 §3.2 has the required members only
	delete(members, "use")
	canonical, err := json.Marshal(members) // sorted, without white space, as §3 asks
	if err != nil {
		return "", fmt.Errorf("write canonical JWK: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])), nil
}
