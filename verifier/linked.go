package verifier

import (
	"context"
	"mime"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// load fetches one 2.0 document by its id and makes sure that it is that document: one that declares
// another id is followed once, and must be at home there (spec 2.0 section 6, step 3).
func (x *examination) load(ctx context.Context, id, kind string) (*ob2.Object, *fault) {
	o, f := x.loadOnce(ctx, id, kind)
	if f != nil || o.ID == id || o.ID == "" {
		return o, f
	}
	if _, isWeb := webURL(o.ID); !isWeb {
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
		return nil, f.as(FetchFailed)
	}
	o, err := ob2.Read(response.Body, id, kind)
	if err != nil {
		return nil, &fault{code: NotJSON, message: "There is no badge document at " + id + "."}
	}
	x.sender(response, id)
	return o, nil
}

// sender remarks on how a document was served; neither remark changes the verdict.
func (x *examination) sender(r *Response, address string) {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if detect(r.Body) == isJSON && r.ContentType != "" && t != "application/json" && !strings.HasSuffix(t, "+json") {
		x.warn(CheckFetch, ContentType, "A document is not served as JSON.")
	}
	if !staysAt(address, r.URL) {
		x.warn(CheckFetch, "", "A document was answered by another host than the one in its address.")
	}
}

// classOf gives the badge class of a hosted assertion; nil, after saying why, when there is none.
func (x *examination) classOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	return x.linked(ctx, o, o.Badge(), ob2.KindBadgeClass)
}

// issuerOf gives the profile behind a badge class; nil, after saying why, when there is none.
func (x *examination) issuerOf(ctx context.Context, o *ob2.Object) *ob2.Object {
	return x.linked(ctx, o, o.Issuer(), ob2.KindProfile)
}

// linked takes the hosted document wherever there is an address: an embedded copy is then only a hint
// (spec 2.0 section 6, step 5). An embedded object counts where no hosted one can be: its id is no
// address, or it is of 0.5, which had no ids.
func (x *examination) linked(ctx context.Context, from *ob2.Object, link ob2.Link, kind string) *ob2.Object {
	_, isWeb := webURL(link.ID)
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

// picture fetches an image that the standard wants to be there (spec 2.0 sections 4 and 14). A data
// URI has been judged with its document.
func (x *examination) picture(ctx context.Context, o *ob2.Object) {
	if o == nil {
		return
	}
	image := o.Image()
	if _, isWeb := webURL(image.URL); !isWeb || image.IsData() {
		return
	}
	response, f := x.get(ctx, image.URL, acceptPart)
	switch {
	case f != nil:
		x.refuse(CheckImage, f.as(ImageFetch).later())
	case !isBadgePicture(response):
		x.fail(CheckImage, ImageType, "A picture of the badge is neither PNG nor SVG.")
	default:
		x.pass(CheckImage, "The picture is there.")
	}
}

// isBadgePicture asks the sender and the bytes.
func isBadgePicture(r *Response) bool {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if strings.HasPrefix(t, "image/") && t != "image/png" && t != "image/svg+xml" {
		return false
	}
	return openbadge.IsPNG(r.Body) || openbadge.IsSVG(r.Body)
}
