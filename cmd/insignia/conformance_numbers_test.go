//go:build conformance

package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// numberContext has a term for each way to coerce a number.
const (
	numberContextURL = "https://" + conformanceHost + "/numbers.jsonld"
	numberContext    = `{"@context":{"@version":1.1,"id":"@id","plain":"urn:t:plain",
"double":{"@id":"urn:t:double","@type":"http://www.w3.org/2001/XMLSchema#double"},
"integer":{"@id":"urn:t:integer","@type":"http://www.w3.org/2001/XMLSchema#integer"},
"decimal":{"@id":"urn:t:decimal","@type":"http://www.w3.org/2001/XMLSchema#decimal"},
"float":{"@id":"urn:t:float","@type":"https://www.w3.org/2001/XMLSchema#float"},
"text":{"@id":"urn:t:text","@type":"http://www.w3.org/2001/XMLSchema#string"},
"reference":{"@id":"urn:t:reference","@type":"@id"},
"list":{"@id":"urn:t:list","@container":"@list"},
"json":{"@id":"urn:t:json","@type":"@json"}}}`
)

// numberForms are the ways to write a number N into a document, with the datatype that it is given.
var numberForms = []struct{ member, datatype string }{
	{`"plain":N`, ""},
	{`"plain":["x",N]`, ""},
	{`"list":[N]`, ""},
	{`"double":N`, "double"},
	{`"integer":N`, "integer"},
	{`"decimal":N`, "decimal"},
	{`"float":N`, "float"},
	{`"text":N`, "string"},
	{`"reference":N`, ""},
	{`"json":[N]`, "JSON"},
	{`"integer":{"@value":N,"@type":"http://www.w3.org/2001/XMLSchema#double"}`, "double"},
	{`"double":{"@value":N,"@type":"http://www.w3.org/2001/XMLSchema#integer"}`, "integer"},
	{`"double":{"@value":N,"@type":"http://www.w3.org/2001/XMLSchema#string"}`, "string"},
	{`"plain":{"@value":N,"@type":"urn:t:other"}`, "other"},
}

// TestConformanceNumbers holds what we make of numbers to what the JavaScript processor makes of them.
// Where that departs from the standard (printf's %1.15E for doubles, integers below 10^21 in digits), we
// must refuse to say; nowhere else.
func TestConformanceNumbers(t *testing.T) {
	w := newWorld(t)
	serving := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "application/ld+json")
		_, _ = io.WriteString(out, numberContext)
	}))
	t.Cleanup(serving.Close)
	w.serve(strings.TrimPrefix(serving.URL, "http://"))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	type written struct {
		number, datatype string
		ob3Job
	}
	var all []written
	for n, number := range append(slices.Clone(edgeNumbers), drawNumbers(random, 1500)...) {
		for k, form := range numberForms {
			if n >= len(edgeNumbers) && random.IntN(3) > 0 {
				continue // every form for numbers at an edge, some for the others
			}
			text := `{"@context":"` + numberContextURL + `","id":"urn:x",` + strings.ReplaceAll(form.member, "N", number) + `}`
			all = append(all, written{number, form.datatype, ob3Job{Name: fmt.Sprint(n, " ", k), Kind: "statements", Text: text}})
		}
	}
	jobs := make([]ob3Job, len(all))
	for n, one := range all {
		jobs[n] = one.ob3Job
	}
	var reports []ob3Report
	w.script(t, "judge.mjs", jobs, &reports)
	w.noStrays(t)
	same, disputed := 0, 0
	for n, one := range all {
		if !reports[n].Verified {
			t.Errorf("%s: the JavaScript processor refuses: %q", one.Text, reports[n].Faults)
			continue
		}
		theirs := reports[n].Facts["quads"]
		quads, err := jsonld.ToRDF([]byte(one.Text), jsonld.Options{Contexts: map[string][]byte{numberContextURL: []byte(numberContext)}})
		agreed := one.datatype == "JSON" || strings.Contains(theirs, `"`+standardNumber(t, one.number, one.datatype)+`"`)
		var refusal *jsonld.Error
		switch isDisputed := errors.As(err, &refusal) && refusal.Kind == jsonld.DisputedNumber; {
		case agreed && err != nil, !agreed && !isDisputed:
			t.Errorf("%s: got %v, %v where they agree with the standard: %v\n%s", one.Text, quads, err, agreed, theirs)
		case !agreed:
			disputed++
		default:
			ours := make([]string, len(quads))
			for k, q := range quads {
				ours[k] = q.String()
			}
			if got, want := sortedLines(strings.Join(ours, "")), sortedLines(theirs); got != want {
				t.Errorf("%s: got\n%swant\n%s", one.Text, got, want)
			}
			same++
		}
	}
	t.Logf("judge.mjs wrote %d documents with numbers: the same %d times, %d times not as the standard has it", len(all), same, disputed)
}

// standardNumber is what JSON-LD 1.1 API §8.2.2 makes of a number.
func standardNumber(t *testing.T, written, datatype string) string {
	t.Helper()
	f, err := strconv.ParseFloat(written, 64)
	if err != nil {
		t.Fatal(err)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e21 && datatype != "double" {
		return fmt.Sprintf("%.0f", f+0) // not minus zero
	}
	m, e, _ := strings.Cut(fmt.Sprintf("%1.15E", f), "E")
	m = strings.TrimRight(m, "0")
	if strings.HasSuffix(m, ".") {
		m += "0"
	}
	power, err := strconv.Atoi(e)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%sE%d", m, power)
}

// sortedLines puts statements in an order in which two processors can be compared; the cell of a list has
// no name.
func sortedLines(quads string) string {
	lines := strings.SplitAfter(blankLabel.ReplaceAllString(quads, "_:"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

var blankLabel = regexp.MustCompile(`_:\w+`)

var edgeNumbers = []string{
	"0", "-0", "0.0", "-0.0", "0e5", "1", "-1", "1.0", "10", "1e2", "1E+2", "1.5e1", "12e-1", "0.5", "-0.5", "0.1", "0.2", "0.30000000000000004", "3.3333333333333335", "4.5", "100.5",
	"1e-1", "1e-5", "1e-6", "0.000001", "0.0000015", "1e-7", "-1e-7", "1.5e-7", "0.0000001", "2e-7", "5e-324", "-5e-324", "1.5e-323", "2.2250738585072014e-308", "1e-300", "1.5e-300", "1e-400", "-1e-400",
	"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740994", "1152921504606846976", "12345678901234567890", "1e15", "1e16", "1e20", "1.5e20",
	"999999999999999868928", "999999999999999934463", "999999999999999934464", "999999999999999999999", "1000000000000000000000", "1e21", "-1e21", "1.0E21", "1.5e21", "1e22", "1e23", "123456789012345678901234",
	"1.7976931348623157e308", "-1.7976931348623157e308", "1e308", "123.456", "1234567890123456.5", "-1234567890123456.5", "1234567890123457.5", "123456789012345.25", "123456789012345.75", "4503599627370495.5", "8.5", "0.000030517578125",
}

// drawNumbers draws numbers of all sizes in all the forms that JSON has.
func drawNumbers(random *rand.Rand, n int) (numbers []string) {
	for len(numbers) < n {
		text := ""
		switch random.IntN(6) {
		case 0:
			text = strconv.FormatFloat(math.Float64frombits(random.Uint64()), "efgEG"[random.IntN(5)], -1, 64)
		case 1:
			text = strconv.FormatInt(random.Int64()>>random.IntN(63), 10)
		case 2: // near the ends of what is written in digits
			text = strconv.FormatFloat(math.Pow(10, float64(random.IntN(4)*7))*(1+random.Float64()*1e-15), 'f', -1, 64)
		case 3:
			text = fmt.Sprintf("%de%d", random.IntN(20)-10, random.IntN(660)-340)
		case 4: // halfway between two forms of 16 digits
			text = fmt.Sprintf("%d.%s", 1e14+random.Int64N(4e15), []string{"5", "25", "75", "125"}[random.IntN(4)])
		case 5:
			text = fmt.Sprintf("%d.%0*dE%+d", random.IntN(10), 1+random.IntN(18), random.IntN(100000), random.IntN(60)-30)
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			numbers = append(numbers, text)
		}
	}
	return numbers
}
