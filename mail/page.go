package mail

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/templates"
)

const (
	perPage = 50
	prefix  = "/mailbox"

	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	// framePolicy lets a letter show its own pictures and styles and open links in a new window,
	// and nothing else: it belongs to no origin and runs no script, wherever it is opened.
	framePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

func (b *Mailbox) handlers() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET "+prefix, b.getList)
	m.HandleFunc("GET "+prefix+"/{$}", b.getList)
	m.HandleFunc("GET "+prefix+"/{name}", b.getLetter)
	m.HandleFunc("GET "+prefix+"/{name}/html", b.getFrame)
	return m
}

// ServeHTTP shows the list at /mailbox, a letter at /mailbox/{id}, its HTML part alone at
// /mailbox/{id}/html and the file at /mailbox/{id}.eml.
func (b *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	b.routes.ServeHTTP(w, r)
}

func (b *Mailbox) page(r *http.Request) templates.Page {
	if b.Page != nil {
		return b.Page(r)
	}
	lang := templates.Match(r.URL.Query().Get("lang"), "", r.Header.Get("Accept-Language"))
	return templates.Page{Lang: lang, Site: "Insignia", Path: r.URL.RequestURI(), NoIndex: true}
}

func (b *Mailbox) getList(w http.ResponseWriter, r *http.Request) {
	names, err := b.names()
	if err != nil {
		fail(w, err)
		return
	}
	if before := r.URL.Query().Get("before"); before != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return n >= before })
	}
	page := templates.Mailbox{Page: b.page(r)}
	for _, name := range names[:min(perPage, len(names))] {
		l, err := b.read(name, true)
		if err != nil { // removed meanwhile, or not ours to read
			continue
		}
		page.Letters = append(page.Letters, templates.MailRow{URL: address(name), To: l.To, Subject: l.Subject, Lang: l.Lang, At: l.At})
	}
	if len(names) > perPage {
		page.More = prefix + "?before=" + names[perPage-1]
	}
	show(w, page)
}

func (b *Mailbox) getLetter(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.PathValue("name"), ".eml") {
		b.getFile(w, r)
		return
	}
	name := r.PathValue("name") + ".eml"
	l, err := b.read(name, false)
	if err != nil {
		fail(w, err)
		return
	}
	page := templates.MailboxLetter{
		Page: b.page(r), From: l.From, To: l.To, Subject: l.Subject, Lang: l.Lang, At: l.At,
		Body: l.Text, Code: code(l.Text), Links: links(l.Text), RawURL: prefix + "/" + name, BackURL: prefix,
	}
	if l.HTML != "" {
		page.FrameURL, page.Height = address(name)+"/html", height(l.HTML)
	}
	show(w, page)
}

func (b *Mailbox) getFrame(w http.ResponseWriter, r *http.Request) {
	l, err := b.read(r.PathValue("name")+".eml", false)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", framePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, frame(l))
}

func (b *Mailbox) getFile(w http.ResponseWriter, r *http.Request) {
	f, info, err := b.open(r.PathValue("name"))
	if err != nil {
		fail(w, err)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Security-Policy", framePolicy)
	w.Header().Set("Content-Type", "message/rfc822")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

func address(name string) string { return prefix + "/" + strings.TrimSuffix(name, ".eml") }

// show draws the page before the first byte is sent.
func show(w http.ResponseWriter, page interface{ Render(io.Writer) error }) {
	var html bytes.Buffer
	if err := page.Render(&html); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	_, _ = html.WriteTo(w)
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		status = http.StatusNotFound
	}
	http.Error(w, http.StatusText(status), status)
}
