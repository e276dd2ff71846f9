package openbadge

import (
	"encoding/json"
	"strings"
	"testing"
)

// Test values of spec 2.0 section 5 and spec 3.0 section 2.3.
//
// proves: 2.0 §5 issued: salted hash of the address in its canonical spelling
func TestHashIdentity(t *testing.T) {
	for _, c := range [][3]string{
		{"nobody@example.org", "deadsea", "sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942"},
		{"mayze", "", "sha256$7a1a1b3f7d40552e4299180e346e3add12bf9a751a43d9c4ca4518febc2c60c6"},
		{"a@example.com", "Kosher", "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"},
	} {
		if got := HashIdentity(c[0], c[1]); got != c[2] {
			t.Errorf("HashIdentity(%q, %q) = %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestMatchIdentity(t *testing.T) {
	hash := HashIdentity("a@example.com", "Kosher")
	const md5 = "md5$6280f585b6900b184451080d97b185b3" // learner@example.org, x
	for name, c := range map[string]struct {
		hash, identity, salt string
		want                 bool
	}{
		"same":             {hash, "a@example.com", "Kosher", true},
		"upper-case hex":   {"sha256$" + strings.ToUpper(hash[7:]), "a@example.com", "Kosher", true},
		"md5":              {md5, "learner@example.org", "x", true},
		"md5 upper case":   {"md5$" + strings.ToUpper(md5[4:]), "learner@example.org", "x", true},
		"md5, other":       {md5, "learner@example.org", "y", false},
		"other case":       {hash, "A@example.com", "Kosher", false},
		"other salt":       {hash, "a@example.com", "kosher", false},
		"moved border":     {HashIdentity("ab", "c"), "a", "bc", true}, // the standard's construction has no separator
		"unknown kind":     {"sha1$6280f585b6900b184451080d97b185b36280f585", "a", "", false},
		"kind upper case":  {"SHA256$" + hash[7:], "a@example.com", "Kosher", false},
		"short":            {hash[:70], "a@example.com", "Kosher", false},
		"no kind":          {hash[7:], "a@example.com", "Kosher", false},
		"plain":            {"a@example.com", "a@example.com", "", false},
		"empty":            {"", "", "", false},
		"right size, text": {"md5$zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "a", "", false},
	} {
		if got := MatchIdentity(c.hash, c.identity, c.salt); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestIdentityVectors(t *testing.T) {
	var vectors struct {
		IdentityHash []struct{ Identity, Salt, IdentityHash string }
	}
	if err := json.Unmarshal(readCase(t, "vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.IdentityHash) < 5 {
		t.Fatalf("got %d vectors, want at least 5", len(vectors.IdentityHash))
	}
	for _, v := range vectors.IdentityHash {
		if !MatchIdentity(v.IdentityHash, v.Identity, v.Salt) || MatchIdentity(v.IdentityHash, v.Identity, v.Salt+"x") {
			t.Errorf("%s with %q does not match %s", v.Identity, v.Salt, v.IdentityHash)
		}
	}
}
