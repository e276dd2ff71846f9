package programme

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const someIssuer = "issuer: {id: test, name: Test, url: https://test.example, email: b@test.example}\n"

// parse reads a programme that must be right; the issuer may be left out.
func parse(t testing.TB, src string) *Programme {
	t.Helper()
	if !strings.Contains(src, "issuer") {
		src = someIssuer + src
	}
	p, err := Parse(strings.NewReader(src), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// always is a history of one version.
func always(p *Programme) History { return History{{Number: 1, Programme: p}} }

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// ledger reads results such as "2024-03-04 A-1", "2024-03-04T15:00 A-1 fail", "… held", "… void"; they are called r1, r2, ….
func ledger(lines ...string) []Result {
	var results []Result
	for i, line := range lines {
		words := strings.Fields(line)
		stamp := words[0]
		if !strings.Contains(stamp, "T") {
			stamp += "T12:00"
		}
		at, err := time.Parse("2006-01-02T15:04", stamp)
		if err != nil {
			panic(err)
		}
		r := Result{Partner: "p", ID: fmt.Sprintf("r%d", i+1), Exam: words[1], Outcome: Pass, TakenAt: at}
		for _, word := range words[2:] {
			switch word {
			case "held":
				r.Held = true
			case "void":
				r.Voided = true
			default:
				r.Outcome = Mark(word)
			}
		}
		results = append(results, r)
	}
	return results
}

func key(id string) ResultKey { return ResultKey{"p", id} }

// told writes earnings as "c 2024-01-01 until 2025-01-01 renewed 2024-12-01 (no badge)", one a line.
func told(o Outcome) string {
	var b strings.Builder
	for _, e := range o.Earnings {
		fmt.Fprintf(&b, "%s %s", e.Subject.Code, e.EarnedOn)
		if !e.Expires.IsZero() {
			fmt.Fprintf(&b, " until %s", e.Expires)
		}
		for _, r := range e.Renewed {
			fmt.Fprintf(&b, " renewed %s", r)
		}
		if !e.Badge {
			b.WriteString(" (no badge)")
		}
		if e.Kept {
			b.WriteString(" (kept)")
		}
		if !e.Revoked.IsZero() {
			b.WriteString(" (revoked)")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// decided writes the decisions on one result as "A awarded exam_passed", one a line.
func decided(o Outcome, id string) string {
	var b strings.Builder
	for _, d := range o.Decisions[key(id)] {
		fmt.Fprintf(&b, "%s %s %s", d.Subject.Code, d.Outcome, d.Reason)
		if d.Certification != "" {
			fmt.Fprintf(&b, " %s", d.Certification)
		}
		if d.Missing != nil {
			fmt.Fprintf(&b, " needs %s", spoken(*d.Missing))
		}
		if d.Closed {
			b.WriteString(" (closed)")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// spoken writes a requirement as "(A and (B or c))" or "2 of (A B C)".
func spoken(r Requirement) string {
	if leaf, is := r.leaf(); is {
		return leaf.Code
	}
	n, of := r.branches()
	var parts []string
	for _, branch := range of {
		parts = append(parts, spoken(branch))
	}
	switch {
	case r.All != nil:
		return "(" + strings.Join(parts, " and ") + ")"
	case r.Any != nil:
		return "(" + strings.Join(parts, " or ") + ")"
	}
	return fmt.Sprintf("%d of (%s)", n, strings.Join(parts, " "))
}

// block takes the indentation off an expectation written in a table.
func block(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
