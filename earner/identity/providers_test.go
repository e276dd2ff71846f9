package identity_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/earner/identity/identitytest"
	"github.com/open-insignia/insignia/refusal"
)

// slow is a way out on which nothing comes back in time while it is blocked.
type slow struct{ blocked func(path string) bool }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.blocked(r.URL.Path) {
		return nil, os.ErrDeadlineExceeded
	}
	return http.DefaultTransport.RoundTrip(r)
}

// at makes a Providers with one, over a way out.
func at(db *database.DB, p *identitytest.Provider, issuer string, out http.RoundTripper) *identity.Providers {
	return identity.NewProviders(identity.Options{
		DB: db, Secret: []byte("a secret for tests"), BaseURL: "https://badges.test", Transport: out, Now: p.Now,
		Providers: []identity.Provider{{Name: "id", Kind: identity.Personal, Issuer: issuer, ClientID: identitytest.ClientID, ClientSecret: identitytest.ClientSecret}},
	})
}

// comesBack is what the provider answers to somebody who was sent there.
func comesBack(t *testing.T, address string) url.Values {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	u, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(u.String(), "https://badges.test/sign-in/id/callback?") {
		t.Fatalf("leads to %s, %v", u, err)
	}
	return u.Query()
}

// A provider that does not answer is unavailable, at each step; it is asked again the next time, and was never asked
// before somebody came.
func TestSlowProvider(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p := identitytest.New(t, time.Now)
		p.SignsIn("P1", nil)
		var blocked string
		providers := at(db, p, p.URL, slow{func(path string) bool { return blocked != "" && strings.HasPrefix(path, blocked) }})
		for _, step := range []string{"/.well-known/", "/token", "/keys"} {
			blocked = step
			address, err := providers.Begin(t.Context(), "browser", identity.Attempt{Provider: "id", Return: "/me"})
			if step == "/.well-known/" {
				if !refusal.Is(err, identity.Unavailable) {
					t.Errorf("%s: got %v", step, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			answer := comesBack(t, address)
			a, _, err := providers.Finish(t.Context(), "id", "browser", answer)
			if !refusal.Is(err, identity.Unavailable, identity.Untrue) || a.Return != "/me" {
				t.Errorf("%s: got %+v, %v", step, a, err)
			}
			if _, _, err = providers.Finish(t.Context(), "id", "browser", answer); !refusal.Is(err, identity.Used) {
				t.Errorf("%s: a second time: got %v", step, err)
			}
		}
		blocked = ""
		address, err := providers.Begin(t.Context(), "browser", identity.Attempt{Provider: "id"})
		if err != nil {
			t.Fatal(err)
		}
		if _, person, err := providers.Finish(t.Context(), "id", "browser", comesBack(t, address)); err != nil || person.Subject != "P1" || person.Believed {
			t.Errorf("got %+v, %v", person, err)
		}
		if err := providers.Forget(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// The issuer must be what the provider calls itself, to the slash.
func TestIssuerToTheSlash(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p := identitytest.New(t, time.Now)
		_, err := at(db, p, p.URL+"/", http.DefaultTransport).Begin(t.Context(), "browser", identity.Attempt{Provider: "id"})
		if !refusal.Is(err, identity.Unavailable) || !strings.Contains(err.Error(), "issuer") {
			t.Errorf("got %v, want a refusal whose reason stands in the log", err)
		}
		var none *identity.Providers
		if _, found := none.Provider("id"); found || len(none.List()) != 0 {
			t.Error("no providers have one")
		}
	})
}
