package openbadge

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// foreign is a credential in the loosest forms that a reader must take: single values for lists.
const foreign = `{"@context":["https://www.w3.org/2018/credentials/v1","https://purl.imsglobal.org/spec/ob/v3p0/context.json",{"x":"https://x.test/x"}],
 "id":"urn:uuid:1","type":["VerifiableCredential","AchievementCredential"],"name":"N","description":"D","image":{"id":"data:image/png;base64,AA","type":"Image"},
 "issuer":{"id":"did:key:z6Mk","type":"Profile","name":"I","url":"https://i.test","email":"i@i.test","image":{"id":"https://i.test/i.png","type":"Image"}},
 "issuanceDate":"2020-01-01T01:00:00+01:00","expirationDate":"2021-01-01T00:00:00Z","awardedDate":"2019-12-31T00:00:00Z",
 "credentialSubject":[{"id":"mailto:a@b.test","type":"AchievementSubject","identifier":{"type":"IdentityObject","hashed":false,"identityHash":"a@b.test","identityType":"emailAddress","salt":"s"},
  "achievement":[{"id":"https://i.test/a","type":"Achievement","name":"AN","description":"AD","achievementType":"Badge","criteria":{"id":"https://i.test/c","narrative":"how"},"tag":"one","image":{"id":"https://i.test/a.png","type":"Image","caption":"alt"}}]}],
 "credentialStatus":{"id":"https://i.test/s#7","type":"StatusList2021Entry","statusPurpose":["revocation"],"statusListIndex":7,"statusSize":2,"statusListCredential":"https://i.test/s","statusMessage":[]},
 "credentialSchema":{"id":"https://i.test/schema","type":"1EdTechJsonSchemaValidator2019"},"refreshService":{"id":"https://i.test/r","type":"1EdTechCredentialRefresh"},
 "endorsement":{"type":["VerifiableCredential","EndorsementCredential"]},"endorsementJwt":"a.b.c",
 "proof":{"type":"Ed25519Signature2020","x": 1.50}}`

func TestReadCredential(t *testing.T) {
	r, err := ReadCredential([]byte(foreign))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) > 0 || len(r.Conformance()) > 0 {
		t.Errorf("problems: %v", r.Conformance())
	}
	want := ReceivedSubject{
		ID: "mailto:a@b.test", Types: []string{"AchievementSubject"}, Members: r.Subject.Members,
		Identifiers: []IdentityObject{{Type: "IdentityObject", IdentityHash: "a@b.test", IdentityType: "emailAddress", Salt: "s"}},
		Achievement: ReceivedAchievement{
			ID: "https://i.test/a", Types: []string{"Achievement"}, Name: "AN", Description: "AD", AchievementType: "Badge", Tags: []string{"one"},
			CriteriaID: "https://i.test/c", Criteria: "how", Image: "https://i.test/a.png", ImageCaption: "alt",
		},
	}
	if diff := cmp.Diff(want, r.Subject); diff != "" {
		t.Errorf("subject (-want +got):\n%s", diff)
	}
	issuer := Party{ID: "did:key:z6Mk", Types: []string{"Profile"}, Name: "I", URL: "https://i.test", Email: "i@i.test", Image: "https://i.test/i.png", IsObject: true}
	if diff := cmp.Diff(issuer, r.Issuer); diff != "" {
		t.Errorf("issuer (-want +got):\n%s", diff)
	}
	status := []Status{{ID: "https://i.test/s#7", Type: "StatusList2021Entry", Purpose: "revocation", Index: 7, List: "https://i.test/s", Size: 2, HasMessage: true}}
	if diff := cmp.Diff(status, r.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if r.Model != 1 || !r.InlineContext || len(r.Context) != 2 || r.Image != "data:image/png;base64,AA" || r.ValidFrom.Text != "2020-01-01T01:00:00+01:00" ||
		r.ValidFrom.Time.Format("15:04") != "00:00" || r.ValidUntil.IsZero() || r.AwardedDate.IsZero() || r.Claims != nil {
		t.Errorf("got %+v", r)
	}
	if string(r.Proof[0]) != `{"type":"Ed25519Signature2020","x": 1.50}` || len(r.Endorsement) != 1 || r.EndorsementJWT[0] != "a.b.c" || string(r.Raw) != foreign {
		t.Error("raw parts are not as written")
	}
	if r.Schema[0].ID != "https://i.test/schema" || r.Refresh[0].Type != "1EdTechCredentialRefresh" {
		t.Errorf("services: %v %v", r.Schema, r.Refresh)
	}
}

func TestReadResults(t *testing.T) {
	r, err := ReadCredential([]byte(`{"@context":"https://www.w3.org/ns/credentials/v2","type":["VerifiableCredential"],"credentialSubject":{"result":[
		{"resultDescription":"#s","value":"812"}, {"resultDescription":"#o","status":"Completed"}, {"resultDescription":"#r","achievedLevel":"#gold"},
		{"resultDescription":"#r","achievedLevel":"#lead"}, {"resultDescription":"#none","value":"1"}, {"value":"2"}, 7],
		"achievement":{"resultDescription":[{"id":"#s","name":"Score","valueMax":"1000"}, {"id":"#o","name":"State"}, "#x",
		{"id":"#r","name":"Medal","rubricCriterionLevel":{"id":"#gold","name":"Gold"}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []ReceivedResult{{"Score", "812", "1000"}, {"State", "Completed", ""}, {"Medal", "Gold", ""}}
	if diff := cmp.Diff(want, r.Subject.Results); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEarlierEnd: version 1.1 has two names for the end of a credential.
func TestEarlierEnd(t *testing.T) {
	for until, want := range map[string]string{
		``: "2021-01-01T00:00:00Z", `"2020-06-01T00:00:00Z"`: "2020-06-01T00:00:00Z", `"2022-01-01T00:00:00Z"`: "2021-01-01T00:00:00Z",
	} {
		r, err := ReadCredential(edit(t, foreign, map[string]string{"validUntil": until}))
		if err != nil || r.ValidUntil.Text != want {
			t.Errorf("validUntil %s: got %s, %v, want %s", until, r.ValidUntil.Text, err, want)
		}
	}
	r, err := ReadCredential(edit(t, foreign, map[string]string{"validUntil": `"2020-06-01T00:00:00Z"`, "expirationDate": ""}))
	if err != nil || r.ValidUntil.Text != "2020-06-01T00:00:00Z" {
		t.Errorf("alone: got %s, %v", r.ValidUntil.Text, err)
	}
}

func TestReadCredentialRefuses(t *testing.T) {
	for data, want := range map[string]error{
		``: ErrJSON, `{"id":1,"id":2}`: ErrJSON, `text`: ErrJSON, `[]`: ErrNoCredential, `"x"`: ErrNoCredential, `null`: ErrNoCredential,
		`{}`: ErrNoCredential, `{"name":"x"}`: ErrNoCredential, strings.Repeat(`{"issuer":`, 70) + `1` + strings.Repeat(`}`, 70): ErrJSON,
	} {
		if r, err := ReadCredential([]byte(data)); !errors.Is(err, want) {
			t.Errorf("%.40q: got %v, %v; want %v", data, r, err, want)
		}
	}
}

// edit changes members of a good credential by JSON text; an empty text removes the member.
func edit(t *testing.T, document string, changes map[string]string) []byte {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document), &m); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		if value == "" {
			delete(m, name)
			continue
		}
		m[name] = json.RawMessage(value)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestConformanceProblems(t *testing.T) {
	good, _ := sampleCredential().JSON()
	subject := func(changes map[string]string) string {
		var m map[string]json.RawMessage
		_ = json.Unmarshal(good, &m)
		return string(edit(t, string(m["credentialSubject"]), changes))
	}
	achievement := func(changes map[string]string) string {
		raw, _ := json.Marshal(sampleCredential().Subject.Achievement)
		return subject(map[string]string{"achievement": string(edit(t, string(raw), changes))})
	}
	for name, c := range map[string]struct {
		member, value string
		want          string
	}{
		"nothing wrong":           {"name", `"x"`, ""},
		"no context":              {"@context", ``, "CONTEXT:@context"},
		"context not first":       {"@context", `["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://www.w3.org/ns/credentials/v2"]`, "CONTEXT:@context"},
		"no OB context":           {"@context", `["https://www.w3.org/ns/credentials/v2"]`, "CONTEXT:@context"},
		"look-alike OB context":   {"@context", `["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3x0.3.json"]`, "CONTEXT:@context"},
		"older OB context":        {"@context", `["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"]`, ""},
		"no id":                   {"id", ``, "MISSING_PROPERTY:id"},
		"id relative":             {"id", `"badges/1"`, "BAD_VALUE:id"},
		"id number":               {"id", `7`, "BAD_VALUE:id"},
		"id with space":           {"id", `"https://x.test/a b"`, "BAD_VALUE:id"},
		"no VerifiableCredential": {"type", `["OpenBadgeCredential"]`, "BAD_VALUE:type"},
		"type with a number":      {"type", `["VerifiableCredential","OpenBadgeCredential",7]`, "BAD_VALUE:type"},
		"issuer URI":              {"issuer", `"https://x.test/i"`, ""},
		"issuer text":             {"issuer", `"Example"`, "BAD_VALUE:issuer"},
		"issuer without id":       {"issuer", `{"type":["Profile"]}`, "BAD_VALUE:issuer MISSING_PROPERTY:issuer.id"},
		"issuer of no type":       {"issuer", `{"id":"https://x.test/i","name":"I"}`, "MISSING_PROPERTY:issuer.type"},
		"no validFrom":            {"validFrom", ``, "MISSING_PROPERTY:validFrom"},
		"validFrom null":          {"validFrom", `null`, "MISSING_PROPERTY:validFrom"},
		"validUntil date":         {"validUntil", `"2028-01-15"`, "BAD_VALUE:validUntil"},
		"validUntil twice":        {"validUntil", `["2030-01-15T00:00:00Z","2025-01-15T00:00:00Z"]`, "BAD_VALUE:validUntil"},
		"validUntil in a list":    {"validUntil", `["2030-01-15T00:00:00Z"]`, ""},
		"nobody in a list":        {"credentialSubject", subject(map[string]string{"identifier": "[]"}), "MISSING_PROPERTY:credentialSubject.id"},
		"birthday":                {"issuer", `{"id":"https://x.test/i","type":["Profile"],"dateOfBirth":"1990-02-28"}`, ""},
		"no birthday":             {"issuer", `{"id":"https://x.test/i","type":["Profile"],"dateOfBirth":"1990-02-30"}`, "BAD_VALUE:issuer.dateOfBirth"},
		"no subject":              {"credentialSubject", ``, "MISSING_PROPERTY:credentialSubject"},
		"subject text":            {"credentialSubject", `"x"`, "BAD_VALUE:credentialSubject"},
		"subject empty list":      {"credentialSubject", `[]`, "MISSING_PROPERTY:credentialSubject"},
		"subject of nobody":       {"credentialSubject", subject(map[string]string{"identifier": ""}), "MISSING_PROPERTY:credentialSubject.id"},
		"subject without type":    {"credentialSubject", subject(map[string]string{"type": ""}), "MISSING_PROPERTY:credentialSubject.type"},
		"two achievements":        {"credentialSubject", subject(map[string]string{"achievement": `[{},{}]`}), "BAD_VALUE:credentialSubject.achievement"},
		"empty achievement":       {"credentialSubject", subject(map[string]string{"achievement": `[]`}), "BAD_VALUE:credentialSubject.achievement"},
		"credits text":            {"credentialSubject", subject(map[string]string{"creditsEarned": `"4"`}), "BAD_VALUE:credentialSubject.creditsEarned"},
		"hash without mark":       {"credentialSubject", subject(map[string]string{"identifier": `[{"type":"IdentityObject","hashed":false,"identityHash":"md5$6280f585b6900b184451080d97b185b3","identityType":"emailAddress"}]`}), "IDENTITY_FORMAT:credentialSubject.identifier"},
		"identity type":           {"credentialSubject", subject(map[string]string{"identifier": `[{"type":"IdentityObject","hashed":false,"identityHash":"a@b","identityType":"email"}]`}), "BAD_VALUE:credentialSubject.identifier.identityType"},
		"identity closed":         {"credentialSubject", subject(map[string]string{"identifier": `[{"type":"IdentityObject","hashed":false,"identityHash":"a@b","identityType":"ext:x","b":1,"a":1}]`}), "BAD_VALUE:credentialSubject.identifier.a BAD_VALUE:credentialSubject.identifier.b"},
		"identity hashed text":    {"credentialSubject", subject(map[string]string{"identifier": `[{"type":"IdentityObject","hashed":"no","identityHash":"a@b","identityType":"ext:x"}]`}), "BAD_VALUE:credentialSubject.identifier.hashed"},
		"result of another":       {"credentialSubject", subject(map[string]string{"result": `[{"type":["Result"],"resultDescription":"urn:x:1"}]`}), "BAD_VALUE:credentialSubject.result.resultDescription"},
		"image as text":           {"image", `"https://x.test/i.png"`, "BAD_VALUE:image"},
		"image type list":         {"image", `{"id":"https://x.test/i.png","type":["Image"]}`, ""},
		"image type other":        {"image", `{"id":"https://x.test/i.png","type":"Picture"}`, "BAD_VALUE:image.type"},
		"no criteria":             {"credentialSubject", achievement(map[string]string{"criteria": ""}), "MISSING_PROPERTY:credentialSubject.achievement.criteria"},
		"empty criteria":          {"credentialSubject", achievement(map[string]string{"criteria": "{}"}), "MISSING_PROPERTY:credentialSubject.achievement.criteria.narrative"},
		"criteria text":           {"credentialSubject", achievement(map[string]string{"criteria": `"x"`}), "BAD_VALUE:credentialSubject.achievement.criteria.id"},
		"achievement type":        {"credentialSubject", achievement(map[string]string{"achievementType": `"Medal"`}), "BAD_VALUE:credentialSubject.achievement.achievementType"},
		"extended type":           {"credentialSubject", achievement(map[string]string{"achievementType": `"ext:Medal"`}), ""},
		"name object":             {"credentialSubject", achievement(map[string]string{"name": `{"en":"x"}`}), "BAD_VALUE:credentialSubject.achievement.name"},
		"language":                {"credentialSubject", achievement(map[string]string{"inLanguage": `"english"`}), "BAD_VALUE:credentialSubject.achievement.inLanguage"},
		"tags empty":              {"credentialSubject", achievement(map[string]string{"tag": `[]`}), ""},
		"tags null":               {"credentialSubject", achievement(map[string]string{"tag": `null`}), ""},
		"status without type":     {"credentialStatus", `{"id":"https://x.test/s"}`, "MISSING_PROPERTY:credentialStatus.type"},
		"status text":             {"credentialStatus", `"x"`, "BAD_VALUE:credentialStatus"},
		"endorsement token":       {"endorsementJwt", `["a.b.c","no token"]`, "BAD_VALUE:endorsementJwt[1]"},
		"unknown member":          {"rank", `"gold"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ReadCredential(edit(t, string(good), map[string]string{c.member: c.value}))
			if err != nil {
				t.Fatal(err)
			}
			if got := problemText(r.Conformance()); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestConformanceOfOtherKinds(t *testing.T) {
	endorsement := `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"https://x.test/e",
	 "type":["VerifiableCredential","EndorsementCredential"],"name":"E","issuer":{"id":"https://x.test/i","type":["Profile"]},"validFrom":"2026-01-01T00:00:00Z",
	 "credentialSubject":{"id":"https://x.test/b","type":["EndorsementSubject"],"endorsementComment":"good"}}`
	for name, c := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"endorsement":      {nil, ""},
		"without name":     {map[string]string{"name": ""}, "MISSING_PROPERTY:name"},
		"of nothing":       {map[string]string{"credentialSubject": `{"type":"EndorsementSubject"}`}, "MISSING_PROPERTY:credentialSubject.id"},
		"some other kind":  {map[string]string{"type": `["VerifiableCredential","Licence"]`, "name": ""}, ""},
		"1.1 without date": {map[string]string{"@context": `["https://www.w3.org/2018/credentials/v1","https://purl.imsglobal.org/spec/ob/v3p0/context.json"]`}, "MISSING_PROPERTY:issuanceDate"},
		"no type":          {map[string]string{"type": ""}, "MISSING_PROPERTY:type"},
	} {
		r, err := ReadCredential(edit(t, endorsement, c.changes))
		if err != nil {
			t.Fatal(err)
		}
		if got := problemText(r.Conformance()); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	r, _ := ReadCredential(edit(t, foreign, map[string]string{"name": "", "id": ""}))
	for kind, want := range map[string]bool{"BitstringStatusListCredential": true, "StatusList2021Credential": true, "Licence": false} {
		r, err := ReadCredential(edit(t, endorsement, map[string]string{"type": `["VerifiableCredential","` + kind + `"]`}))
		if err != nil || r.IsStatusList() != want {
			t.Errorf("%s: got %v, want a status list %v", kind, err, want)
		}
	}
	if got := problemText(r.Conformance()); got != "MISSING_PROPERTY:id MISSING_PROPERTY:name" {
		t.Errorf("1.1 badge without name and id: got %q", got)
	}
}

func TestIsURI(t *testing.T) {
	for uri, want := range map[string]bool{
		"https://x.test": true, "http://x.test/a?b#c": true, "urn:uuid:1": true, "did:key:z": true, "mailto:a@b": true, "data:text/plain,x": true,
		"a+b-c.1:x": true, "": false, "x": false, ":x": false, "https:": false, "https://": false, "https:///x": false, "1a:x": false, "a b:x": false,
		"https://x.test/a b": false, "https://x.test/<": false, "a/b:c": false, "urn:": false, "a_b:x": false, "~a:x": false, "a~:x": false, "a\u00e9:x": false, "https://x.test:port/": false,
	} {
		if got := isURI(uri); got != want {
			t.Errorf("%q: got %v, want %v", uri, got, want)
		}
	}
}

func TestStatusEntries(t *testing.T) {
	for entry, want := range map[string]Status{
		`{"statusListIndex":"12"}`:                {Index: 12, Size: 1},
		`{"statusListIndex":"-1"}`:                {Index: -1, Size: 1},
		`{"statusListIndex":"+1"}`:                {Index: -1, Size: 1},
		`{"statusListIndex":1.5}`:                 {Index: -1, Size: 1},
		`{"statusListIndex":"99999999999"}`:       {Index: -1, Size: 1},
		`{"statusSize":-1,"statusReference":"x"}`: {Index: -1, Size: 0, HasMessage: true},
		`{"statusSize":"x","type":["A","B"]}`:     {Index: -1, Size: 0, Type: "A"},
		`7`:                                       {Index: -1, Size: 1},
	} {
		var v any
		if err := UnmarshalStrict([]byte(entry), &v); err != nil {
			t.Fatal(err)
		}
		if got := readStatus(v); got != want {
			t.Errorf("%s: got %+v, want %+v", entry, got, want)
		}
	}
}

func TestReadClaims(t *testing.T) {
	c := sampleCredential()
	c.Subject.ID = "did:example:1"
	body, _ := Payload(c)
	vc := edit(t, foreign, map[string]string{"id": "", "issuer": "", "issuanceDate": "", "expirationDate": ""})
	wrapped := `{"iss":"did:key:z6Mk","jti":"urn:uuid:1","sub":"mailto:a@b.test","nbf":1577836800.9,"exp":1609459200,"iat":1577836801,"vc":` + string(vc) + `}`
	for name, c := range map[string]struct {
		body    []byte
		changes map[string]string
		want    string
		missing []string
	}{
		"2.0":                    {body, nil, "", nil},
		"1.1 in vc":              {[]byte(wrapped), nil, "", nil},
		"1.1 complete":           {[]byte(wrapped), map[string]string{"vc": foreign}, "", nil},
		"other issuer":           {body, map[string]string{"iss": `"https://evil.test"`}, "BAD_VALUE:iss", nil},
		"other id":               {body, map[string]string{"jti": `"x"`}, "BAD_VALUE:jti", nil},
		"other subject":          {body, map[string]string{"sub": `"x"`}, "BAD_VALUE:sub", nil},
		"issuer as object":       {body, map[string]string{"iss": `{}`}, "BAD_VALUE:iss", nil},
		"other start":            {body, map[string]string{"nbf": `1768471201`}, "BAD_VALUE:nbf", nil},
		"start in milliseconds":  {body, map[string]string{"nbf": `1768471200000`}, "BAD_VALUE:nbf", nil},
		"start as text":          {body, map[string]string{"nbf": `"1768471200"`}, "BAD_VALUE:nbf", nil},
		"start as text, no date": {body, map[string]string{"nbf": `"1768471200"`, "validFrom": ""}, "BAD_VALUE:nbf", nil},
		"start with fraction":    {body, map[string]string{"nbf": `1768471200.0`}, "", nil},
		"start with exponent":    {body, map[string]string{"nbf": `1.7684712e9`}, "", nil},
		"end without validUntil": {body, map[string]string{"validUntil": ""}, "BAD_VALUE:exp", nil},
		"validUntil without end": {body, map[string]string{"exp": ""}, "", nil},
		"absurd end":             {body, map[string]string{"exp": `1e999999999`}, "BAD_VALUE:exp", nil},
		"nothing but audience":   {body, map[string]string{"iss": "", "jti": "", "sub": "", "nbf": "", "exp": "", "aud": `"x"`}, "", []string{"iss", "jti", "nbf", "sub"}},
		"vc beside 2.0":          {body, map[string]string{"vc": string(body)}, "BAD_VALUE:vc", nil},
		"1.1 at top level":       {[]byte(foreign), nil, "BAD_VALUE:vc", []string{"iss", "jti", "nbf", "sub"}},
		"1.1 of another issuer":  {[]byte(wrapped), map[string]string{"vc": foreign, "iss": `"did:key:z6Mo"`}, "BAD_VALUE:iss", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ReadClaims(edit(t, string(c.body), c.changes))
			if err != nil {
				t.Fatal(err)
			}
			if got := problemText(r.Problems); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !slices.Equal(r.Claims.Missing, c.missing) {
				t.Errorf("missing %v, want %v", r.Claims.Missing, c.missing)
			}
		})
	}
	r, err := ReadClaims([]byte(wrapped))
	if err != nil || r.ID != "urn:uuid:1" || r.Issuer.ID != "did:key:z6Mk" || r.ValidFrom.Text != "2020-01-01T00:00:00Z" || r.ValidUntil.IsZero() {
		t.Errorf("claims did not fill the credential: %+v, %v", r, err)
	}
	if string(r.Raw) != string(vc) || r.Claims.IssuedAt.IsZero() || r.Claims.NotBefore.IsZero() || r.Claims.Expires.IsZero() {
		t.Error("raw or claims got lost")
	}
}

// A claim's time is seconds since 1970, up to the end of the year 9999; anything else is none.
func TestNumericDate(t *testing.T) {
	for number, want := range map[string]time.Time{
		"0": time.Unix(0, 0), "-1": time.Unix(-1, 0), "1.9": time.Unix(1, 0), "1e3": time.Unix(1000, 0), "253402300799": time.Unix(253402300799, 0),
		"253402300800": {}, "-62135596801": {}, "1e99": {}, "-1e99": {}, "1." + strings.Repeat("0", 31): {},
	} {
		if got := numericDate(json.Number(number)); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", number, got, want)
		}
	}
	for _, v := range []any{nil, "1", true, []any{json.Number("1")}} {
		if got := numericDate(v); !got.IsZero() {
			t.Errorf("%v: got %v, want none", v, got)
		}
	}
}

func TestSubjectClaimOfNamelessSubject(t *testing.T) {
	body, _ := Payload(sampleCredential())
	r, err := ReadClaims(edit(t, string(body), map[string]string{"sub": `"did:example:1"`}))
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestReadClaimsRefuses(t *testing.T) {
	for data, want := range map[string]error{
		``: ErrJSON, `plain text`: ErrJSON, `[]`: ErrNoCredential, `{}`: ErrNoCredential, `{"vc":1}`: ErrNoCredential, `{"vc":{}}`: ErrNoCredential,
		`{"vc":null}`: ErrNoCredential, `{"iss":"a","iss":"b"}`: ErrJSON,
	} {
		if _, err := ReadClaims([]byte(data)); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", data, err, want)
		}
	}
}
