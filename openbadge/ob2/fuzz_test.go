package ob2

import (
	"bytes"
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
		_, _ = HostedURL(data)
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

func FuzzParseDateTime(f *testing.F) {
	for _, seed := range []string{"2016-12-31T23:59:60Z", "20161231T2359+01", "2016-12-31T12:00:00,5-0530", "1483185600", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		moment, err := ParseDateTime(s)
		if err == nil && (moment.Text != s || moment.Time.IsZero() && s[:4] != "0001") {
			t.Errorf("%q became %v", s, moment)
		}
		_, _ = parseDate1(s)
	})
}
