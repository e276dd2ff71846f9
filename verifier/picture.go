package verifier

import (
	"context"
	"mime"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// picture fetches an image that the standard wants to be there (spec 2.0 sections 4 and 14). A data
// URI has been judged with its document. A server that cannot be reached shows nothing, here as for
// every document: contract section 5 knows no picture that is missing for being out of reach.
func (x *examination) picture(ctx context.Context, o *ob2.Object) {
	if o == nil {
		return
	}
	image := o.Image()
	if _, isWeb := egress.WebURL(image.URL); !isWeb || image.IsData() {
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
func isBadgePicture(r *egress.Response) bool {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if strings.HasPrefix(t, "image/") && t != "image/png" && t != "image/svg+xml" {
		return false
	}
	return openbadge.IsPNG(r.Body) || openbadge.IsSVG(r.Body)
}
