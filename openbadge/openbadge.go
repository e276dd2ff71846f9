// Package openbadge knows the format Open Badges 3.0 and the containers that both editions of the
// standard travel in: keys and their names (JWK, multikey, did:key, did:web, did:jwk), strict compact
// JWS, Data Integrity proofs, the credential that we write and its VC-JWT payload, a tolerant reader of
// credentials written by others, the bitstring status list, baking into PNG and SVG, and the recipient
// hash.
//
// It is pure: it reads no clock, opens no file, asks no network and no database, and logs nothing.
// Whatever needs one of these gets it from its caller. It judges no badge (that is the verifier's
// work) and holds no private key: it signs through a crypto.Signer that somebody else owns. It is
// the only package that may import jwx and a JSON-LD processor.
package openbadge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

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

// Codes of problems, as contract section 5 names them. A reader gives only those that follow from
// the document alone; what needs a clock, a key or the network is the verifier's to say.
const (
	MissingProperty   = "MISSING_PROPERTY"
	BadValue          = "BAD_VALUE"
	ContextProblem    = "CONTEXT"
	IdentityFormat    = "IDENTITY_FORMAT"
	RecipientMismatch = "RECIPIENT_MISMATCH"
	Expired           = "EXPIRED"
	ExpiresBefore     = "EXPIRES_BEFORE_ISSUED"
	NotYetIssued      = "NOT_YET_ISSUED"
	OriginScope       = "ORIGIN_SCOPE"
	StartsWith        = "STARTS_WITH"
	RevocationList    = "REVOCATION_LIST"
	VerificationType  = "VERIFICATION_TYPE"
)

// Problem is one way in which a document departs from the standard. Property is the member at fault,
// as a path from the document's root ("credentialSubject.achievement.name"); Message is one English
// sentence without the value of personal members.
type Problem struct {
	Code     string
	Property string
	Message  string
}

// String gives code and property the way test suites name them: "BAD_VALUE:issuedOn".
func (p Problem) String() string {
	if p.Property == "" {
		return p.Code
	}
	return p.Code + ":" + p.Property
}

// Timestamp is a moment as a document states it: the text, which is never rewritten, and the instant
// that it means. The zero value means that the member is absent.
type Timestamp struct {
	Text string
	Time time.Time
}

// IsZero reports whether there is no timestamp.
func (t Timestamp) IsZero() bool { return t.Text == "" }

var errTime = errors.New("not a date and time with a zone")

// ParseTimestamp reads the DateTimeZ of Open Badges 3.0 (section 2): RFC 3339 with `Z` or an offset;
// a bare date, a missing zone and a space between date and time are errors. A leap second, which only
// the last minute of a UTC day has, counts as the first moment of the next one.
func ParseTimestamp(text string) (Timestamp, error) {
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > 64 {
		return Timestamp{}, errTime
	}
	for i, c := range []byte("dddd-dd-ddTdd:dd:dd") {
		if c == 'd' && !digit(text[i]) || c != 'd' && text[i] != c && (c != 'T' || text[i] != 't') {
			return Timestamp{}, errTime
		}
	}
	if strings.ContainsRune(text, ',') {
		return Timestamp{}, errTime
	}
	canonical, leap := strings.ToUpper(text), time.Duration(0)
	if canonical[17:19] == "60" {
		canonical, leap = canonical[:17]+"59"+canonical[19:], time.Second
	}
	t, err := time.Parse(time.RFC3339Nano, canonical)
	if err != nil || !isZone(canonical) || leap > 0 && t.UTC().Format("15:04") != "23:59" {
		return Timestamp{}, errTime
	}
	return Timestamp{Text: text, Time: t.Add(leap).UTC()}, nil
}

// isZone refuses offsets of more than 23:59, which time.Parse takes.
func isZone(text string) bool {
	if strings.HasSuffix(text, "Z") {
		return true
	}
	hours, minutes, _ := strings.Cut(text[len(text)-len("00:00"):], ":")
	return hours <= "23" && minutes <= "59"
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// wholeSeconds is how we write times: UTC, whole seconds.
func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
