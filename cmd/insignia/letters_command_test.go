package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// TestLettersCommands lists what a relay refused, for good and for now, and sends it once the relay is mended,
// beside the running server and with a server that starts later.
func TestLettersCommands(t *testing.T) {
	post := newRelay(t)
	s := startLogged(t, io.Discard, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	s.settings(t)
	refuse := func(code int, enhanced smtp.EnhancedCode, text string) {
		post.refusal.Store(&smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text})
	}
	rows := func(args ...string) [][]string {
		t.Helper()
		return regexp.MustCompile(`(?m)^(job_\S+) +(\S+) +(\S+) +(\d+) +(\S+) +(.*)$`).FindAllStringSubmatch(command(t, 0, "NEXT TRY", append([]string{"letters", "list"}, args...)...), -1)
	}
	waits := func(state string) (row []string) {
		t.Helper()
		eventually(t, "one letter is "+state, func() bool {
			if list := rows("--state", state); len(list) == 1 {
				row = list[0]
			}
			return row != nil && row[4] != "0"
		})
		return row
	}
	if list := rows(); len(list) != 0 {
		t.Errorf("got %v, want no letters", list)
	}
	command(t, 0, "0 to be sent now.", "letters", "retry", "--all")

	refuse(550, smtp.EnhancedCode{5, 1, 1}, "<ana@home.test>: User unknown")
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3), nil)
	dead := waits("dead")
	if dead[2] != "offer" || dead[4] != "1" || dead[5] != "never" || !strings.Contains(dead[6], "5.1.1") || strings.Contains(dead[6], "home.test") {
		t.Errorf("got the row %q", dead)
	}
	refuse(451, smtp.EnhancedCode{4, 7, 1}, "Greylisted")
	s.call(t, http.StatusCreated, "/results", passed("R-2", "NL-100", "ben@home.test", "Ben Okafor", 3), nil)
	waiting := waits("waiting")
	if waiting[2] != "offer" || !strings.Contains(waiting[6], "Greylisted") || !regexp.MustCompile(`^20\d\d-.*Z$`).MatchString(waiting[5]) {
		t.Errorf("got the row %q", waiting)
	}
	post.refusal.Store(nil)
	command(t, 0, "1 to be sent now.", "letters", "retry", dead[1])
	eventually(t, "both letters have come", func() bool { return len(post.letters) == 2 }) // the other one is tried again by itself
	got := map[string]bool{(<-post.letters).to: true, (<-post.letters).to: true}
	if !got["ana@home.test"] || !got["ben@home.test"] {
		t.Errorf("got letters to %v", got)
	}
	eventually(t, "nothing is left", func() bool { return len(rows()) == 0 })

	refuse(550, smtp.EnhancedCode{5, 1, 1}, "User unknown")
	s.call(t, http.StatusCreated, "/results", passed("R-3", "NL-100", "cleo@home.test", "Cleo Martin", 3), nil)
	last := waits("dead")
	s.stop()
	post.refusal.Store(nil)
	command(t, 0, "1 to be sent now.", "letters", "retry", "--all")
	if list := rows("--state", "waiting"); len(list) != 1 || list[0][1] != last[1] {
		t.Errorf("got the rows %q, want %s", list, last[1])
	}
	s.again(t)
	post.next(t, "cleo@home.test")

	command(t, exitFailure, "were given up: job_unknown, "+dead[1], "letters", "retry", "job_unknown", dead[1])
	for _, wrong := range [][]string{{"retry"}, {"retry", "--all", dead[1]}, {"list", "--state", "lost"}} {
		command(t, exitUsage, "", append([]string{"letters"}, wrong...)...)
	}
}
