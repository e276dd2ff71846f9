package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Bounds of what the mailbox reads of a file that anybody may have put into its folder.
const (
	mostLetter = 16 << 20
	mostParts  = 100
	mostDepth  = 8
)

// received is a letter as a mail program would show it.
type received struct {
	From, To, Subject, Lang string
	At                      time.Time
	Text, HTML              string
	Inline                  []Inline
	parts                   int
}

// readLetter reads what it can of an .eml file. It has no errors: what is no letter is shown as the
// text that it is.
func readLetter(r io.Reader) *received {
	data, _ := io.ReadAll(io.LimitReader(r, mostLetter)) // what was read before a failure is shown
	msg, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return &received{Text: strings.ToValidUTF8(string(data), "�")}
	}
	l := readHeader(msg.Header)
	l.readPart(header(msg.Header), msg.Body, 0)
	return l
}

func readHeader(h mail.Header) *received {
	l := &received{
		From: decodeAddress(h.Get("From")), To: decodeAddress(h.Get("To")),
		Subject: decodeHeader(h.Get("Subject")), Lang: decodeHeader(h.Get("Content-Language")),
	}
	if at, err := h.Date(); err == nil {
		l.At = at.UTC()
	}
	return l
}

var words = mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	return strings.NewReader(toUTF8(charset, b)), err
}}

// decodeHeader is the header value in UTF-8, on one line.
func decodeHeader(s string) string {
	if decoded, err := words.DecodeHeader(s); err == nil {
		s = decoded
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
}

// decodeAddress shows addresses without the quotes that only programs need.
func decodeAddress(s string) string {
	parser := mail.AddressParser{WordDecoder: &words}
	list, err := parser.ParseList(s)
	if err != nil {
		return decodeHeader(s)
	}
	shown := make([]string, 0, len(list))
	for _, a := range list {
		one := a.Address
		if a.Name != "" {
			one = a.Name + " <" + a.Address + ">"
		}
		shown = append(shown, one)
	}
	return decodeHeader(strings.Join(shown, ", "))
}

// header is what net/mail's and mime/multipart's headers have in common.
type header map[string][]string

func (h header) get(key string) string { return mail.Header(h).Get(key) }

func (l *received) readPart(h header, body io.Reader, depth int) {
	if l.parts++; l.parts > mostParts || depth > mostDepth {
		return
	}
	kind, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain" // RFC 2045 §5.2
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil || l.parts > mostParts {
				return
			}
			l.readPart(header(p.Header), p, depth+1)
		}
	}
	content := decodeBody(h.get("Content-Transfer-Encoding"), body)
	disposition, _, _ := mime.ParseMediaType(h.get("Content-Disposition"))
	cid := strings.Trim(h.get("Content-ID"), "<> ")
	switch {
	case strings.HasPrefix(kind, "image/") && cid != "":
		l.Inline = append(l.Inline, Inline{CID: cid, Type: kind, Data: content})
	case disposition == "attachment":
	case kind == "text/plain" && l.Text == "":
		l.Text = toUTF8(params["charset"], content)
	case kind == "text/html" && l.HTML == "":
		l.HTML = toUTF8(params["charset"], content)
	}
}

// decodeBody undoes the transfer encoding as far as it goes.
func decodeBody(encoding string, body io.Reader) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body)
	return b
}

// toUTF8 knows the charsets of letters in western languages; of others it keeps what is valid.
func toUTF8(charset string, b []byte) string {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "iso-8859-15", "windows-1252", "latin1":
		var s strings.Builder
		for _, c := range b {
			s.WriteRune(rune(c))
		}
		return s.String()
	}
	return strings.ToValidUTF8(string(b), "�")
}
