package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/open-insignia/insignia/"

// leaves import nothing of ours, and everything may import them.
var leaves = []string{"cache", "email", "line", "refusal", "seal"}

// mayImport is the plan of the house: which of our packages each may import, besides leaves.
var mayImport = map[string][]string{
	"openbadge":            {"openbadge/jsonld", "openbadge/rdf", "openbadge/strictjson"},
	"openbadge/jsonld":     {"openbadge/rdf", "openbadge/strictjson"},
	"openbadge/rdf":        {},
	"openbadge/ob2":        {"openbadge", "openbadge/jsonld"},
	"openbadge/strictjson": {},

	"issuer/programme":  {},
	"issuer/ledger":     {"issuer/programme"},
	"issuer/catalogue":  {"issuer/programme", "database"},
	"issuer/connection": {"issuer/ledger", "issuer/credential", "jobs", "database"},
	"issuer/credential": {"issuer/ledger", "issuer/catalogue", "issuer/programme", "openbadge", "openbadge/ob2", "database"},
	"cache":             {},
	"email":             {},
	"line":              {},
	"refusal":           {},
	"seal":              {},
	"issuer/keyring":    {"openbadge", "database"},
	"partner":           {"jobs", "database"},
	"partner/webhook":   {"partner", "egress", "database"},
	"issuer":            {"partner", "openbadge", "openbadge/ob2", "issuer/programme", "issuer/ledger", "issuer/catalogue", "issuer/connection", "issuer/credential", "jobs", "database"},
	"issuer/merging":    {"issuer", "issuer/connection", "issuer/ledger", "issuer/programme", "partner", "database"},
	"issuer/intake":     {"issuer", "issuer/programme", "partner", "jobs", "database"},
	"issuer/training":   {"issuer", "issuer/ledger", "partner", "database"},
	"earner":            {"jobs", "database"},
	"earner/identity":   {"database"},
	"earner/sharecode":  {"jobs", "database"},
	"earner/leaving":    {"earner", "jobs", "database"},
	"issuer/wallet":     {"issuer/credential", "issuer/ledger", "issuer/programme", "openbadge", "database"},
	"jobs":              {"database"},
	"egress":            {},
	"verifier":          {"egress", "openbadge", "openbadge/jsonld", "openbadge/ob2", "openbadge/rdf"},
	"letter":            {"issuer", "issuer/connection", "issuer/ledger", "issuer/catalogue", "issuer/programme", "earner", "earner/leaving", "partner", "templates", "templates/art", "mail", "jobs", "database"},
	"mail":              {},
	"paper":             {"templates"},
	"templates":         {},
	"templates/art":     {},
	"migrations":        {},
	"database":          {},
	"api":               {"api/web"},
	"api/web":           {"earner", "templates", "openbadge", "openbadge/strictjson"},
	"api/wording":       {"api/web", "issuer", "issuer/ledger", "issuer/catalogue", "issuer/credential", "issuer/programme", "templates"},
	"api/badges":        {"api/web", "api/wording", "earner/sharecode", "issuer", "issuer/ledger", "issuer/catalogue", "issuer/credential", "issuer/programme", "verifier", "paper", "templates", "templates/art"},
	"api/home":          {"api/web", "api/wording", "issuer", "issuer/connection", "issuer/credential", "issuer/ledger", "issuer/merging", "issuer/programme", "issuer/training", "issuer/wallet", "earner", "earner/identity", "earner/leaving", "earner/sharecode", "paper", "templates"},
	"api/partners":      {"api/web", "api/wording", "issuer", "issuer/ledger", "issuer/catalogue", "issuer/programme", "issuer/intake", "issuer/merging", "issuer/training", "partner", "partner/webhook", "templates"},
	"api/wallet":        {"api/web", "issuer/wallet", "issuer/credential", "issuer/programme", "openbadge"},
	"api/check":         {"api/web", "api/wording", "earner/sharecode", "issuer", "issuer/ledger", "issuer/credential", "issuer/programme", "verifier", "openbadge", "paper", "templates"},
	"cmd/insignia":      {"*"},
	// Only tests import these.
	"database/databasetest": {"database", "migrations"},
	"issuer/issuertest":     {"*"},
	"api/apitest":           {"*"},
	"email/emailtest":       {},

	"earner/identity/identitytest": {},
	"issuer/wallet/wallettest":     {"openbadge"},
}

// confined are outside modules that only some packages may import, so that leaving one is a change
// of those packages alone.
var confined = map[string][]string{
	"github.com/labstack/":          {"api", "api/web", "api/partners", "api/badges", "api/home", "api/check", "api/wallet"},
	"github.com/lestrrat-go/jwx/":   {"openbadge"},
	"github.com/piprate/json-gold/": {"openbadge/jsonld"},
	"github.com/jmoiron/sqlx":       {"database"},
	"github.com/mattn/go-sqlite3":   {"database"},
	"github.com/jackc/pgx/":         {"database"},
	"github.com/coreos/go-oidc/":    {"earner/identity"},
	"golang.org/x/oauth2":           {"earner/identity"},
	"github.com/go-webauthn/":       {"earner/identity"},
	"github.com/pressly/goose/":     {"migrations"},
	"github.com/wneessen/go-mail":   {"mail"},
	"github.com/srwiley/":           {"templates/art"},
	"github.com/go-text/":           {"templates/art", "paper"},
	"github.com/go-fonts/":          {"templates/art", "paper"},
	"github.com/alecthomas/kong":    {"cmd/insignia"},
	"github.com/schollz/":           {"cmd/insignia"},
	"log/slog":                      {"api", "api/web", "api/check", "api/apitest", "issuer", "issuer/credential", "jobs", "cmd/insignia", "issuer/issuertest"},
	"database/sql":                  {"database", "database/databasetest", "migrations", "issuer/ledger", "issuer/credential"}, // the last two: Valuer only
	"github.com/skip2/go-qrcode":    {"api/web"},
	"code.dny.dev/ssrf":             {"egress"},
}

// pure packages reach no files, network or processes and toss no coins.
var pure = []string{"openbadge", "openbadge/jsonld", "openbadge/ob2", "openbadge/rdf", "openbadge/strictjson", "issuer/programme", "issuer/ledger"}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportTable(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		seen[name] = true
		checkImports(t, name, p.Imports)
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("the table has %s, which does not exist", name)
		}
	}
}

func checkImports(t *testing.T, name string, imports []string) {
	t.Helper()
	allowed, known := mayImport[name]
	if !known {
		t.Errorf("package %s is not in the table", name)
		return
	}
	for _, path := range imports {
		if ours, is := strings.CutPrefix(path, module); is && !slices.Contains(allowed, "*") && !slices.Contains(allowed, ours) && !slices.Contains(leaves, ours) {
			t.Errorf("%s imports %s, which the table does not allow", name, ours)
		}
		for prefix, rooms := range confined {
			if strings.HasPrefix(path, prefix) && !slices.Contains(rooms, name) {
				t.Errorf("%s imports %s, which is confined to %v", name, path, rooms)
			}
		}
		if slices.Contains(pure, name) && slices.Contains([]string{"os", "net/http", "os/exec", "io/fs", "math/rand", "math/rand/v2"}, path) {
			t.Errorf("%s is pure and imports %s", name, path)
		}
	}
}
