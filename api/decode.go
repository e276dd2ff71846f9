package api

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

// decode reads a JSON object into one of our wire types and finds everything that does not fit at once:
// unknown members, repeated members, wrong types. The error is about bytes that are no JSON at all. What
// fits is in dest even then, so that its content can be checked in the same answer.
//
// Wire types are structs of string, bool, *bool, json.Number pointers, time.Time, and structs of these;
// null is as good as leaving a member out.
func decode(body []byte, dest any) ([]refusal.Field, error) {
	root, err := parse(body)
	if err != nil {
		return nil, err
	}
	d := decoder{root: reflect.TypeOf(dest).Elem()}
	if root.kind != kindObject {
		return nil, trouble(codeUnreadable, "The body is "+root.kind+" where a JSON object is needed.")
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
		pointer := at + "/" + escapePointer(m.name)
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
		d.add(at, "bad_time", notATime)
		return
	}
	dest.Set(reflect.ValueOf(t.Time))
}

const notATime = "must be a time such as 2026-03-04T10:00:00Z (RFC 3339)"

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

// escapePointer writes a name as a step of a JSON Pointer (RFC 6901 §3). Very long names are cut, since
// the pointer goes back to the caller.
func escapePointer(name string) string {
	if utf8.RuneCountInString(name) > maxNameShown {
		name = string([]rune(name)[:maxNameShown]) + "…"
	}
	return pointerEscapes.Replace(name)
}

const maxNameShown = 100

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// under reports whether a pointer names a place that is, or lies within or around, one that has a fault
// already, so that one mistake is told once.
func under(faults []refusal.Field, pointer string) bool {
	return slices.ContainsFunc(faults, func(f refusal.Field) bool {
		return f.Pointer == pointer || strings.HasPrefix(pointer, f.Pointer+"/") || strings.HasPrefix(f.Pointer, pointer+"/")
	})
}

// invalid joins the faults of decoding with what the issuer says of the rest.
func invalid(faults []refusal.Field, checked error) error {
	var more *refusal.Error
	if checked != nil && !errors.As(checked, &more) {
		return checked
	}
	all := slices.Clone(faults)
	if more != nil {
		for _, f := range more.Fields {
			if !under(faults, f.Pointer) {
				all = append(all, f)
			}
		}
	}
	p := trouble(codeInvalid, "The request has members that are not as they should be.")
	p.fields = all
	return p
}
