package openbadge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// ReadCredential reads a credential from its JSON (spec 3.0 sections 2 and 3). An error means that
// there is no credential to judge: it wraps ErrJSON or ErrNoCredential. Every other fault is one of
// Problems, all of them at once.
func ReadCredential(data []byte) (*Received, error) {
	var v any
	if err := UnmarshalStrict(data, &v); err != nil {
		return nil, err
	}
	m, isObject := v.(map[string]any)
	if !isObject || m["credentialSubject"] == nil && m["issuer"] == nil && m["type"] == nil && m["@context"] == nil {
		return nil, fmt.Errorf("%w: no object with the members of one", ErrNoCredential)
	}
	// The one place where a credential is brought into one form; what is signed stays in Raw.
	bare, nulls := WithoutNulls(m)
	r := readEnvelope(opened(bare).(map[string]any))
	r.Nulls = nulls
	r.Raw = slices.Clone(data)
	raw := map[string]json.RawMessage{}
	_ = json.Unmarshal(data, &raw) // an object, as seen above
	r.Proof = rawList(raw["proof"])
	r.Endorsement = rawList(raw["endorsement"])
	return r, nil
}

// rawList gives the elements of a list, or a single value as a list of one, as they were written.
func rawList(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		return list
	}
	return []json.RawMessage{raw}
}

func readEnvelope(m map[string]any) *Received {
	r := &Received{members: m, ID: text(m["id"]), Types: texts(m["type"]), Name: text(m["name"]), Description: text(m["description"])}
	r.Image, _ = readImage(m["image"])
	r.readContext()
	r.Issuer = readParty(m["issuer"])
	r.Subject = readSubject(first(m["credentialSubject"]))
	r.Schema, r.Refresh = readServices(m["credentialSchema"]), readServices(m["refreshService"])
	r.EndorsementJWT = texts(m["endorsementJwt"])
	for _, entry := range list(m["credentialStatus"]) {
		r.Status = append(r.Status, readStatus(entry))
	}
	r.readEnvelopeTimes()
	r.checkEnvelope()
	return r
}

func (r *Received) readContext() {
	for _, c := range list(r.members["@context"]) {
		if url, isText := c.(string); isText {
			r.Context = append(r.Context, url)
			continue
		}
		r.InlineContext = true
	}
	if len(r.Context) == 0 {
		return
	}
	switch r.Context[0] {
	case ContextVC2:
		r.Model = 2
	case contextVC1:
		r.Model = 1
	}
}

var contextOB3 = regexp.MustCompile(`^https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json$`)

func (r *Received) checkEnvelope() {
	if r.Model == 0 {
		r.problem(ContextProblem, "@context", "does not begin with the credentials context")
	}
	if (r.IsBadge() || r.IsEndorsement()) && (len(r.Context) < 2 || !contextOB3.MatchString(r.Context[1])) {
		r.problem(ContextProblem, "@context", "Open Badges context is not the second")
	}
	switch {
	case r.members["type"] == nil:
		r.problem(MissingProperty, "type", "required")
	case !slices.Contains(r.Types, "VerifiableCredential") || len(r.Types) != len(list(r.members["type"])):
		r.problem(BadValue, "type", "no list of names with VerifiableCredential")
	}
	switch {
	case r.members["issuer"] == nil:
		r.problem(MissingProperty, "issuer", "required")
	case !isURI(r.Issuer.ID):
		r.problem(BadValue, "issuer", "issuer has no URI")
	}
	switch subjects := list(r.members["credentialSubject"]); {
	case len(subjects) == 0:
		r.problem(MissingProperty, "credentialSubject", "required")
	case r.Subject.Members == nil:
		r.problem(BadValue, "credentialSubject", "not an object")
	}
	if id, found := r.members["id"]; found && !isURI(text(id)) {
		r.problem(BadValue, "id", "not a URI")
	}
}

func (r *Received) readEnvelopeTimes() {
	from, until := "validFrom", "validUntil"
	if r.Model == 1 {
		from, until = "issuanceDate", "expirationDate"
	}
	r.ValidFrom, r.ValidUntil = r.time(from), r.time(until)
	if r.Model == 1 { // whose context knows validFrom and validUntil too
		if other := r.time("validFrom"); other.Time.After(r.ValidFrom.Time) {
			r.ValidFrom = other
		}
		if other := r.time("validUntil"); r.ValidUntil.IsZero() || !other.IsZero() && other.Time.Before(r.ValidUntil.Time) {
			r.ValidUntil = other
		}
	}
	r.AwardedDate = r.time("awardedDate")
	if r.Model == 1 && r.members["issuanceDate"] == nil {
		r.problem(MissingProperty, from, "required")
	}
}

func (r *Received) time(name string) Timestamp {
	value, found := r.members[name]
	if !found {
		return Timestamp{}
	}
	t, err := ParseTimestamp(text(first(value)))
	if err != nil || len(list(value)) > 1 {
		r.problem(BadValue, name, "not a date and time with a zone")
	}
	return t
}

func (r *Received) problem(code, property, message string) {
	r.Problems = append(r.Problems, Problem{Code: code, Property: property, Message: message})
}
