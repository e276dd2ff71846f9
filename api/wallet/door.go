// Package wallet is what wallets talk to: the addresses of OpenID for Verifiable Credential Issuance 1.0. It answers in
// JSON and knows nobody by a cookie; what is offered to whom, and once, knows issuer/wallet.
package wallet

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

// Door is the protocol's end of the server.
type Door struct {
	site    *web.Site
	wallets *wallet.Wallets
}

// New makes the door.
func New(site *web.Site, w *wallet.Wallets) *Door { return &Door{site, w} }

// The addresses below the base address that the metadata name.
const (
	tokenPath      = serverPath + "/token"
	noncePath      = serverPath + "/nonce"
	credentialPath = serverPath + "/credential"

	// serverPath makes the identifier of the authorization server, which is another one than the issuer's: that stands
	// for OAuth clients of other kinds.
	serverPath = "/wallet"
)

// Routes are all addresses of the door. What is well known stands before the path of what it is about (RFC 8414 §3.1,
// OpenID4VCI 1.0 §12.2.2); wallets of older drafts look for it behind.
func (d *Door) Routes() []web.Route {
	below := d.site.Base.Path
	return web.Table(
		web.Open("/.well-known/openid-credential-issuer"+below, d.getIssuer),
		web.Open("/.well-known/oauth-authorization-server"+below+serverPath, d.getServer),
		web.Open(serverPath+"/.well-known/oauth-authorization-server", d.getServer),
		web.Open(wallet.OffersPath+":reference", d.getOffer),
		web.Callable(tokenPath, d.site.Spoken(wallet.InvalidRequest, d.postToken)),
		web.Callable(noncePath, d.site.Spoken(wallet.InvalidRequest, d.postNonce)),
		web.Callable(credentialPath, d.site.Spoken(wallet.InvalidCredential, d.postCredential)),
	)
}

// getOffer, GET /wallet/offers/:reference, is an offer that waits, to whoever has the link that the holder reads.
func (d *Door) getOffer(c echo.Context) error {
	body, found, err := d.wallets.Document(c.Request().Context(), c.Param("reference"))
	if err != nil {
		return err
	}
	if !found {
		c.Response().Header().Set("Access-Control-Allow-Origin", "*")
		return web.NotShown()
	}
	return web.Serve(c, web.NewDocument(echo.MIMEApplicationJSON, body), "no-store")
}

// tokenResponse carries a nonce for wallets of draft 13, which have no other way to get one. The final text lets others
// pass over it.
type tokenResponse struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
	nonceResponse
}

// postToken, POST /wallet/token, gives a token for the code of an offer and its PIN (OpenID4VCI 1.0 §6.1).
func (d *Door) postToken(c echo.Context) error {
	form, err := web.OAuthForm(c)
	if err != nil {
		return err
	}
	if form.Get("grant_type") != wallet.GrantType {
		return refusal.New(wallet.UnsupportedGrant, "The grant_type must be "+wallet.GrantType+".")
	}
	token, life, err := d.wallets.Redeem(c.Request().Context(), form.Get("pre-authorized_code"), form.Get("tx_code"))
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(tokenResponse{token, "Bearer", int(life.Seconds()), nonceResponse{d.wallets.Nonce()}}))
}

type nonceResponse struct {
	Nonce string `json:"c_nonce"`
}

// postNonce, POST /wallet/nonce, gives a nonce to whoever asks (OpenID4VCI 1.0 §7).
func (d *Door) postNonce(c echo.Context) error {
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(nonceResponse{d.wallets.Nonce()}))
}

// credentialRequest is a Credential Request, of the final text or of draft 13, which many wallets speak: those name the
// format and send one proof. What wallets send beside is passed over.
type credentialRequest struct {
	Configuration string              `json:"credential_configuration_id"`
	Identifier    *string             `json:"credential_identifier"`
	Proofs        map[string][]string `json:"proofs"`
	Encryption    any                 `json:"credential_response_encryption"`

	Format credential.CopyForm `json:"format"`
	Proof  *draftProof         `json:"proof"`
}

type draftProof struct {
	Type string `json:"proof_type"`
	JWT  string `json:"jwt"`
}

type credentialResponse struct {
	Credentials []issued `json:"credentials"`
}

type issued struct {
	Credential any `json:"credential"`
}

// draftResponse is what wallets of draft 13 read.
type draftResponse struct {
	issued
	nonceResponse
}

const requestMost = 64 << 10

// postCredential, POST /wallet/credential, signs the badge for the wallet's key (OpenID4VCI 1.0 §8).
func (d *Door) postCredential(c echo.Context) error {
	body, err := web.ReadBody(c, requestMost)
	if err == nil {
		err = web.WantJSON(c, body)
	}
	if err != nil {
		return err
	}
	r, draft, err := readRequest(body)
	if err != nil {
		return err
	}
	r.Token = bearer(c)
	made, err := d.wallets.Issue(c.Request().Context(), r)
	if err != nil {
		return err
	}
	var answer any = credentialResponse{[]issued{{asMember(made)}}}
	if draft {
		answer = draftResponse{issued{asMember(made)}, nonceResponse{d.wallets.Nonce()}}
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(answer))
}

func readRequest(body []byte) (r wallet.Request, draft bool, err error) {
	var in credentialRequest
	if err := openbadge.UnmarshalStrict(body, &in); err != nil {
		return r, false, refusal.New(wallet.InvalidCredential, "The body is no Credential Request.")
	}
	draft = in.Proof != nil && in.Proofs == nil
	if draft {
		in.Proofs = map[string][]string{in.Proof.Type: {in.Proof.JWT}}
	}
	if draft && in.Configuration == "" && in.Identifier == nil {
		in.Configuration = wallet.ConfigurationOf(in.Format)
	}
	switch {
	case in.Identifier != nil && in.Configuration != "":
		err = refusal.New(wallet.InvalidCredential, "Only one of credential_identifier and credential_configuration_id may be sent.")
	case in.Identifier != nil:
		err = refusal.New(wallet.UnknownIdentifier, "No credential_identifier was given out; send a credential_configuration_id.")
	case in.Configuration == "":
		err = refusal.New(wallet.InvalidCredential, "The credential_configuration_id is missing.")
	case in.Encryption != nil:
		err = refusal.New("invalid_encryption_parameters", "Responses are not encrypted.")
	case len(in.Proofs) != 1 || len(in.Proofs["jwt"]) != 1:
		err = refusal.New(wallet.InvalidProof, "The proofs must have one jwt: badges are issued one by one.")
	default:
		r = wallet.Request{Configuration: in.Configuration, Proof: in.Proofs["jwt"][0]}
	}
	return r, draft, err
}

// bearer is the access token of a request; empty if there is none.
func bearer(c echo.Context) string {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
