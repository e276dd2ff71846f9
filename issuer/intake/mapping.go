package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones of mappings, on machines that have none

	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Mapping says what a partner's files mean where they are not as ours (contract 3.1).
type Mapping struct {
	Columns    map[string]string `json:"columns"`     // their header -> our name; empty: the column is left out
	Outcomes   map[string]string `json:"outcomes"`    // their word -> pass, fail or no_show
	TimeFormat string            `json:"time_format"` // with YYYY MM DD HH mm ss; empty: RFC 3339
	TimeZone   string            `json:"time_zone"`   // an IANA name, for times of that format; empty: UTC
}

const (
	mappedMost = 100 // columns, and outcomes
	namedMost  = 200 // characters of a name
)

// Check finds everything that is wrong with a mapping.
func (m Mapping) Check() error {
	var faults []refusal.Field
	fault := func(pointer, detail string) {
		faults = append(faults, refusal.Field{Pointer: pointer, Code: "bad_value", Detail: detail})
	}
	for _, part := range []struct {
		name string
		of   map[string]string
		ok   func(string) bool
		want string
	}{
		{"columns", m.Columns, func(s string) bool { return s == "" || isColumn(s) }, "is none of our names; there are " + allColumns() + ", and nothing for a column that is left out"},
		{"outcomes", m.Outcomes, func(s string) bool { return slices.Contains([]string{"pass", "fail", "no_show"}, s) }, "must be pass, fail or no_show"},
	} {
		if len(part.of) > mappedMost {
			fault("/"+part.name, fmt.Sprintf("has more than %d members", mappedMost))
			continue
		}
		for _, theirs := range slices.Sorted(maps.Keys(part.of)) {
			pointer := "/" + part.name + "/" + pointerEscapes.Replace(shortened(theirs))
			if problem := line.Problem(theirs, namedMost); problem != "" {
				fault(pointer, "is a name that "+problem)
			} else if !part.ok(part.of[theirs]) {
				fault(pointer, part.want)
			}
		}
	}
	if m.TimeFormat != "" {
		if _, problem := layout(m.TimeFormat); problem != "" {
			fault("/time_format", problem)
		}
	}
	if m.TimeZone != "" {
		if _, err := time.LoadLocation(m.TimeZone); err != nil || m.TimeZone == "Local" {
			fault("/time_zone", "is no time zone such as Europe/Madrid")
		} else if m.TimeFormat == "" {
			fault("/time_zone", "goes with a time_format: times of RFC 3339 tell their own")
		}
	}
	if len(faults) > 0 {
		return refusal.New("validation_failed", "The mapping is not as it should be.", faults...)
	}
	return nil
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// column is what a header means. Their names come first: a partner's "id" may be the candidate's.
func (m Mapping) column(theirs string) (ours string, found bool) {
	if ours, found = m.Columns[theirs]; found {
		return ours, true
	}
	return theirs, isColumn(theirs)
}

// layout is a time format as Go writes it.
func layout(format string) (goes, problem string) {
	goes = format
	for _, part := range [][2]string{{"YYYY", "2006"}, {"MM", "01"}, {"DD", "02"}, {"HH", "15"}, {"mm", "04"}, {"ss", "05"}} {
		if strings.Count(goes, part[0]) > 1 {
			return "", "has " + part[0] + " twice"
		}
		goes = strings.ReplaceAll(goes, part[0], "\x00"+part[1]+"\x00")
	}
	for _, need := range []string{"2006", "01", "02"} {
		if !strings.Contains(goes, "\x00"+need+"\x00") {
			return "", "needs YYYY, MM and DD, and may have HH, mm and ss"
		}
	}
	for n, part := range strings.Split(goes, "\x00") {
		if n%2 == 0 && strings.Trim(part, " T-/.,:") != "" {
			return "", fmt.Sprintf("has %q, which is none of YYYY MM DD HH mm ss", part)
		}
	}
	return strings.ReplaceAll(goes, "\x00", ""), ""
}

// timer reads the times of a file.
type timer struct {
	layout string // empty: RFC 3339
	zone   *time.Location
}

func (m Mapping) timer() timer {
	t := timer{zone: time.UTC}
	if m.TimeFormat == "" {
		return t
	}
	t.layout, _ = layout(m.TimeFormat)
	if zone, err := time.LoadLocation(m.TimeZone); err == nil {
		t.zone = zone
	}
	return t
}

// read is a time of the file in RFC 3339; ok is false for one that is none, as 2:30 in the night when clocks skip it.
func (t timer) read(text string) (stamp string, ok bool) {
	if t.layout == "" {
		return text, true
	}
	at, err := time.ParseInLocation(t.layout, text, t.zone)
	if err != nil || at.Format(t.layout) != text {
		return "", false
	}
	return at.UTC().Format(time.RFC3339), true
}
