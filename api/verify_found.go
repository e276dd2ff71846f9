package api

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// foundRecord is a record that somebody hands in again.
type foundRecord struct {
	token    string
	readable json.RawMessage // what stood beside it, of a JSON file
	inside   bool            // it stood in a file that people read, whose visible part nobody signed
}

// findRecord finds the signed text in what was handed in: the text itself, our JSON file, or a page or PDF
// with it inside.
func findRecord(data []byte) (found foundRecord, is bool) {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case isRecord(text):
		return foundRecord{token: string(text)}, true
	case bytes.HasPrefix(text, []byte("{")):
		var file recordFile
		if err := json.Unmarshal(text, &file); err != nil || !isRecord([]byte(file.Signed)) {
			return found, false
		}
		return foundRecord{token: file.Signed, readable: file.Record}, true
	case bytes.HasPrefix(text, []byte("%PDF-")) || bytes.Contains(bytes.ToLower(text[:min(len(text), 1024)]), []byte("<html")):
		for _, token := range signedText.FindAll(text, signedTexts) {
			if isRecord(token) {
				return foundRecord{token: string(token), inside: true}, true
			}
		}
	}
	return found, false
}

// signedText is a compact JWS whose header and payload are JSON objects.
var signedText = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{40,}`)

const (
	signedTexts = 8       // looked at in a file
	signedMost  = 1 << 20 // bytes of a signed record
)

func isRecord(text []byte) bool {
	if len(text) > signedMost || !bytes.HasPrefix(text, []byte("eyJ")) {
		return false
	}
	_, err := verifier.ReceiptKID(string(text))
	return err == nil
}

// showRecord says what is known of a record that was handed in.
func (s *Server) showRecord(c echo.Context, form templates.Verify, found foundRecord) error {
	notToKeep(c)
	page := form.Page
	page.Canonical, page.NoIndex = "", true
	state, r, err := s.readRecord(c.Request().Context(), found.token)
	if err != nil {
		return err
	}
	if state != templates.RecordKnown {
		return s.show(c, templates.Record{Page: page, State: state, Host: hostOf(found.token)})
	}
	p := s.recordPage(page, r, found.token)
	p.State, p.Inside = state, found.inside
	if found.differs(r) {
		p.State = templates.RecordMixed
	}
	return s.show(c, p)
}

// differs reports whether the readable part beside the signed one says something else.
func (f foundRecord) differs(r verifier.Receipt) bool {
	if f.readable == nil {
		return false
	}
	signed, err := r.Payload()
	return err != nil || !reflect.DeepEqual(plainJSON(f.readable), plainJSON(signed))
}

func plainJSON(data []byte) any {
	var v any
	if openbadge.UnmarshalStrict(data, &v) != nil {
		return data // equal to nothing that was signed
	}
	return v
}

// hostOf is the host that a record names as its maker.
func hostOf(token string) string {
	kid, err := verifier.ReceiptKID(token)
	if err != nil {
		return ""
	}
	u, err := url.Parse(kid)
	if err != nil {
		return ""
	}
	return short(u.Host, titleMost)
}

// keyPath is where keys are published that sign tokens.
var keyPath = regexp.MustCompile(`^/issuers/[^/]+/keys/[^/]+\.jwk$`)

// publishedKey is a key of ours as everybody finds it at its address; not found: it is not published, or
// not any more.
func (s *Server) publishedKey(ctx context.Context, address string) (key crypto.PublicKey, found bool, err error) {
	path, ours := s.own(address)
	if !ours || !keyPath.MatchString(path.Path) {
		return nil, false, nil
	}
	d, _, _, err := s.site.Document(ctx, address)
	if err != nil {
		return nil, false, trouble(codeUnavailable, "The key cannot be read right now.")
	}
	if d == nil || d.Gone {
		return nil, false, nil
	}
	key, _, err = openbadge.ParseJWK(d.Body)
	return key, err == nil, nil
}
