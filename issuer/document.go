package issuer

import (
	"crypto/sha256"
	"encoding/base64"
)

// Document is something published: bytes, their media type and an ETag that follows from them.
type Document struct {
	Body []byte
	Type string
	ETag string
	Gone bool // it was there and was withdrawn: 410
}

// Media types of documents.
const (
	typeJSONLD = "application/ld+json"
	typeJSON   = "application/json"
	typeVC     = "application/vc"
	typeJWT    = "application/jwt"
	typeVCJWT  = "application/vc+jwt"
	typeHTML   = "text/html; charset=utf-8"
	typeText   = "text/plain; charset=utf-8"
	typeJWK    = "application/jwk+json"
	typeJWKSet = "application/jwk-set+json"
	typeSVG    = "image/svg+xml"
	typePNG    = "image/png"
)

func newDocument(mediaType string, body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{Body: body, Type: mediaType, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}
