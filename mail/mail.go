// Package mail sends letters by SMTP. It must not
// decide whether, when or to whom to write; whoever calls Send has decided, and sends again when an
// attempt failed.
package mail

import (
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Address is a mailbox and the name of who reads it; the name may be empty.
type Address struct{ Name, Address string }

// Inline is a picture that the HTML part shows as <img src="cid:…">.
type Inline struct {
	CID  string // without "cid:" and brackets
	Type string // media type, "image/png"
	Data []byte
}

// File is one that goes with a letter.
type File struct {
	Name string // a plain name, "renewal.ics"
	Type string // media type, with its parameters
	Data []byte
}

// Letter is one message to one person. Text is complete on its own; HTML may be empty. No field
// may contain control characters except the two bodies.
type Letter struct {
	To      Address
	ReplyTo Address // empty: answers go to the sender
	Subject string
	Text    string
	HTML    string
	Inline  []Inline // only with HTML
	Files   []File
	Lang    string // BCP 47
	Date    time.Time

	// MessageID is the same for all attempts to send the same letter, so that a second arrival can
	// be recognised. Without "@" the sender's domain is added; empty: a random one.
	MessageID  string
	References []string // message ids of earlier letters that this one belongs to, oldest first

	ListID          string // "badges": which kind of letters can be stopped; without a dot the sender's domain is added
	ListUnsubscribe string // https address that takes the one-click POST of RFC 8058; empty for codes and notices

	// UnsubscribeMail is where somebody reads mail that asks for the same, and its subject; empty: nobody does.
	UnsubscribeMail, UnsubscribeSubject string
}

// Error says why a letter was not sent.
type Error struct {
	standing standing
	doubtful bool
	doing    string
	err      error
}

func (e *Error) Error() string { return e.doing + ": " + withoutAddresses(e.err.Error()) }

// Unwrap is the cause. Its text may contain addresses.
func (e *Error) Unwrap() error { return e.err }

// Permanent reports that the letter as it is will never arrive: its address or content was refused
// for good. Everything else, such as a relay that cannot be reached or refuses our sender or password, may
// pass or be mended.
func Permanent(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.standing != later
}

// NoSuchAddress reports that it was the address that was refused for good.
func NoSuchAddress(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.standing == badAddress
}

// Doubtful reports that the relay had the whole letter and did not say whether it took it. Most have taken
// it, so that another attempt mails it twice.
func Doubtful(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.doubtful
}

func temporary(doing string, err error) error { return &Error{doing: doing, err: err} }

func refused(doing string, err error) error {
	return &Error{standing: badLetter, doing: doing, err: err}
}

// Check finds what no relay would ever take, with the errors of Send.
func Check(l Letter) error {
	_, err := compose(&mail.Address{Address: "check@localhost"}, l)
	return err
}

var anAddress = regexp.MustCompile(`[^\s<>"(]*@[^\s<>")]*`)

// withoutAddresses blots out what may be an address: error texts are logged and stored.
func withoutAddresses(s string) string {
	return strings.ToValidUTF8(anAddress.ReplaceAllString(s, "(address)"), "?")
}

// check finds what must not get into a header. What people typed elsewhere arrives here, and a line
// break in it would begin a header of its own.
func (l Letter) check() error {
	headers := []struct{ name, value string }{
		{"address", l.To.Address}, {"name", l.To.Name}, {"reply address", l.ReplyTo.Address},
		{"reply name", l.ReplyTo.Name}, {"subject", l.Subject}, {"language", l.Lang}, {"message id", l.MessageID},
		{"list id", l.ListID}, {"unsubscribe address", l.ListUnsubscribe}, {"unsubscribe mail address", l.UnsubscribeMail},
		{"unsubscribe subject", l.UnsubscribeSubject}, {"references", strings.Join(l.References, "")},
	}
	for _, h := range headers {
		if strings.ContainsFunc(h.value, unicode.IsControl) {
			return fmt.Errorf("control character in %s", h.name)
		}
		if len(h.value) > 900 { // RFC 5321 §4.5.3.1.6: lines of 1,000
			return fmt.Errorf("%s of %d bytes", h.name, len(h.value))
		}
	}
	if l.Text == "" {
		return errors.New("no text part")
	}
	return nil
}
