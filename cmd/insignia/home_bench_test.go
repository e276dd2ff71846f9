package main

import (
	"context"
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
	ana := w.holder(b, 20)
	ana.compare(b, w.base+"/me/badges")
}

// BenchmarkSharing compares the share page of a badge, and the profile of somebody with 20 badges, with Echo serving the
// same bytes from memory.
func BenchmarkSharing(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	ana := w.holder(b, 20)
	for _, award := range ana.awards {
		if err := w.issuer.Show(b.Context(), ana.holder, award, ledger.Public); err != nil {
			b.Fatal(err)
		}
	}
	if err := ana.accounts.SetProfile(b.Context(), earner.Profile{Account: ana.holder.ID, Handle: "ana", Shown: true}); err != nil {
		b.Fatal(err)
	}
	b.Run("share page", func(b *testing.B) { ana.compare(b, w.base+"/badges/"+ana.awards[0]+"/share") })
	b.Run("profile", func(b *testing.B) { ana.compare(b, w.base+"/people/ana") })
}

// benchHolder is somebody who is signed in, with badges.
type benchHolder struct {
	*bench
	accounts         *earner.Accounts
	holder           issuer.Holder
	awards           []string
	session, browser string
}

// holder signs somebody in and gives them so many badges, to be seen by whoever has the link.
func (w *bench) holder(b *testing.B, badges int) *benchHolder {
	b.Helper()
	ctx, pocket := b.Context(), new(pocket)
	ana := &benchHolder{bench: w, browser: earner.NewBrowser(), accounts: earner.New(w.db, earner.Options{Secret: w.secret, Letters: pocket, Now: w.now})}
	if _, err := ana.accounts.Begin(ctx, earner.Request{Address: "ana@home.test", Browser: ana.browser, Return: "/me/badges"}); err != nil {
		b.Fatal(err)
	}
	done, err := ana.accounts.Finish(ctx, earner.Answer{Browser: ana.browser, Code: pocket.code, Name: "Ana Ruiz", Language: "en"})
	if err != nil {
		b.Fatal(err)
	}
	ana.session, ana.holder = done.Token, issuer.Holder{ID: done.Account.ID, Addresses: []string{"ana@home.test"}}
	for n := range badges { // the same exam for as many candidates, who are one person
		r := demoResults(time.Now())[0]
		r["id"], r["candidate"] = fmt.Sprint("R-", n), map[string]any{"id": fmt.Sprint("C-", n), "email": "ana@home.test", "name": "Ana Ruiz", "locale": "en"}
		award, err := w.postResult(ctx, w.key, r)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.issuer.Accept(ctx, ana.holder, award, ledger.ByLink); err != nil {
			b.Fatal(err)
		}
		ana.awards = append(ana.awards, award)
	}
	return ana
}

// compare asks for a page as a browser does, and Echo for the same bytes.
func (ana *benchHolder) compare(b *testing.B, page string) {
	b.Helper()
	body, err := ana.read(b.Context(), page)
	if err != nil {
		b.Fatal(err)
	}
	static := serveStatic(b, body)
	compare(b, "reads", func() float64 { return perSecond(b, 64, func() error { return get(ana.client, static, nil) }) },
		func() float64 {
			return perSecond(b, 64, func() error {
				_, err := ana.read(b.Context(), page)
				return err
			})
		})
}

func (ana *benchHolder) read(ctx context.Context, page string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	r.AddCookie(&http.Cookie{Name: "insignia", Value: ana.session})
	r.AddCookie(&http.Cookie{Name: "insignia-browser", Value: ana.browser})
	answer, err := ana.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.String() != page {
		return nil, fmt.Errorf("%s answered %s at %s", page, answer.Status, answer.Request.URL)
	}
	return io.ReadAll(answer.Body)
}

// BenchmarkHidden compares badges that nobody is shown, and which all answer the same 404, with an id that never was one.
// Each ratio is to be near to 1.
func BenchmarkHidden(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	ana := w.holder(b, 2)
	private, declined := ana.awards[0], ana.awards[1]
	if err := w.issuer.Show(b.Context(), ana.holder, private, ledger.Private); err != nil {
		b.Fatal(err)
	}
	if err := w.issuer.Decline(b.Context(), ana.holder, declined); err != nil {
		b.Fatal(err)
	}
	r := demoResults(time.Now())[0]
	r["id"], r["candidate"] = "R-offered", map[string]any{"id": "C-offered", "email": "ana@home.test", "name": "Ana Ruiz", "locale": "en"}
	offered, err := w.postResult(b.Context(), w.key, r)
	if err != nil {
		b.Fatal(err)
	}
	rate := func(id string) func() float64 {
		return func() float64 {
			return perSecond(b, 64, func() error { return w.missing(w.base + "/badges/" + id) })
		}
	}
	for state, id := range map[string]string{"private": private, "declined": declined, "offered": offered} {
		b.Run(state, func(b *testing.B) { compare(b, "reads", rate("2222222222aaaaaaaaaa"), rate(id)) })
	}
}

// missing asks for a page that there is not.
func (w *bench) missing(page string) error {
	answer, err := w.client.Get(page)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		return fmt.Errorf("%s answered %s", page, answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
