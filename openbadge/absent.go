package openbadge

import (
	"maps"
	"slices"
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
	return opened(bare).(map[string]any)
}

// opened gives a value with each list of one as the value in it, on every level: to JSON-LD they are the
// same (spec 3.0 section 2). A context is left alone.
func opened(v any) any {
	switch v := v.(type) {
	case map[string]any:
		open := make(map[string]any, len(v))
		for name, inner := range v {
			if name != "@context" {
				inner = opened(inner)
			}
			open[name] = inner
		}
		return open
	case []any:
		if len(v) == 1 {
			return opened(v[0])
		}
		open := make([]any, len(v))
		for i, inner := range v {
			open[i] = opened(inner)
		}
		return open
	}
	return v
}
