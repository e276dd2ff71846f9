package templates

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Deadline is a day by which something is to be done, as a file for calendars (RFC 5545): a whole day that takes no
// time, with a reminder a week before.
type Deadline struct {
	Lang  string // one of Languages
	UID   string // the same for one deadline, wherever its file is written
	Title Text   // of the certification to renew
	Day   Day
	URL   string    // where to do it
	Stamp time.Time // when this was written
}

// RenewalDeadline is the last day on which an exam renews the certification of an award. The same award has one deadline:
// a later one takes its place in the calendar.
func RenewalDeadline(lang, award string, title Text, last Day, address string, now time.Time) Deadline {
	return Deadline{Lang: lang, UID: "renewal-" + award + "@" + host(address), Title: title, Day: last, URL: address, Stamp: now}
}

// CalendarType is the media type of calendar files.
const CalendarType = "text/calendar; charset=utf-8; method=PUBLISH"

// ICS is the file.
func (d Deadline) ICS() []byte {
	c := in(d.Lang)
	summary := c.text("calendar.summary", "title", d.Title.Value)
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Insignia//Renewals//EN", "METHOD:PUBLISH",
		"BEGIN:VEVENT", "UID:" + d.UID, "DTSTAMP:" + d.Stamp.UTC().Format("20060102T150405Z"),
		"DTSTART;VALUE=DATE:" + d.Day.Format("20060102"), "DTEND;VALUE=DATE:" + d.Day.AddDate(0, 0, 1).Format("20060102"),
		"SUMMARY;LANGUAGE=" + c.lang + ":" + calendarText(summary),
		"DESCRIPTION;LANGUAGE=" + c.lang + ":" + calendarText(c.text("calendar.text", "title", d.Title.Value)+"\n"+d.URL),
		"URL:" + d.URL, "TRANSP:TRANSPARENT",
		"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P7D", "DESCRIPTION:" + calendarText(summary), "END:VALARM",
		"END:VEVENT", "END:VCALENDAR",
	}
	var b strings.Builder
	for _, line := range lines {
		foldInto(&b, line)
	}
	return []byte(b.String())
}

var calendarEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// calendarText is a value of type TEXT (RFC 5545 §3.3.11), without other control characters.
func calendarText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, calendarEscapes.Replace(s))
}

// calendarLine is how long a line may be in octets (RFC 5545 §3.1).
const calendarLine = 75

// foldInto writes a content line: what is too long goes on in lines that begin with a space, never within a rune.
func foldInto(b *strings.Builder, line string) {
	room := calendarLine
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], calendarLine-1
	}
	b.WriteString(line + "\r\n")
}
