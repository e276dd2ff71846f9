// Package seal keeps what must be read again, and nobody else may read, under the server's secret: it makes the cipher
// that a room seals its own rows with.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// New makes the cipher of one purpose from a secret: AES-256-GCM, whose random nonce travels in front of what it seals.
// What is sealed for one purpose does not open for another.
func New(secret []byte, purpose string) (cipher.AEAD, error) {
	if len(secret) == 0 {
		return nil, errors.New("secret is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
