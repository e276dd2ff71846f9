package verifier

import (
	"context"
	"crypto"
	"crypto/sha256"
	"net/http"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const (
	acceptContext = "application/ld+json, application/json"
	maxContexts   = 10 // of one document, with those that they name in their turn
	maxContext    = 256 << 10
	maxLinked     = 40_000 // work of JSON-LD for one badge, in values; some 10 microseconds each
)

// ob2Documents reads the documents of one 2.x badge, each once.
type ob2Documents struct {
	docs         *documents
	memory       *memory
	loaded       map[loading]loaded
	contextsRead map[string]knownContext
	linkedWork   int // of JSON-LD
}

func newOB2Documents(docs *documents, m *memory) *ob2Documents {
	return &ob2Documents{docs: docs, memory: m, loaded: map[loading]loaded{}, contextsRead: map[string]knownContext{}}
}

// read decodes and reads a 2.x document with the contexts that it needs. The fault is one of the
// document as a whole; all others are told by its Problems.
func (d *ob2Documents) read(ctx context.Context, data []byte, from, kind string) (*ob2.Object, *fault) {
	parts := countParts(data)
	if d.docs.parts += parts; parts > maxParts || d.docs.parts > maxAllParts {
		return nil, &fault{verdict: Invalid, code: BadInput, message: "The document has more parts than are read."}
	}
	key := readingOf(data, from, kind)
	if o, found := d.memory.object(key); found {
		return o, nil
	}
	parsed, err := ob2.Parse(data)
	if err != nil {
		return nil, &fault{code: NotJSON,
			message: "There is no JSON object, or one that readers could understand differently."}
	}
	contexts, f := d.contexts(ctx, parsed.Contexts())
	if f != nil {
		return nil, f
	}
	work := parsed.Work(contexts)
	if d.linkedWork += work; d.linkedWork > maxLinked {
		return nil, &fault{verdict: Invalid, code: BadInput, message: "The badge has more parts than are read."}
	}
	o := parsed.Read(from, kind, contexts)
	if work == 0 {
		d.memory.keep(key, o, len(data)) // plain, so it means the same whatever contexts say
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
func (d *ob2Documents) contexts(ctx context.Context, wanted []string) (map[string][]byte, *fault) {
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
		c := d.context(ctx, address)
		if c.fault != nil {
			return nil, c.fault
		}
		got[address] = c.data
		wanted = append(wanted, c.more...)
	}
	return got, nil
}

func (d *ob2Documents) context(ctx context.Context, address string) knownContext {
	if known, found := d.contextsRead[address]; found {
		return known
	}
	data, f := d.fetchContext(ctx, address)
	c := knownContext{data: data, fault: f}
	if f == nil {
		c.more = ob2.MoreContexts(data)
	}
	d.contextsRead[address] = c
	return c
}

func (d *ob2Documents) fetchContext(ctx context.Context, address string) ([]byte, *fault) {
	if data, found := ob2.Published(address); found {
		return data, nil
	}
	response, f := d.docs.get(ctx, address, acceptContext)
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

// loading names one reading of a document: what it is taken for decides how an old one is upgraded.
type loading struct{ id, kind string }

// loaded is the memory of one examination: a document that is linked a hundred times is read once.
type loaded struct {
	object *ob2.Object
	fault  *fault
}

// load fetches one 2.0 document by its id and makes sure that it is that document: one that declares
// another id is followed once, and must be at home there (spec 2.0 section 6, step 3).
func (d *ob2Documents) load(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	key := loading{id, kind}
	if known, found := d.loaded[key]; found {
		return known.object, known.fault
	}
	o, f := d.loadAtHome(ctx, id, kind)
	d.loaded[key] = loaded{o, f}
	return o, f
}

func (d *ob2Documents) loadAtHome(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	o, f := d.loadOnce(ctx, id, kind)
	if f != nil || o.ID == id || o.ID == "" {
		return o, f
	}
	if _, isWeb := egress.WebURL(o.ID); !isWeb {
		return nil, &fault{code: BadValue, property: "id", message: "A document gives an id that is not its address."}
	}
	d.docs.notes.warn(CheckFetch, BadValue, "A document gives another id than the address that it was fetched from; that id was followed.")
	next, f := d.loadOnce(ctx, o.ID, kind)
	if f == nil && next.ID != o.ID {
		return nil, &fault{code: BadValue, property: "id",
			message: "A document gives an id that leads to another one."}
	}
	return next, f
}

func (d *ob2Documents) loadOnce(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	response, f := d.docs.get(ctx, id, acceptPart)
	if f != nil {
		return withdrawn(response, id, kind), f.as(FetchFailed)
	}
	if detect(response.Body) != isJSON {
		return nil, &fault{code: NotJSON, message: "There is no badge document at " + clip(id) + "."}
	}
	o, f := d.read(ctx, trim(response.Body), id, kind)
	if f != nil {
		return nil, f
	}
	d.docs.sender(response, id)
	return o, nil
}

// withdrawn reads the body of an answer 410, which may say why (spec 2.0 section 8).
func withdrawn(response *egress.Response, id, kind string) *ob2.Object {
	if response == nil || response.Status != http.StatusGone || tooComplex(response.Body) {
		return nil
	}
	o, err := ob2.Read(response.Body, id, kind)
	if err != nil {
		return nil
	}
	return o
}

// classOf gives the badge class of a hosted assertion; nil, after saying why, when there is none.
func (x *ob2Examination) classOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	return x.linked(ctx, o, o.Badge(), ob2.KindBadgeClass)
}

// issuerOf gives the profile behind a badge class or an endorsement; nil, after saying why, when there
// is none.
func (x *ob2Examination) issuerOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	if o.Kind == ob2.KindEndorsement {
		return x.linked(ctx, o, o.Issuer(), ob2.KindEndorser)
	}
	return x.linked(ctx, o, o.Issuer(), ob2.KindProfile)
}

// linked takes the hosted document wherever there is an address: an embedded copy is then only a hint
// (spec 2.0 section 6, step 5). An embedded object counts where no hosted one can be: its id is no
// address, or it is of 0.5, which had no ids.
func (x *ob2Examination) linked(ctx context.Context, from *ob2.Object, link ob2.Link, kind string) *ob2.Object {
	_, isWeb := egress.WebURL(link.ID)
	if !isWeb && link.Embedded != nil && (link.ID != "" || from.Version == "0.5") {
		return link.Embedded
	}
	if link.ID == "" {
		return nil // the member is missing or wrong, which Problems says
	}
	o, f := x.load(ctx, link.ID, kind)
	if f != nil {
		x.refuse(CheckFetch, f)
		return nil
	}
	return o
}

// What is kept of documents that were read: the parts that many badges share, if they are small.
const (
	maxRemembered     = 128
	maxRememberedSize = 8 << 10
)

// memory holds what was made of bytes that are met again and again: classes, profiles and keys. It
// remembers meanings, not answers: the bytes are fetched anew by the rules of cache. Nil remembers
// nothing. Objects in it are shared and must not be changed.
type memory struct {
	objects *lru.Cache[reading, *ob2.Object]
	keys    *lru.Cache[string, crypto.PublicKey]
}

// reading is what the meaning of a document depends on.
type reading struct {
	bytes [sha256.Size]byte
	loading
}

func newMemory() *memory {
	objects, err := lru.New[reading, *ob2.Object](maxRemembered)
	if err != nil {
		panic(err) // only for a size below one
	}
	keys, err := lru.New[string, crypto.PublicKey](maxRemembered)
	if err != nil {
		panic(err)
	}
	return &memory{objects, keys}
}

func readingOf(data []byte, from, kind string) reading {
	return reading{sha256.Sum256(data), loading{from, kind}}
}

func (m *memory) object(r reading) (*ob2.Object, bool) {
	if m == nil || r.kind == "" { // the document that a check starts with
		return nil, false
	}
	return m.objects.Get(r)
}

func (m *memory) keep(r reading, o *ob2.Object, size int) {
	if m != nil && r.kind != "" && size <= maxRememberedSize {
		m.objects.Add(r, o)
	}
}

// key reads a public key in PEM.
func (m *memory) key(pem string) (crypto.PublicKey, error) {
	if m == nil {
		return openbadge.ParsePublicKeyPEM(pem)
	}
	if key, found := m.keys.Get(pem); found {
		return key, nil
	}
	key, err := openbadge.ParsePublicKeyPEM(pem)
	if err == nil && len(pem) <= maxRememberedSize {
		m.keys.Add(pem, key)
	}
	return key, err
}
