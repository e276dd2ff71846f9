package seal_test

import (
	"bytes"
	"testing"

	"github.com/open-insignia/insignia/seal"
)

// TestNew: what is sealed opens with the same secret, for the same purpose and in the same place, and nowhere else.
func TestNew(t *testing.T) {
	box := func(secret, purpose string) (open func(sealed []byte, place string) ([]byte, error), shut func(plain, place string) []byte) {
		a, err := seal.New([]byte(secret), purpose)
		if err != nil {
			t.Fatal(err)
		}
		return func(sealed []byte, place string) ([]byte, error) { return a.Open(nil, nil, sealed, []byte(place)) },
			func(plain, place string) []byte { return a.Seal(nil, nil, []byte(plain), []byte(place)) }
	}
	open, shut := box("secret of the server", "letters")
	sealed := shut("dear Ana", "row 1")
	if bytes.Contains(sealed, []byte("Ana")) || bytes.Equal(sealed, shut("dear Ana", "row 1")) {
		t.Errorf("%q tells what it seals", sealed)
	}
	if plain, err := open(sealed, "row 1"); err != nil || string(plain) != "dear Ana" {
		t.Errorf("got %q, error %v", plain, err)
	}
	otherSecret, _ := box("another secret", "letters")
	otherPurpose, _ := box("secret of the server", "keys")
	for what, opened := range map[string]func() ([]byte, error){
		"another row":     func() ([]byte, error) { return open(sealed, "row 2") },
		"another secret":  func() ([]byte, error) { return otherSecret(sealed, "row 1") },
		"another purpose": func() ([]byte, error) { return otherPurpose(sealed, "row 1") },
	} {
		if plain, err := opened(); err == nil {
			t.Errorf("%s: got %q", what, plain)
		}
	}
	if _, err := seal.New(nil, "letters"); err == nil {
		t.Error("an empty secret seals nothing")
	}
}
