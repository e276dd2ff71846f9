package openbadge

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What strict means, the tests of strictjson say.
func TestUnmarshalStrict(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for text, want := range map[string]error{
		`{"a":1}`: nil, nested(MaxDepth + 1): nil,
		nested(MaxDepth + 2): ErrJSON, `{"a":1,"a":1}`: ErrJSON, `"\ud800"`: ErrJSON, "\"\xff\"": ErrJSON, `{} {}`: ErrJSON, `{`: ErrJSON, ``: ErrJSON,
	} {
		var v any
		if err := UnmarshalStrict([]byte(text), &v); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", text, err, want)
		}
	}
	var n int
	if err := UnmarshalStrict([]byte(`"x"`), &n); !errors.Is(err, ErrJSON) {
		t.Errorf("got %v, want ErrJSON for the wrong type", err)
	}
}

func TestProblemString(t *testing.T) {
	if got := (Problem{Code: BadValue, Property: "issuedOn"}).String(); got != "BAD_VALUE:issuedOn" {
		t.Errorf("got %s", got)
	}
	if got := (Problem{Code: "EXPIRED"}).String(); got != "EXPIRED" {
		t.Errorf("got %s", got)
	}
}

func TestParseTimestamp(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-04T12:00:00Z":      noon,
		"2026-03-04t12:00:00z":      noon,
		"2026-03-04T12:00:00.250Z":  noon.Add(250 * time.Millisecond),
		"2026-03-04T14:30:00+02:30": noon,
		"2026-03-04T00:00:00-12:00": noon,
		"2016-12-31T23:59:60Z":      time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2017-01-01T07:59:60+08:00": time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-04T12:00:60Z":      {},
		"2016-12-31T23:59:61Z":      {},
		"2026-03-04T23:59:00-23:59": time.Date(2026, 3, 5, 23, 58, 0, 0, time.UTC),
		"2026-03-04T12:00:00+24:00": {},
		"2026-03-04T12:00:00-00:60": {},
		"2026-03-04T12:00:00":       {},
		"2026-03-04":                {},
		"2026-03-04 12:00:00Z":      {},
		"2026-03-04T12:00Z":         {},
		"2026-03-04T1:00:00.0Z":     {},
		"2026-03-04x12:00:00Z":      {},
		"2026-03-04T1:00:00Z0":      {},
		"2026-03-04T12:00:00,5Z":    {},
		"2026-03-04T12:00:00+0200":  {},
		"2026-02-30T12:00:00Z":      {},
		"2026-03-04T24:00:00Z":      {},
		"1772625600":                {},
		"":                          {},
		"2026-03-04T12:00:00Z ":     {},
		"２026-03-04T12:00:00Z":      {},
		"2026-03-04T12:00:00.12345678901234567890123456789012345678901234567890Z": {},
	} {
		got, err := ParseTimestamp(text)
		if (err != nil) != want.IsZero() || !got.Time.Equal(want) {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
		if err == nil && (got.Text != text || got.IsZero()) {
			t.Errorf("%q: text became %q", text, got.Text)
		}
	}
}

func TestWholeSeconds(t *testing.T) {
	zone := time.FixedZone("", 3600)
	got := wholeSeconds(time.Date(2026, 1, 1, 1, 2, 3, 4, zone))
	if want := time.Date(2026, 1, 1, 0, 2, 3, 0, time.UTC); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	c := sampleCredential()
	c.Subject.ActivityStartDate = time.Date(2026, 1, 1, 1, 2, 3, 4, zone)
	c.Subject.ActivityEndDate = time.Date(2026, 1, 2, 1, 2, 3, 4, zone)
	document, err := c.JSON()
	if err != nil || !strings.Contains(string(document), `"activityEndDate":"2026-01-02T00:02:03Z"`) || !strings.Contains(string(document), `"activityStartDate":"2026-01-01T00:02:03Z"`) {
		t.Errorf("got %s, %v", document, err)
	}
	if !wholeSeconds(time.Time{}).IsZero() {
		t.Error("the zero time must stay absent")
	}
}
