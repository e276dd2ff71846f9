package openbadge

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrNoCredential is wrapped when JSON that was read is no credential at all: not an object, or one
// without any of the members that make a verifiable credential.
var ErrNoCredential = errors.New("not a credential")

// Received is a credential of any issuer as a tolerant reader sees it: VC Data Model 2.0 or 1.1, one
// value or a list of one, with or without JWT claims. Raw holds the bytes of the credential object as
// they came; nothing here is ever marshalled back. Problems are departures of the envelope and its
// claims from the standard; Conformance adds those of the badge inside.
type Received struct {
	Raw            json.RawMessage
	Model          int      // 2: VC Data Model 2.0, 1: 1.1, 0: no credentials context
	Context        []string // the context URLs in order
	InlineContext  bool     // some context is an object instead of a URL: never to be trusted
	ID             string
	Types          []string
	Name           string
	Description    string
	Image          string // id of the credential's own image
	Issuer         Party
	Subject        ReceivedSubject
	ValidFrom      Timestamp // issuanceDate or validFrom in 1.1, the later
	ValidUntil     Timestamp // expirationDate or validUntil in 1.1, the earlier
	AwardedDate    Timestamp
	Status         []Status
	Schema         []Service
	Refresh        []Service
	Endorsement    []json.RawMessage // embedded endorsements of the credential itself
	EndorsementJWT []string
	Proof          []json.RawMessage
	Claims         *Claims  // nil unless it came as a JWT
	Nulls          []string // paths of members that are null: they count as absent
	Problems       []Problem

	members map[string]any
}

// Party is an issuer: its id, and what an object says about it. IsObject is false for a bare URI.
type Party struct {
	ID       string
	Types    []string
	Name     string
	URL      string
	Email    string
	Image    string
	IsObject bool
}

// ReceivedSubject is the (first) credentialSubject. Members holds all of it, for lists and
// endorsements.
type ReceivedSubject struct {
	ID          string
	Types       []string
	Identifiers []IdentityObject
	Achievement ReceivedAchievement
	Results     []ReceivedResult
	Members     map[string]any
}

// ReceivedResult is a result with what its description says of it: the value, the status or the name of the
// level that was achieved, and the highest value there is, if that is told.
type ReceivedResult struct {
	Name  string
	Value string
	Max   string
}

// ReceivedAchievement is what a badge page shows of an achievement.
type ReceivedAchievement struct {
	ID              string
	Types           []string
	Name            string
	Description     string
	AchievementType string
	CriteriaID      string
	Criteria        string // narrative, Markdown of a stranger
	Image           string
	ImageCaption    string
	Tags            []string
}

// Status is one credentialStatus entry of any kind. Index is -1 when there is none or it is no
// non-negative number; a JSON number is accepted beside the string that the standard asks for.
type Status struct {
	ID         string
	Type       string
	Purpose    string
	Index      int
	List       string // statusListCredential
	Size       int    // statusSize in bits, 1 when absent, 0 when it is no positive number
	HasMessage bool   // statusMessage or statusReference is there
}

// Member follows a path of names to a member, in the one form: a list of one is the value in it.
func (r *Received) Member(path ...string) any {
	var v any = r.members
	for _, name := range path {
		v = object(v)[name]
	}
	return v
}

// IsBadge reports whether the types make this an OpenBadgeCredential (AchievementCredential).
func (r *Received) IsBadge() bool {
	return slices.Contains(r.Types, "OpenBadgeCredential") || slices.Contains(r.Types, "AchievementCredential")
}

// IsEndorsement reports whether the types make this an EndorsementCredential.
func (r *Received) IsEndorsement() bool { return slices.Contains(r.Types, "EndorsementCredential") }

// IsStatusList reports whether the types make this a status list (Bitstring or StatusList2021).
func (r *Received) IsStatusList() bool {
	return slices.Contains(r.Types, "BitstringStatusListCredential") || slices.Contains(r.Types, "StatusList2021Credential")
}

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
	r := readEnvelope(withoutListsOfOne(bare).(map[string]any))
	r.Nulls = nulls
	r.Raw = slices.Clone(data)
	raw := map[string]json.RawMessage{}
	_ = json.Unmarshal(data, &raw) // an object, as seen above
	r.Proof = rawList(raw["proof"])
	r.Endorsement = rawList(raw["endorsement"])
	return r, nil
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

func readParty(v any) Party {
	if id, isText := first(v).(string); isText {
		return Party{ID: id}
	}
	m := object(v)
	p := Party{
		ID: text(m["id"]), Types: texts(m["type"]), Name: text(m["name"]),
		URL: text(m["url"]), Email: text(m["email"]), IsObject: m != nil,
	}
	p.Image, _ = readImage(m["image"])
	return p
}

// readImage gives address and caption of an Image; 1.1 editions wrote a plain string.
func readImage(v any) (id, caption string) {
	if id, isText := first(v).(string); isText {
		return id, ""
	}
	m := object(v)
	return text(m["id"]), text(m["caption"])
}

func readSubject(v any) ReceivedSubject {
	m, _ := v.(map[string]any)
	s := ReceivedSubject{
		ID: text(m["id"]), Types: texts(m["type"]), Members: m,
		Achievement: readAchievement(object(m["achievement"])), Results: readResults(m),
	}
	for _, one := range list(m["identifier"]) {
		if i, isObject := one.(map[string]any); isObject {
			hashed, _ := i["hashed"].(bool)
			s.Identifiers = append(s.Identifiers, IdentityObject{
				Type: text(i["type"]), Hashed: hashed, IdentityHash: text(i["identityHash"]),
				IdentityType: text(i["identityType"]), Salt: text(i["salt"]),
			})
		}
	}
	return s
}

// readResults joins the results of a subject with their descriptions. Those without a name or a value are
// left out.
func readResults(subject map[string]any) (all []ReceivedResult) {
	described, levels := map[string]map[string]any{}, map[string]string{}
	for _, one := range list(object(subject["achievement"])["resultDescription"]) {
		d := object(one)
		described[text(d["id"])] = d
		for _, level := range list(d["rubricCriterionLevel"]) {
			levels[text(object(level)["id"])] = text(object(level)["name"])
		}
	}
	for _, one := range list(subject["result"]) {
		m := object(one)
		d := described[text(m["resultDescription"])]
		r := ReceivedResult{
			Name: text(d["name"]), Max: text(d["valueMax"]),
			Value: cmp.Or(text(m["value"]), text(m["status"]), levels[text(m["achievedLevel"])]),
		}
		if r.Name != "" && r.Value != "" {
			all = append(all, r)
		}
	}
	return all
}

func readAchievement(m map[string]any) ReceivedAchievement {
	a := ReceivedAchievement{
		ID: text(m["id"]), Types: texts(m["type"]), Name: text(m["name"]), Description: text(m["description"]),
		AchievementType: text(m["achievementType"]), Tags: texts(m["tag"]),
	}
	criteria := referred(m["criteria"])
	a.CriteriaID, a.Criteria = text(criteria["id"]), text(criteria["narrative"])
	a.Image, a.ImageCaption = readImage(m["image"])
	return a
}

func readServices(v any) []Service {
	var all []Service
	for _, one := range list(v) {
		m := object(one)
		all = append(all, Service{ID: text(m["id"]), Type: text(first(m["type"]))})
	}
	return all
}

func readStatus(v any) Status {
	m := object(v)
	s := Status{
		ID: text(m["id"]), Type: statusType(texts(m["type"])), Purpose: text(m["statusPurpose"]), Index: -1,
		List: idOf(m["statusListCredential"]), Size: 1, HasMessage: m["statusMessage"] != nil || m["statusReference"] != nil,
	}
	if i, whole := wholeNumber(m["statusListIndex"]); whole {
		s.Index = i
	}
	if size, found := m["statusSize"]; found {
		n, _ := size.(json.Number)
		s.Size, _ = wholeNumber(n)
	}
	return s
}

// statusType is the type that says how to ask, whatever stands beside it.
func statusType(types []string) string {
	for _, t := range types {
		if t == "BitstringStatusListEntry" || t == "StatusList2021Entry" || t == "1EdTechRevocationList" {
			return t
		}
	}
	return strings.Join(types[:min(len(types), 1)], "")
}
