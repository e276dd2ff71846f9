package ob2

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// withoutListOfOne opens a list of one.
func withoutListOfOne(v any) any {
	if values, isList := v.([]any); isList && len(values) == 1 {
		return values[0]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) []string {
	var all []string
	for _, value := range list(v) {
		if s, isText := value.(string); isText {
			all = append(all, s)
		}
	}
	return all
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func number(v any) (json.Number, bool) {
	n, isNumber := v.(json.Number)
	return n, isNumber
}

var errTime = errors.New("not a date and time with a zone")

var isoExtended = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d)(?::(\d\d)(?::(\d\d)([.,]\d+)?)?)?(Z|[+-]\d\d(?::?\d\d)?|)$`)

var isoBasic = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)T(\d\d)(?:(\d\d)(?:(\d\d)([.,]\d+)?)?)?(Z|[+-]\d\d(?::?\d\d)?|)$`)

// parseDateTime reads the DateTime of 2.0 (spec 2.0 section 3): ISO 8601 with time and zone; minutes,
// seconds and fraction may be absent, the offset is `Z`, ±hh, ±hhmm or ±hh:mm.
func parseDateTime(s string) (openbadge.Timestamp, error) {
	t, zoned, err := parseISO(s)
	if err != nil || !zoned {
		return openbadge.Timestamp{}, errTime
	}
	return openbadge.Timestamp{Text: s, Time: t}, nil
}

// parseDate1 reads what 1.x allows in addition: a Unix time as number or digits, a date and time
// without zone (UTC), a bare date (midnight UTC).
func parseDate1(v any) (openbadge.Timestamp, error) {
	s := text(v)
	if n, isNumber := number(v); isNumber {
		s = n.String()
	}
	if len(s) > 64 {
		return openbadge.Timestamp{}, errTime
	}
	if t, _, err := parseISO(s); err == nil {
		return openbadge.Timestamp{Text: s, Time: t}, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return openbadge.Timestamp{Text: s, Time: t}, nil
	}
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil || !json.Valid([]byte(s)) || math.Abs(seconds) > 253402300799 {
		return openbadge.Timestamp{}, errTime
	}
	return openbadge.Timestamp{Text: s, Time: time.Unix(int64(seconds), 0).UTC()}, nil
}

// parseISO gives the instant and whether the text names its zone; without one it is read as UTC.
func parseISO(s string) (t time.Time, zoned bool, err error) {
	if len(s) > 64 {
		return t, false, errTime
	}
	part := isoExtended.FindStringSubmatch(s)
	if part == nil {
		part = isoBasic.FindStringSubmatch(s)
	}
	if part == nil {
		return t, false, errTime
	}
	zone, zoned := part[8], part[8] != ""
	leap := time.Duration(0)
	if part[6] == "60" {
		part[6], leap = "59", time.Second
	}
	full := part[1] + "-" + part[2] + "-" + part[3] + "T" + part[4] + ":" + zerosIfEmpty(part[5]) + ":" + zerosIfEmpty(part[6]) +
		strings.Replace(part[7], ",", ".", 1) + offset(zone)
	hours, minutes, _ := strings.Cut(strings.TrimLeft(offset(zone), "+-"), ":")
	if zoned && zone != "Z" && (hours > "23" || minutes > "59") {
		return t, false, errTime
	}
	t, err = time.Parse(time.RFC3339Nano, full)
	return t.Add(leap).UTC(), zoned, err
}

func zerosIfEmpty(s string) string {
	if s == "" {
		return "00"
	}
	return s
}

// offset writes a zone as RFC 3339 does.
func offset(zone string) string {
	if zone == "" || zone == "Z" {
		return "Z"
	}
	digits := strings.Replace(zone[1:], ":", "", 1) + "00"
	return zone[:1] + digits[:2] + ":" + digits[2:4]
}

// time reads a date member of this object, by the rules of its version.
func (o *Object) time(name string) (openbadge.Timestamp, error) {
	value := o.m[name]
	if o.Version != "2.0" {
		return parseDate1(value)
	}
	return parseDateTime(text(value))
}
