package api

import (
	"reflect"
	"strings"
)

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
