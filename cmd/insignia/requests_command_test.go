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
	for id, exam := range map[string]string{"R-1": "NL-100", "R-2": "NL-210"} {
		result := passed(id, exam, "ana@home.test", "Ana Ruiz", 3)
		result["candidate"].(map[string]any)["id"] = "C-" + id
		s.call(t, http.StatusCreated, "/results", result, nil)
	}
	ana := newVisitor(t)
	ana.open(s.base+"/sign-in").press("E-mail me a code", "email", "ana@home.test")
	letter := post.next(t, "ana@home.test")
	for !strings.Contains(letter.subject, "code") { // offers
		letter = post.next(t, "ana@home.test")
	}
	ana.press("Confirm code", "code", letter.code(t)).reads(http.StatusOK, "Overview")
	ana.open(s.base + "/me/connect").follow("Look at it TestCo C•••1").press("Connect").says("Another certification profile")
	ana.press("Ask to bring them together TestCo C•••2").says("We have noted your request", "Reference: mrq_")
	out := command(t, 0, "profiles", "requests", "list")
	if strings.Count(out, "mrq_") != 1 || !strings.Contains(out, "address") || strings.Contains(out, "@") {
		t.Errorf("got\n%s", out)
	}
}
