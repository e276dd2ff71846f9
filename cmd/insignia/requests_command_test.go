package main

import (
	"net/http"
	"strings"
	"testing"
)

// row 20: what somebody has asked for is told to them with a reference, by which whoever runs the server finds it.
func TestRequestsCommand(t *testing.T) {
	post := newRelay(t)
	s := startServer(t, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	s.settings(t)
	if out := command(t, 0, "BRING TOGETHER", "requests", "list"); strings.Count(out, "\n") != 1 {
		t.Errorf("got\n%s\nwant no requests", out)
	}
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3), nil)
	ana := newVisitor(t)
	ana.open(s.base+"/sign-in").press("E-mail me a code", "email", "ana@home.test")
	letter := post.next(t, "ana@home.test")
	for !strings.Contains(letter.subject, "code") { // offers
		letter = post.next(t, "ana@home.test")
	}
	ana.press("Confirm code", "code", letter.code(t)).reads(http.StatusOK, "Overview")
	ana.open(s.base+"/me/connect").press("Connect").press("Go on", "email", "ana@school.test").press("I can't read mail there").
		says("We have noted your request", "Reference: mrq_")
	out := command(t, 0, "profiles", "requests", "list")
	if strings.Count(out, "mrq_") != 1 || !strings.Contains(out, "unshown") || strings.Contains(out, "@") {
		t.Errorf("got\n%s", out)
	}
}
