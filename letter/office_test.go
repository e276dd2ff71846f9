package letter

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRecipientSaysWhetherLive looks at the source: only two functions say whether a letter may leave this
// machine, each from what issuer or earner know.
func TestEveryRecipientSaysWhetherLive(t *testing.T) {
	var source []byte
	names, err := filepath.Glob("*.go")
	for _, name := range names {
		text, failed := os.ReadFile(name)
		if err = errors.Join(err, failed); !strings.HasSuffix(name, "_test.go") {
			source = append(source, text...)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`recipient\{`).FindAll(source, -1)); n != 2 {
		t.Errorf("got %d recipients that are made, want those of candidateBox and accountBox", n)
	}
	for _, field := range []string{`\blive: `, `\.live = `, `Sandbox: (true|false)`} {
		if regexp.MustCompile(field).Match(source) {
			t.Errorf("the package says %s by itself", field)
		}
	}
}
