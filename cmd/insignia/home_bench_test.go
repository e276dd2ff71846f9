package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// BenchmarkMyBadges compares My badges of somebody with 20 of them with Echo serving the same bytes from memory.
func BenchmarkMyBadges(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	ctx, browser, pocket := b.Context(), earner.NewBrowser(), new(pocket)
	earners := earner.New(w.db, earner.Options{Secret: w.secret, Letters: pocket, Now: w.now})
	if _, err := earners.Begin(ctx, earner.Request{Address: "ana@home.test", Browser: browser, Return: "/me/badges"}); err != nil {
		b.Fatal(err)
	}
	done, err := earners.Finish(ctx, earner.Answer{Browser: browser, Code: pocket.code, Name: "Ana Ruiz", Language: "en"})
	if err != nil {
		b.Fatal(err)
	}
	for n := range 20 { // the same exam for 20 candidates, who are one person
		r := demoResults(time.Now())[0]
		r["id"], r["candidate"] = fmt.Sprint("R-", n), map[string]any{"id": fmt.Sprint("C-", n), "email": "ana@home.test", "name": "Ana Ruiz", "locale": "en"}
		award, err := w.postResult(ctx, w.key, r)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.issuer.Accept(ctx, issuer.Holder{ID: done.Account.ID, Addresses: []string{"ana@home.test"}}, award, ledger.ByLink); err != nil {
			b.Fatal(err)
		}
	}
	request := func(address string) *http.Request { // as a browser sends it
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "insignia", Value: done.Token})
		r.AddCookie(&http.Cookie{Name: "insignia-browser", Value: browser})
		return r
	}
	ask := func(address string) error {
		answer, err := w.client.Do(request(address))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", address, answer.Status)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	page := w.base + "/me/badges"
	answer, err := w.client.Do(request(page))
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/me/badges" {
		b.Fatal(answer.Status, answer.Request.URL, err)
	}
	static := serveStatic(b, body)
	compare(b, "reads", func() float64 { return perSecond(b, 64, func() error { return get(w.client, static, nil) }) },
		func() float64 { return perSecond(b, 64, func() error { return ask(page) }) })
}
