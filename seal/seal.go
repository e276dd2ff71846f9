// Package seal keeps what must be read again, and nobody else may read, under the server's secret: it makes the cipher
// that a room seals its own rows with, and the tokens and codes that a room need not keep at all.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
)

// New makes the cipher of one purpose from a secret: AES-256-GCM, whose random nonce travels in front of what it seals.
// What is sealed for one purpose does not open for another.
func New(secret []byte, purpose string) (cipher.AEAD, error) {
	if len(secret) == 0 {
		return nil, errors.New("secret is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Deriver makes what is known from the server's secret and from nothing that is stored.
type Deriver struct{ key []byte }

// NewDeriver is one for a purpose; it panics without a secret.
func NewDeriver(secret []byte, purpose string) Deriver {
	if len(secret) == 0 {
		panic(purpose + ": no secret")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, sha256.Size)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return Deriver{key}
}

// MAC is over parts that hold no zero byte, so that no two lists of parts are one text.
func (d Deriver) MAC(parts ...string) []byte {
	h := hmac.New(sha256.New, d.key)
	h.Write([]byte(strings.Join(parts, "\x00")))
	return h.Sum(nil)
}
