package ob2

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func FuzzRead(f *testing.F) {
	for _, document := range good {
		f.Add([]byte(document), "")
		f.Add([]byte(document), KindProfile)
	}
	for _, seed := range []string{
		`{"recipient":"a@b","badge":{"issuer":{"origin":1,"org":"x"}},"issued_on":1e400}`, `{"uid":"1","verify":{"type":"signed"},"recipient":{}}`,
		`{"@context":["https://w3id.org/openbadges/v1"],"@type":[[["Assertion"]]],"@id":[null],"alignment":[[{"url":1}]]}`, `{"type":[{}],"id":{}}`, `{"@context":{}}`,
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), KindRevocationList)
	}
	f.Fuzz(func(t *testing.T, data []byte, want string) {
		o, err := Read(data, "https://x.test/a", want)
		if err != nil {
			return
		}
		again, err := Read(data, "https://x.test/a", want)
		if err != nil || problems(again) != problems(o) || !bytes.Equal(o.Raw, data) {
			t.Errorf("reading is not stable: %q, %q", problems(o), problems(again))
		}
		_ = o.Home()
		d, _ := Parse(data)
		d.Contexts()
		d.Work(map[string][]byte{"x": data})
		MoreContexts(data)
		for _, e := range o.Extensions(true) {
			e.Work(nil)
			e.Schemas(map[string][]byte{"x": data})
			_, _ = e.Compacted(map[string][]byte{"x": data})
		}
		o.Dates(time.Unix(0, 0))
		o.Listed("a", "b")
		o.Criteria()
		o.Image()
		o.Creator()
		o.Recipient().Matches("a@x.test")
		for _, link := range append(append(o.PublicKeys(), o.Endorsements()...), o.Badge(), o.Issuer()) {
			if link.Embedded != nil {
				link.Embedded.Problems()
				Scope(o, link.Embedded, link.Embedded)
			}
		}
		Scope(o, nil, o)
	})
}

// FuzzPlain: a document that counts as plain is as good or as bad after expansion and compaction.
//
// proves: 2.0 §1 judged: the quick reading equals expansion and compaction
func FuzzPlain(f *testing.F) {
	for _, document := range good {
		f.Add([]byte(document))
	}
	f.Add([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://x.test/a","badge":{"id":"https://x.test/b","name":[null],"type":[]},
		"issuedOn":null,"evidence":[],"verify":{"type":"signed","creator":"https://x.test/k"},"revoked":true,"@language":"en"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil || !isPlain(d.m) || detect(d.m) == "0.5" || detect(d.m) == "1.0" {
			return
		}
		for _, want := range []string{"", KindAssertion, KindProfile} {
			plain, whole := problems(d.Read("https://x.test/a", want, nil)), problems(throughJSONLD(d, "https://x.test/a", want))
			if (plain == "") != (whole == "") && !strings.Contains(whole, "CONTEXT") {
				t.Errorf("%s: plain %q, JSON-LD %q", data, plain, whole)
			}
		}
	})
}

func FuzzParseDateTime(f *testing.F) {
	for _, seed := range []string{"2016-12-31T23:59:60Z", "20161231T2359+01", "2016-12-31T12:00:00,5-0530", "1483185600", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		moment, err := parseDateTime(s)
		if err == nil && (moment.Text != s || moment.Time.IsZero() && s[:4] != "0001") {
			t.Errorf("%q became %v", s, moment)
		}
		_, _ = parseDate1(s)
	})
}
