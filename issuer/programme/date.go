package programme

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a civil day of the years 1 to 9999 in UTC. The zero value is no day at all: "never" as an expiry, "from the beginning of
// time" as the start of a version. Dates compare with == and sort with Compare; the zero value sorts first.
type Date struct {
	n int32 // days since the day before 0001-01-01, so that the zero value is free
}

const (
	dateLayout   = "2006-01-02"
	epochDay     = 719163  // 1970-01-01
	lastDay      = 3652059 // 9999-12-31
	secondsOfDay = 24 * 60 * 60
)

// newDate is the day with this year, month and day of the month. A day that the month does not have becomes its last one, and years
// outside 1 to 9999 become the nearest of them.
func newDate(year int, month time.Month, day int) Date {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return DateOf(time.Date(year, month, min(day, last), 0, 0, 0, 0, time.UTC))
}

// DateOf is the UTC day of an instant, which is how contract 1 reads taken_at. Instants outside the years 1 to 9999 give the nearest
// day inside.
func DateOf(t time.Time) Date {
	s := t.Unix()
	days := s / secondsOfDay
	if s%secondsOfDay < 0 {
		days--
	}
	return Date{}.at(days + epochDay)
}

func (Date) at(n int64) Date { return Date{int32(min(max(n, 1), lastDay))} }

// ParseDate reads a day written as 2006-01-02 and nothing else; years run from 0001.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%q is no date written as YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is no day at all.
func (d Date) IsZero() bool { return d.n == 0 }

// Equal reports whether both are the same day (or both none).
func (d Date) Equal(e Date) bool { return d == e }

// Before reports whether d is an earlier day than e; no day is before every day.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.n > e.n }

// Compare is -1, 0 or +1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int { return int(max(min(d.n-e.n, 1), -1)) }

// Time is midnight UTC at the start of the day; for no day it is the zero time.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Unix((int64(d.n)-epochDay)*secondsOfDay, 0).UTC()
}

// AddDays moves by whole days, back when n is negative. No day stays no day; the result never leaves the years 1 to 9999.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	n = max(min(n, lastDay), -lastDay)
	return d.at(int64(d.n) + int64(n))
}

// DaysUntil is how many days lie between d and a later day; negative where it is an earlier one.
func (d Date) DaysUntil(e Date) int { return int(e.n - d.n) }

// AddMonths moves by calendar months and stays on the same day of the month, or on the month's last day where it has no such day:
// 2024-02-29 plus 12 months is 2025-02-28 (contract 1, step 2). No day stays no day.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return d
	}
	n = max(min(n, 12*9999), -12*9999)
	year, month, day := d.Time().Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return newDate(first.Year(), first.Month(), day)
}

// String is the day as 2006-01-02, or nothing for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format(dateLayout)
}

// MarshalJSON writes "2006-01-02", or null for no day.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads what MarshalJSON writes; an empty string is no day too.
func (d *Date) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		*d = Date{}
		return nil
	}
	day, err := ParseDate(*s)
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// Months is a validity in calendar months, written "12 months".
type Months int

// Days is a length of time in days, written "90 days".
type Days int

const (
	mostMonths        = 1200
	mostDays          = 36600
	defaultWindow     = Days(180) // contract 1: "default 180, …
	windowOfEachMonth = Days(15)  // … or 15 per month of validity where that is less"
)

// MarshalText writes "12 months".
func (m Months) MarshalText() ([]byte, error) { return []byte(plural(int(m), "month")), nil }

// MarshalText writes "90 days".
func (d Days) MarshalText() ([]byte, error) { return []byte(plural(int(d), "day")), nil }

// UnmarshalText reads "12 months" or "1 month", from 1 to 1200.
func (m *Months) UnmarshalText(text []byte) error {
	n, err := span(string(text), "month", mostMonths)
	if err == nil {
		*m = Months(n)
	}
	return err
}

// UnmarshalText reads "90 days" or "1 day", from 1 to 36600.
func (d *Days) UnmarshalText(text []byte) error {
	n, err := span(string(text), "day", mostDays)
	if err == nil {
		*d = Days(n)
	}
	return err
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

func span(s, unit string, most int) (int, error) {
	number, word, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > most || word != unit && word != unit+"s" {
		return 0, fmt.Errorf("%q is no length of time written as \"N %ss\", with N from 1 to %d", s, unit, most)
	}
	return n, nil
}

// window is the renewal window that holds where a file names none.
func (m Months) window() Days {
	if m == 0 {
		return defaultWindow
	}
	return min(defaultWindow, Days(m)*windowOfEachMonth)
}

// shortest is the least number of days that m calendar months can have: a window that long could open on the day of earning. The
// years around 2100 have seven years without a leap day among them.
func (m Months) shortest() Days {
	least := Days(mostDays)
	for month := newDate(2096, 1, 1); month.Before(newDate(2105, 1, 1)); month = month.AddMonths(1) {
		for _, from := range []Date{month, month.AddDays(-1)} {
			least = min(least, Days(from.AddMonths(int(m)).n-from.n))
		}
	}
	return least
}
