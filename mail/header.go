package mail

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

func setHeaders(msg *gomail.Msg, domain string, l Letter) (id string, err error) {
	date := l.Date
	if date.IsZero() {
		date = time.Now()
	}
	msg.SetDateWithValue(date.UTC())
	msg.Subject(plain(l.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5
	if l.Lang != "" {
		msg.SetGenHeader(gomail.HeaderContentLang, l.Lang)
	}
	if l.MessageID == "" {
		l.MessageID = rand.Text()
	}
	ids := make([]string, 0, len(l.References)+1)
	for _, raw := range append(l.References[:len(l.References):len(l.References)], l.MessageID) {
		id, err := messageID(raw, domain)
		if err != nil {
			return "", err
		}
		ids = append(ids, id)
	}
	references, id := ids[:len(ids)-1], ids[len(ids)-1]
	msg.SetGenHeader(gomail.HeaderMessageID, id)
	if len(references) > 0 {
		msg.SetGenHeader(gomail.HeaderReferences, strings.Join(references, " "))
		msg.SetGenHeader(gomail.HeaderInReplyTo, references[len(references)-1])
	}
	return id, setListHeaders(msg, domain, l)
}

var (
	aMessageID = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+$") // RFC 5322 §3.6.4
	aListID    = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)                 // RFC 2919 §2
)

func messageID(raw, domain string) (string, error) {
	if !strings.Contains(raw, "@") {
		raw += "@" + domain
	}
	if !aMessageID.MatchString(raw) {
		return "", fmt.Errorf("message id %q is malformed", raw)
	}
	return "<" + raw + ">", nil
}

// setListHeaders writes the headers that let people stop letters in their mail program. The POST
// header is written for http addresses as well: a server without TLS is a trial, which ought to
// show what the real one sends.
func setListHeaders(msg *gomail.Msg, domain string, l Letter) error {
	if l.ListID != "" {
		if !strings.Contains(l.ListID, ".") {
			l.ListID += "." + domain
		}
		if !aListID.MatchString(l.ListID) {
			return fmt.Errorf("list id %q is malformed", l.ListID)
		}
		msg.SetGenHeaderPreformatted("List-Id", "<"+l.ListID+">")
	}
	if l.ListUnsubscribe == "" {
		return nil
	}
	u, err := url.Parse(l.ListUnsubscribe)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsFunc(l.ListUnsubscribe, notURL) {
		return errors.New("unsubscribe address is malformed")
	}
	msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+l.ListUnsubscribe+">")
	msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	return nil
}

func notURL(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>",`, r) }
