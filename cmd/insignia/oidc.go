package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner/identity"
)

// oidcMembers are what a provider is made of: INSIGNIA_OIDC_{NAME}_{MEMBER}.
var oidcMembers = []string{"ISSUER", "CLIENT_ID", "CLIENT_SECRET", "KIND", "LABEL", "DOMAINS"}

const oidcPrefix = "INSIGNIA_OIDC_"

// oidcProviders reads the providers of OpenID Connect from the environment, in the order of their names. There are any
// number of them, so that no flag stands for one.
func oidcProviders(environ []string) (list []identity.Provider, problems []error) {
	members := map[string]map[string]string{}
	for _, entry := range environ {
		key, value, _ := strings.Cut(entry, "=")
		rest, is := strings.CutPrefix(key, oidcPrefix)
		if !is {
			continue
		}
		k := slices.IndexFunc(oidcMembers, func(m string) bool { return strings.HasSuffix(rest, "_"+m) && len(rest) > len(m)+1 })
		if k < 0 {
			problems = append(problems, fmt.Errorf("%s: is no setting; there are %s{NAME}_%s", key, oidcPrefix, strings.Join(oidcMembers, ", _")))
			continue
		}
		name := strings.TrimSuffix(rest, "_"+oidcMembers[k])
		if members[name] == nil {
			members[name] = map[string]string{}
		}
		members[name][oidcMembers[k]] = strings.TrimSpace(value)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p, errs := oidcProvider(name, members[name])
		list, problems = append(list, p), append(problems, errs...)
	}
	return list, problems
}

// oidcProvider makes one and says everything that is wrong with it.
func oidcProvider(name string, m map[string]string) (p identity.Provider, problems []error) {
	wrong := func(member, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s%s_%s: %s", oidcPrefix, name, member, fmt.Sprintf(format, args...)))
	}
	p = identity.Provider{
		Name: strings.ReplaceAll(strings.ToLower(name), "_", "-"), Label: m["LABEL"], Kind: cmp.Or(m["KIND"], identity.Personal),
		Issuer: m["ISSUER"], ClientID: m["CLIENT_ID"], ClientSecret: m["CLIENT_SECRET"],
	}
	if p.Label == "" {
		p.Label = name[:1] + strings.ToLower(name[1:])
	}
	if slices.Contains([]string{"code", "elsewhere", "passkey"}, p.Name) {
		wrong("ISSUER", "the name %q has another meaning in addresses", p.Name)
	}
	issuer, err := url.Parse(p.Issuer)
	switch {
	case p.Issuer == "":
		wrong("ISSUER", "is missing")
	case err != nil || issuer.Host == "" || issuer.Scheme != "https" && !(issuer.Scheme == "http" && web.ThisMachine(issuer.Host)):
		wrong("ISSUER", "%q must be https://…, exactly as the provider writes it", p.Issuer)
	}
	if p.ClientID == "" {
		wrong("CLIENT_ID", "is missing")
	}
	if p.ClientSecret == "" {
		wrong("CLIENT_SECRET", "is missing")
	}
	if p.Kind != identity.Personal && p.Kind != identity.Work {
		wrong("KIND", "%q must be personal or work", p.Kind)
	}
	for _, domain := range strings.FieldsFunc(m["DOMAINS"], func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.ContainsAny(domain, "@/:") {
			wrong("DOMAINS", "%q must be a domain of addresses such as example.org, or *", domain)
			continue
		}
		p.Domains = append(p.Domains, strings.ToLower(domain))
	}
	return p, problems
}
