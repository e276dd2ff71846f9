package refusal_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/open-insignia/insignia/refusal"
)

func TestRefusal(t *testing.T) {
	no := refusal.New("bad", "It is bad.", refusal.Field{Pointer: "/a", Detail: "is missing"}, refusal.Field{Pointer: "/b", Detail: "is long"})
	if got, want := no.Error(), "It is bad.; /a: is missing; /b: is long"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	wrapped := fmt.Errorf("post: %w", no)
	if !refusal.Is(wrapped, "worse", "bad") || refusal.Is(wrapped, "worse") || refusal.Is(errors.New("bad"), "bad") || refusal.Is(nil, "") {
		t.Error("a refusal is known by its code and nothing else is one")
	}
}
