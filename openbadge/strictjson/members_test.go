package strictjson

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	doc := ` { "a" : [1, {"b":"]}\""}] , "\u0062":{} ,"c":-1.5e3,"d": "x" , "e":true} `
	members, isObject := Split([]byte(doc))
	want := [][3]string{{"a", `"a"`, `[1, {"b":"]}\""}]`}, {"b", `"\u0062"`, `{}`}, {"c", `"c"`, `-1.5e3`}, {"d", `"d"`, `"x"`}, {"e", `"e"`, `true`}}
	if !isObject || len(members) != len(want) {
		t.Fatalf("got %v", members)
	}
	for i, m := range members {
		if got := [3]string{m.Name, string(m.Key), string(m.Value)}; got != want[i] {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
	if got := string(Join(members)); got != `{"a":[1, {"b":"]}\""}],"\u0062":{},"c":-1.5e3,"d":"x","e":true}` {
		t.Errorf("got %s", got)
	}
	if got := string(Join(nil)); got != `{}` {
		t.Errorf("got %s", got)
	}
	if Value(members, "b") == nil || Value(members, "x") != nil {
		t.Error("members are not found by name")
	}
	for _, other := range []string{`[]`, `1`, ` "x"`, `null`} {
		if members, isObject := Split([]byte(other)); isObject || members != nil {
			t.Errorf("%s: got %v", other, members)
		}
	}
}

func TestSplitKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.MapOf(rapid.String(), rapid.SampledFrom([]any{1.5, "a\"]}", []any{"x", 1.0, nil}, map[string]any{"{": "["}, true})).Draw(t, "object")
		doc, err := json.MarshalIndent(before, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		members, _ := Split(doc)
		first, err := jcs.Transform(doc)
		if err != nil {
			t.Fatal(err)
		}
		second, err := jcs.Transform(Join(members))
		if err != nil || string(first) != string(second) {
			t.Fatalf("%v: got %s from %s", err, second, doc)
		}
	})
}

func TestNumbers(t *testing.T) {
	var got []string
	for number := range Numbers([]byte(`{"1":[-2,3.5e+7 , "4\"5"],"x":{"y":0},"z":true}`)) {
		got = append(got, number)
	}
	if want := []string{"-2", "3.5e+7", "0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
