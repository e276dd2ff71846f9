package partners_test

import (
	"context"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/open-insignia/insignia/api/apitest"
)

func TestOpenAPIDocument(t *testing.T) {
	doc := apitest.New(t).Doc
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
}
