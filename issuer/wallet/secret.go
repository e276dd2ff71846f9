package wallet

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/seal"
)

// secrets derives what an offer consists of from its nonce, so that the database alone tells none of it and the page of
// the holder can say it again.
type secrets struct{ seal.Deriver }

func newSecrets(secret []byte) secrets { return secrets{seal.NewDeriver(secret, "insignia wallet 1")} }

// text is what an offer has for a purpose, 144 bits.
func (s secrets) text(purpose, nonce string) string {
	return base64.RawURLEncoding.EncodeToString(s.MAC(purpose, nonce)[:18])
}

func (s secrets) reference(nonce string) string { return s.text("reference", nonce) }

func (s secrets) code(nonce string) string { return s.text("code", nonce) }

// pin is six digits; the bias of taking 64 bits modulo a million is below 1 in 10^13.
func (s secrets) pin(nonce string) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(s.MAC("pin", nonce))%1_000_000)
}

// nonceLife is how long a wallet may take from asking for a nonce to showing a proof with it.
const nonceLife = 5 * time.Minute

// nonce is one for proofs: its end, chance, and a seal. It is kept nowhere until it is used, so that asking for
// nonces, which everybody may, fills nothing.
func (s secrets) nonce(end time.Time) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(end.Unix()))
	raw = append(raw, rand.Text()[:16]...)
	return base64.RawURLEncoding.EncodeToString(append(raw, s.MAC("nonce", hex.EncodeToString(raw))[:16]...))
}

// nonceEnd is when a nonce of ours ends; false for any other text.
func (s secrets) nonceEnd(nonce string) (end time.Time, ours bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	const sealed = 8 + 16
	if err != nil || len(raw) != sealed+16 || !hmac.Equal(raw[sealed:], s.MAC("nonce", hex.EncodeToString(raw[:sealed]))[:16]) {
		return end, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw)), 0).UTC(), true
}

// digest is how secrets of full strength are stored and looked up.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
