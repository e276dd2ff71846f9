package wallet

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/openbadge"
)

// issuerMetadata are Credential Issuer Metadata (OpenID4VCI 1.0 §12.2.4).
type issuerMetadata struct {
	Issuer             string                   `json:"credential_issuer"`
	Servers            []string                 `json:"authorization_servers"`
	CredentialEndpoint string                   `json:"credential_endpoint"`
	NonceEndpoint      string                   `json:"nonce_endpoint"`
	Display            []display                `json:"display"`
	Configurations     map[string]configuration `json:"credential_configurations_supported"`
}

type display struct {
	Name   string `json:"name"`
	Locale string `json:"locale"`
}

// configuration is what can be had in one format.
type configuration struct {
	Format     credential.CopyForm `json:"format"`
	Bindings   []string            `json:"cryptographic_binding_methods_supported"`
	Algorithms []string            `json:"credential_signing_alg_values_supported"`
	Proofs     map[string]proofs   `json:"proof_types_supported"`
	Definition definition          `json:"credential_definition"`
	Metadata   struct {
		Display []display `json:"display"`
	} `json:"credential_metadata"`
}

type proofs struct {
	Algorithms []string `json:"proof_signing_alg_values_supported"`
}

type definition struct {
	Context []string `json:"@context,omitempty"`
	Type    []string `json:"type"`
}

// getIssuer, GET /.well-known/openid-credential-issuer, says what can be had, and where.
func (d *Door) getIssuer(c echo.Context) error {
	org, algorithm, err := d.wallets.Facts(c.Request().Context())
	if err != nil {
		return err
	}
	badge := openbadge.NewCredential("")
	m := issuerMetadata{
		Issuer: d.wallets.Issuer(), Servers: []string{d.wallets.Issuer() + serverPath},
		CredentialEndpoint: d.wallets.Issuer() + credentialPath, NonceEndpoint: d.wallets.Issuer() + noncePath,
		Display: named(org, ""),
		Configurations: map[string]configuration{
			wallet.ConfigurationJWT: newConfiguration(org, credential.CopyJWT, algorithm, definition{nil, badge.Type}),
			wallet.ConfigurationLDP: newConfiguration(org, credential.CopyLDP, "eddsa-rdfc-2022", definition{append(badge.Context, openbadge.ContextExtensions), badge.Type}),
		},
	}
	return web.Serve(c, web.NewDocument(echo.MIMEApplicationJSON, web.EncodeJSON(m)), web.CacheMinute)
}

func newConfiguration(org programme.Issuer, form credential.CopyForm, algorithm string, of definition) configuration {
	made := configuration{
		Format: form, Bindings: []string{"did:key", "did:jwk", "jwk"}, Algorithms: []string{algorithm},
		Proofs: map[string]proofs{"jwt": {openbadge.HolderAlgorithms}}, Definition: of,
	}
	made.Metadata.Display = named(org, "Open Badge · ")
	return made
}

// named is the issuer's name, in each of its languages, behind a word that is the same in all of them.
func named(org programme.Issuer, before string) (list []display) {
	for _, lang := range org.Languages {
		list = append(list, display{before + org.Name.In(lang), lang})
	}
	return list
}

// serverMetadata are those of the authorization server (RFC 8414 §2, OpenID4VCI 1.0 §12.3).
type serverMetadata struct {
	Issuer      string   `json:"issuer"`
	Token       string   `json:"token_endpoint"`
	Grants      []string `json:"grant_types_supported"`
	Responses   []string `json:"response_types_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	Anonymous   bool     `json:"pre-authorized_grant_anonymous_access_supported"`
}

// getServer, GET /.well-known/oauth-authorization-server/wallet, says where a code is redeemed.
func (d *Door) getServer(c echo.Context) error {
	issuer := d.wallets.Issuer()
	m := serverMetadata{issuer + serverPath, issuer + tokenPath, []string{wallet.GrantType}, []string{}, []string{"none"}, true}
	return web.Serve(c, web.NewDocument(echo.MIMEApplicationJSON, web.EncodeJSON(m)), web.CacheMinute)
}

// asMember is a credential as a member of JSON: an object, or the text of a token.
func asMember(made wallet.Issued) any {
	if made.Form == credential.CopyLDP {
		return json.RawMessage(made.Body)
	}
	return string(made.Body)
}
