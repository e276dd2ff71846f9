package rdf

import (
	"bytes"
	"errors"
	"testing"
)

// Whatever Parse accepts can be written and read again, and its canonical form is its own.
func FuzzCanonicalize(f *testing.F) {
	for _, seed := range []string{
		"<urn:s> <urn:p> <urn:o> .\n", "_:a <urn:p> _:b _:g .\n_:b <urn:p> _:a _:g .\n", `<urn:s> <urn:p> "x\u0001\n"@en-GB . # comment`,
		`_:a.b <urn:p> "1"^^<urn:d> <urn:g> .`, "_:a <urn:p> _:a .\n_:b <urn:p> _:b .\n_:c <urn:p> _:a .\n", "\xff", `<urn:\u00e9> <urn:p> "\U0001F600" .`,
		"_:0 <a:> _:1 .\n_:1 <a:> _:2 .\n_:2 <a:> _:0 .\n_:0 <a:> _:2 .\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		quads, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("got %v, want ErrSyntax", err)
			}
			return
		}
		c, err := Canonicalize(quads, Options{Work: 5000})
		if err != nil {
			if !errors.Is(err, ErrWork) {
				t.Errorf("got %v, want ErrWork", err)
			}
			return
		}
		again, err := Parse(c.Text())
		if err != nil || len(again) != len(c.Lines) {
			t.Fatalf("the form does not parse: %v", err)
		}
		if c2, err := Canonicalize(again, Options{Work: 50_000}); err != nil || !bytes.Equal(c2.Text(), c.Text()) {
			t.Errorf("the form of\n%s\nis %v\n%s", c.Text(), err, c2.Text())
		}
	})
}
