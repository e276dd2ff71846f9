package main

import (
	"database/sql"
	"fmt"
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
		return regexp.MustCompile(`(?m)^(ltr_\S+) +(\S+) +(\S+) +(\d+) +(\S+) +(.*)$`).FindAllStringSubmatch(command(t, 0, "NEXT TRY", append([]string{"letters", "list"}, args...)...), -1)
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

	command(t, exitFailure, "were given up: ltr_unknown, "+dead[1], "letters", "retry", "ltr_unknown", dead[1])
	for _, wrong := range [][]string{{"retry"}, {"retry", "--all", dead[1]}, {"list", "--state", "lost"}} {
		command(t, exitUsage, "", append([]string{"letters"}, wrong...)...)
	}
}

// TestLettersAreRows: a row tells of each letter what became of it, and no secret of one that went out by the relay is
// kept anywhere.
func TestLettersAreRows(t *testing.T) {
	post := newRelay(t)
	s := startLogged(t, io.Discard, func(c *config) {
		c.SMTP, c.MailFrom = "smtp://"+post.address, "Northlight Institute <badges@northlight.test>"
	})
	const ana, ben, cleo = "ana@home.test", "ben@home.test", "cleo@home.test"
	became := func(to, kind, want string) {
		t.Helper()
		got := ""
		eventually(t, kind+" to "+to+" is "+want, func() bool {
			err := s.db.SQL().QueryRow(`
				SELECT l.state || ' ' || l.language || ' ' || l.tries || ' ' || l.sandbox || ' ' || CASE WHEN l.ended_at >= l.created_at THEN 'ended' ELSE '' END
				FROM letter l
				LEFT JOIN candidate c ON c.id = l.candidate_id
				WHERE l.kind = $1 AND COALESCE(c.email, l.recipient) = $2
				ORDER BY l.id DESC
				LIMIT 1`, kind, to).Scan(&got)
			return err == nil && got == want
		})
	}
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", ana, "Ana Ruiz", 3), &r)
	offer := post.next(t, ana)
	became(ana, "offer", "sent en 1 0 ended")
	who := newVisitor(t)
	who.open(s.base+"/sign-in").press("E-mail me a code", "email", ana)
	code := post.next(t, ana)
	became(ana, "code", "sent en 1 0 ended")
	became(ana, "offer", "sent en 1 0 ended")
	_, token, _ := strings.Cut(offer.claimLink(t), "/claim/")
	secrets := []string{token, code.code(t), code.find(t, `/confirm/(\S+)`), offer.find(t, `/stop/(\S+)`)}
	for _, table := range []string{"letter", "letter_copy", "job", "claim", "confirmation"} {
		for _, row := range everything(t, s.db.SQL(), table) {
			for _, secret := range secrets {
				if strings.Contains(row, secret) {
					t.Errorf("%s holds %s: %s", table, secret, row)
				}
			}
		}
	}

	post.refusal.Store(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "User unknown"})
	s.call(t, http.StatusCreated, "/results", passed("R-2", "NL-100", ben, "Ben Okafor", 3), nil)
	became(ben, "offer", "bounced en 1 0 ended")
	post.refusal.Store(nil)
	s.settings(t)
	command(t, 0, "1 to be sent now.", "letters", "retry", "--all")
	post.next(t, ben)
	became(ben, "offer", "sent en 1 0 ended") // given up and begun anew

	newVisitor(t).open(s.base + "/stop/" + secrets[3]).press("Stop mails about badges")
	s.call(t, http.StatusOK, "/results/R-1/void", map[string]any{"reason": "A test."}, nil)
	became(ana, "withdrawn", "stopped  1 0 ended")

	post.refusal.Store(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted"})
	s.call(t, http.StatusCreated, "/results", passed("R-3", "NL-100", cleo, "Cleo Martin", 3), &r)
	eventually(t, "the offer was refused once", func() bool { return strings.Contains(command(t, 0, "NEXT TRY", "letters", "list"), "Greylisted") })
	s.call(t, http.StatusOK, "/results/R-3/void", map[string]any{"reason": "A test."}, nil)
	eventually(t, "the offer is tried again", func() bool {
		command(t, 0, "to be sent now.", "letters", "retry", "--all")
		var state string
		return s.db.SQL().QueryRow(`SELECT state FROM letter WHERE kind = 'offer' ORDER BY id DESC LIMIT 1`).Scan(&state) == nil && state == "overtaken"
	})
}

// everything are the rows of a table as text.
func everything(t *testing.T, db *sql.DB, table string) (list []string) {
	t.Helper()
	rows, err := db.Query(`SELECT * FROM ` + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row := make([]any, len(columns))
		for n := range row {
			row[n] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, value := range row {
			text += fmt.Sprintf("%s ", *value.(*any))
		}
		list = append(list, text)
	}
	return list
}
