package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestProgressIsForPeople: one line that ends cleared, and nothing where nobody watches.
func TestProgressIsForPeople(t *testing.T) {
	var out bytes.Buffer
	tell := progressLine(&out, "ledgers judged")
	tell(200, 203)
	tell(203, 203)
	const clear = "\r\x1b[K"
	if got, want := out.String(), clear+"200 of 203 ledgers judged"+clear+"203 of 203 ledgers judged"+clear; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if (&terminal{err: &out}).progress("x") != nil {
		t.Error("a buffer is taken for a terminal")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if (&terminal{err: file}).progress("x") != nil {
		t.Error("a file is taken for a terminal")
	}
}
