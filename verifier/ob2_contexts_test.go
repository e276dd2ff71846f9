package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/ob2"
)

// TestSubmittedContext: of a document that was handed in only the address counts, so a context that
// cannot be had does not stand in the way of it.
//
// proves: 2.0 §6 judged: of submitted JSON only the address counts
func TestSubmittedContext(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	context := []string{ob2.Context, "https://terms.test/none"}
	submitted := func(id string) string {
		return toJSON(t, map[string]any{"@context": context, "type": "Assertion", "id": id})
	}
	want(t, w.verify(submitted(assertionID)), Valid, "")
	want(t, w.verify(submitted("urn:uuid:1")), Undetermined, "CONTEXT")
	w.put("https://terms.test/none", "application/json", "[]")
	want(t, w.verify(submitted("urn:uuid:1")), Invalid, "CONTEXT")
	w.put("https://terms.test/none", "application/json", `{"@context":{"address":"@id"}}`)
	want(t, w.verify(strings.Replace(submitted(assertionID), `"id"`, `"address"`, 1)), Valid, "")
}
