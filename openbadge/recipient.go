package openbadge

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// HashIdentity gives "sha256$" and the hex digest of UTF-8(identity) followed by UTF-8(salt), with no
// separator: the IdentityHash of Open Badges 2.0 (section 5) and 3.0 (section 2.3). It does not
// normalise the identity; hash the canonical form (we use lower-case addresses).
func HashIdentity(identity, salt string) string {
	sum := sha256.Sum256([]byte(identity + salt))
	return "sha256$" + hex.EncodeToString(sum[:])
}

// IsIdentityHash reports whether text has the form of an IdentityHash: md5$ and 32 or sha256$ and 64
// hex digits in either case, nothing else.
func IsIdentityHash(text string) bool {
	kind, digits, _ := strings.Cut(text, "$")
	size := map[string]int{"md5": md5.Size, "sha256": sha256.Size}[kind]
	raw, err := hex.DecodeString(digits)
	return size > 0 && err == nil && len(raw) == size
}

// MatchIdentity reports whether hash is the IdentityHash of identity with salt. It knows sha256$ and,
// for badges of others, md5$; anything else matches nothing. The caller decides which spellings of an
// address to try.
func MatchIdentity(hash, identity, salt string) bool {
	if !IsIdentityHash(hash) {
		return false
	}
	want := HashIdentity(identity, salt)
	if strings.HasPrefix(hash, "md5$") {
		sum := md5.Sum([]byte(identity + salt))
		want = "md5$" + hex.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(hash)), []byte(want)) == 1
}
