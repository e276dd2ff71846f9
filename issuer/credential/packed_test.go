package credential

import (
	"strings"
	"testing"
)

func TestPackedComesBackAsItWas(t *testing.T) {
	b64 := "eyJhbGciOiJFUzI1NiJ9"
	for _, want := range []string{
		b64 + "." + b64 + ".AAECAw",
		b64 + "." + strings.Repeat(b64, 50) + ".AAECAw",
		"", "a", "a.b", "....", "no base64!.x.y",
		b64 + "." + b64 + ".AAECAx", // trailing bits that base64 does not need
		b64 + ".eyJh\nbGci." + b64,  // a line break that decoding passes over
		"CgoK." + b64 + ".AAECAw",   // a header with line ends
	} {
		stored, err := Packed(want).Value()
		if err != nil {
			t.Fatal(err)
		}
		var got Packed
		if err := got.Scan(stored); err != nil || string(got) != want {
			t.Errorf("got %q, error %v, want %q", got, err, want)
		}
	}
}

func TestPackedJWSIsSmall(t *testing.T) {
	long := Packed("eyJhbGciOiJFUzI1NiJ9." + strings.Repeat("eyJhbGciOiJFUzI1NiJ9", 50) + ".AAECAw")
	stored, err := long.Value()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(stored.([]byte)); n > len(long)/3 {
		t.Errorf("got %d bytes for a token of %d", n, len(long))
	}
}

func TestBrokenStoredBytesAreAnError(t *testing.T) {
	for _, stored := range []any{nil, "text", []byte{}, []byte{'p'}, []byte{'p', 0, 9, 1}, []byte{'p', 0, 0, 1, 2, 3}} {
		var got Packed
		if err := got.Scan(stored); err == nil {
			t.Errorf("%v was read as %q", stored, got)
		}
	}
}

// TestPackedTooLong refuses what it would not give back whole.
func TestPackedTooLong(t *testing.T) {
	if _, err := Packed(make([]byte, packedMost+1)).Value(); err == nil {
		t.Error("a text that is too long was packed")
	}
	var p Packed
	if err := p.Scan(deflate([]byte{packedText}, make([]byte, packedMost+1))); err == nil {
		t.Errorf("got %d bytes of a longer text, want an error", len(p))
	}
}

// TestPackedCorrupt reads stored bytes that were damaged: an error, whatever it is.
func TestPackedCorrupt(t *testing.T) {
	whole, err := Packed("eyJhbGciOiJFUzI1NiJ9.eyJhbGciOiJFUzI1NiJ9.AAECAw").Value()
	if err != nil {
		t.Fatal(err)
	}
	stored := whole.([]byte)
	for name, src := range map[string]any{
		"nothing": []byte{}, "NULL": nil, "text": "p", "an unknown kind": []byte("x123"), "too short": []byte("p\x00"),
		"a signature cut off": stored[:5], "a text cut off": stored[:len(stored)-4], "no deflated text": []byte("d\xff\xff"),
		"no payload": deflate([]byte{packedJWS, 0, 0}, []byte("header")),
	} {
		p := Packed("before")
		if err := p.Scan(src); err == nil {
			t.Errorf("%s: got %q, want an error", name, p)
		}
	}
}
