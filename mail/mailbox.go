package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/templates"
)

// Mailbox keeps letters in a folder instead of sending them, one .eml file each, and shows them as
// an http.Handler under /mailbox. Whoever can open its pages reads everybody's letters, codes and
// claim links included: it is for trying the program out.
type Mailbox struct {
	// Page makes the frame of a page: language, product name, whether somebody is signed in. nil:
	// from the request alone. To be set before the first request.
	Page func(r *http.Request) templates.Page

	dir    *os.Root
	from   *mail.Address
	routes *http.ServeMux
}

// NewMailbox uses the folder of that name, making it when absent, readable by its owner only.
func NewMailbox(dir string) (*Mailbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make mailbox: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	b := &Mailbox{dir: root, from: &mail.Address{Name: "Insignia", Address: "insignia@localhost"}}
	b.routes = b.handlers()
	return b, nil
}

// SetFrom replaces the sender that the letters show, "Name <address>".
func (b *Mailbox) SetFrom(from string) error {
	a, err := parseFrom(from)
	if err != nil {
		return err
	}
	b.from = a
	return nil
}

// Handler is the mailbox with the frame of its pages.
func (b *Mailbox) Handler(page func(*http.Request) templates.Page) http.Handler {
	framed := &Mailbox{Page: page, dir: b.dir, from: b.from}
	framed.routes = framed.handlers()
	return framed
}

// Close gives the folder back.
func (b *Mailbox) Close() error { return b.dir.Close() }

// Send writes the letter as it would go out by SMTP. It survives the process, but is not forced to the
// disk: this is a place to look at letters, and the database shares the disk with it.
func (b *Mailbox) Send(_ context.Context, l Letter) error {
	m, err := compose(b.from, l)
	if err != nil {
		return err
	}
	if err := b.store(newName(), m.data); err != nil {
		return temporary("put letter into mailbox", err)
	}
	return nil
}

// newName sorts by the time of arrival.
func newName() string {
	return time.Now().UTC().Format("20060102T150405.000000000") + "-" + strings.ToLower(rand.Text()[:8]) + ".eml"
}

// store makes the file appear whole or not at all.
func (b *Mailbox) store(name string, data []byte) error {
	unfinished := "." + name + ".tmp"
	f, err := b.dir.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = b.dir.Rename(unfinished, name)
	}
	if err != nil {
		_ = b.dir.Remove(unfinished)
	}
	return err
}

// aName is what a letter's file may be called; nothing else is listed or opened.
var aName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.eml$`)

// names lists the letters, newest first.
func (b *Mailbox) names() ([]string, error) {
	d, err := b.dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && aName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, nil
}

// open opens a letter; a folder, a link out of the mailbox or a strange name is as good as absent.
func (b *Mailbox) open(name string) (*os.File, os.FileInfo, error) {
	if !aName.MatchString(name) {
		return nil, nil, os.ErrNotExist
	}
	info, err := b.dir.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil, os.ErrNotExist
	}
	f, err := b.dir.Open(name)
	return f, info, err
}

// read reads a letter, or with top set only enough for the list.
func (b *Mailbox) read(name string, top bool) (*received, error) {
	f, info, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var l *received
	if top {
		l = readTop(f)
	} else {
		l = readLetter(f)
	}
	if l.At.IsZero() {
		l.At = info.ModTime().UTC()
	}
	if l.Subject == "" {
		l.Subject = name
	}
	return l, nil
}

func readTop(r io.Reader) *received {
	msg, err := mail.ReadMessage(io.LimitReader(r, 64<<10))
	if err != nil {
		return &received{}
	}
	return readHeader(msg.Header)
}
