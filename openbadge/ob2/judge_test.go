package ob2

import (
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

func TestDates(t *testing.T) {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		issuedOn, expires, want string
	}{
		"current":               {`"2019-01-01T00:00:00Z"`, `"2021-01-01T00:00:00Z"`, ""},
		"for ever":              {`"2019-01-01T00:00:00Z"`, ``, ""},
		"issued this moment":    {`"2020-01-01T01:00:00+01:00"`, ``, ""},
		"issued later":          {`"2020-01-01T00:00:01Z"`, ``, "NOT_YET_ISSUED:issuedOn"},
		"ends this moment":      {`"2019-01-01T00:00:00Z"`, `"2020-01-01T00:00:00Z"`, "EXPIRED:expires"},
		"ended":                 {`"2018-01-01T00:00:00Z"`, `"2019-01-01T00:00:00Z"`, "EXPIRED:expires"},
		"ended by its offset":   {`"2018-01-01T00:00:00Z"`, `"2020-01-01T05:00:00+06:00"`, "EXPIRED:expires"},
		"ended before it began": {`"2019-01-01T00:00:00Z"`, `"2018-01-01T00:00:00Z"`, "EXPIRES_BEFORE_ISSUED:expires EXPIRED:expires"},
		"unreadable":            {`"x"`, `"y"`, ""},
	} {
		o, err := Read(change(t, good[KindAssertion], map[string]string{"issuedOn": c.issuedOn, "expires": c.expires}), "", "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range o.Dates(at) {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %q", name, got, c.want)
		}
	}
}

func TestScope(t *testing.T) {
	for name, c := range map[string]struct {
		assertion, badge, issuer, policy string
		want                             string
	}{
		"same host":                 {"https://x.test/a", "https://x.test/b", "https://x.test/i", "", ""},
		"other scheme":              {"http://x.test/a", "https://x.test/b", "https://x.test/i", "", ""},
		"other case":                {"https://X.test/a", "https://x.TEST/b", "https://x.test/i", "", ""},
		"default port":              {"https://x.test:443/a", "http://x.test:80/b", "https://x.test/i", "", ""},
		"other port":                {"https://x.test:8443/a", "https://x.test/b", "https://x.test/i", "", ""},
		"issuer on a port":          {"https://x.test:8443/a", "https://x.test:8443/b", "https://x.test:8443/i", "", ""},
		"not the issuer's port":     {"https://x.test/a", "https://x.test:8443/b", "https://x.test:8443/i", "", "ORIGIN_SCOPE:id"},
		"other host":                {"https://y.test/a", "https://x.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:id"},
		"sub-domain":                {"https://a.x.test/a", "https://x.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:id"},
		"host as prefix":            {"https://x.test.evil.test/a", "https://x.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:id"},
		"userinfo trick":            {"https://x.test@evil.test/a", "https://x.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:id"},
		"badge elsewhere":           {"https://x.test/a", "https://y.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:badge"},
		"badge with policy":         {"https://x.test/a", "https://y.test/b", "https://x.test/i", `{"allowedOrigins":["x.test"]}`, ""},
		"allowed":                   {"https://y.test/a", "https://y.test/b", "https://x.test/i", `{"allowedOrigins":["z.test","y.test"]}`, ""},
		"list replaces default":     {"https://x.test/a", "https://x.test/b", "https://x.test/i", `{"allowedOrigins":"y.test"}`, "ORIGIN_SCOPE:id"},
		"prefix":                    {"https://x.test/a/1", "https://x.test/b", "https://x.test/i", `{"startsWith":"https://x.test/a/"}`, ""},
		"one of two prefixes":       {"https://x.test/a/1", "https://x.test/b", "https://x.test/i", `{"startsWith":["https://q.test/","https://x.test/a/"]}`, ""},
		"not the prefix":            {"https://x.test/c/1", "https://x.test/b", "https://x.test/i", `{"startsWith":"https://x.test/a/"}`, "STARTS_WITH:id"},
		"prefix does not free host": {"https://y.test/a/1", "https://y.test/b", "https://x.test/i", `{"startsWith":"https://y.test/a/"}`, "ORIGIN_SCOPE:id"},
		"urn issuer":                {"https://x.test/a", "https://x.test/b", "urn:uuid:1", "", "ORIGIN_SCOPE:id ORIGIN_SCOPE:badge"},
		"urn assertion":             {"urn:uuid:1", "https://x.test/b", "https://x.test/i", "", "ORIGIN_SCOPE:id"},
	} {
		read := func(kind string, changes map[string]string) *Object {
			o, err := Read(change(t, good[kind], changes), "", kind)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		assertion := read(KindAssertion, map[string]string{"id": `"` + c.assertion + `"`})
		badge := read(KindBadgeClass, map[string]string{"id": `"` + c.badge + `"`})
		profile := read(KindProfile, map[string]string{"id": `"` + c.issuer + `"`, "verification": c.policy})
		var got []string
		for _, p := range Scope(assertion, badge, profile) {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %q", name, got, c.want)
		}
	}
	profile, _ := Read([]byte(good[KindProfile]), "", "")
	assertion, _ := Read([]byte(good[KindAssertion]), "", "")
	if got := Scope(assertion, nil, profile); len(got) > 0 {
		t.Errorf("without badge class: got %v", got)
	}
}

// proves: 2.0 §7 judged: 1.x signed: PEM at verify.url on the issuer's host, id is uid, plain list
func TestListed(t *testing.T) {
	l, _ := Read([]byte(good[KindRevocationList]), "", KindRevocationList)
	single, _ := Read([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","revokedAssertions":["urn:uuid:1"]}`), "", KindRevocationList)
	old, _ := Read([]byte(`{"abc":"a reason","urn:uuid:5":null}`), "https://x.test/r", KindRevocationList)
	if problems(old) != "" {
		t.Errorf("1.0 list: %q", problems(old))
	}
	for name, c := range map[string]struct {
		list    *Object
		id, uid string
		want    bool
		reason  string
	}{
		"text":             {l, "urn:uuid:1", "", true, ""},
		"object":           {l, "urn:uuid:2", "", true, "why"},
		"uid":              {l, "urn:uuid:9", "u3", true, ""},
		"uid as id":        {l, "u3", "", false, ""},
		"taken back":       {l, "urn:uuid:4", "", false, ""},
		"other":            {l, "urn:uuid:9", "u9", false, ""},
		"nothing asked":    {l, "", "", false, ""},
		"list of one":      {single, "urn:uuid:1", "", true, ""},
		"1.0 by uid":       {old, "uid:abc", "abc", true, "a reason"},
		"1.0 by id":        {old, "urn:uuid:5", "", true, ""},
		"1.0 other":        {old, "uid:x", "x", false, ""},
		"1.0 member names": {old, "id", "type", false, ""},
	} {
		if got, reason := c.list.Listed(c.id, c.uid); got != c.want || reason != c.reason {
			t.Errorf("%s: got %v, %q; want %v, %q", name, got, reason, c.want, c.reason)
		}
	}
}

func TestRecipientMatches(t *testing.T) {
	hashed := Recipient{Type: "email", Hashed: true, Identity: openbadge.HashIdentity("ana@x.test", "s"), Salt: "s"}
	for _, c := range []struct {
		r     Recipient
		value string
		want  bool
	}{
		{hashed, "ana@x.test", true}, {hashed, "Ana@X.test", false}, {hashed, "bob@x.test", false}, {hashed, "", false},
		{Recipient{Identity: "ana@x.test"}, "ana@x.test", true}, {Recipient{Identity: "ana@x.test"}, "ANA@x.test", false},
		{Recipient{Identity: "Ana@x.test"}, "ana@x.test", false}, {Recipient{}, "", false}, {Recipient{Hashed: true}, "x", false},
	} {
		if got := c.r.Matches(c.value); got != c.want {
			t.Errorf("%+v with %q: got %v", c.r, c.value, got)
		}
	}
}

func TestViews(t *testing.T) {
	o, err := Read(change(t, good[KindBadgeClass], map[string]string{
		"image": `{"id":"DATA:image/png,x","caption":"c"}`, "criteria": `{"id":"https://x.test/c","narrative":"n"}`, "tags": `["a","b"]`,
		"endorsement": `["https://x.test/1",{"id":"https://x.test/2","type":"Endorsement"},{"id":"https://x.test/3"},7]`,
	}), "", "")
	if err != nil {
		t.Fatal(err)
	}
	page, narrative := o.Criteria()
	if p := o.Image(); !p.IsData() || p.Caption != "c" || page != "https://x.test/c" || narrative != "n" || len(o.Texts("tags")) != 2 {
		t.Errorf("got %+v, %q, %q", p, page, narrative)
	}
	if e := o.Endorsements(); len(e) != 3 || e[1].Embedded.Kind != KindEndorsement || e[0].Embedded != nil || e[2].ID != "https://x.test/3" || e[2].Embedded != nil {
		t.Errorf("got %v", e)
	}
	if o.Badge() != (Link{}) || !o.Expires().IsZero() || o.VerificationType() != "" {
		t.Error("absent members must be zero")
	}
	page, _ = (&Object{m: map[string]any{"criteria": "https://x.test/c"}}).Criteria()
	if page != "https://x.test/c" {
		t.Errorf("got %q", page)
	}
	e, _ := Read([]byte(good[KindEndorsement]), "", "")
	if e.Issuer().ID != "https://x.test/i" {
		t.Errorf("got %v", e.Issuer())
	}
	e, _ = Read(change(t, good[KindEndorsement], map[string]string{"issuer": `{"id":"https://x.test/j","name":"J"}`}), "", "")
	if l := e.Issuer(); l.Embedded.Kind != KindEndorser {
		t.Errorf("got %v", l)
	}
	signed, _ := Read(change(t, good[KindAssertion], map[string]string{"verification": `{"type":"signed","creator":{"id":"https://x.test/k"}}`}), "", "")
	if signed.Creator() != "https://x.test/k" || signed.VerificationType() != "SignedBadge" {
		t.Errorf("got %q", signed.Creator())
	}
	p, _ := Read(change(t, good[KindProfile], map[string]string{"publicKey": `["https://x.test/1","https://x.test/2"]`}), "", "")
	if keys := p.PublicKeys(); len(keys) != 2 || keys[1].ID != "https://x.test/2" {
		t.Errorf("got %v", keys)
	}
}
