package programme

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddMonths(t *testing.T) {
	for _, test := range []struct {
		from   string
		months int
		want   string
	}{
		{"2024-02-29", 12, "2025-02-28"}, // contract 1
		{"2024-02-29", 48, "2028-02-29"},
		{"2023-01-31", 1, "2023-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2023-10-31", 13, "2024-11-30"},
		{"2023-12-31", 2, "2024-02-29"},
		{"2024-03-31", -1, "2024-02-29"},
		{"2024-05-15", 0, "2024-05-15"},
		{"2024-01-01", -1, "2023-12-01"},
		{"9999-11-30", 2, "9999-12-31"},
		{"0001-01-15", -1, "0001-01-01"},
		{"2024-01-01", 1 << 40, "9999-12-31"},
		{"2024-01-01", -1 << 40, "0001-01-01"},
		{"2024-01-01", math.MaxInt, "9999-12-31"},
		{"2024-01-01", math.MinInt, "0001-01-01"},
	} {
		if got := day(test.from).AddMonths(test.months).String(); got != test.want {
			t.Errorf("%s and %d months: got %s, want %s", test.from, test.months, got, test.want)
		}
	}
}

func TestAddDays(t *testing.T) {
	for _, test := range []struct {
		from string
		days int
		want string
	}{
		{"2024-02-28", 1, "2024-02-29"}, {"2024-01-01", -1, "2023-12-31"}, {"0001-01-01", -1, "0001-01-01"}, {"9999-12-31", 1, "9999-12-31"},
		{"2024-01-01", 1 << 40, "9999-12-31"}, {"2024-01-01", -1 << 40, "0001-01-01"},
		{"2024-01-01", math.MaxInt, "9999-12-31"}, {"2024-01-01", math.MinInt, "0001-01-01"},
	} {
		if got := day(test.from).AddDays(test.days).String(); got != test.want {
			t.Errorf("%s and %d days: got %s, want %s", test.from, test.days, got, test.want)
		}
	}
}

func TestDateOf(t *testing.T) {
	for want, at := range map[string]time.Time{
		"1970-01-01": time.Unix(0, 0),
		"1969-12-31": time.Unix(-1, 0),
		"2024-02-29": time.Date(2024, 2, 29, 23, 59, 59, 999, time.UTC),
		"2024-03-01": time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("", -3600)),
		"0001-01-01": {},
		"9999-12-31": time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := DateOf(at).String(); got != want {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
	}
	if got := DateOf(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)).String(); got != "0001-01-01" {
		t.Errorf("before the year 1: got %s", got)
	}
	if got := newDate(2023, 2, 31).String(); got != "2023-02-28" {
		t.Errorf("a day that the month does not have: got %s", got)
	}
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"", "2023-2-1", "2023-02-29", "0000-01-01", "10000-01-01", "2023-02-01T00:00:00Z", " 2023-02-01", "2023/02/01", "20230201"} {
		if d, err := ParseDate(s); err == nil || !d.IsZero() {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}

func TestNoDate(t *testing.T) {
	var none Date
	if !none.Time().IsZero() || none.String() != "" || !none.AddDays(5).IsZero() || !none.AddMonths(5).IsZero() || !none.Before(day("0001-01-01")) {
		t.Error("no day does not stay no day, before all others")
	}
	type pair struct {
		A Date  `json:"a"`
		B Date  `json:"b,omitzero"`
		C *Date `json:"c"`
	}
	data, err := json.Marshal(pair{})
	if got, want := string(data), `{"a":null,"c":null}`; got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	back := pair{A: day("2024-01-01"), B: day("2024-01-01")}
	if err := json.Unmarshal([]byte(`{"a":null,"b":""}`), &back); err != nil || !back.A.IsZero() || !back.B.IsZero() {
		t.Errorf("got %+v, %v", back, err)
	}
	for _, bad := range []string{`{"a":5}`, `{"a":"soon"}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// Days agree with the calendar of package time.
func TestDateProperties(t *testing.T) {
	anyDay := rapid.Custom(func(t *rapid.T) Date { return Date{int32(rapid.IntRange(1, lastDay).Draw(t, "day"))} })
	rapid.Check(t, func(t *rapid.T) {
		d, e, n := anyDay.Draw(t, "d"), anyDay.Draw(t, "e"), rapid.IntRange(0, 2000).Draw(t, "n")
		if back, err := ParseDate(d.String()); err != nil || back != d || !back.Equal(d) {
			t.Fatalf("%s came back as %s, %v", d, back, err)
		}
		var back Date
		if data, err := json.Marshal(d); err != nil || json.Unmarshal(data, &back) != nil || back != d {
			t.Fatalf("JSON %s came back as %s, %v", data, back, err)
		}
		if got, want := d.Compare(e), d.Time().Compare(e.Time()); got != want || d.Before(e) != (want < 0) || d.After(e) != (want > 0) || d.Equal(e) != (want == 0) {
			t.Fatalf("%s and %s compare as %d, want %d", d, e, got, want)
		}
		later := d.AddMonths(n)
		year, month, of := d.Time().Date()
		first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		if first.Year() > 9999 {
			return
		}
		if got := later.Time(); got.Month() != first.Month() || got.Year() != first.Year() || got.Day() > of || got.Day() < of && got.AddDate(0, 0, 1).Day() != 1 {
			t.Fatalf("%s and %d months: got %s", d, n, later)
		}
		if got := d.AddDays(n); got != DateOf(d.Time().AddDate(0, 0, n)) && got != (Date{lastDay}) {
			t.Fatalf("%s and %d days: got %s", d, n, got)
		}
	})
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]Months{"1 month": 1, "12 months": 12, "1 months": 1, "1200 months": 1200} {
		var m Months
		if err := m.UnmarshalText([]byte(text)); err != nil || m != want {
			t.Errorf("%q: got %d, %v", text, m, err)
		}
	}
	for _, text := range []string{"", "12", "0 months", "-1 months", "1201 months", "12  months", "12 Months", "12 days", "1.5 months", "99999999999999999999 months"} {
		m := Months(7)
		if err := m.UnmarshalText([]byte(text)); err == nil || m != 7 {
			t.Errorf("%q was read as %d", text, m)
		}
	}
	var d Days
	if err := d.UnmarshalText([]byte("90 days")); err != nil || d != 90 {
		t.Errorf("90 days: got %d, %v", d, err)
	}
	for m, want := range map[Months]Days{1: 28, 2: 59, 3: 89, 6: 181, 12: 365, 24: 730, 48: 1460} {
		if got := m.shortest(); got != want {
			t.Errorf("%d months can be as short as %d days, want %d", m, got, want)
		}
	}
}
