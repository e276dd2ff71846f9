package keyring

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

// sealer encrypts private keys under a key derived from the server's secret.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret []byte) (*sealer, error) {
	if len(secret) == 0 {
		return nil, errors.New("secret is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "insignia keyring 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block) // the nonce travels in front
	return &sealer{aead}, err
}

// close seals a private key for its row: what is sealed opens in that row only.
func (s *sealer) close(row keyRow, private crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return s.aead.Seal(nil, nil, der, row.identity()), nil
}

// open opens a row's private key and checks that it belongs to the row's public key and id.
func (s *sealer) open(row keyRow) (crypto.Signer, error) {
	der, err := s.aead.Open(nil, nil, row.Sealed, row.identity())
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", row.ID, ErrSealed)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	private, isSigner := parsed.(crypto.Signer)
	if err != nil || !isSigner { // without err, which could quote the key
		return nil, fmt.Errorf("key %s: %w", row.ID, ErrSealed)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil || !bytes.Equal(public, row.PublicKey) {
		return nil, fmt.Errorf("key %s has another public half: %w", row.ID, ErrSealed)
	}
	return private, nil
}

// identity is what the sealed key is bound to: a private key under another row's name, purpose or
// algorithm does not open.
func (r keyRow) identity() []byte {
	return []byte(strings.Join([]string{"signing_key", r.ID, string(r.Purpose), r.Algorithm}, "\x00"))
}

// unseal opens a row with the secret, or with the one before it: another process may have sealed a key
// with that since Open sealed all anew.
func (k *Keyring) unseal(row keyRow) (crypto.Signer, error) {
	private, err := k.seal.open(row)
	if err != nil && k.old != nil {
		if private, e := k.old.open(row); e == nil {
			return private, nil
		}
	}
	return private, err
}
