package openbadge

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// WithoutNulls gives the members of a document without those that are null, on every level, and without
// null in lists: JSON-LD takes both for absent. where names them, each path once. A context is left
// alone, where null is a word of its own. The document is not changed; without null it is given back as
// it is. What is signed is never read this way.
func WithoutNulls(m map[string]any) (bare map[string]any, where []string) {
	if !hasNull(m) {
		return m, nil
	}
	seen := map[string]bool{}
	bare = withoutNulls(m, "", seen).(map[string]any)
	return bare, slices.Sorted(maps.Keys(seen))
}

func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		for name, inner := range v {
			if name != "@context" && hasNull(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasNull)
	}
	return false
}

func withoutNulls(v any, path string, seen map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		bare := make(map[string]any, len(v))
		for name, inner := range v {
			at := name
			if path != "" {
				at = path + "." + name
			}
			switch {
			case name == "@context":
				bare[name] = inner
			case inner == nil:
				seen[at] = true
			default:
				bare[name] = withoutNulls(inner, at, seen)
			}
		}
		return bare
	case []any:
		bare := make([]any, 0, len(v))
		for _, inner := range v {
			if inner == nil {
				seen[path] = true
				continue
			}
			bare = append(bare, withoutNulls(inner, path, seen))
		}
		return bare
	}
	return v
}

// OneForm gives the members of a document in the one form that readers understand: without nulls, and with
// each list of one as the value in it.
func OneForm(m map[string]any) map[string]any {
	bare, _ := WithoutNulls(m)
	return withoutListsOfOne(bare).(map[string]any)
}

// withoutListsOfOne gives a value with each list of one as the value in it, on every level: to JSON-LD they are the
// same (spec 3.0 section 2). A context is left alone.
func withoutListsOfOne(v any) any {
	switch v := v.(type) {
	case map[string]any:
		open := make(map[string]any, len(v))
		for name, inner := range v {
			if name != "@context" {
				inner = withoutListsOfOne(inner)
			}
			open[name] = inner
		}
		return open
	case []any:
		if len(v) == 1 {
			return withoutListsOfOne(v[0])
		}
		open := make([]any, len(v))
		for i, inner := range v {
			open[i] = withoutListsOfOne(inner)
		}
		return open
	}
	return v
}

// list gives a value as the list that JSON-LD takes it for: absent and null are none.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// first gives the only or first value of one-or-many.
func first(v any) any {
	if values, isList := v.([]any); isList {
		if len(values) == 0 {
			return nil
		}
		return values[0]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) []string {
	var all []string
	for _, one := range list(v) {
		if s, isText := one.(string); isText {
			all = append(all, s)
		}
	}
	return all
}

func object(v any) map[string]any {
	m, _ := first(v).(map[string]any)
	return m
}

// idOf gives the id in a value that refers to something: the id itself, or that of an object; "" of any
// other value.
// Of several values none is the one.
func idOf(v any) string {
	if len(list(v)) > 1 {
		return ""
	}
	if m := object(v); m != nil {
		return text(m["id"])
	}
	return text(first(v))
}

// referred gives an object, or the reference to one as the object that it is to JSON-LD.
func referred(v any) map[string]any {
	if id, isText := first(v).(string); isText {
		return map[string]any{"id": id}
	}
	return object(v)
}

// isURI reports whether s is an absolute URI (also urn:, did: and data:).
func isURI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || rest == "" || strings.ContainsAny(s, " <>\"{}|\\^`\t\r\n\x00") {
		return false
	}
	for i, c := range []byte(strings.ToLower(scheme)) {
		if (c < 'a' || c > 'z') && (i == 0 || !digit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	if scheme == "data" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Scheme != "http" && u.Scheme != "https")
}

// wholeNumber reads a non-negative number, written as such or as decimal digits.
func wholeNumber(v any) (int, bool) {
	digits := text(v)
	if n, isNumber := v.(json.Number); isNumber {
		digits = n.String()
	}
	i, err := strconv.ParseUint(digits, 10, 31)
	return int(i), err == nil
}

// rawList gives the elements of a list, or a single value as a list of one, as they were written.
func rawList(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		return list
	}
	return []json.RawMessage{raw}
}
