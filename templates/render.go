package templates

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"strings"
	"sync"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pages holds the parsed pages of each language, made when first asked for.
var pages = eachLanguage(func(lang string) *template.Template {
	return template.Must(template.New("pages").Funcs(functions(in(lang))).ParseFS(pageFiles, "pages/*.html"))
})

func eachLanguage[T any](build func(lang string) T) map[string]func() T {
	sets := map[string]func() T{}
	for _, l := range Languages {
		sets[l.Code] = sync.OnceValue(func() T { return build(l.Code) })
	}
	return sets
}

// buffers keeps the memory of finished pages for the next ones.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render draws a page completely before the first byte is written.
func render(w io.Writer, name string, p page) error {
	frame := p.frame()
	frame.Lang = in(frame.Lang).lang
	set := pages[frame.Lang]()
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	draw := func(part string) (template.HTML, error) {
		b.Reset()
		err := set.ExecuteTemplate(b, part, p)
		return template.HTML(strings.TrimSpace(b.String())), err // escaped by the template just executed
	}
	l := layout{Page: frame, Name: name}
	title, err := draw(name + ".title")
	if err != nil {
		return err
	}
	l.Title = template.HTML(untagged(string(title)))
	if set.Lookup(name+".head") != nil {
		if l.Head, err = draw(name + ".head"); err != nil {
			return err
		}
	}
	if l.Main, err = draw(name); err != nil {
		return err
	}
	b.Reset()
	if err = set.ExecuteTemplate(b, "base", l); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
