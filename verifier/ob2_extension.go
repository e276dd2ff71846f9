package verifier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// Bounds of the extensions of one badge.
const (
	maxExtensions = 20
	maxExtended   = 64 << 10 // bytes of one extension
)

// extensions holds the extensions of 2.x documents to the schemas that their contexts prescribe (spec
// 2.0 section 2). whole is set for a signed document, where embedded objects count as well. What cannot
// be fetched or applied leaves the badge genuine and its extension open.
func (x *ob2Examination) extensions(ctx context.Context, whole bool, objects ...*ob2.Object) {
	seen := 0
	for _, o := range objects {
		if o == nil {
			continue
		}
		for _, e := range o.Extensions(whole) {
			if seen++; seen <= maxExtensions {
				x.judgeExtension(ctx, e)
			}
		}
	}
	if more := seen - maxExtensions; more > 0 {
		x.refuse(CheckParse, &fault{verdict: unsure, code: ExtensionSchema,
			message: fmt.Sprintf("%d more extensions than can be checked.", more)})
	}
}

// judgeExtension writes down what there is to say about one extension.
func (x *ob2Examination) judgeExtension(ctx context.Context, e ob2.Extension) {
	checked, f := x.checkExtension(ctx, e)
	switch {
	case f != nil:
		x.refuse(CheckParse, f)
	case checked:
		x.add(Check{Name: CheckParse, Outcome: Pass, Property: clip(e.Name),
			Message: "An extension of the badge is as its own schema wants it."})
	}
}

func badExtension(name, message string) *fault {
	return &fault{code: ExtensionSchema, property: clip(name), message: message}
}

func openExtension(name, message string) *fault {
	f := badExtension(name, message)
	f.verdict = unsure
	return f
}

// checkExtension judges one; checked is false when no schema is prescribed for it.
func (x *ob2Examination) checkExtension(ctx context.Context, e ob2.Extension) (checked bool, f *fault) {
	contexts, f := x.contexts(ctx, e.Contexts)
	if f != nil {
		f = f.aboutState()
		f.property = clip(e.Name) + ".@context"
		return false, f
	}
	if x.linkedWork += e.Work(contexts); x.linkedWork > maxLinked {
		return false, openExtension(e.Name, "The badge has more parts than are checked.")
	}
	schemas := e.Schemas(contexts)
	if len(schemas) == 0 {
		return false, nil
	}
	compacted, err := e.Compacted(contexts)
	if err != nil {
		return false, badExtension(e.Name, "The extension cannot be read by its own context.")
	}
	instance, err := json.Marshal(compacted)
	if err != nil || len(instance) > maxExtended {
		return false, openExtension(e.Name, "The extension is larger than is checked.")
	}
	for _, address := range schemas {
		if f := x.extensionSchema(ctx, e.Name, address, instance); f != nil {
			return false, f
		}
	}
	return true, nil
}

// extensionSchema validates an extension by one schema, of draft 4 when it names none.
func (x *ob2Examination) extensionSchema(ctx context.Context, name, address string, instance []byte) *fault {
	tooLong := openExtension(name, "The extension's schema takes too long to apply.")
	return metered(tooLong, func(meter *meter) *fault { return x.applyExtensionSchema(ctx, name, address, instance, meter) })
}

func (x *ob2Examination) applyExtensionSchema(ctx context.Context, name, address string, instance []byte, meter *meter) *fault {
	loader := &extensionLoader{next: schemaLoader{docs: x.documents, ctx: ctx}}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(loader)
	c.UseRegexpEngine(meter.regexp)
	compiled, err := c.Compile(address)
	switch {
	case loader.next.fault != nil:
		f := loader.next.fault.as(ExtensionSchema)
		f.property = clip(name)
		return f
	case err != nil && meter.unreadable:
		return openExtension(name, "The extension's schema has a pattern that cannot be applied here.")
	case err != nil:
		return badExtension(name, "The schema that the extension's context prescribes is malformed.")
	}
	meter.watch(compiled)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(instance))
	if err != nil {
		return badExtension(name, "The extension cannot be read.")
	}
	var violation *jsonschema.ValidationError
	if err := compiled.Validate(value); errors.As(err, &violation) {
		f := badExtension(name, "The extension is not as its own schema wants it.")
		if at := placeOf(violation); at != "" {
			f.property = clip(name + "." + at)
		}
		return f
	}
	return nil
}

// extensionLoader has the schemas of the standard's own extensions at hand and fetches others.
type extensionLoader struct{ next schemaLoader }

// Load is called for a schema and for what it refers to.
func (l *extensionLoader) Load(address string) (any, error) {
	data, found := ob2.Published(address)
	if !found {
		return l.next.Load(address)
	}
	if err := openbadge.UnmarshalStrict(data, new(any)); err != nil {
		return nil, fmt.Errorf("published schema %s: %w", address, err)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(data))
}
