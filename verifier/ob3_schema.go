package verifier

import (
	"context"
	"errors"
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Bounds of the schemas of one badge. 1EdTech's own has 63 kB and no parts elsewhere.
const (
	maxSchemas    = 4
	maxSchemaBody = 128 << 10
	maxSchemaAll  = 256 << 10
)

// schemaDrafts are the known types of credentialSchema, with the draft that a schema is read by when
// it names none (spec 3.0 section 4; the second is W3C's).
var schemaDrafts = map[string]*jsonschema.Draft{
	"1EdTechJsonSchemaValidator2019": jsonschema.Draft2019,
	"JsonSchema":                     jsonschema.Draft2020,
	"JsonSchemaValidator2018":        jsonschema.Draft7,
}

// ownSchema matches the standard's own schemas, which every badge is held to by conformance, named or
// not. They are not fetched: the published texts differ from the standard in what it allows since 1.3.
var ownSchema = regexp.MustCompile(`^https://purl\.imsglobal\.org/spec/(?:ob/v3p0/schema/json(?:-ld)?/ob_v3p0_(?:any)?(achievement|endorsement)|clr/v2p0/schema/json(?:-ld)?/clr_v2p0_(?:any)?(clr|achievement|endorsement))credential_schema\.json$`)

// schemas holds the credential to every schema that it names (spec 3.0 section 10, step 1). An unknown
// type of schema is remarked upon; one that cannot be read is an error.
func (x *ob3Examination) schemas(ctx context.Context, s *sealed) {
	if s.class() != aBadge && s.class() != anEndorsement && s.class() != aRecord {
		return
	}
	if len(s.Schema) > maxSchemas {
		x.refuse(CheckParse, badSchema("The badge names more schemas than are read."))
		return
	}
	for _, named := range s.Schema {
		own := ownSchema.FindStringSubmatch(named.ID)
		draft, known := schemaDrafts[named.Type]
		var f *fault
		switch {
		case !known:
			x.warn(CheckParse, BadSchema, "The badge names a kind of schema that is not known here.")
			continue
		case own != nil && own[1]+own[2] != map[class]string{aBadge: "achievement", anEndorsement: "endorsement", aRecord: "clr"}[s.class()]:
			f = badSchema("The badge names the schema of another class.")
		case own != nil:
			continue
		default:
			f = x.schema(ctx, s, named.ID, draft)
		}
		if f != nil {
			x.refuse(CheckParse, f)
			continue
		}
		x.pass(CheckParse, "The badge fits the schema that it names.")
	}
}

func badSchema(message string) *fault {
	return &fault{code: BadSchema, property: "credentialSchema", message: message}
}

// schema fetches one schema with its parts and validates the credential.
func (x *ob3Examination) schema(ctx context.Context, s *sealed, address string, draft *jsonschema.Draft) *fault {
	tooLong := &fault{verdict: unsure, code: BadSchema, property: "credentialSchema",
		message: "The schema takes too long to apply."}
	return metered(tooLong, func(meter *meter) *fault { return x.applySchema(ctx, s, address, draft, meter) })
}

func (x *ob3Examination) applySchema(ctx context.Context, s *sealed, address string, draft *jsonschema.Draft, meter *meter) *fault {
	loader := &schemaLoader{docs: x.documents, ctx: ctx}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(draft)
	c.UseLoader(loader)
	c.UseRegexpEngine(meter.regexp)
	compiled, err := c.Compile(address)
	if loader.fault != nil {
		return loader.fault
	}
	switch {
	case err != nil && meter.unreadable:
		return &fault{verdict: unsure, code: BadSchema, property: "credentialSchema",
			message: "The schema has a pattern that cannot be applied here."}
	case err != nil:
		return badSchema("The schema that the badge names is malformed.")
	}
	meter.watch(compiled)
	var violation *jsonschema.ValidationError
	if err := compiled.Validate(s.withoutClaims()); errors.As(err, &violation) {
		f := badSchema("The badge does not fit the schema that it names.")
		f.property = placeOf(violation)
		return f
	}
	return nil
}
