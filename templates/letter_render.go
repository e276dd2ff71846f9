package templates

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"
)

//go:embed letters/*
var letterFiles embed.FS

var (
	letterTexts = eachLanguage(func(lang string) *template.Template {
		return template.Must(template.New("letters").Funcs(letterFunctions(in(lang))).ParseFS(letterFiles, "letters/*.txt"))
	})
	letterPages = eachLanguage(func(lang string) *htmltemplate.Template {
		return htmltemplate.Must(htmltemplate.New("letters").Funcs(functions(in(lang))).ParseFS(letterFiles, "letters/*.html"))
	})
)

// letterFunctions are the plain-text twins of functions.
func letterFunctions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) string { return c.text(key, plain(args)...) },
		"plural": func(key string, n int, args ...any) string {
			return c.text(c.form(key, n), append(plain(args), "n", c.count(n))...)
		},
		"date":    c.date,
		"reason":  c.reason,
		"contact": contact,
	}
}

// plain are arguments as they stand in plain text.
func plain(args []any) []string {
	words := make([]string, len(args))
	for n, arg := range args {
		words[n] = fmt.Sprint(arg)
	}
	return words
}

func letterText(lang, name string, letter any) (string, error) {
	var b strings.Builder
	if err := letterTexts[in(lang).lang]().ExecuteTemplate(&b, name+".txt", letter); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()) + "\n", nil
}

func letterHTML(lang, name string, letter any) (string, error) {
	var b strings.Builder
	if err := letterPages[in(lang).lang]().ExecuteTemplate(&b, name+".html", letter); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()) + "\n", nil
}
