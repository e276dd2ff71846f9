package issuer

import (
	"strings"
	"testing"
)

func TestTokenComesBackAsItWas(t *testing.T) {
	b64 := "eyJhbGciOiJFUzI1NiJ9"
	for _, want := range []token{
		token(b64 + "." + b64 + ".AAECAw"),
		token(b64 + "." + strings.Repeat(b64, 50) + ".AAECAw"),
		"", "a", "a.b", "....", "no base64!.x.y",
		token(b64 + "." + b64 + ".AAECAx"), // trailing bits that base64 does not need
		token(b64 + ".eyJh\nbGci." + b64),  // a line break that decoding passes over
		"CgoK." + token(b64) + ".AAECAw",   // a header with line ends
	} {
		stored, err := want.Value()
		if err != nil {
			t.Fatal(err)
		}
		var got token
		if err := got.Scan(stored); err != nil || got != want {
			t.Errorf("got %q, error %v, want %q", got, err, want)
		}
	}
}

func TestPackedTokenIsSmall(t *testing.T) {
	long := token("eyJhbGciOiJFUzI1NiJ9." + strings.Repeat("eyJhbGciOiJFUzI1NiJ9", 50) + ".AAECAw")
	stored, err := long.Value()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(stored.([]byte)); n > len(long)/3 {
		t.Errorf("got %d bytes for a token of %d", n, len(long))
	}
}

func TestBrokenStoredTokenIsAnError(t *testing.T) {
	for _, stored := range []any{nil, "text", []byte{}, []byte{'p'}, []byte{'p', 0, 9, 1}, []byte{'p', 0, 0, 1, 2, 3}} {
		var got token
		if err := got.Scan(stored); err == nil {
			t.Errorf("%v was read as %q", stored, got)
		}
	}
}
