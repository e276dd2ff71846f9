package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// seal closes what goes through the hands of a provider, so that it learns nothing of it and can change nothing of it,
// and binds it to a browser.
type seal struct {
	key  []byte
	aead cipher.AEAD
}

func newSeal(secret []byte) seal {
	if len(secret) == 0 {
		panic("identity: no secret")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "insignia identity 1", sha256.Size)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return seal{key, aead}
}

func (s seal) close(a Attempt, browser string) (string, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, text, []byte(digest(browser)))), nil
}

var errSeal = errors.New("not what was sealed for this browser")

func (s seal) open(state, browser string) (a Attempt, err error) {
	if browser == "" || len(state) > stateMost {
		return a, errSeal
	}
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil || len(sealed) < s.aead.NonceSize() {
		return a, errSeal
	}
	n := s.aead.NonceSize()
	text, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(digest(browser)))
	if err != nil {
		return a, errSeal
	}
	return a, json.Unmarshal(text, &a)
}

// stateMost bounds what is opened; ours are shorter.
const stateMost = 2000
