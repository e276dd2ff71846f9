package ob2

import (
	"encoding/json"
	"testing"
	"time"
)

// proves: 2.0 §3 judged: DateTime with time and zone, IdentityHash, booleans, URL
func TestParseDateTime(t *testing.T) {
	noon := time.Date(2016, 12, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2016-12-31T12:00:00Z":      noon,
		"2016-12-31T12:00Z":         noon,
		"2016-12-31T12Z":            noon,
		"2016-12-31T12:00:00.5Z":    noon.Add(time.Second / 2),
		"2016-12-31T12:00:00,5Z":    noon.Add(time.Second / 2),
		"2016-12-31T14:00:00+02:00": noon,
		"2016-12-31T14:00:00+0200":  noon,
		"2016-12-31T14:00:00+02":    noon,
		"2016-12-31T06:30:00-05:30": noon,
		"20161231T120000Z":          noon,
		"20161231T1200+0000":        noon,
		"2016-12-31T23:59:60Z":      time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2016-12-31T12:00:00+24:00": {},
		"2016-12-31T12:00:00-0060":  {},
		"2016-12-31T12:00:00":       {},
		"2016-12-31":                {},
		"2016-12-31 12:00:00Z":      {},
		"2016-13-31T12:00:00Z":      {},
		"2016-02-30T12:00:00Z":      {},
		"2016-12-31T25:00:00Z":      {},
		"2016-12-31T12:00:00+25:00": {},
		"2016-12-31T120000Z":        {},
		"1483185600":                {},
		"yesterday":                 {},
		"":                          {},
		"2016-12-31T12:00:00.00000000000000000000000000000000000000000000000000000000000Z": {},
	} {
		got, err := parseDateTime(text)
		if (err != nil) != want.IsZero() || !got.Time.Equal(want) || err == nil && got.Text != text {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseDate1(t *testing.T) {
	midnight := time.Date(2015, 4, 30, 0, 0, 0, 0, time.UTC)
	for value, want := range map[any]time.Time{
		"2015-04-30":                 midnight,
		"2015-04-30T00:00:00":        midnight,
		"2015-04-30T02:00:00+02:00":  midnight,
		json.Number("1430352000"):    midnight,
		json.Number("1430352000.75"): midnight,
		"1430352000":                 midnight,
		json.Number("1.430352e9"):    midnight,
		json.Number("1e300"):         {},
		json.Number("253402300799"):  time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		json.Number("253402300800"):  {},
		"NaN":                        {},
		"0x10":                       {},
		"Inf":                        {},
		"30.04.2015":                 {},
		"":                           {},
		true:                         {},
		nil:                          {},
	} {
		got, err := parseDate1(value)
		if (err != nil) != want.IsZero() || !got.Time.Equal(want) {
			t.Errorf("%v: got %v, %v; want %v", value, got, err, want)
		}
	}
	if _, err := parseDate1(json.Number("1" + string(make([]byte, 100)))); err == nil {
		t.Error("an absurd number must be refused")
	}
}
