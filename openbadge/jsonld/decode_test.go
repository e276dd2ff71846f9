package jsonld

import (
	"bytes"
	"encoding/json"
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
		if got, err := Decode([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

// malformedJSON is no JSON, or such that readers disagree over it.
var malformedJSON = []string{
	``, ` `, `{`, `[`, `"`, `nul`, `truE`, `fals`, `undefined`, `{}{}`, `1 2`, `[1,]`, `[,1]`, `[1 2]`, `[1`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a":1`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,"b"`, `{"`,
	`01`, `-`, `+1`, `.5`, `1.`, `1.e5`, `1e`, `1e+`, `--1`, `0x1`, `1_0`, `NaN`, `Infinity`, "\"\n\"", "\"\\u00e9\x01\"", `"\x"`, `"\u12"`, `"\u12g4"`, `"\u+123"`, `"\`, `"\"`, `"a\u`, "\"\\n",
	`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud83d\ufffd"`, `"\ude00\ud83d"`, "\xff", "\"\xc3\"", "\ufeff{}", `{"a":1,"a":1}`, `{"a":1,"\u0061":2}`, `[{"b":{"x":1,"x":1}}]`,
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range malformedJSON {
		v, err := Decode([]byte(text))
		if wantKind(t, text, err, Malformed); v != nil {
			t.Errorf("%s: got %v beside an error", text, v)
		}
	}
	for name, text := range map[string]string{
		"long":    `"` + strings.Repeat("x", MaxBytes) + `"`,
		"arrays":  strings.Repeat("[", MaxDepth+2) + strings.Repeat("]", MaxDepth+2),
		"objects": strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"many":    "[" + strings.Repeat("1,", MaxValues) + "1]",
	} {
		_, err := Decode([]byte(text))
		wantKind(t, name, err, TooLarge)
	}
	for name, text := range map[string]string{
		"longest": `"` + strings.Repeat("x", MaxBytes-2) + `"`,
		"deepest": strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"most":    "[" + strings.Repeat("1,", MaxValues-2) + "1]",
	} {
		if _, err := Decode([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What Decode accepts, encoding/json accepts with the same meaning; what it refuses is no JSON, or
// repeats a member, or has half a surrogate pair, or is over a limit.
func FuzzDecode(f *testing.F) {
	for _, text := range malformedJSON {
		f.Add([]byte(text))
	}
	f.Add([]byte(basicCredential))
	f.Add([]byte(`[1.5e-7,"\ud83d\ude00",{"a":[null,true,false]}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Decode(text)
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var want any
		valid := json.Valid(text) && d.Decode(&want) == nil
		if err != nil {
			var again any
			lenient := bytes.ContainsAny(text, "{\\") || !bytes.Equal(bytes.ToValidUTF8(text, nil), text) || len(text) > MaxDepth
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
