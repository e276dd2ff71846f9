package catalogue

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
	TypeJSONLD = "application/ld+json"
	TypeVC     = "application/vc"
	TypeJWT    = "application/jwt"
	TypeVCJWT  = "application/vc+jwt"
	TypeHTML   = "text/html; charset=utf-8"
	TypeText   = "text/plain; charset=utf-8"
	TypeJWK    = "application/jwk+json"
	TypeJWKSet = "application/jwk-set+json"
	TypeSVG    = "image/svg+xml"
	TypePNG    = "image/png"
)

// NewDocument is a document of these bytes.
func NewDocument(mediaType string, body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{Body: body, Type: mediaType, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}
