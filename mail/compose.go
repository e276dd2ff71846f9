package mail

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/open-insignia/insignia/email"
)

// message is a letter ready for the wire.
type message struct {
	id   string
	to   *mail.Address // domain in ASCII
	data []byte
}

// compose writes a letter as MIME: text first, HTML second, pictures related to it, and the headers
// of flows 2.1.2. All its errors are permanent.
func compose(from *mail.Address, l Letter) (*message, error) {
	m, err := compile(from, l)
	var known *Error
	if err == nil || errors.As(err, &known) {
		return m, err
	}
	return nil, refused("compose letter", err)
}

func compile(from *mail.Address, l Letter) (*message, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	to, err := parseAddress(l.To)
	if err != nil {
		return nil, &Error{standing: badAddress, doing: "compose letter", err: err}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	if l.ReplyTo.Address != "" {
		replyTo, err := parseAddress(l.ReplyTo)
		if err != nil {
			return nil, err
		}
		msg.ReplyToMailAddress(replyTo)
	}
	id, err := setHeaders(msg, domainOf(from.Address), l)
	if err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	if err := embed(msg, l); err != nil {
		return nil, err
	}
	if err := attach(msg, l.Files); err != nil {
		return nil, err
	}
	var data bytes.Buffer
	if _, err := msg.WriteTo(&data); err != nil {
		return nil, err
	}
	return &message{id: id, to: to, data: data.Bytes()}, nil
}

var aMediaType = regexp.MustCompile(`^image/[a-z0-9.+-]+$`)

// embed adds the pictures, with file names for mail programs that list them. The brackets are part of the Content-ID; without them mail programs do
// not find the picture.
func embed(msg *gomail.Msg, l Letter) error {
	if l.HTML == "" && len(l.Inline) > 0 {
		return errors.New("pictures without an HTML part")
	}
	for _, p := range l.Inline {
		if !aListID.MatchString("cid."+strings.Replace(p.CID, "@", ".", 1)) || !aMediaType.MatchString(p.Type) {
			return fmt.Errorf("picture %q of type %q is malformed", p.CID, p.Type)
		}
		name := strings.ReplaceAll(p.CID, "@", ".") + "." + strings.TrimSuffix(strings.TrimPrefix(p.Type, "image/"), "+xml")
		err := msg.EmbedReader(name, bytes.NewReader(p.Data),
			gomail.WithFileContentID("<"+p.CID+">"), gomail.WithFileContentType(gomail.ContentType(p.Type)))
		if err != nil {
			return fmt.Errorf("embed picture: %w", err)
		}
	}
	return nil
}

var aFileName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,80}$`)

// attach adds files that a mail program lists.
func attach(msg *gomail.Msg, files []File) error {
	for _, f := range files {
		if _, _, err := mime.ParseMediaType(f.Type); err != nil || !aFileName.MatchString(f.Name) || strings.ContainsAny(f.Type, "\r\n") {
			return fmt.Errorf("file %q of type %q is malformed", f.Name, f.Type)
		}
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Data), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return fmt.Errorf("attach file: %w", err)
		}
	}
	return nil
}

// parseAddress reads one bare address strictly. Its canonical spelling has a domain in ASCII, since few
// relays know SMTPUTF8.
func parseAddress(a Address) (*mail.Address, error) {
	canonical, ok := email.Canonical(a.Address)
	if !ok {
		return nil, errors.New("address is malformed")
	}
	return &mail.Address{Name: plain(a.Name), Address: canonical}, nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// plain keeps text that looks like an encoded word (RFC 2047) from being read as one.
func plain(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "=?", "= ?") }

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
	ways := "<" + l.ListUnsubscribe + ">"
	if l.UnsubscribeMail != "" {
		to, err := parseAddress(Address{Address: l.UnsubscribeMail})
		if err != nil {
			return fmt.Errorf("unsubscribe mail: %w", err)
		}
		ways += ",\r\n <mailto:" + url.PathEscape(to.Address) + "?subject=" + url.PathEscape(l.UnsubscribeSubject) + ">"
	}
	msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, ways)
	msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	return nil
}

func notURL(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>",`, r) }
