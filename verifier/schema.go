package verifier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/open-insignia/insignia/openbadge"
)

// schemaLoader gets schemas through the verifier's fetcher, within the badge's budget.
type schemaLoader struct {
	docs  *documents
	ctx   context.Context
	fault *fault // the first
}

// Load is called for a schema and for what it refers to.
func (l *schemaLoader) Load(address string) (any, error) {
	body, f := l.body(address)
	if f == nil {
		if err := openbadge.UnmarshalStrict(body, new(any)); err != nil {
			f = badSchema("The schema that the badge names is malformed.")
		}
	}
	if f != nil {
		if l.fault == nil {
			l.fault = f
		}
		return nil, fmt.Errorf("schema: %s", f.message)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(body))
}

func (l *schemaLoader) body(address string) ([]byte, *fault) {
	response, f := l.docs.get(l.ctx, address, acceptPart)
	if f != nil {
		f = f.as(BadSchema).aboutState()
		f.property = "credentialSchema"
		return nil, f
	}
	body := trim(response.Body)
	if len(body) > maxSchemaBody || len(body) > l.docs.schemaRoom {
		return nil, badSchema("The schemas that the badge names are larger than is read.")
	}
	l.docs.schemaRoom -= len(body)
	return body, nil
}

// A schema is a stranger's program: a few lines can ask for more steps than there is time. The library
// has no limit, so every part of a compiled schema is made to count its evaluations, and the validation
// is broken off by a panic that metered recovers.
const (
	maxSchemaSteps   = 100_000
	maxPatternSize   = 2_000 // instructions
	stepsPerTextUnit = 10_000
)

var errMeter = errors.New("schema takes too many steps")

// metered applies a schema within a number of steps; beyond them the fault is tooLong. Any other panic goes on.
func metered(tooLong *fault, apply func(m *meter) *fault) (f *fault) {
	defer func() {
		switch problem := recover(); problem {
		case nil:
		case errMeter:
			f = tooLong
		default:
			panic(problem)
		}
	}()
	return apply(&meter{left: maxSchemaSteps})
}

type meter struct {
	left       int
	unreadable bool // a pattern is of a kind that Go does not know, or too large
}

func (m *meter) spend(steps int) {
	if m.left -= steps; m.left < 0 {
		panic(errMeter)
	}
}

// watch makes s and all that it is made of count.
func (m *meter) watch(s *jsonschema.Schema) {
	seen := map[*jsonschema.Schema]bool{}
	waiting := []*jsonschema.Schema{s}
	for len(waiting) > 0 {
		s = waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		if s.RecursiveRef != nil || s.DynamicRef != nil {
			panic(errMeter) // these lead to parts that cannot be seen from here
		}
		format := jsonschema.Format{Validate: func(any) error { return nil }}
		if s.Format != nil {
			format = *s.Format
		}
		s.Format = &jsonschema.Format{Name: format.Name, Validate: func(v any) error {
			m.spend(1 + width(v))
			return format.Validate(v)
		}}
		waiting = append(waiting, partsOf(s)...)
	}
}

// width is how many members or elements a value has: some keywords look at all of them.
func width(v any) int {
	switch v := v.(type) {
	case map[string]any:
		return len(v)
	case []any:
		return len(v)
	}
	return 0
}

// partsOf lists the schemas that a schema applies.
func partsOf(s *jsonschema.Schema) []*jsonschema.Schema {
	parts := []*jsonschema.Schema{
		s.Ref, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties, s.Contains,
		s.Items2020, s.UnevaluatedItems, s.ContentSchema,
	}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
		parts = append(parts, list...)
	}
	for _, v := range []any{s.AdditionalProperties, s.Items, s.AdditionalItems} {
		parts = append(parts, schemasIn(v)...)
	}
	for _, part := range s.Properties {
		parts = append(parts, part)
	}
	for _, part := range s.PatternProperties {
		parts = append(parts, part)
	}
	for _, part := range s.DependentSchemas {
		parts = append(parts, part)
	}
	for _, v := range s.Dependencies {
		parts = append(parts, schemasIn(v)...)
	}
	return parts
}

func schemasIn(v any) []*jsonschema.Schema {
	switch v := v.(type) {
	case *jsonschema.Schema:
		return []*jsonschema.Schema{v}
	case []*jsonschema.Schema:
		return v
	}
	return nil
}

// regexp is the meter's regular expression engine: Go's, which needs no more than pattern times text,
// and pays for it.
func (m *meter) regexp(pattern string) (jsonschema.Regexp, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		m.unreadable = true
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxPatternSize {
		m.unreadable = true
		return nil, errMeter
	}
	return meteredPattern{regexp.MustCompile(pattern), m, len(program.Inst)}, nil
}

type meteredPattern struct {
	*regexp.Regexp
	meter *meter
	size  int
}

// MatchString counts before it matches.
func (p meteredPattern) MatchString(text string) bool {
	p.meter.spend(len(text) * p.size / stepsPerTextUnit)
	return p.Regexp.MatchString(text)
}

// placeOf is the path of the innermost member that the first violation is about.
func placeOf(v *jsonschema.ValidationError) string {
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	return clip(strings.Join(v.InstanceLocation, "."))
}
