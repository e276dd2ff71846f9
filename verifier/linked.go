package verifier

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// loading names one reading of a document: what it is taken for decides how an old one is upgraded.
type loading struct{ id, kind string }

// loaded is the memory of one examination: a document that is linked a hundred times is read once.
type loaded struct {
	object *ob2.Object
	fault  *fault
}

// load fetches one 2.0 document by its id and makes sure that it is that document: one that declares
// another id is followed once, and must be at home there (spec 2.0 section 6, step 3).
func (x *examination) load(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	key := loading{id, kind}
	if known, found := x.loaded[key]; found {
		return known.object, known.fault
	}
	o, f := x.loadAtHome(ctx, id, kind)
	if x.loaded == nil {
		x.loaded = map[loading]loaded{}
	}
	x.loaded[key] = loaded{o, f}
	return o, f
}

func (x *examination) loadAtHome(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	o, f := x.loadOnce(ctx, id, kind)
	if f != nil || o.ID == id || o.ID == "" {
		return o, f
	}
	if _, isWeb := egress.WebURL(o.ID); !isWeb {
		return nil, &fault{code: BadValue, property: "id", message: "A document gives an id that is not its address."}
	}
	x.warn(CheckFetch, BadValue, "A document gives another id than the address that it was fetched from; that id was followed.")
	next, f := x.loadOnce(ctx, o.ID, kind)
	if f == nil && next.ID != o.ID {
		return nil, &fault{code: BadValue, property: "id", message: "A document gives an id that leads to another one."}
	}
	return next, f
}

func (x *examination) loadOnce(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	response, f := x.get(ctx, id, acceptPart)
	if f != nil {
		return withdrawn(response, id, kind), f.as(FetchFailed)
	}
	if detect(response.Body) != isJSON {
		return nil, &fault{code: NotJSON, message: "There is no badge document at " + clip(id) + "."}
	}
	o, f := x.read(ctx, trim(response.Body), id, kind)
	if f != nil {
		return nil, f
	}
	x.sender(response, id)
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

// sender remarks on how a document was served; neither remark changes the verdict.
func (x *examination) sender(r *egress.Response, address string) {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if detect(r.Body) == isJSON && r.ContentType != "" && t != "application/json" && !strings.HasSuffix(t, "+json") {
		x.warn(CheckFetch, ContentType, "A document is not served as JSON.")
	}
	if !staysAt(address, r.URL) {
		x.strayed[address] = true
		x.warn(CheckFetch, "", "A document was answered by another host than the one in its address.")
	}
}

// classOf gives the badge class of a hosted assertion; nil, after saying why, when there is none.
func (x *examination) classOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	return x.linked(ctx, o, o.Badge(), ob2.KindBadgeClass)
}

// issuerOf gives the profile behind a badge class or an endorsement; nil, after saying why, when there
// is none.
func (x *examination) issuerOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	if o.Kind == ob2.KindEndorsement {
		return x.linked(ctx, o, o.Issuer(), ob2.KindEndorser)
	}
	return x.linked(ctx, o, o.Issuer(), ob2.KindProfile)
}

// linked takes the hosted document wherever there is an address: an embedded copy is then only a hint
// (spec 2.0 section 6, step 5). An embedded object counts where no hosted one can be: its id is no
// address, or it is of 0.5, which had no ids.
func (x *examination) linked(ctx context.Context, from *ob2.Object, link ob2.Link, kind string) *ob2.Object {
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
