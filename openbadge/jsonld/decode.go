package jsonld

import (
	"errors"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// The limits of a document. The largest credential of the official test material has 17 kB, a depth
// below 20 and some 700 values; a status list is one long string.
const (
	MaxBytes  = 4 << 20
	MaxDepth  = 100
	MaxValues = 30_000 // objects, arrays and scalars
)

// Decode is strictjson.Decode within MaxBytes, MaxDepth and MaxValues. Errors are *Error of kind Malformed or
// TooLarge.
func Decode(doc []byte) (any, error) {
	v, err := strictjson.Decode(doc, strictjson.Limits{Bytes: MaxBytes, Depth: MaxDepth, Values: MaxValues})
	if refused, is := errors.AsType[*strictjson.Error](err); is {
		kind := Malformed
		if refused.TooLarge {
			kind = TooLarge
		}
		return nil, failure(kind, nil, "%s", refused.Detail)
	}
	return v, err
}
