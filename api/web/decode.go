package web

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

// DecodeJSON reads a JSON object into one of our wire types and finds everything that does not fit at once:
// unknown members, repeated members, wrong types. The error is about bytes that are no JSON at all. What
// fits is in dest even then, so that its content can be checked in the same answer.
//
// Wire types are structs of string, bool, json.Number pointers, time.Time, pointers to these, lists of strings, maps of
// strings, and structs of all of them; null is as good as leaving a member out.
func DecodeJSON(body []byte, dest any) ([]refusal.Field, error) {
	root, err := parse(body)
	if err != nil {
		return nil, err
	}
	d := decoder{root: reflect.TypeOf(dest).Elem()}
	if root.kind != kindObject {
		return nil, NewProblem(CodeUnreadable, "The body is "+root.kind+" where a JSON object is needed.")
	}
	d.object("", root, reflect.ValueOf(dest).Elem())
	return d.faults, nil
}

type decoder struct {
	root   reflect.Type
	faults []refusal.Field
}

func (d *decoder) add(pointer, code, detail string) {
	d.faults = append(d.faults, refusal.Field{Pointer: pointer, Code: code, Detail: detail})
}

// object fills a struct. encoding/json would take names in any case; here they are as documented.
func (d *decoder) object(at string, n *node, dest reflect.Value) {
	seen := map[string]bool{}
	for _, m := range n.members {
		pointer := at + "/" + EscapePointer(m.name)
		if seen[m.name] {
			d.add(pointer, "duplicate_member", "occurs twice")
			continue
		}
		seen[m.name] = true
		field, found := fieldNamed(dest, m.name)
		if !found {
			d.add(pointer, "unknown_member", "is not known."+d.suggest(dest.Type(), m.name))
			continue
		}
		d.value(pointer, m.value, field)
	}
}

var (
	typeTime   = reflect.TypeFor[time.Time]()
	typeNumber = reflect.TypeFor[*json.Number]()
)

func (d *decoder) value(at string, n *node, dest reflect.Value) {
	switch {
	case n.kind == kindNull:
	case dest.Type() == typeTime:
		d.time(at, n, dest)
	case dest.Type() == typeNumber:
		if d.is(at, n, kindNumber) {
			number := json.Number(n.text)
			dest.Set(reflect.ValueOf(&number))
		}
	case dest.Kind() == reflect.Pointer:
		v := reflect.New(dest.Type().Elem())
		d.value(at, n, v.Elem())
		dest.Set(v)
	case dest.Kind() == reflect.Struct:
		if d.is(at, n, kindObject) {
			d.object(at, n, dest)
		}
	case dest.Kind() == reflect.Slice:
		if d.is(at, n, kindArray) {
			dest.Set(reflect.MakeSlice(dest.Type(), len(n.items), len(n.items)))
			for k, item := range n.items {
				if d.is(at+"/"+strconv.Itoa(k), item, kindString) {
					dest.Index(k).SetString(item.text)
				}
			}
		}
	case dest.Kind() == reflect.Map:
		if d.is(at, n, kindObject) {
			d.texts(at, n, dest)
		}
	case dest.Kind() == reflect.Bool:
		if d.is(at, n, kindBool) {
			dest.SetBool(n.text == "true")
		}
	default:
		if d.is(at, n, kindString) {
			dest.SetString(n.text)
		}
	}
}

// texts fills a map of strings, whose names are the sender's.
func (d *decoder) texts(at string, n *node, dest reflect.Value) {
	texts := map[string]string{}
	for _, m := range n.members {
		pointer := at + "/" + EscapePointer(m.name)
		if _, twice := texts[m.name]; twice {
			d.add(pointer, "duplicate_member", "occurs twice")
		} else if d.is(pointer, m.value, kindString) {
			texts[m.name] = m.value.text
		}
	}
	dest.Set(reflect.ValueOf(texts))
}

func (d *decoder) is(at string, n *node, want string) bool {
	if n.kind != want {
		d.add(at, "wrong_type", "must be "+want+", not "+n.kind)
	}
	return n.kind == want
}

func (d *decoder) time(at string, n *node, dest reflect.Value) {
	if !d.is(at, n, kindString) {
		return
	}
	t, err := openbadge.ParseTimestamp(n.text)
	if err != nil {
		d.add(at, "bad_time", NotATime)
		return
	}
	dest.Set(reflect.ValueOf(t.Time))
}

// NotATime is what is wrong with a text that is no time.
const NotATime = "must be a time such as 2026-03-04T10:00:00Z (RFC 3339)"

// fieldNamed is the field of a struct that goes by this name in JSON.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for k := range v.NumField() {
		if jsonName(v.Type().Field(k)) == name {
			return v.Field(k), true
		}
	}
	return reflect.Value{}, false
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// EscapePointer writes a name as a step of a JSON Pointer (RFC 6901 §3). Very long names are cut, since
// the pointer goes back to the caller.
func EscapePointer(name string) string {
	if utf8.RuneCountInString(name) > maxNameShown {
		name = string([]rune(name)[:maxNameShown]) + "…"
	}
	return pointerEscapes.Replace(name)
}

const maxNameShown = 100

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// HasFault reports whether a pointer names a place that is, or lies within or around, one that has a fault
// already, so that one mistake is told once.
func HasFault(faults []refusal.Field, pointer string) bool {
	return slices.ContainsFunc(faults, func(f refusal.Field) bool {
		return f.Pointer == pointer || strings.HasPrefix(pointer, f.Pointer+"/") || strings.HasPrefix(f.Pointer, pointer+"/")
	})
}

// InvalidRequest joins the faults of decoding with what the issuer says of the rest.
func InvalidRequest(faults []refusal.Field, checked error) error {
	var more *refusal.Error
	if checked != nil && !errors.As(checked, &more) {
		return checked
	}
	all := slices.Clone(faults)
	if more != nil {
		for _, f := range more.Fields {
			if !HasFault(faults, f.Pointer) {
				all = append(all, f)
			}
		}
	}
	p := NewProblem(CodeInvalid, "The request has members that are not as they should be.")
	p.Fields = all
	return p
}

// suggest says which member an unknown name may have meant: one nearby that is spelt alike, or one of the
// same name elsewhere in the body.
func (d *decoder) suggest(here reflect.Type, name string) string {
	best, distance := "", max(len(name)/3, 1)+1
	for k := range here.NumField() {
		known := jsonName(here.Field(k))
		if n := apart(plain(name), plain(known)); n < distance && n < len(known)/2+1 {
			best, distance = known, n
		}
	}
	if elsewhere := find(d.root, "", name); elsewhere != "" && distance > 0 {
		return " It belongs at " + elsewhere + "."
	}
	if best != "" {
		return " Did you mean " + best + "?"
	}
	return ""
}

// plain makes spellings alike that differ in case and word separators only.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(name))
}

// find is the pointer of a member of that name anywhere in a type; empty if there is none.
func find(t reflect.Type, at, name string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == typeTime {
		return ""
	}
	for k := range t.NumField() {
		known := jsonName(t.Field(k))
		if plain(known) == plain(name) || at != "" && plain(strings.ReplaceAll(at[1:], "/", "")+known) == plain(name) {
			return at + "/" + known
		}
		if p := find(t.Field(k).Type, at+"/"+known, name); p != "" {
			return p
		}
	}
	return ""
}

// apart is the number of letters by which two short words differ (Damerau-Levenshtein, adjacent
// transpositions count once).
func apart(a, b string) int {
	const most = 40
	if len(a) > most || len(b) > most {
		return most
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// ReadTime reads an instant, or a day, which begins at midnight UTC.
func ReadTime(text string) (t time.Time, err error) {
	if t, err = time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	stamp, err := openbadge.ParseTimestamp(text)
	return stamp.Time, err
}

// Readable reports whether text from a query is short and of the kind that ids are made of.
func Readable(text string, most int) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}
