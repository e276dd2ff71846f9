package verifier

import (
	"bytes"
	"context"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/open-insignia/insignia/openbadge"
)

// schemaLoader gets schemas through the verifier's fetcher, within the badge's budget.
type schemaLoader struct {
	x     *examination
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
	response, f := l.x.get(l.ctx, address, acceptPart)
	if f != nil {
		f = f.as(BadSchema).later()
		f.property = "credentialSchema"
		return nil, f
	}
	body := trim(response.Body)
	if len(body) > maxSchemaBody || len(body) > l.x.schemaRoom {
		return nil, badSchema("The schemas that the badge names are larger than is read.")
	}
	l.x.schemaRoom -= len(body)
	return body, nil
}
