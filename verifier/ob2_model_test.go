package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// must is one demand of the 2.0 specification: a published badge that is changed in one way, and the
// judgement of it by address.
type must struct {
	name    string
	change  func(w *world)
	verdict Verdict
	codes   string
}

// judged runs the demands of one section.
func judged(t *testing.T, musts []must) {
	t.Helper()
	for _, m := range musts {
		t.Run(m.name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			m.change(w)
			want(t, w.verify(assertionID), m.verdict, m.codes)
		})
	}
}

// to sets a member of a published document, without removes one, serve answers a status.
func to(address, name string, value any) func(w *world) {
	return func(w *world) { w.change(address, set(name, value)) }
}

func without(address, name string) func(w *world) {
	return func(w *world) { w.change(address, func(m map[string]any) { delete(m, name) }) }
}

func serve(address string, status int, body string) func(w *world) {
	return func(w *world) {
		w.network[address] = egress.Resource{Status: status, Headers: map[string]string{"Content-Type": "application/ld+json"}, Body: body}
	}
}

func all(changes ...func(w *world)) func(w *world) {
	return func(w *world) {
		for _, change := range changes {
			change(w)
		}
	}
}

func nothing(*world) {}

// TestMust1Model: context, aliases, one and many (spec 2.0 section 1).
//
// proves: 2.0 §1 judged: `@context` is or contains v2; other parts of the standard under their other addresses
// proves: 2.0 §1 judged: expanded and compacted before names are looked at: IRIs, aliases, other contexts, value objects
// proves: 2.0 §1 judged: `x` and `[x]` are the same; several values refused where one is written; unmapped members mean nothing
// proves: 2.0 §1 judged: contexts fetched like documents: 404 invalid, out of reach undetermined, bounded
func TestMust1Model(t *testing.T) {
	judged(t, []must{
		{"context as a list", to(classID, "@context", []string{ob2.Context}), Valid, ""},
		{"no context of the standard", to(classID, "@context", "https://w3id.org/openbadges/v3"), Invalid, "CONTEXT"},
		{"aliases", func(w *world) {
			w.change(assertionID, func(m map[string]any) {
				m["@id"], m["@type"], m["verify"] = m["id"], m["type"], map[string]any{"type": "hosted"}
				delete(m, "id")
				delete(m, "type")
				delete(m, "verification")
			})
		}, Valid, ""},
		{"IssuerOrg", all(to(profileID, "@context", "https://w3id.org/openbadges/v1"), to(profileID, "type", "IssuerOrg")), Valid, ""},
		{"one in a list", to(classID, "name", []string{"N"}), Valid, ""},
		{"full IRIs", func(w *world) {
			w.change(classID, func(m map[string]any) {
				m["http://schema.org/name"], m["https://w3id.org/openbadges#issuer"] = m["name"], map[string]any{"@id": m["issuer"]}
				delete(m, "name")
				delete(m, "issuer")
			})
		}, Valid, ""},
		{"members without meaning", to(classID, "colour", "green"), Valid, ""},
		{"a context of somebody else", func(w *world) {
			w.publish2("https://terms.test/c", map[string]any{"@context": map[string]any{"title": "http://schema.org/name"}})
			w.change(classID, func(m map[string]any) {
				m["@context"], m["title"] = []string{ob2.Context, "https://terms.test/c"}, m["name"]
				delete(m, "name")
			})
		}, Valid, ""},
		{"that names another", func(w *world) {
			w.publish2("https://terms.test/c", map[string]any{"@context": []any{"https://terms.test/d", map[string]any{"title": "s:name"}}})
			w.publish2("https://terms.test/d", map[string]any{"@context": map[string]any{"s": "http://schema.org/"}})
			w.change(classID, func(m map[string]any) { m["@context"] = []string{ob2.Context, "https://terms.test/c"} })
		}, Valid, ""},
		{"that is missing", all(to(classID, "@context", []string{ob2.Context, "https://terms.test/c"}), serve("https://terms.test/c", 404, "")), Invalid, "CONTEXT"},
		{"that is out of reach", to(classID, "@context", []string{ob2.Context, "https://terms.test/c"}), Undetermined, "CONTEXT"},
		{"that is none", all(to(classID, "@context", []string{ob2.Context, "https://terms.test/c"}), serve("https://terms.test/c", 200, "<html>")), Invalid, "CONTEXT"},
		{"that has no end", func(w *world) {
			for i := range 20 {
				w.publish2("https://terms.test/"+string(rune('a'+i)), map[string]any{"@context": "https://terms.test/" + string(rune('b'+i))})
			}
			w.change(classID, set("@context", []string{ob2.Context, "https://terms.test/a"}))
		}, Invalid, "CONTEXT"},
		{"a term that is given away", to(classID, "@context", []any{ob2.Context, map[string]any{"issuer": "https://evil.test/issuer"}}), Invalid, "MISSING_PROPERTY"},
	})
}

// TestMust2Required: every required member of every class (spec 2.0 section 2).
//
// proves: 2.0 §2 judged: every required member of Assertion, BadgeClass, Profile and the objects inside them
func TestMust2Required(t *testing.T) {
	for address, names := range map[string][]string{
		assertionID: {"id", "type", "recipient", "badge", "verification", "issuedOn"},
		classID:     {"id", "type", "name", "description", "image", "criteria", "issuer"},
		profileID:   {"id", "type", "name", "url", "email"},
	} {
		for _, name := range names {
			t.Run(address+" "+name, func(t *testing.T) {
				w := newWorld(t)
				publishHosted(w)
				without(address, name)(w)
				r := w.verify(assertionID)
				if codes := r.codes(Fail); r.Verdict != Invalid || !strings.HasPrefix(codes, "MISSING_PROPERTY") {
					t.Errorf("got %s %s", r.Verdict, codes)
				}
			})
		}
	}
	judged(t, []must{
		{"recipient identity", to(assertionID, "recipient", map[string]any{"type": "email", "hashed": false}), Invalid, "MISSING_PROPERTY"},
		{"recipient type", to(assertionID, "recipient", map[string]any{"identity": ana, "hashed": false}), Invalid, "MISSING_PROPERTY"},
		{"recipient hashed", to(assertionID, "recipient", map[string]any{"identity": ana, "type": "email"}), Invalid, "MISSING_PROPERTY"},
		{"verification type", to(assertionID, "verification", map[string]any{}), Invalid, "MISSING_PROPERTY"},
		{"criteria without page and text", to(classID, "criteria", map[string]any{"type": "Criteria"}), Invalid, "MISSING_PROPERTY"},
		{"alignment name and address", to(classID, "alignment", map[string]any{"targetCode": "x"}), Invalid, "MISSING_PROPERTY MISSING_PROPERTY"},
		{"picture object without id", to(classID, "image", map[string]any{"caption": "x"}), Invalid, "MISSING_PROPERTY"},
	})
}

// TestMust2Values: cardinality and kinds of values (spec 2.0 sections 2 and 3).
//
// proves: 2.0 §2 judged: cardinality and kinds of values
// proves: 2.0 §3 judged: DateTime with time and zone, IdentityHash, booleans, URL
func TestMust2Values(t *testing.T) {
	two := []string{"https://issuer.test/1", "https://issuer.test/2"}
	judged(t, []must{
		{"two badges", to(assertionID, "badge", two), Invalid, "BAD_VALUE FETCH_FAILED"},
		{"two dates", to(assertionID, "issuedOn", []string{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"}), Invalid, "BAD_VALUE"},
		{"two issuers", to(classID, "issuer", two), Invalid, "BAD_VALUE FETCH_FAILED"},
		{"two revocation lists", to(profileID, "revocationList", two), Invalid, "BAD_VALUE"},
		{"several types", to(assertionID, "type", []string{"Assertion", "https://issuer.test/Special"}), Valid, ""},
		{"a class that is not there", to(classID, "type", []string{"BadgeClass", "Nonsense"}), Invalid, "BAD_VALUE"},
		{"verificationProperty other than id", to(profileID, "verification", map[string]any{"verificationProperty": "email"}), Invalid, "BAD_VALUE"},
		{"own picture inside the document", to(assertionID, "image", "data:image/png;base64,AAAA"), Invalid, "BAD_VALUE"},
		{"class picture of another kind", to(classID, "image", "data:image/jpeg;base64,AAAA"), Invalid, "BAD_VALUE"},
		{"picture as an object", to(classID, "image", map[string]any{"id": pngID, "caption": "a robot"}), Valid, ""},
		{"e-mail", to(profileID, "email", "nobody"), Invalid, "BAD_VALUE"},
		{"url not of the web", to(profileID, "url", "ftp://issuer.test"), Invalid, "BAD_VALUE"},
		{"narrative that is no text", to(assertionID, "narrative", 7), Invalid, "BAD_VALUE"},
		{"origin with a scheme", to(profileID, "verification", map[string]any{"allowedOrigins": "https://issuer.test"}), Invalid, "BAD_VALUE ORIGIN_SCOPE"},
		{"null and nothing for what is optional", all(to(assertionID, "narrative", nil), to(assertionID, "evidence", []any{})), Valid, ""},
		{"date without zone", to(assertionID, "issuedOn", "2026-01-01T00:00:00"), Invalid, "BAD_VALUE"},
		{"date without time", to(assertionID, "expires", "2027-01-01"), Invalid, "BAD_VALUE"},
		{"date as a number", to(assertionID, "issuedOn", 1767225600), Invalid, "BAD_VALUE"},
		{"boolean as text", to(assertionID, "recipient", map[string]any{"type": "email", "identity": ana, "hashed": "false"}), Invalid, "BAD_VALUE"},
		{"a hash that is none", to(assertionID, "recipient", map[string]any{"type": "email", "identity": "sha1$0123456789012345678901234567890123456789", "hashed": true}), Invalid, "IDENTITY_FORMAT"},
		{"a hash too short", to(assertionID, "recipient", map[string]any{"type": "email", "identity": "sha256$abc", "hashed": true}), Invalid, "IDENTITY_FORMAT"},
		{"hex in upper case", to(assertionID, "recipient", map[string]any{"type": "email", "identity": "md5$0123456789ABCDEF0123456789ABCDEF", "hashed": true}), Valid, ""},
	})
}
