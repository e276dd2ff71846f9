package verifier

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// FuzzVerify: whatever comes in, a report comes out that can be sent, and with no network nothing but
// a did:key or did:jwk can be valid.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	did, _ := openbadge.DIDKey(keys().ec.Public())
	hosted := newWorld(f)
	publishHosted(hosted)
	w.badge.Status = nil
	web := w.token()
	w.badge.Issuer.ID, w.header.KID = did, did+"#"+did[len("did:key:"):]
	self := w.token()
	for _, seed := range []string{
		"", "https://issuer.test/", "{}", "[]", `{"type":"Assertion"}`, hosted.network[assertionID].Body, hosted.network[classID].Body,
		web, self, string(w.payload()), oldModel, picture(f, openbadge.Chunk{Keyword: openbadge.KeywordOB3, Text: self}), picture(f),
		picture(f, openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: hosted.network[assertionID].Body}),
		svgHead + `<openbadges:credential verify="` + self + `"/></svg>`, svgHead + `<o:assertion>{}</o:assertion></svg>`,
		`{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,` + self + `"}`, `{"recipient":"a@b","badge":{}}`, "a.b.c", "..", "\xff\xd8\xff",
	} {
		f.Add([]byte(seed))
	}
	v := New(Options{Now: func() time.Time { return today }})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := v.Verify(context.Background(), Input{Data: data, Recipient: ana})
		if r.Valid != (r.Verdict == Valid) || len(r.Checks) == 0 {
			t.Errorf("report %+v", r)
		}
		if r.Valid && r.Badge.Issuer.ID[:4] != "did:" {
			t.Errorf("valid without network: %s", r.Badge.Issuer.ID)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}

// FuzzDocument hands in one document that answers at every address, so all readers see it.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func FuzzDocument(f *testing.F) {
	w := newWorld(f)
	publishHosted(w)
	for _, r := range w.network {
		f.Add([]byte(r.Body))
	}
	hostedToken, token := newWorld(f), newWorld(f)
	inputs := []string{assertionID, w.network[assertionID].Body, token.token(), hostedToken.sign(signedBadge(hostedToken))}
	f.Fuzz(func(t *testing.T, data []byte) {
		everywhere := fetcherFunc(func(_ context.Context, r egress.Request) (*egress.Response, error) {
			return &egress.Response{URL: r.URL, Status: 200, Body: data}, nil
		})
		v := New(Options{Fetch: everywhere, Now: func() time.Time { return today }})
		for _, in := range inputs {
			r := v.Verify(context.Background(), Input{Data: []byte(in)})
			if r.Valid && (in != assertionID || !strings.Contains(r.codes(Warning), UnsupportedType)) {
				t.Errorf("valid: %s", in)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
		}
	})
}
