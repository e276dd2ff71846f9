package issuer_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/refusal"
)

// TestNumbersByValue: two spellings of a JSON number come out alike exactly if they are the same number.
func TestNumbersByValue(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) string {
		text := rapid.SampledFrom([]string{"", "", "-"}).Draw(t, "sign") + rapid.SampledFrom([]string{"0", "8", "81", "812", "8120", "1000"}).Draw(t, "whole")
		text += rapid.SampledFrom([]string{"", ".0", ".00", ".5", ".50", ".05", ".120"}).Draw(t, "fraction")
		if rapid.Bool().Draw(t, "scientific") {
			text += rapid.SampledFrom([]string{"e", "E", "e+", "e-"}).Draw(t, "e") + strings.Repeat("0", rapid.IntRange(0, 2).Draw(t, "zeros")) + strconv.Itoa(rapid.SampledFrom([]int{0, 1, 2, 3, 30}).Draw(t, "exponent"))
		}
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		spelledA, spelledB := issuer.ByValue(a), issuer.ByValue(b)
		if (x.Cmp(y) == 0) != (spelledA == spelledB) {
			t.Fatalf("%s is %s and %s is %s", a, spelledA, b, spelledB)
		}
		if z, ok := new(big.Rat).SetString(spelledA); !ok || z.Cmp(x) != 0 || !json.Valid([]byte(spelledA)) {
			t.Fatalf("%s became %s", a, spelledA)
		}
	})
	for in, want := range map[string]string{"812": "812", "812.0": "812", "8.12e2": "812", "-0": "0", "0.0e5": "0", "0.50": "0.5", "1e308": "1e308", "1e-400": "1e-400", "100": "100", "12.5": "12.5"} {
		if got := issuer.ByValue(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// TestSameContent: a result is the same however its numbers, name and address are spelled, and nothing else is.
func TestSameContent(t *testing.T) {
	w := issuertest.New(t)
	post := func(score, of, name, address string) (issuer.Receipt, error) {
		r := issuertest.Pass("R-1", "E1", "2026-03-04")
		n, m := json.Number(score), json.Number(of)
		r.Score, r.MaxScore, r.Candidate.Name, r.Candidate.Email = &n, &m, name, address
		return w.Record(t.Context(), w.Caller, r)
	}
	if r, err := post("812", "1000", "José Ruiz", "josé@café.test"); err != nil || r.Replayed {
		t.Fatal(r, err)
	}
	for _, c := range [][4]string{
		{"812", "1000", "José Ruiz", "josé@café.test"}, {"812.0", "1e3", "Jose\u0301 Ruiz", "JOSE\u0301@xn--caf-dma.test"},
		{"8.12e2", "1000.00", "José Ruiz", "josé@cafe\u0301.test"}, {"81200E-2", "0.1e+4", " José Ruiz ", "josé@café.test"},
	} {
		if r, err := post(c[0], c[1], c[2], c[3]); err != nil || !r.Replayed || r.Result.Score != "812" {
			t.Errorf("%q: got %+v, %v, want the first answer", c, r.Result, err)
		}
	}
	for _, c := range [][4]string{
		{"812.1", "1000", "José Ruiz", "josé@café.test"}, {"812", "1000.000000001", "José Ruiz", "josé@café.test"},
		{"812", "1000", "Jose Ruiz", "josé@café.test"}, {"812", "1000", "José Ruiz", "jose@café.test"},
	} {
		var refused *refusal.Error
		if _, err := post(c[0], c[1], c[2], c[3]); !errors.As(err, &refused) || refused.Code != "result_conflict" {
			t.Errorf("%q: got %v, want a conflict", c, err)
		}
	}
}
