package programme

import (
	"fmt"
	"strconv"
	"strings"
)

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
	for month := NewDate(2096, 1, 1); month.Before(NewDate(2105, 1, 1)); month = month.AddMonths(1) {
		for _, from := range []Date{month, month.AddDays(-1)} {
			least = min(least, Days(from.AddMonths(int(m)).n-from.n))
		}
	}
	return least
}
