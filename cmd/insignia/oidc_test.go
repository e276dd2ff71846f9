package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/earner/identity"
)

func TestProvidersFromTheEnvironment(t *testing.T) {
	list, problems := oidcProviders([]string{
		"INSIGNIA_OIDC_GOOGLE_ISSUER=https://accounts.google.test", "INSIGNIA_OIDC_GOOGLE_CLIENT_ID=a", "INSIGNIA_OIDC_GOOGLE_CLIENT_SECRET=b=c",
		"INSIGNIA_OIDC_BIG_CO_ISSUER=https://id.bigco.test/", "INSIGNIA_OIDC_BIG_CO_CLIENT_ID=d", "INSIGNIA_OIDC_BIG_CO_CLIENT_SECRET=e",
		"INSIGNIA_OIDC_BIG_CO_KIND=work", "INSIGNIA_OIDC_BIG_CO_LABEL=Big Co.", "INSIGNIA_OIDC_BIG_CO_DOMAINS=BigCo.test, bigco.example", "PATH=/bin",
	})
	want := []identity.Provider{
		{Name: "big-co", Label: "Big Co.", Kind: "work", Issuer: "https://id.bigco.test/", ClientID: "d", ClientSecret: "e", Domains: []string{"bigco.test", "bigco.example"}},
		{Name: "google", Label: "Google", Kind: "personal", Issuer: "https://accounts.google.test", ClientID: "a", ClientSecret: "b=c"},
	}
	if diff := cmp.Diff(want, list); diff != "" || len(problems) > 0 {
		t.Error(diff, problems)
	}
}

// All that is wrong is told at once, by the name of the setting.
func TestProvidersThatAreWrong(t *testing.T) {
	_, problems := oidcProviders([]string{
		"INSIGNIA_OIDC_A_ISSUER=http://id.test", "INSIGNIA_OIDC_A_KIND=school", "INSIGNIA_OIDC_A_DOMAINS=ana@home.test",
		"INSIGNIA_OIDC_CODE_ISSUER=https://id.test", "INSIGNIA_OIDC_CODE_CLIENT_ID=x", "INSIGNIA_OIDC_CODE_CLIENT_SECRET=x",
		"INSIGNIA_OIDC_B_CLIENTID=x", "INSIGNIA_OIDC_C_LABEL=C",
	})
	got := errors.Join(problems...).Error()
	for _, want := range []string{
		"INSIGNIA_OIDC_A_ISSUER: \"http://id.test\" must be https", "INSIGNIA_OIDC_A_CLIENT_ID: is missing", "INSIGNIA_OIDC_A_CLIENT_SECRET: is missing",
		"INSIGNIA_OIDC_A_KIND: \"school\"", "INSIGNIA_OIDC_A_DOMAINS: \"ana@home.test\"", "INSIGNIA_OIDC_CODE_ISSUER: the name", "INSIGNIA_OIDC_B_CLIENTID: is no setting",
		"INSIGNIA_OIDC_C_ISSUER: is missing",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}
