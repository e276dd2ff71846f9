package keyring

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// rsaBits is what every official 2.0 validator reads and the least that RFC 7518 §3.3 allows.
const rsaBits = 2048

// generate makes a key, in its device where one is set, and its sealed row. It takes up to a second for
// RSA, so never in a transaction. The key has signed once, and right, when it is returned.
func (k *Keyring) generate(ctx context.Context, purpose Purpose, begins time.Time) (keyRow, error) {
	row := keyRow{Purpose: purpose, Algorithm: k.algorithmOf(purpose), CreatedAt: k.now(), BeginsAt: &begins}
	var private crypto.Signer
	var device string
	var err error
	if k.devices.of[purpose] != nil {
		device, private, err = k.devices.make(ctx, purpose, row.Algorithm)
	} else {
		private, err = newPrivate(row.Algorithm)
	}
	if err != nil {
		return row, fmt.Errorf("make %s key: %w", row.Algorithm, err)
	}
	if err := try(private); err != nil {
		return row, fmt.Errorf("try %s key: %w", row.Algorithm, err)
	}
	if row.PublicKey, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return row, fmt.Errorf("encode public key: %w", err)
	}
	if row.ID, err = keyID(private.Public()); err != nil {
		return row, err
	}
	row.Sealed, err = k.seal.close(row, content{private, device})
	return row, err
}

// try has a key sign something that means nothing.
func try(private crypto.Signer) error {
	message, hash := make([]byte, sha256.Size), crypto.SHA256
	if _, isEd25519 := private.Public().(ed25519.PublicKey); isEd25519 {
		hash = 0
	}
	signature, err := private.Sign(rand.Reader, message, hash)
	if err != nil {
		return err
	}
	good := false
	switch public := private.Public().(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(public, message, signature)
	case *rsa.PublicKey:
		good = rsa.VerifyPKCS1v15(public, hash, message, signature) == nil
	}
	if !good {
		return fmt.Errorf("%w: it signs badly", ErrDevice)
	}
	return nil
}

func (k *Keyring) algorithmOf(purpose Purpose) string {
	switch purpose {
	case JWT:
		return k.algorithm
	case Proof:
		return openbadge.EdDSA
	}
	return openbadge.RS256
}

func newPrivate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case openbadge.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case openbadge.EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
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
	_ = json.Unmarshal(jwk, &members) // written just now
	delete(members, "alg")            // RFC 7638 §3.2 has the required members only
	delete(members, "use")
	canonical, _ := json.Marshal(members) // sorted, without white space, as §3 asks; texts cannot fail
	sum := sha256.Sum256(canonical)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])), nil
}
