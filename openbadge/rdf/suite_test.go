package rdf

import (
	"crypto"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// suiteEntry is a test of the W3C suite (github.com/w3c/rdf-canon, folder tests).
type suiteEntry struct {
	ID, Type, Name, Action, Result, HashAlgorithm string
}

// The whole W3C suite, when INSIGNIA_RDFC_SUITE names the folder of its manifest.jsonld.
func TestSuite(t *testing.T) {
	folder := os.Getenv("INSIGNIA_RDFC_SUITE")
	if folder == "" {
		t.Skip("INSIGNIA_RDFC_SUITE does not name the folder of the W3C rdf-canon suite (tests/manifest.jsonld)")
	}
	var manifest struct{ Entries []suiteEntry }
	if err := json.Unmarshal(suiteFile(t, folder, "manifest.jsonld"), &manifest); err != nil {
		t.Fatal(err)
	}
	if got := len(manifest.Entries); got < 86 {
		t.Errorf("the suite has %d entries, want at least 86", got)
	}
	for _, e := range manifest.Entries {
		t.Run(e.ID+" "+e.Name, func(t *testing.T) { runSuiteEntry(t, folder, e) })
	}
}

func suiteFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func runSuiteEntry(t *testing.T, folder string, e suiteEntry) {
	quads, err := Parse(suiteFile(t, folder, e.Action))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{}
	if e.HashAlgorithm == "SHA384" {
		o.Hash = crypto.SHA384
	}
	from := time.Now()
	c, err := Canonicalize(quads, o)
	t.Log(time.Since(from))
	switch e.Type {
	case "rdfc:RDFC10EvalTest":
		if want := string(suiteFile(t, folder, e.Result)); err != nil || string(c.Text()) != want {
			t.Errorf("got %v\n%s\nwant\n%s", err, c.Text(), want)
		}
	case "rdfc:RDFC10MapTest":
		var want map[string]string
		if err := json.Unmarshal(suiteFile(t, folder, e.Result), &want); err != nil {
			t.Fatal(err)
		}
		if err != nil || !maps.Equal(c.Labels, want) {
			t.Errorf("got %v %v, want %v", c.Labels, err, want)
		}
	case "rdfc:RDFC10NegativeEvalTest":
		if !errors.Is(err, ErrWork) {
			t.Errorf("got %v, want ErrWork", err)
		}
	default:
		t.Errorf("unknown kind of test %s", e.Type)
	}
}
