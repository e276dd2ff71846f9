package ob2

import (
	"slices"
	"strings"
)

const contextV1 = "https://w3id.org/openbadges/v1"

// Addresses of the standard's contexts. They are the same documents wherever they are named.
var (
	contextsV2 = []string{Context, "http://w3id.org/openbadges/v2", "https://openbadgespec.org/v2/context.json", "https://w3id.org/openbadges/v2/context.json"}
	contextsV1 = []string{contextV1, "http://w3id.org/openbadges/v1", "https://openbadgespec.org/v1", "http://openbadgespec.org/v1", "https://openbadgespec.org/v1/context.json"}
)

// IsStandard reports whether an address is one of a 1.x or 2.0 context of the standard.
func IsStandard(address string) bool {
	return slices.Contains(contextsV1, address) || slices.Contains(contextsV2, address)
}

// namesStandard reports whether one of the contexts is the standard's, or one inside the document that
// defines the terms (published test files carry the whole of v2 that way).
func namesStandard(context any) bool {
	return slices.ContainsFunc(list(context), func(c any) bool {
		address, isText := c.(string)
		_, isObject := c.(map[string]any)
		return isObject || isText && IsStandard(address)
	})
}

// idTerms are the members whose values are IRIs by the context.
var idTerms = []string{"id", "@id", "author", "claim", "creator", "endorsement", "image", "owner", "publicKey", "related", "url", "alignment",
	"badge", "criteria", "evidence", "issuer", "recipient", "revocationList", "verification", "verify"}

// prefixes of compact IRIs that the contexts define.
var prefixes = []string{"extensions:", "obi:", "ob:", "cred:", "dc:", "schema:", "sec:", "xsd:", "rdf:", "rdfs:"}

// isPlain reports whether an object, and everything in it but extensions, is in the spelling of the
// standard's own contexts, so that its names mean what they say.
func isPlain(m map[string]any) bool { return plainFor(m, plainContexts(m["@context"])) }

// plainContexts are the contexts that a nested object may repeat without changing anything; nil when
// the document's own are not all of one edition.
func plainContexts(context any) []string {
	addresses := texts(context)
	if len(addresses) != len(list(context)) {
		return nil
	}
	for _, edition := range [][]string{contextsV2, contextsV1} {
		if !slices.ContainsFunc(addresses, func(a string) bool { return !slices.Contains(edition, a) }) {
			return edition
		}
	}
	return nil
}

func plainFor(m map[string]any, edition []string) bool {
	if edition == nil {
		return false
	}
	for name, value := range m {
		switch {
		case isExtension(value):
		case name == "@context":
			if slices.ContainsFunc(list(value), func(c any) bool { return !slices.Contains(edition, text(c)) }) {
				return false
			}
		case name != "@id" && name != "@type" && name != "@language" && strings.ContainsAny(name, "@:"):
			return false
		case !plainValue(name, value, edition):
			return false
		}
	}
	return true
}

func plainValue(name string, value any, edition []string) bool {
	switch v := value.(type) {
	case map[string]any:
		return plainFor(v, edition)
	case []any:
		return !slices.ContainsFunc(v, func(one any) bool {
			_, isList := one.([]any)
			return isList || !isExtension(one) && !plainValue(name, one, edition)
		})
	case string:
		switch {
		case name == "type" || name == "@type":
			return !strings.Contains(v, ":") || slices.Contains(knownIRIs, v)
		case slices.Contains(idTerms, name):
			return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(v, p) })
		}
	}
	return true
}

// knownIRIs are types that occur in plain documents and mean no class of section 2.
var knownIRIs = []string{"schema:ImageObject"}
