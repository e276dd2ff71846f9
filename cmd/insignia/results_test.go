package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestResultsImport records a file by the command, in plain lines where there is no terminal; a mended file skips what is
// done, and a dry run records nothing.
func TestResultsImport(t *testing.T) {
	t.Setenv("INSIGNIA_DATABASE", filepath.Join(t.TempDir(), "insignia.db"))
	command(t, 0, "Applied.", "programme", "apply", "sample/programme.yaml", "--yes")
	command(t, 0, "Key, shown only now", "partner", "add", "TestCo")
	file := filepath.Join(t.TempDir(), "results.csv")
	write := func(broken string) {
		t.Helper()
		var b strings.Builder
		b.WriteString("id,candidate_id,candidate_email,candidate_name,exam,outcome,taken_at\n")
		for n := range 50 {
			fmt.Fprintf(&b, "R-%d,C-%d,c%d@home.test,Ana,NL-100,pass,2026-03-04T10:00:00Z\n", n, n, n)
		}
		b.WriteString("R-50,C-50,c50@home.test,Ana," + broken + ",pass,2026-03-04T10:00:00Z\n")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("NL-1000")
	command(t, 1, "51 rows: 50 would be recorded, 0 were recorded before, 1 failed.", "results", "import", file, "--partner", "TestCo", "--dry-run")
	command(t, 1, "51 rows: 50 recorded, 0 were recorded before, 1 failed. 50 awards.", "results", "import", file, "--partner", "TestCo")
	report := string(mustRead(t, file+".report.ndjson"))
	if lines := strings.Split(strings.TrimSpace(report), "\n"); len(lines) != 51 || !strings.Contains(lines[50], `"line":52,"id":"R-50","outcome":"failed","code":"unknown_exam","column":"exam"`) {
		t.Errorf("got %s", report)
	}
	write("NL-100")
	command(t, 0, "51 rows: 1 recorded, 50 were recorded before, 0 failed. 1 awards.", "results", "import", file, "--partner", "TestCo")
	command(t, 1, `no partner "Nobody"`, "results", "import", file, "--partner", "Nobody")
	if err := os.WriteFile(file, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, 1, "line 1: ", "results", "import", file, "--partner", "TestCo")
}
