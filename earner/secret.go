package earner

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"github.com/open-insignia/insignia/seal"
)

// secrets derives what letters and cookies carry, so that the database alone tells none of it. All of
// it follows from a confirmation's nonce, which is random and new for every letter.
type secrets struct{ seal.Deriver }

func newSecrets(secret []byte) secrets { return secrets{seal.NewDeriver(secret, "insignia earner 1")} }

// code is six digits; the bias of taking 64 bits modulo a million is below 1 in 10^13.
func (s secrets) code(nonce string) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(s.MAC("code", nonce))%1_000_000)
}

// longCode is 60 bits in three groups of four letters and digits, none of which is easily taken for another.
func (s secrets) longCode(nonce string) string {
	bits := binary.BigEndian.Uint64(s.MAC("long code", nonce))
	code := make([]byte, 0, 14)
	for k := range longCodeLength {
		if k > 0 && k%4 == 0 {
			code = append(code, '-')
		}
		code = append(code, longCodeLetters[bits>>(5*k)&31])
	}
	return string(code)
}

// longCodeLetters are those of Crockford's base 32.
const (
	longCodeLength  = 12
	longCodeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// link is the token of the confirmation link, 144 bits.
func (s secrets) link(nonce string) string {
	return base64.RawURLEncoding.EncodeToString(s.MAC("link", nonce)[:18])
}

// undo is the token of the link that puts a removed address back, 144 bits.
func (s secrets) undo(nonce string) string {
	return base64.RawURLEncoding.EncodeToString(s.MAC("undo", nonce)[:18])
}

// session is the token that finishing the confirmation gives. It rests on the browser's own secret as
// well, which is stored nowhere, so that database and server secret together do not give it away. That
// it is the same for a repeat is what makes a double click harmless: one confirmation, one session.
func (s secrets) session(nonce, browser string) string {
	return base64.RawURLEncoding.EncodeToString(s.MAC("session", nonce, browser))
}

// NewBrowser makes a value for the set-up cookie, by which a browser shows that it is the one that
// asked for a code.
func NewBrowser() string { return rand.Text() }

// digest is how secrets of full strength are stored and looked up.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// compact leaves out spaces and hyphens. Of what is far too long for any code nothing remains.
func compact(typed string) string {
	if len(typed) > 100 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, typed)
}
