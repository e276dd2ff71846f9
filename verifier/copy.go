package verifier

import (
	"context"
	"reflect"

	"github.com/open-insignia/insignia/openbadge"
)

// compared remarks when a hosted document that was handed in says something else than its issuer serves.
// Only what is served counts (spec 2.0 section 6), but who looks at the file has to know.
func (x *examination) compared(ctx context.Context, data []byte, home string) {
	response, f := x.get(ctx, home, acceptPart) // remembered from the visit
	if f != nil || detect(response.Body) != isJSON {
		return
	}
	var file, served map[string]any
	if openbadge.UnmarshalStrict(data, &file) != nil || openbadge.UnmarshalStrict(trim(response.Body), &served) != nil {
		return
	}
	if !sameDocument(file, served) {
		x.warn(CheckExtract, BadValue, "What was handed in differs from the issuer's copy; what counts is the issuer's.")
	}
}

// sameDocument compares but for what two spellings of the same document may differ in: the context, one
// value or a list of one, and a part that is embedded or named by its address.
func sameDocument(a, b map[string]any) bool {
	for _, pair := range [][2]map[string]any{{a, b}, {b, a}} {
		for name := range pair[0] {
			if name != "@context" && !sameValue(pair[0][name], pair[1][name]) {
				return false
			}
		}
	}
	return true
}

func sameValue(a, b any) bool {
	a, b = onlyOne(a), onlyOne(b)
	switch v := a.(type) {
	case map[string]any:
		switch w := b.(type) {
		case map[string]any:
			return sameDocument(v, w)
		case string:
			return textOf(v["id"]) == w
		}
		return false
	case string:
		if w, isObject := b.(map[string]any); isObject {
			return textOf(w["id"]) == v
		}
	case []any:
		w, isList := b.([]any)
		if !isList || len(v) != len(w) {
			return false
		}
		for i := range v {
			if !sameValue(v[i], w[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

func onlyOne(v any) any {
	if list, isList := v.([]any); isList && len(list) == 1 {
		return list[0]
	}
	return v
}
