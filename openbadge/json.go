package openbadge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// MaxDepth is how deep arrays and objects may be nested in a document that UnmarshalStrict reads.
// The deepest credential of the official test material needs less than 20.
const MaxDepth = 64

// ErrJSON is wrapped by every error about bytes that are not one strict JSON value.
var ErrJSON = errors.New("not strict JSON")

var strictLimits = strictjson.Limits{Depth: MaxDepth}

// UnmarshalStrict is strictjson.Unmarshal with MaxDepth as the limit. Errors wrap ErrJSON.
func UnmarshalStrict(data []byte, v any) error {
	if err := strictjson.Unmarshal(data, v, strictLimits); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	return nil
}

func checkStrict(data []byte) error {
	if err := strictjson.Check(data, strictLimits); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	return nil
}

// marshal writes v as JSON without escaping <, > and & and without a line end: a signed document is
// no HTML, and its bytes are kept as made.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
