package issuer

import (
	"bytes"
	"compress/flate"
	"database/sql/driver"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
)

// token is a compact JWS as a column. It is kept as what base64 hides: header and payload deflated,
// the signature as it is, which takes a third of the room. Base64 without padding has one spelling
// for each content, so that reading gives back exactly what was signed; a token that does not come
// back as it was is kept as text.
type token string

const (
	tokenText   = 't'
	tokenPacked = 'p'
	tokenMost   = 1 << 20 // bytes of header and payload
)

// strictBase64 refuses stray bits at the end.
var strictBase64 = base64.RawURLEncoding.Strict()

// deflaters are used again: each weighs more than half a megabyte.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a known one
	}
	return w
}}

// Value packs the token.
func (t token) Value() (driver.Value, error) {
	packed, ok := t.pack()
	if !ok {
		return append([]byte{tokenText}, t...), nil
	}
	return packed, nil
}

// Scan reads what Value wrote.
func (t *token) Scan(src any) (err error) {
	data, ok := src.([]byte)
	if !ok || len(data) == 0 {
		return fmt.Errorf("token of type %T", src)
	}
	if data[0] == tokenText {
		*t = token(data[1:])
		return nil
	}
	*t, err = unpackToken(data)
	return err
}

// pack writes the kind, the signature's length in two bytes, the signature, and the rest deflated.
func (t token) pack() ([]byte, bool) {
	parts := strings.Split(string(t), ".")
	if len(parts) != 3 {
		return nil, false
	}
	var raw [3][]byte
	for n, p := range parts {
		data, err := strictBase64.DecodeString(p)
		if err != nil || strictBase64.EncodedLen(len(data)) != len(p) { // line breaks are passed over
			return nil, false
		}
		raw[n] = data
	}
	header, payload, signature := raw[0], raw[1], raw[2]
	if len(signature) > 0xffff || bytes.IndexByte(header, '\n') >= 0 {
		return nil, false
	}
	var b bytes.Buffer
	b.Write([]byte{tokenPacked, byte(len(signature) >> 8), byte(len(signature))})
	b.Write(signature)
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	for _, part := range [][]byte{header, {'\n'}, payload} {
		if _, err := w.Write(part); err != nil {
			return nil, false
		}
	}
	if err := w.Close(); err != nil {
		return nil, false
	}
	return b.Bytes(), true
}

func unpackToken(data []byte) (token, error) {
	if len(data) < 3 || data[0] != tokenPacked {
		return "", fmt.Errorf("stored token of %d bytes is none", len(data))
	}
	n := int(data[1])<<8 | int(data[2])
	if len(data) < 3+n {
		return "", fmt.Errorf("stored token of %d bytes is cut off", len(data))
	}
	signature := data[3 : 3+n]
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data[3+n:])), tokenMost))
	if err != nil {
		return "", fmt.Errorf("unpack token: %w", err)
	}
	header, payload, found := bytes.Cut(text, []byte{'\n'})
	if !found {
		return "", fmt.Errorf("stored token has no payload")
	}
	encode := base64.RawURLEncoding.EncodeToString
	return token(encode(header) + "." + encode(payload) + "." + encode(signature)), nil
}
