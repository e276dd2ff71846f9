package identity

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/open-insignia/insignia/refusal"
)

// client is us, at one provider.
type client struct {
	Provider
	http     *http.Client
	redirect string // where it sends people back to
	now      func() time.Time

	mu    sync.Mutex
	found *discovered
}

// discovered is what a provider says of itself. It is asked when somebody first signs in there, and again after a day.
type discovered struct {
	*oidc.Provider
	endSession  string
	namesItself bool // in every answer (RFC 9207)
	at          time.Time
}

const discoveredLife = 24 * time.Hour

// algorithms are those that a token may be signed with.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// discover asks the provider who it is, or remembers. What fails is not remembered.
func (c *client) discover(ctx context.Context) (*discovered, error) {
	c.mu.Lock()
	found := c.found
	c.mu.Unlock()
	if found != nil && c.now().Sub(found.at) < discoveredLife {
		return found, nil
	}
	// The provider keeps this context to fetch its keys with, longer than the request lives.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), c.http), c.Issuer)
	if err != nil {
		return nil, unavailable(fmt.Errorf("ask the provider %s who it is: %w", c.Name, err))
	}
	found = &discovered{Provider: provider, at: c.now()}
	var more struct {
		EndSession  string `json:"end_session_endpoint"`
		NamesItself bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&more); err == nil {
		found.endSession, found.namesItself = more.EndSession, more.NamesItself
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = found
	return found, nil
}

func (c *client) config(known *discovered) *oauth2.Config {
	at := known.Endpoint()
	at.AuthStyle = oauth2.AuthStyleInHeader // client_secret_basic
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: at, RedirectURL: c.redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// exchange asks who somebody is by the code that they brought.
func (c *client) exchange(ctx context.Context, known *discovered, code, verifier, nonce string) (Person, error) {
	ctx = oidc.ClientContext(ctx, c.http)
	token, err := c.config(known).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < http.StatusInternalServerError {
		return Person{}, refusal.New(Untrue, "The provider does not know the code that came: "+shorten(said.ErrorCode)+".")
	}
	if err != nil {
		return Person{}, unavailable(fmt.Errorf("exchange a code at %s: %w", c.Name, err))
	}
	raw, _ := token.Extra("id_token").(string)
	checks := known.Verifier(&oidc.Config{ClientID: c.ClientID, SupportedSigningAlgs: algorithms, Now: c.now})
	id, err := checks.Verify(ctx, raw)
	if err != nil {
		return Person{}, errors.Join(refusal.New(Untrue, "The provider's statement does not hold."), fmt.Errorf("verify a token of %s: %w", c.Name, err))
	}
	if !hmac.Equal([]byte(id.Nonce), []byte(nonce)) || id.Subject == "" || len(id.Subject) > subjectMost {
		return Person{}, refusal.New(Untrue, "The provider's statement is about another sign-in.")
	}
	var told claims
	if err := id.Claims(&told); err != nil {
		return Person{}, errors.Join(refusal.New(Untrue, "The provider's statement cannot be read."), err)
	}
	if told.Email == "" && known.UserInfoEndpoint() != "" {
		// Without an address the person can go on all the same: it is only for showing, and for a first account.
		if info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token)); err == nil && info.Subject == id.Subject {
			_ = info.Claims(&told)
		}
	}
	return c.person(id.Subject, told), nil
}

// subjectMost bounds what names somebody (OpenID Connect Core §2: at most 255).
const subjectMost = 255
