package openbadge

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// Claims are the registered claims of a VC-JWT, as far as they are there. Missing names those that
// spec 3.0 section 6 requires and that are absent (iss, jti, sub, nbf): a matter of strictness, since
// published sample badges omit some.
type Claims struct {
	Issuer    string
	ID        string
	Subject   string
	NotBefore time.Time
	Expires   time.Time
	IssuedAt  time.Time
	Missing   []string
}

// ReadClaims reads the payload of a VC-JWT: a VC Data Model 2.0 credential at top level or a 1.1
// credential in `vc`, and compares each registered claim with the member that it repeats; a
// difference is a Problem (BAD_VALUE of the claim), and so is the wrong place for the model. A 1.1
// credential takes members that it leaves out from the claims (VC Data Model 1.1 section 6.3.1).
// Errors as for ReadCredential.
func ReadClaims(payload []byte) (*Received, error) {
	var v any
	if err := UnmarshalStrict(payload, &v); err != nil {
		return nil, err
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("%w: payload is no object", ErrNoCredential)
	}
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(_ string, claim any) bool { return claim == nil }) // null is absent
	credential := json.RawMessage(payload)
	_, wrapped := m["vc"]
	if wrapped {
		credential = decoded(payload, m)
	}
	r, err := ReadCredential(credential)
	if err != nil {
		return nil, err
	}
	if wrapped {
		r.Raw = rawMembers(payload)["vc"]
	}
	r.Claims = r.readClaims(m)
	if r.Model == 2 && wrapped || r.Model == 1 && !wrapped {
		r.problem(BadValue, "vc", "a 1.1 credential belongs into vc, a 2.0 credential beside it")
	}
	r.compareClaims(m)
	return r, nil
}

func rawMembers(data []byte) map[string]json.RawMessage {
	members := map[string]json.RawMessage{}
	_ = json.Unmarshal(data, &members) // no object: no members
	return members
}

// decoded gives the credential in vc, with the members that it may leave to the claims.
func decoded(payload []byte, m map[string]any) json.RawMessage {
	vc := rawMembers(payload)["vc"]
	if object(m["vc"]) == nil {
		return vc
	}
	members := rawMembers(vc)
	maps.DeleteFunc(members, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	before := len(members)
	fill := func(name string, v any) {
		if _, found := members[name]; !found {
			members[name], _ = json.Marshal(v) // strings only
		}
	}
	for name, claim := range map[string]string{"id": "jti", "issuer": "iss"} {
		if s := text(m[claim]); s != "" {
			fill(name, s)
		}
	}
	named := fillID(members, "issuer", text(m["iss"]))
	named = fillID(members, "credentialSubject", text(m["sub"])) || named
	for name, claim := range map[string]string{"issuanceDate": "nbf", "expirationDate": "exp"} {
		if t := numericDate(m[claim]); !t.IsZero() {
			fill(name, t.Format(time.RFC3339))
		}
	}
	if len(members) == before && !named {
		return vc
	}
	filled, _ := json.Marshal(members) // raw values that were read a moment ago
	return filled
}

// fillID gives the object in a member, which may stand in a list of one, the id that it leaves to a
// claim, and reports whether it did.
func fillID(members map[string]json.RawMessage, name, id string) bool {
	written := rawList(members[name])
	if len(written) != 1 || id == "" {
		return false
	}
	m := rawMembers(written[0])
	if _, found := m["id"]; found || len(m) == 0 {
		return false
	}
	m["id"], _ = json.Marshal(id)      // a string
	members[name], _ = json.Marshal(m) // raw values that were read a moment ago
	return true
}

func (r *Received) readClaims(m map[string]any) *Claims {
	c := &Claims{
		Issuer: text(m["iss"]), ID: text(m["jti"]), Subject: text(m["sub"]),
		NotBefore: numericDate(m["nbf"]), Expires: numericDate(m["exp"]), IssuedAt: numericDate(m["iat"]),
	}
	for _, name := range []string{"iss", "jti", "nbf"} {
		if _, found := m[name]; !found {
			c.Missing = append(c.Missing, name)
		}
	}
	if _, found := m["sub"]; !found && r.Subject.ID != "" {
		c.Missing = append(c.Missing, "sub")
	}
	slices.Sort(c.Missing)
	return c
}

func (r *Received) compareClaims(m map[string]any) {
	for _, c := range []struct{ claim, member string }{
		{"iss", r.Issuer.ID}, {"jti", r.ID}, {"sub", r.Subject.ID},
	} {
		value, found := m[c.claim]
		if c.claim == "sub" && c.member == "" {
			continue // the subject is named by identifiers alone: nothing to compare with
		}
		if found && text(value) != c.member {
			r.problem(BadValue, c.claim, "differs from the credential")
		}
	}
	for _, c := range []struct {
		claim  string
		member Timestamp
	}{{"nbf", r.ValidFrom}, {"exp", r.ValidUntil}} {
		value, found := m[c.claim]
		if !found {
			continue
		}
		t := numericDate(value)
		if t.IsZero() || c.member.IsZero() || t.Unix() != c.member.Time.Unix() {
			r.problem(BadValue, c.claim, "differs from the credential")
		}
	}
}

// numericDate reads a NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction. Anything
// else, and times beyond year 9999, give the zero time.
func numericDate(v any) time.Time {
	n, isNumber := v.(json.Number)
	if !isNumber || len(n) > 32 {
		return time.Time{}
	}
	seconds, _, err := big.ParseFloat(n.String(), 10, 128, big.ToZero)
	if err != nil || seconds.Cmp(big.NewFloat(253402300799)) > 0 || seconds.Cmp(big.NewFloat(-62135596800)) < 0 {
		return time.Time{}
	}
	whole, _ := seconds.Int64()
	return time.Unix(whole, 0).UTC()
}
