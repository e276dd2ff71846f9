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

// close seals what JSON can tell.
func (s seal) close(what any, browser string) (string, error) {
	text, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, text, []byte(digest(browser)))), nil
}

var errSeal = errors.New("not what was sealed for this browser")

// open reads what was sealed for a browser into a value of the same type.
func (s seal) open(text, browser string, into any) error {
	if browser == "" || len(text) > sealedMost {
		return errSeal
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) < s.aead.NonceSize() {
		return errSeal
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(digest(browser)))
	if err != nil {
		return errSeal
	}
	return json.Unmarshal(plain, into)
}

// sealedMost bounds what is opened; ours are shorter.
const sealedMost = 8000
