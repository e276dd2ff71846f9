package api

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// mediaRange is one entry of an Accept header.
type mediaRange struct {
	name string // type/subtype in lower case, perhaps with wildcards
	q    float64
}

// maxRanges bounds how much of a header is read.
const maxRanges = 40

// accepted reads an Accept header (RFC 9110 §12.5.1): the wanted ranges, the best first, equal ones in
// the order of the header. Malformed entries are passed over.
func accepted(header string) []mediaRange {
	var list []mediaRange
	for entry := range strings.SplitSeq(header, ",") {
		name, parameters, err := mime.ParseMediaType(entry)
		if err != nil || !strings.Contains(name, "/") || len(list) == maxRanges {
			continue
		}
		r := mediaRange{name, 1}
		if q, found := parameters["q"]; found {
			if r.q, err = strconv.ParseFloat(q, 64); err != nil || !(r.q >= 0 && r.q <= 1) {
				continue
			}
		}
		if r.q > 0 {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b mediaRange) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	return list
}

// namesPage reports whether HTML is named; wildcards name nothing.
func namesPage(list []mediaRange) bool {
	return slices.ContainsFunc(list, func(r mediaRange) bool {
		return r.name == "text/html" || r.name == "application/xhtml+xml"
	})
}

// namesData reports whether any type that is not HTML is named.
func namesData(list []mediaRange) bool {
	return slices.ContainsFunc(list, func(r mediaRange) bool {
		return !strings.Contains(r.name, "*") && r.name != "text/html" && r.name != "application/xhtml+xml"
	})
}

// first is the best wanted of the offered media types that is named; empty if none is.
func first(list []mediaRange, offered ...string) string {
	for _, r := range list {
		if slices.Contains(offered, r.name) {
			return r.name
		}
	}
	return ""
}
