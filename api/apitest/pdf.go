package apitest

import (
	"os/exec"
	"strings"
	"testing"
)

// PDFInfo is what a foreign program reads in a PDF: its facts, or by -struct-text its text in the order of its structure.
func PDFInfo(t testing.TB, pdf string, options ...string) string {
	t.Helper()
	c := exec.Command("pdfinfo", append(options, "-")...)
	c.Stdin = strings.NewReader(pdf)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("pdfinfo, which .ci/install test installs: %v %s", err, out)
	}
	return string(out)
}
