package openbadge

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestHalfCharacter(t *testing.T) {
	for doc, want := range map[string]error{
		`"\ud83d\ude00"`: nil, `"a\\ud800"`: nil, `"\\\ud83d\ude00\n\u0041"`: nil, `{"\ud83d\ude00":"\uFFFD"}`: nil, `"\\u"`: nil, `"\\"`: nil, `"\u00e9\u00E9"`: nil,
		`"\ud800"`: ErrJSON, `"\udc00"`: ErrJSON, `"\ud800\n"`: ErrJSON, `"\ud800\ud800"`: ErrJSON, `"\ude00\ud83d"`: ErrJSON, `{"\udFFF":1}`: ErrJSON, `["\ud83d","\ude00"]`: ErrJSON, `"\ud800\u0041"`: ErrJSON,
		`"\ud800\udc00\udbff\udfff"`: nil, `"\ud7ff\ue000"`: nil, `"\udbff"`: ErrJSON, `"\udfff"`: ErrJSON, `"\ud800\udbff"`: ErrJSON, `"\ud800\ue000"`: ErrJSON, `"\ud800\\dc00"`: ErrJSON,
	} {
		var v any
		if err := UnmarshalStrict([]byte(doc), &v); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", doc, err, want)
		}
	}
}

func TestSplitObject(t *testing.T) {
	doc := ` { "a" : [1, {"b":"]}\""}] , "\u0062":{} ,"c":-1.5e3,"d": "x" , "e":true} `
	members, isObject := splitObject([]byte(doc))
	want := [][3]string{{"a", `"a"`, `[1, {"b":"]}\""}]`}, {"b", `"\u0062"`, `{}`}, {"c", `"c"`, `-1.5e3`}, {"d", `"d"`, `"x"`}, {"e", `"e"`, `true`}}
	if !isObject || len(members) != len(want) {
		t.Fatalf("got %v", members)
	}
	for i, m := range members {
		if got := [3]string{m.name, string(m.key), string(m.value)}; got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
	if got := string(joinObject(members)); got != `{"a":[1, {"b":"]}\""}],"\u0062":{},"c":-1.5e3,"d":"x","e":true}` {
		t.Errorf("got %s", got)
	}
	if got := string(joinObject(nil)); got != `{}` {
		t.Errorf("got %s", got)
	}
	for _, other := range []string{`[]`, `1`, ` "x"`, `null`} {
		if members, isObject := splitObject([]byte(other)); isObject || members != nil {
			t.Errorf("%s: got %v", other, members)
		}
	}
}

func TestSplitObjectKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.MapOf(rapid.String(), rapid.SampledFrom([]any{1.5, "a\"]}", []any{"x", 1.0, nil}, map[string]any{"{": "["}, true})).Draw(t, "object")
		doc, err := json.MarshalIndent(before, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		members, _ := splitObject(doc)
		first, err := canonicalJSON(doc)
		if err != nil {
			t.Fatal(err)
		}
		second, err := canonicalJSON(joinObject(members))
		if err != nil || string(first) != string(second) {
			t.Fatalf("%v: got %s from %s", err, second, doc)
		}
	})
}
