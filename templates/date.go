package templates

import (
	"strconv"
	"time"
)

// Day is a civil day: only the year, month and day as they stand are shown. Zero: none.
type Day = time.Time

func small(n int) string { return strconv.Itoa(n) }

// date writes a day out in words, "4 March 2026". A zero day is empty.
func (c *catalogue) date(d Day) string {
	if d.IsZero() {
		return ""
	}
	key := "date.long"
	if d.Day() == 1 {
		key = "date.first" // French: 1er
	}
	return c.text(key, "day", small(d.Day()), "month", c.text("month."+small(int(d.Month()))), "year", small(d.Year()))
}

// moment writes an instant with its zone, "4 March 2026, 10:42 CET".
func (c *catalogue) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return c.text("date.moment", "date", c.date(t), "time", t.Format("15:04"), "zone", t.Format("MST"))
}
