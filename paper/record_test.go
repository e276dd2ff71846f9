package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/templates"
)

// record is a record as it was just made.
func record(lang string) templates.Record {
	checked := time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC)
	return templates.Record{
		Page: templates.Page{Lang: lang, Site: "Acme Badges"}, Verdict: "valid", IssuerKnown: true, CheckedAt: checked, At: checked, Format: "vc-jwt", Asked: true,
		Title: "Cloud Operator", BadgeID: "https://badges.acme.example/badges/7Kq3", Issuer: "Acme Certification", IssuerID: "https://badges.acme.example/issuers/acme",
		IssuedOn: checked, Expires: checked.AddDate(2, 0, 0), Program: "Insignia 1.0", VerifyURL: "https://badges.acme.example/verify",
		KeyURL: "https://badges.acme.example/issuers/acme/keys/7.jwk", Fingerprint: "sha256:" + strings.Repeat("0123456789abcdef", 4), Size: 4321,
		Checks: []templates.Check{
			{Name: "proof", Outcome: "pass", Detail: "The signature is by the key."}, {Name: "dates", Outcome: "fail", Code: "EXPIRED"}, {Name: "status", Outcome: "unknown", Code: "FETCH_FAILED"},
		},
		Signed: "eyJhbGciOiJFUzI1NiJ9." + strings.Repeat("eyJhIjoxfQ", 150) + ".c2ln",
	}
}

func recordPDF(t *testing.T, f *Fonts, r templates.Record) []byte {
	t.Helper()
	data, err := f.Record(r.Sheet())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRecord(t *testing.T) {
	for _, l := range templates.Languages {
		r := record(l.Code)
		pdf := recordPDF(t, debian(), r)
		if *look != "" {
			if err := os.WriteFile(filepath.Join(*look, "record_"+l.Code+".pdf"), pdf, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(string(pdf), ">"+r.Signed+"<") || !strings.Contains(string(pdf), "/Lang("+l.Code+")") {
			t.Errorf("%s: no PDF with the signed text in one piece, and its language", l.Code)
		}
		if string(pdf) != string(recordPDF(t, debian(), r)) {
			t.Errorf("%s: the same record gives other bytes", l.Code)
		}
		if words := oneLine(spoken(t, pdf)); !strings.Contains(words, "Cloud Operator") || !strings.Contains(words, "https://badges.acme.example/issuers/acme") || strings.Contains(words, "□ ") {
			t.Errorf("%s: %s", l.Code, words)
		}
	}
}

// Hostile and long texts make a file all the same, and no letter is lost without a word.
func TestRecordOfStrangers(t *testing.T) {
	r := record("en")
	r.Title = "日本語 \U0001F6F0 \u202egnihton\x00 " + strings.Repeat("W", 500)
	r.Issuer, r.IssuerID, r.BadgeID = strings.Repeat("é ", 300), strings.Repeat("x", 2000), "\xff\xfe)(\\"
	r.At, r.Format = time.Time{}, "unheard of"
	for range 60 {
		r.Checks = append(r.Checks, templates.Check{Name: "endorsement", Outcome: "warning", Code: "STATUS", Detail: strings.Repeat("(detail) ", 60)})
	}
	r.Signed = strings.Repeat("eyJ", 40_000)
	pdf := recordPDF(t, NewFonts(""), r)
	if text := oneLine(extracted(t, pdf)); !strings.Contains(text, "□□□ □ gnihton") || !strings.Contains(text, "□ stands for letters") || !strings.Contains(text, "And 48 more of this kind.") {
		t.Errorf("%.3000s", text)
	}
	needFonts(t)
	if text := oneLine(extracted(t, recordPDF(t, debian(), r))); !strings.Contains(text, "日本語 □ gnihton") {
		t.Errorf("with more fonts: %.3000s", text)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("Ana", "did:key:z6Mk", "note")
	f.Add("\xff", "\U0010ffff", "(\\)\n\r\t")
	f.Add("\u0600\ufff9a\u200d\u0301", "\u06dd\u05d0\u05b7 a", "\U000e0001\ufe0f\u115f")
	f.Fuzz(func(t *testing.T, title, id, detail string) {
		r := record("fr")
		r.Title, r.IssuerID, r.Program = title, id, detail
		r.Checks = []templates.Check{{Name: title, Outcome: id, Code: detail, Detail: detail}}
		_ = recordPDF(t, NewFonts(""), r)
	})
}
