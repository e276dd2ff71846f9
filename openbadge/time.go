package openbadge

import (
	"errors"
	"strings"
	"time"
)

// Timestamp is a moment as a document states it: the text, which is never rewritten, and the instant
// that it means. The zero value means that the member is absent.
type Timestamp struct {
	Text string
	Time time.Time
}

// IsZero reports whether there is no timestamp.
func (t Timestamp) IsZero() bool { return t.Text == "" }

var errTime = errors.New("not a date and time with a zone")

// ParseTimestamp reads the DateTimeZ of Open Badges 3.0 (section 2): RFC 3339 with `Z` or an offset;
// a bare date, a missing zone and a space between date and time are errors. A leap second, which only
// the last minute of a UTC day has, counts as the first moment of the next one.
func ParseTimestamp(text string) (Timestamp, error) {
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > 64 {
		return Timestamp{}, errTime
	}
	for i, c := range []byte("dddd-dd-ddTdd:dd:dd") {
		if c == 'd' && !digit(text[i]) || c != 'd' && text[i] != c && (c != 'T' || text[i] != 't') {
			return Timestamp{}, errTime
		}
	}
	if strings.ContainsRune(text, ',') {
		return Timestamp{}, errTime
	}
	canonical, leap := strings.ToUpper(text), time.Duration(0)
	if canonical[17:19] == "60" {
		canonical, leap = canonical[:17]+"59"+canonical[19:], time.Second
	}
	t, err := time.Parse(time.RFC3339Nano, canonical)
	if err != nil || !isZone(canonical) || leap > 0 && t.UTC().Format("15:04") != "23:59" {
		return Timestamp{}, errTime
	}
	return Timestamp{Text: text, Time: t.Add(leap).UTC()}, nil
}

// isZone refuses offsets of more than 23:59, which time.Parse takes.
func isZone(text string) bool {
	if strings.HasSuffix(text, "Z") {
		return true
	}
	hours, minutes, _ := strings.Cut(text[len(text)-len("00:00"):], ":")
	return hours <= "23" && minutes <= "59"
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// whole is how we write times: UTC, whole seconds.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
