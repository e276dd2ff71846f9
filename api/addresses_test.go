package api_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/templates"
)

// TestEachAddressIsDocumented: docs/addresses.md has every route, and nothing else.
func TestEachAddressIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../docs/addresses.md")
	if err != nil {
		t.Fatal(err)
	}
	parameter := regexp.MustCompile(`\{\w+\}|:\w+|\*`)
	documented, served := map[string]bool{}, map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(?:([A-Z, ]+) )?(/[^` ]*)` \\|").FindAllStringSubmatch(string(data), -1) {
		if row[1] == "" {
			row[1] = http.MethodGet
		}
		for method := range strings.SplitSeq(row[1], ", ") {
			documented[method+" "+parameter.ReplaceAllString(row[2], "{}")] = true
		}
	}
	s := apitest.New(t, func(o *apitest.Options) {
		o.Mailbox = func(func(*http.Request) templates.Page) http.Handler { return http.NotFoundHandler() }
	})
	for _, r := range s.Routes() {
		path := r.Path
		if strings.HasPrefix(path, "/assets/") {
			path = "/assets/:file"
		}
		if r.Method == "" {
			r.Method = http.MethodGet // the mailbox decides about methods itself
		}
		if r.Method != http.MethodHead && r.Method != http.MethodOptions {
			served[r.Method+" "+parameter.ReplaceAllString(path, "{}")] = true
		}
	}
	for address := range served {
		if !documented[address] {
			t.Error("not in docs/addresses.md:", address)
		}
	}
	for address := range documented {
		if !served[address] {
			t.Error("only in docs/addresses.md:", address)
		}
	}
}
