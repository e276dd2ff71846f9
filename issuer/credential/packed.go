package credential

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Packed is something signed as a column: a compact JWS, or JSON. A JWS is kept as what base64 hides:
// header and payload deflated, the signature as it is, which takes a third of the room. Base64 without
// padding has one spelling for each content, so that reading gives back exactly what was signed; a JWS
// that is not spelt so, and everything else, is deflated as it is.
type Packed []byte

const (
	packedJWS  = 'p'
	packedText = 'd'
	packedMost = 8 << 20 // bytes when unpacked
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

var errTooLong = fmt.Errorf("more than %d bytes", packedMost)

// Value packs.
func (p Packed) Value() (driver.Value, error) {
	if len(p) > packedMost {
		return nil, fmt.Errorf("pack to store: %w", errTooLong)
	}
	if small, ok := p.packJWS(); ok {
		return small, nil
	}
	return deflate([]byte{packedText}, p), nil
}

// Scan reads what Value wrote.
func (p *Packed) Scan(src any) (err error) {
	data, ok := src.([]byte)
	switch {
	case !ok || len(data) == 0:
		return fmt.Errorf("packed column of type %T", src)
	case data[0] == packedText:
		*p, err = inflate(data[1:])
	case data[0] == packedJWS:
		*p, err = unpackJWS(data)
	default:
		err = fmt.Errorf("stored bytes of unknown kind %q", data[0])
	}
	return err
}

// packJWS writes the kind, the signature's length in two bytes, the signature, and the rest deflated.
func (p Packed) packJWS() (small []byte, ok bool) {
	parts := bytes.Split(p, []byte{'.'})
	if len(parts) != 3 {
		return nil, false
	}
	var raw [3][]byte
	for n, part := range parts {
		data := make([]byte, strictBase64.DecodedLen(len(part)))
		k, err := strictBase64.Decode(data, part)
		if err != nil || strictBase64.EncodedLen(k) != len(part) { // line breaks are passed over
			return nil, false
		}
		raw[n] = data[:k]
	}
	header, payload, signature := raw[0], raw[1], raw[2]
	if len(signature) > 0xffff || bytes.IndexByte(header, '\n') >= 0 {
		return nil, false
	}
	small = append([]byte{packedJWS, byte(len(signature) >> 8), byte(len(signature))}, signature...)
	return deflate(small, header, []byte{'\n'}, payload), true
}

func unpackJWS(data []byte) ([]byte, error) {
	if len(data) < 3 {
		return nil, fmt.Errorf("stored JWS of %d bytes is none", len(data))
	}
	n := int(data[1])<<8 | int(data[2])
	if len(data) < 3+n {
		return nil, fmt.Errorf("stored JWS of %d bytes is cut off", len(data))
	}
	text, err := inflate(data[3+n:])
	if err != nil {
		return nil, err
	}
	header, payload, found := bytes.Cut(text, []byte{'\n'})
	if !found {
		return nil, fmt.Errorf("stored JWS has no payload")
	}
	jws := strictBase64.AppendEncode(nil, header)
	jws = strictBase64.AppendEncode(append(jws, '.'), payload)
	return strictBase64.AppendEncode(append(jws, '.'), data[3:3+n]), nil
}

// deflate appends the deflated parts to what is there.
func deflate(to []byte, parts ...[]byte) []byte {
	b := bytes.NewBuffer(to)
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(b)
	for _, part := range parts {
		_, _ = w.Write(part) // a Buffer takes everything
	}
	_ = w.Close()
	return b.Bytes()
}

func inflate(data []byte) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), packedMost+1))
	if err == nil && len(text) > packedMost {
		err = errTooLong
	}
	if err != nil {
		return nil, fmt.Errorf("unpack stored bytes: %w", err)
	}
	return text, nil
}
