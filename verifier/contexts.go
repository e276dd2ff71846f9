package verifier

import (
	"context"

	"github.com/open-insignia/insignia/openbadge/ob2"
)

const (
	acceptContext = "application/ld+json, application/json"
	maxContexts   = 10 // of one document, with those that they name in their turn
	maxContext    = 256 << 10
	maxLinked     = 40_000 // work of JSON-LD for one badge, in values; some 10 microseconds each
)

// read decodes and reads a 2.x document with the contexts that it needs. The fault is one of the
// document as a whole; all others are told by its Problems.
func (x *examination) read(ctx context.Context, data []byte, from, kind string) (*ob2.Object, *fault) {
	parts := countParts(data)
	if x.parts += parts; parts > maxParts || x.parts > maxAllParts {
		return nil, &fault{verdict: Invalid, code: BadInput, message: "The document has more parts than are read."}
	}
	key := readingOf(data, from, kind)
	if o, found := x.memory.object(key); found {
		return o, nil
	}
	d, err := ob2.Parse(data)
	if err != nil {
		return nil, &fault{code: NotJSON, message: "There is no JSON object, or one that readers could understand differently."}
	}
	contexts, f := x.contexts(ctx, d.Contexts())
	if f != nil {
		return nil, f
	}
	work := d.Work(contexts)
	if x.linkedWork += work; x.linkedWork > maxLinked {
		return nil, &fault{verdict: Invalid, code: BadInput, message: "The badge has more parts than are read."}
	}
	o := d.Read(from, kind, contexts)
	if work == 0 {
		x.memory.keep(key, o, len(data)) // plain, so it means the same whatever contexts say
	}
	return o, nil
}

// knownContext is a context document that was asked for once, with the addresses of those that it names.
type knownContext struct {
	data  []byte
	more  []string
	fault *fault
}

// contexts fetches JSON-LD contexts like any other document (spec 2.0 section 1), and those that they
// name. Without them nobody knows what a document says.
func (x *examination) contexts(ctx context.Context, wanted []string) (map[string][]byte, *fault) {
	got := map[string][]byte{}
	for len(wanted) > 0 {
		address := wanted[0]
		wanted = wanted[1:]
		if _, have := got[address]; have {
			continue
		}
		if len(got) >= maxContexts {
			return nil, badContext("The document names more contexts than are read.")
		}
		c := x.context(ctx, address)
		if c.fault != nil {
			return nil, c.fault
		}
		got[address] = c.data
		wanted = append(wanted, c.more...)
	}
	return got, nil
}

func (x *examination) context(ctx context.Context, address string) knownContext {
	if known, found := x.known[address]; found {
		return known
	}
	data, f := x.fetchContext(ctx, address)
	c := knownContext{data: data, fault: f}
	if f == nil {
		c.more = ob2.MoreContexts(data)
	}
	if x.known == nil {
		x.known = map[string]knownContext{}
	}
	x.known[address] = c
	return c
}

func (x *examination) fetchContext(ctx context.Context, address string) ([]byte, *fault) {
	if data, found := ob2.Published(address); found {
		return data, nil
	}
	response, f := x.get(ctx, address, acceptContext)
	if f != nil {
		return nil, f.as(BadContext)
	}
	data := trim(response.Body)
	if len(data) > maxContext || !ob2.IsContext(data) {
		return nil, badContext("There is no context at the address that the document names.")
	}
	return data, nil
}

func badContext(message string) *fault {
	return &fault{code: BadContext, property: "@context", message: message}
}
