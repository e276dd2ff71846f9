package ob2

import "strings"

// upgrade brings a document of 0.5, 1.0 or 1.1 up to 2.0 (spec 2.0 section 11). Dates stay as they
// are written; reading them knows the version.
func (o *Object) upgrade(from, want string) {
	switch o.Version {
	case "0.5":
		o.upgrade05(from)
	case "1.0":
		o.upgrade10(from, want)
	case "1.1":
		o.upgrade11()
	}
	if o.Version != "2.0" {
		o.upgradeAlignments(o.m)
	}
}

func (o *Object) upgrade05(from string) {
	m := o.m
	setDefault(m, "id", from)
	m["type"] = KindAssertion
	rename(m, "issued_on", "issuedOn")
	identity := text(m["recipient"])
	recipient := map[string]any{"identity": identity, "type": "email", "hashed": !strings.Contains(identity, "@")}
	if salt, found := m["salt"]; found {
		recipient["salt"] = salt
	}
	m["recipient"] = recipient
	m["verification"] = map[string]any{"type": "HostedBadge"}
	badge := object(m["badge"])
	if badge == nil {
		return
	}
	badge["type"] = KindBadgeClass
	if issuer := object(badge["issuer"]); issuer != nil {
		upgradeIssuer05(issuer)
	}
}

func upgradeIssuer05(issuer map[string]any) {
	issuer["type"] = KindProfile
	rename(issuer, "contact", "email")
	rename(issuer, "origin", "url")
	if org := text(issuer["org"]); org != "" {
		issuer["name"] = text(issuer["name"]) + ": " + org
	}
}

func (o *Object) upgrade10(from, want string) {
	m := o.m
	if _, typed := m["type"]; !typed {
		setDefault(m, "type", class10(m, want))
	}
	setDefault(m, "id", from)
	verification := object(m["verification"])
	switch {
	case text(m["id"]) != "":
	case text(verification["type"]) == "HostedBadge" && text(verification["url"]) != "":
		m["id"] = verification["url"]
	case text(m["uid"]) != "":
		m["id"] = "uid:" + text(m["uid"])
	}
	if text(m["id"]) == "" {
		delete(m, "id")
	}
}

// upgrade11 gives a signed assertion of 1.1 that has no id the one it is known by (spec 2.0 section 7).
func (o *Object) upgrade11() {
	m := o.m
	if text(object(m["verification"])["type"]) == "SignedBadge" && text(m["uid"]) != "" {
		setDefault(m, "id", "uid:"+text(m["uid"]))
	}
}

// class10 tells the class by the kind asked for, else by its members.
func class10(m map[string]any, want string) string {
	switch {
	case want == KindEndorser:
		return KindProfile
	case want != "":
		return want
	case m["recipient"] != nil:
		return KindAssertion
	case m["criteria"] != nil:
		return KindBadgeClass
	case m["url"] != nil:
		return KindProfile
	}
	return ""
}

// upgradeAlignments gives the members of 1.x alignments their 2.0 names, in a badge class or in the
// one that an assertion embeds.
func (o *Object) upgradeAlignments(m map[string]any) {
	for _, value := range list(m["alignment"]) {
		if a := object(value); a != nil {
			rename(a, "url", "targetUrl")
			rename(a, "name", "targetName")
			rename(a, "description", "targetDescription")
		}
	}
	if badge := object(m["badge"]); badge != nil {
		o.upgradeAlignments(badge)
	}
}

func rename(m map[string]any, old, name string) {
	value, found := m[old]
	if _, taken := m[name]; found && !taken {
		m[name] = value
		delete(m, old)
	}
}

func setDefault(m map[string]any, name, value string) {
	if _, found := m[name]; !found && value != "" {
		m[name] = value
	}
}
