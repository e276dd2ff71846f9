package ob2

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// Dates judges an assertion or endorsement as of a moment (spec 2.0 section 6, step 8): issued later
// (NOT_YET_ISSUED), ended (EXPIRED), or ending before it was issued (EXPIRES_BEFORE_ISSUED). Dates
// that cannot be read are Problems' matter.
func (o *Object) Dates(at time.Time) []openbadge.Problem {
	var problems []openbadge.Problem
	add := func(code, property, message string) {
		problems = append(problems, openbadge.Problem{Code: code, Property: property, Message: message})
	}
	issued, expires := o.IssuedOn(), o.Expires()
	if !issued.IsZero() && issued.Time.After(at) {
		add(openbadge.NotYetIssued, "issuedOn", "issue date is in the future")
	}
	if expires.IsZero() {
		return problems
	}
	if !issued.IsZero() && expires.Time.Before(issued.Time) {
		add(openbadge.ExpiresBefore, "expires", "expires before it was issued")
	}
	if !expires.Time.After(at) {
		add(openbadge.Expired, "expires", "expired")
	}
	return problems
}

// Scope judges whether the issuer lets this hosted assertion speak for it (spec 2.0 section 6, step
// 7): startsWith is a plain prefix of the id, and the host must be one of allowedOrigins, by default
// the host of the profile's id. Without any policy the badge class must be on that host as well.
func Scope(assertion, badge, profile *Object) []openbadge.Problem {
	var problems []openbadge.Problem
	policy := object(profile.m["verification"])
	prefixes := texts(policy["startsWith"])
	if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(assertion.ID, p) }) {
		problems = append(problems, openbadge.Problem{
			Code: openbadge.StartsWith, Property: "id", Message: "id does not begin as the issuer's policy demands",
		})
	}
	origins := texts(policy["allowedOrigins"])
	byDefault := len(origins) == 0
	if byDefault {
		origins = []string{profile.origin()}
	}
	if !inOrigins(assertion.ID, origins) {
		problems = append(problems, openbadge.Problem{
			Code: openbadge.OriginScope, Property: "id", Message: "assertion is not on a host that its issuer allows",
		})
	}
	if byDefault && len(prefixes) == 0 && badge != nil && badge.ID != "" && !inOrigins(badge.ID, origins) {
		problems = append(problems, openbadge.Problem{
			Code: openbadge.OriginScope, Property: "badge", Message: "badge class is not on its issuer's host",
		})
	}
	return problems
}

// origin is the authority that a profile speaks from: that of its id; in 0.5, where profiles have no
// id, that of its url (origin).
func (o *Object) origin() string {
	if o.Version == "0.5" && o.ID == "" {
		return authority(o.Text("url"))
	}
	return authority(o.ID)
}

// inOrigins compares parsed hosts, never parts of the text: https://good.example@evil.example/ is at
// evil.example. An origin without port allows every port.
func inOrigins(id string, origins []string) bool {
	at := authority(id)
	if at == "" {
		return false
	}
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		host = at
	}
	return slices.ContainsFunc(origins, func(origin string) bool {
		origin = strings.ToLower(origin)
		return origin != "" && (origin == at || origin == host)
	})
}

// authority is host and port of a web address in lower case, "" for any other id; a port that the
// scheme implies is left out.
func authority(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if implied := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; strings.HasSuffix(host, implied) {
		return strings.TrimSuffix(host, implied)
	}
	return host
}

// AtHome reports whether an address is on the host that a profile speaks from.
func (o *Object) AtHome(address string) bool { return inOrigins(address, []string{o.origin()}) }

// Listed looks an assertion up in a revocation list (spec 2.0 section 7, step 7), by id and, for
// legacy badges, by uid. It reads the list of 2.0 and 1.1 and the plain object {"<id or uid>":
// "reason"} of 1.0. An entry that says revoked:false does not revoke.
func (o *Object) Listed(id, uid string) (revoked bool, reason string) {
	for _, entry := range list(o.m["revokedAssertions"]) {
		m := object(entry)
		if m == nil {
			m = map[string]any{"id": entry}
		}
		named := id != "" && text(m["id"]) == id || uid != "" && text(m["uid"]) == uid
		if withdrawn, isBool := m["revoked"].(bool); named && (!isBool || withdrawn) {
			return true, text(m["revocationReason"])
		}
	}
	if o.Version == "1.0" {
		for _, key := range []string{id, uid} {
			if why, found := o.m[key]; found && key != "" && key != "id" && key != "type" {
				return true, text(why)
			}
		}
	}
	return false, ""
}
