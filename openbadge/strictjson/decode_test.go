package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]any{
		`null`: nil, ` true `: true, "\tfalse\r\n": false, `""`: "", `"é😀\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t\ufffd"`: "é😀é😀\"\\/\b\f\n\r\t\uFFFD",
		`-1.50E+2`: json.Number("-1.50E+2"), `0`: json.Number("0"), `0.5e-7`: json.Number("0.5e-7"), `12`: json.Number("12"),
		`[]`: []any{}, `{}`: map[string]any{}, `[ 1 , [ ] , {"a" : {} } ]`: []any{json.Number("1"), []any{}, map[string]any{"a": map[string]any{}}},
		`{"a":"x","b":[null]}`: map[string]any{"a": "x", "b": []any{nil}},
	} {
		if got, err := Decode([]byte(text), Limits{}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

// malformedJSON is no JSON, or such that readers disagree over it.
var malformedJSON = []string{
	``, ` `, `{`, `[`, `"`, `nul`, `truE`, `fals`, `undefined`, `{}{}`, `1 2`, `[1,]`, `[,1]`, `[1 2]`, `[1`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a":1`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,"b"`, `{"`,
	`01`, `-`, `+1`, `.5`, `1.`, `1.e5`, `1e`, `1e+`, `--1`, `0x1`, `1_0`, `NaN`, `Infinity`, "\"\n\"", "\"\\u00e9\x01\"", `"\x"`, `"\u12"`, `"\u12g4"`, `"\u+123"`, `"\`, `"\"`, `"a\u`, "\"\\n",
	`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud83d\ufffd"`, `"\ude00\ud83d"`, "\xff", "\"\xc3\"", "\ufeff{}", `{"a":1,"a":1}`, `{"a":1,"\u0061":2}`, `[{"b":{"x":1,"x":1}}]`,
	`{"alg":1,"\u0061lg":2}`, `{"\ud800":1,"\ufffd":2}`, `[{"x":{"a":1,"b":2,"a":3}}]`, `{} {}`, "{\"a\":\"\xff\"}",
	`"\ud800\n"`, `"\ude00\ud83d"`, `{"\udFFF":1}`, `["\ud83d","\ude00"]`, `"\ud800\u0041"`, `"\udbff"`, `"\udfff"`, `"\ud800\udbff"`, `"\ud800\ue000"`, `"\ud800\\dc00"`,
}

// strictJSON is read by everybody alike.
var strictJSON = []string{
	`{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`, ` { } `, `{"a":[ ]}`, `[true , null,-1.5e3,"x"]`, `{"a\"":1,"a\\":2,"a":3}`, `{"a":{"b":1},"b":{"b":1}}`, `{"a":1,"A":2}`,
	`"\ud83d\ude00"`, `"a\\ud800"`, `"\\\ud83d\ude00\n\u0041"`, `{"\ud83d\ude00":"\uFFFD"}`, `"\\u"`, `"\\"`, `"\u00e9\u00E9"`, `"\ud800\udc00\udbff\udfff"`, `"\ud7ff\ue000"`,
	`12345678901234567890`, `null`,
}

// judge gives what Decode says, and sees that Check and Unmarshal say the same.
func judge(t *testing.T, data []byte, l Limits) (any, error) {
	t.Helper()
	v, err := Decode(data, l)
	if (Check(data, l) == nil) != (err == nil) {
		t.Errorf("%.50s: Check disagrees with %v", data, err)
	}
	var whole any
	if got := Unmarshal(data, &whole, l); (got == nil) != (err == nil) || !reflect.DeepEqual(whole, v) {
		t.Errorf("%.50s: Unmarshal gives %v, %v, Decode %v, %v", data, whole, got, v, err)
	}
	if _, isObject := v.(map[string]any); isObject || err != nil {
		var m map[string]any
		if got := Unmarshal(data, &m, l); (got == nil) != (err == nil) || err == nil && !reflect.DeepEqual(m, v) {
			t.Errorf("%.50s: Unmarshal into a map gives %v, %v, Decode %v, %v", data, m, got, v, err)
		}
	}
	return v, err
}

func TestStrict(t *testing.T) {
	for _, text := range strictJSON {
		if _, err := judge(t, []byte(text), Limits{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range malformedJSON {
		v, err := judge(t, []byte(text), Limits{})
		if refused, is := errors.AsType[*Error](err); !is || refused.TooLarge || v != nil {
			t.Errorf("%s: got %v, %v, want it malformed", text, v, err)
		}
	}
	var n int
	if err := Unmarshal([]byte(`"x"`), &n, Limits{}); err == nil {
		t.Error("a text is read as a number")
	}
}

func TestHalfSurrogate(t *testing.T) {
	for body, want := range map[string]bool{
		`"\ud83d\ude00"`: false, `"\ud83d"`: true, `"\ude00"`: true, `"\ud83d\ud83d\ude00"`: true, `"\ud83dx"`: true, `"\ud83d\n"`: true,
		`"\\ud83d"`: false, `"\\\ud83d"`: true, `"\u0041"`: false, `"\uD83D\uDE00\uDFFF"`: true, `"a\\"`: false, `"\ud7ff\ue000"`: false,
		`{"a":["\ud83d\ude00",1e5],"b\udbff":null}`: true, `[]`: false, `"\b\/\""`: false,
	} {
		if got := HalfSurrogate([]byte(body)); got != want {
			t.Errorf("%s: got %v", body, got)
		}
	}
}

func TestLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	list := func(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }
	for name, c := range map[string]struct {
		limits   Limits
		most     string
		tooLarge string
	}{
		"bytes":   {Limits{Bytes: 1000}, `"` + strings.Repeat("x", 998) + `"`, `"` + strings.Repeat("x", 999) + `"`},
		"arrays":  {Limits{Depth: 64}, nested(65), nested(66)},
		"objects": {Limits{Depth: 64}, strings.Repeat(`{"a":`, 64) + "1" + strings.Repeat("}", 64), strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)},
		"deep":    {Limits{Depth: 100}, nested(101), nested(10_000)},
		"values":  {Limits{Values: 1000}, list(999), list(1000)},
	} {
		if _, err := judge(t, []byte(c.most), c.limits); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, err := judge(t, []byte(c.tooLarge), c.limits)
		if refused, is := errors.AsType[*Error](err); !is || !refused.TooLarge {
			t.Errorf("%s: got %v, want it too large", name, err)
		}
		if _, err := judge(t, []byte(c.tooLarge), Limits{}); err != nil {
			t.Errorf("%s: without limits: %v", name, err)
		}
	}
}

// What Decode accepts, encoding/json accepts with the same meaning; what it refuses is no JSON, or
// repeats a member, or has half a surrogate pair.
func FuzzDecode(f *testing.F) {
	for _, text := range malformedJSON {
		f.Add([]byte(text))
	}
	for _, text := range strictJSON {
		f.Add([]byte(text))
	}
	f.Add([]byte(`[1.5e-7,"\ud83d\ude00",{"a":[null,true,false]}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := judge(t, text, Limits{})
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var want any
		valid := json.Valid(text) && d.Decode(&want) == nil
		if err != nil {
			var again any
			lenient := bytes.ContainsAny(text, "{\\") || !bytes.Equal(bytes.ToValidUTF8(text, nil), text)
			if valid && !lenient && json.Unmarshal(text, &again) == nil {
				t.Errorf("refused: %v", err)
			}
			return
		}
		if !valid || !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}
