package ob2

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
)

// good documents in the forms that others publish; tests spoil them member by member.
var good = map[string]string{
	KindAssertion: `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://x.test/a","badge":"https://x.test/b","issuedOn":"2016-12-31T23:59:59Z",
	 "recipient":{"type":"email","hashed":false,"identity":"a@x.test"},"verification":{"type":"hosted"}}`,
	KindBadgeClass: `{"@context":["https://w3id.org/openbadges/v2"],"type":["BadgeClass"],"id":"https://x.test/b","name":"N","description":"D","image":"https://x.test/b.png",
	 "criteria":"https://x.test/c","issuer":"https://x.test/i"}`,
	KindProfile: `{"@context":"https://w3id.org/openbadges/v2","type":["Profile","https://x.test/School"],"id":"https://x.test/i","name":"N","url":"https://x.test","email":"n@x.test"}`,
	KindEndorsement: `{"@context":"https://w3id.org/openbadges/v2","type":"Endorsement","id":"https://x.test/e","claim":{"id":"https://x.test/b","endorsementComment":"good"},
	 "issuer":"https://x.test/i","issuedOn":"2017-10-01T00:00Z","verification":{"type":"HostedBadge"}}`,
	KindKey:            `{"@context":"https://w3id.org/openbadges/v2","type":"CryptographicKey","id":"https://x.test/k","owner":"https://x.test/i","publicKeyPem":"PEM"}`,
	KindRevocationList: `{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","revokedAssertions":["urn:uuid:1",{"id":"urn:uuid:2","revocationReason":"why"},{"uid":"u3"},{"id":"urn:uuid:4","revoked":false}]}`,
}

// change edits members of a document by JSON text; an empty text removes the member.
func change(t testing.TB, document string, changes map[string]string) []byte {
	t.Helper()
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(document), &m); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		m[name] = json.RawMessage(value)
	}
	maps.DeleteFunc(m, func(_ string, v json.RawMessage) bool { return len(v) == 0 })
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func problems(o *Object) string {
	var all []string
	for _, p := range o.Problems() {
		all = append(all, p.String())
	}
	return strings.Join(all, " ")
}

func TestGoodDocuments(t *testing.T) {
	for kind, document := range good {
		o, err := Read([]byte(document), "", "")
		if err != nil || o.Kind != kind || problems(o) != "" || o.Version != "2.0" || string(o.Raw) != document {
			t.Errorf("%s: got %+v, %q, %v", kind, o, problems(o), err)
		}
	}
}

// proves: 2.0 §2 judged: cardinality and kinds of values
func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		kind, member, value string
		want                string
	}{
		"no id":                      {KindAssertion, "id", ``, "MISSING_PROPERTY:id"},
		"id relative":                {KindAssertion, "id", `"/a"`, "BAD_VALUE:id"},
		"id is no UUID":              {KindAssertion, "id", `"urn:uuid:nonsense"`, "BAD_VALUE:id"},
		"language":                   {KindAssertion, "@language", `"es-419"`, ""},
		"language empty":             {KindAssertion, "@language", `""`, "BAD_VALUE:@language"},
		"language no tag":            {KindBadgeClass, "@language", `"en_US"`, "BAD_VALUE:@language"},
		"related without id":         {KindBadgeClass, "related", `[{"@language":"es"}]`, "MISSING_PROPERTY:related.id"},
		"criteria of no page":        {KindBadgeClass, "criteria", `{"id":"_:b0"}`, "BAD_VALUE:criteria"},
		"criteria without name":      {KindBadgeClass, "criteria", `{"id":"_:b0","narrative":"n"}`, ""},
		"criteria blank":             {KindBadgeClass, "criteria", `"_:b0"`, "BAD_VALUE:criteria"},
		"criteria script":            {KindBadgeClass, "criteria", `{"id":"JavaScript:alert(1)"}`, "BAD_VALUE:criteria"},
		"telephone":                  {KindProfile, "telephone", `"+1 (555) 123-4567;ext=2"`, ""},
		"telephone in words":         {KindProfile, "telephone", `"ring twice"`, "BAD_VALUE:telephone"},
		"id is a list":               {KindAssertion, "id", `["https://x.test/a","https://x.test/b"]`, "BAD_VALUE:id"},
		"v7 uuid":                    {KindAssertion, "id", `"urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"`, ""},
		"no type":                    {KindAssertion, "type", ``, "MISSING_PROPERTY:type"},
		"empty type":                 {KindAssertion, "type", `[]`, "BAD_VALUE:type"},
		"unknown class beside":       {KindAssertion, "type", `["Assertion","UNKNOWN"]`, "BAD_VALUE:type"},
		"type with a number":         {KindAssertion, "type", `["Assertion",1]`, "BAD_VALUE:type"},
		"class by IRI":               {KindAssertion, "type", `"https://w3id.org/openbadges#Assertion"`, ""},
		"class by prefix":            {KindAssertion, "type", `["obi:Assertion"]`, ""},
		"badge relative":             {KindAssertion, "badge", `"b"`, "BAD_VALUE:badge"},
		"badge without id":           {KindAssertion, "badge", `{"name":"x"}`, "MISSING_PROPERTY:badge.id"},
		"badge with bad id":          {KindAssertion, "badge", `{"id":"x"}`, "BAD_VALUE:badge"},
		"two badges":                 {KindAssertion, "badge", `["https://x.test/1","https://x.test/2"]`, "BAD_VALUE:badge"},
		"recipient text":             {KindAssertion, "recipient", `"a@x.test"`, "BAD_VALUE:recipient"},
		"recipient elsewhere":        {KindAssertion, "recipient", `"https://x.test/me"`, "BAD_VALUE:recipient"},
		"recipient empty":            {KindAssertion, "recipient", `{}`, "MISSING_PROPERTY:recipient.identity MISSING_PROPERTY:recipient.type MISSING_PROPERTY:recipient.hashed"},
		"hashed as text":             {KindAssertion, "recipient", `{"type":"email","hashed":"no","identity":"a@x.test"}`, "BAD_VALUE:recipient.hashed"},
		"hashed, no hash":            {KindAssertion, "recipient", `{"type":"email","hashed":true,"identity":"a@x.test"}`, "IDENTITY_FORMAT:recipient.identity"},
		"sha1 hash":                  {KindAssertion, "recipient", `{"type":"email","hashed":true,"identity":"sha1$da39a3ee5e6b4b0d3255bfef95601890afd80709"}`, "IDENTITY_FORMAT:recipient.identity"},
		"hash, not hashed":           {KindAssertion, "recipient", `{"type":"email","hashed":false,"identity":"md5$6280f585b6900b184451080d97b185b3"}`, "IDENTITY_FORMAT:recipient.identity"},
		"hash for a telephone":       {KindAssertion, "recipient", `{"type":"telephone","hashed":false,"identity":"md5$6280f585b6900b184451080d97b185b3"}`, "IDENTITY_FORMAT:recipient.identity"},
		"plain url":                  {KindAssertion, "recipient", `{"type":"url","hashed":false,"identity":"https://x.test/me"}`, ""},
		"e-mail without at":          {KindAssertion, "recipient", `{"type":"email","hashed":false,"identity":"me"}`, "IDENTITY_FORMAT:recipient.identity"},
		"verification of other type": {KindAssertion, "verification", `{"type":"VerificationObject"}`, "VERIFICATION_TYPE:verification.type"},
		"verification without type":  {KindAssertion, "verification", `{}`, "MISSING_PROPERTY:verification.type"},
		"verification null":          {KindAssertion, "verification", `null`, "MISSING_PROPERTY:verification"},
		"verify and verification":    {KindAssertion, "verify", `{"type":"hosted"}`, "BAD_VALUE:verification"},
		"issuedOn date":              {KindAssertion, "issuedOn", `"2016-12-31"`, "BAD_VALUE:issuedOn"},
		"issuedOn number":            {KindAssertion, "issuedOn", `1483228799`, "BAD_VALUE:issuedOn"},
		"expires null":               {KindAssertion, "expires", `null`, ""},
		"expires empty":              {KindAssertion, "expires", `[]`, ""},
		"expires text":               {KindAssertion, "expires", `"never"`, "BAD_VALUE:expires"},
		"image data":                 {KindAssertion, "image", `"data:image/png;base64,AA"`, "BAD_VALUE:image"},
		"image object with data":     {KindAssertion, "image", `{"id":"data:image/png;base64,AA"}`, "BAD_VALUE:image"},
		"image object":               {KindAssertion, "image", `{"id":"https://x.test/i.png","caption":"c","author":"https://x.test/me"}`, ""},
		"evidence":                   {KindAssertion, "evidence", `["https://x.test/e",{"narrative":"n"}]`, ""},
		"evidence bad":               {KindAssertion, "evidence", `"not a url"`, "BAD_VALUE:evidence"},
		"narrative empty":            {KindAssertion, "narrative", `""`, ""},
		"narrative number":           {KindAssertion, "narrative", `7`, "BAD_VALUE:narrative"},
		"narrative object":           {KindAssertion, "narrative", `{}`, "BAD_VALUE:narrative"},
		"revoked text":               {KindAssertion, "revoked", `"no"`, "BAD_VALUE:revoked"},
		"unknown member":             {KindAssertion, "foo", `"bar"`, ""},
		"unknown context":            {KindAssertion, "@context", `"https://w3id.org/openbadges/invalid"`, "CONTEXT:@context"},
		"context null":               {KindAssertion, "@context", `null`, "CONTEXT:@context"},
		"inline context":             {KindAssertion, "@context", `["https://w3id.org/openbadges/v2",{"foo":"https://x.test/foo"}]`, ""},
		"inline context, no terms":   {KindAssertion, "@context", `{"id":"@id"}`, "MISSING_PROPERTY:type"},
		"context not at hand":        {KindAssertion, "@context", `["https://x.test/c","https://w3id.org/openbadges/v2"]`, "CONTEXT:@context"},
		"no name":                    {KindBadgeClass, "name", ``, "MISSING_PROPERTY:name"},
		"empty name":                 {KindBadgeClass, "name", `""`, "BAD_VALUE:name"},
		"two names":                  {KindBadgeClass, "name", `["a","b"]`, "BAD_VALUE:name"},
		"no image":                   {KindBadgeClass, "image", ``, "MISSING_PROPERTY:image"},
		"image data URI":             {KindBadgeClass, "image", `"data:image/svg+xml;base64,AA"`, ""},
		"image data GIF":             {KindBadgeClass, "image", `"data:image/gif;base64,AA"`, "BAD_VALUE:image"},
		"image without id":           {KindBadgeClass, "image", `{"caption":"x"}`, "MISSING_PROPERTY:image.id"},
		"criteria object":            {KindBadgeClass, "criteria", `{"narrative":"n"}`, ""},
		"criteria empty":             {KindBadgeClass, "criteria", `{"type":"Criteria"}`, "MISSING_PROPERTY:criteria.narrative"},
		"alignment":                  {KindBadgeClass, "alignment", `[{"targetName":"n","targetUrl":"https://x.test"},{"targetName":"n","targetUrl":"x"}]`, "BAD_VALUE:alignment.targetUrl"},
		"tags":                       {KindBadgeClass, "tags", `["a",1]`, "BAD_VALUE:tags"},
		"version number":             {KindBadgeClass, "version", `2`, ""},
		"version flag":               {KindBadgeClass, "version", `true`, "BAD_VALUE:version"},
		"related":                    {KindBadgeClass, "related", `[{"id":"https://x.test/es","@language":"es"}]`, ""},
		"class of another kind":      {KindBadgeClass, "type", `"Assertion"`, "MISSING_PROPERTY:recipient MISSING_PROPERTY:badge MISSING_PROPERTY:verification MISSING_PROPERTY:issuedOn"},
		"no email":                   {KindProfile, "email", ``, "MISSING_PROPERTY:email"},
		"email without at":           {KindProfile, "email", `"n"`, "BAD_VALUE:email"},
		"url ftp":                    {KindProfile, "url", `"ftp://x.test"`, "BAD_VALUE:url"},
		"url without host":           {KindProfile, "url", `"https://"`, "BAD_VALUE:url"},
		"several keys":               {KindProfile, "publicKey", `["https://x.test/1",{"id":"https://x.test/2"}]`, ""},
		"origin as URL":              {KindProfile, "verification", `{"allowedOrigins":"https://x.test/"}`, "BAD_VALUE:verification.allowedOrigins"},
		"origin with port":           {KindProfile, "verification", `{"allowedOrigins":["x.test:8080"]}`, "BAD_VALUE:verification.allowedOrigins"},
		"policy":                     {KindProfile, "verification", `{"type":"VerificationObject","verificationProperty":"id","startsWith":["https://x.test/","https://y.test/"],"allowedOrigins":["x.test","y.test"]}`, ""},
		"other property":             {KindProfile, "verification", `{"verificationProperty":"url"}`, "BAD_VALUE:verification.verificationProperty"},
		"issuer of other class":      {KindProfile, "type", `"Criteria"`, ""},
		"claim without id":           {KindEndorsement, "claim", `{}`, "MISSING_PROPERTY:claim.id"},
		"no verification":            {KindEndorsement, "verification", ``, "MISSING_PROPERTY:verification"},
		"no issuedOn":                {KindEndorsement, "issuedOn", ``, "MISSING_PROPERTY:issuedOn"},
		"PEM number":                 {KindKey, "publicKeyPem", `1`, "BAD_VALUE:publicKeyPem"},
		"no list":                    {KindRevocationList, "revokedAssertions", ``, "REVOCATION_LIST:revokedAssertions"},
		"empty list":                 {KindRevocationList, "revokedAssertions", `[]`, ""},
		"entry no IRI":               {KindRevocationList, "revokedAssertions", `["not an iri"]`, "REVOCATION_LIST:revokedAssertions"},
		"entry without id":           {KindRevocationList, "revokedAssertions", `[{"revocationReason":"x"}]`, "REVOCATION_LIST:revokedAssertions"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := Read(change(t, good[c.kind], map[string]string{c.member: c.value}), "", "")
			if err != nil {
				t.Fatal(err)
			}
			if got := problems(o); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWantedKind(t *testing.T) {
	for name, c := range map[string]struct {
		document, want, problems string
	}{
		"as wanted":       {good[KindProfile], KindProfile, ""},
		"endorser":        {`{"@context":"https://w3id.org/openbadges/v2","type":"Profile","id":"https://x.test/i"}`, KindEndorser, ""},
		"other class":     {good[KindKey], KindProfile, "BAD_VALUE:type MISSING_PROPERTY:name MISSING_PROPERTY:url MISSING_PROPERTY:email"},
		"assertion":       {good[KindAssertion], KindEndorsement, "BAD_VALUE:type MISSING_PROPERTY:claim MISSING_PROPERTY:issuer"},
		"issuer and more": {string(change(t, good[KindProfile], map[string]string{"type": `["Issuer","UNKNOWN"]`})), KindProfile, "BAD_VALUE:type"},
		"1.1 issuer":      {string(change(t, good[KindProfile], map[string]string{"type": `"IssuerOrg"`, "@context": `"https://w3id.org/openbadges/v1"`})), KindProfile, ""},
	} {
		o, err := Read([]byte(c.document), "", c.want)
		if err != nil || problems(o) != c.problems || o.Kind != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, problems(o), err, c.problems)
		}
	}
}

func TestRevokedNeedsNoMore(t *testing.T) {
	o, _ := Read([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://x.test/a","revoked":true,"revocationReason":"an error"}`), "", "")
	if revoked, reason := o.Revoked(); !revoked || reason != "an error" || problems(o) != "" {
		t.Errorf("got %v, %q, %q", revoked, reason, problems(o))
	}
	o, _ = Read([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","revoked":true}`), "", "")
	if got := problems(o); got != "MISSING_PROPERTY:id" {
		t.Errorf("got %q", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for data, want := range map[string]error{
		``: openbadge.ErrJSON, `{"id":1,"id":2}`: openbadge.ErrJSON, `[]`: ErrNoObject, `"x"`: ErrNoObject, `7`: ErrNoObject, `null`: ErrNoObject,
	} {
		if _, err := Read([]byte(data), "", ""); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", data, err, want)
		}
	}
}

func TestHome(t *testing.T) {
	for document, want := range map[string]string{
		good[KindAssertion]:           "https://x.test/a",
		`{"@id":"https://x.test/a"}`:  "https://x.test/a",
		`{"id":["https://x.test/a"]}`: "https://x.test/a",
		`{"uid":"1","verify":{"type":"hosted","url":"https://x.test/1"}}`: "https://x.test/1",
		`{"id":"urn:uuid:1"}`:     "",
		`{"id":"ftp://x.test/a"}`: "",
		`{"x":1}`:                 "",
	} {
		o, err := Read([]byte(document), "", "")
		if err != nil || o.Home() != want {
			t.Errorf("%s: got %q, %v; want %q", document, o.Home(), err, want)
		}
	}
}

func TestUpgrade05(t *testing.T) {
	const document = `{"recipient":"sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942","salt":"deadsea","issued_on":"2011-06-01",
	 "badge":{"version":"0.5.0","name":"Basic","image":"https://x.test/r.png","description":"d","criteria":"https://x.test/c.html",
	 "issuer":{"origin":"https://x.test","name":"Basic Issuer","org":"Dept","contact":"c@x.test"}}}`
	o, err := Read([]byte(document), "https://x.test/a", "")
	if err != nil || o.Version != "0.5" || o.ID != "https://x.test/a" || problems(o) != "" {
		t.Fatalf("got %+v, %q, %v", o, problems(o), err)
	}
	badge := o.Badge().Embedded
	issuer := badge.Issuer().Embedded
	if problems(badge) != "" || problems(issuer) != "" {
		t.Errorf("badge %q, issuer %q", problems(badge), problems(issuer))
	}
	if issuer.Text("name") != "Basic Issuer: Dept" || issuer.Text("email") != "c@x.test" || issuer.Text("url") != "https://x.test" {
		t.Errorf("got %v", issuer.m)
	}
	if !o.Recipient().Matches("nobody@example.org") || o.Recipient().Matches("somebody@example.org") || o.IssuedOn().Time.Year() != 2011 {
		t.Errorf("got %+v, %v", o.Recipient(), o.IssuedOn())
	}
	if len(Scope(o, badge, issuer)) > 0 {
		t.Errorf("scope: %v", Scope(o, badge, issuer))
	}
	evil, _ := Read([]byte(document), "https://evil.test/a", "")
	if len(Scope(evil, badge, issuer)) == 0 {
		t.Error("a 0.5 badge on another host than its origin must be refused")
	}
	plain, _ := Read(change(t, document, map[string]string{"recipient": `"me@x.test"`, "badge": `"https://x.test/b"`, "salt": ``}), "", "")
	if r := plain.Recipient(); r.Hashed || r.Identity != "me@x.test" || problems(plain) != "" {
		t.Errorf("got %+v, %q", r, problems(plain))
	}
}

func TestUpgrade10(t *testing.T) {
	const assertion = `{"uid":"abc","recipient":{"type":"email","hashed":false,"identity":"a@x.test"},"badge":"https://x.test/b","issuedOn":1430352000,
	 "verify":{"type":"hosted","url":"https://x.test/a"}}`
	for name, c := range map[string]struct {
		document, from, want string
		id, kind, problems   string
	}{
		"fetched":       {assertion, "https://x.test/a2", "", "https://x.test/a2", KindAssertion, ""},
		"not fetched":   {assertion, "", "", "https://x.test/a", KindAssertion, ""},
		"signed":        {strings.Replace(assertion, "hosted", "signed", 1), "", "", "uid:abc", KindAssertion, ""},
		"without trace": {`{"recipient":{}}`, "", "", "", KindAssertion, "MISSING_PROPERTY:id MISSING_PROPERTY:recipient.identity MISSING_PROPERTY:recipient.type MISSING_PROPERTY:recipient.hashed MISSING_PROPERTY:badge MISSING_PROPERTY:verification MISSING_PROPERTY:issuedOn"},
		"badge class":   {`{"name":"N","description":"D","image":"https://x.test/b.png","criteria":"https://x.test/c","issuer":"https://x.test/i"}`, "https://x.test/b", "", "https://x.test/b", KindBadgeClass, ""},
		"issuer":        {`{"name":"N","url":"https://x.test","email":"n@x.test"}`, "https://x.test/i", "", "https://x.test/i", KindProfile, ""},
		"wanted issuer": {`{"name":"N","email":"n@x.test"}`, "https://x.test/i", KindProfile, "https://x.test/i", KindProfile, "MISSING_PROPERTY:url"},
		"endorser":      {`{}`, "https://x.test/i", KindEndorser, "https://x.test/i", KindEndorser, ""},
		"something":     {`{"x":1}`, "https://x.test/x", "", "https://x.test/x", "", "MISSING_PROPERTY:type"},
		"empty id":      {`{"id":"","recipient":1}`, "", "", "", KindAssertion, "MISSING_PROPERTY:id BAD_VALUE:recipient MISSING_PROPERTY:badge MISSING_PROPERTY:verification MISSING_PROPERTY:issuedOn"},
	} {
		o, err := Read([]byte(c.document), c.from, c.want)
		if err != nil || o.Version != "1.0" || o.ID != c.id || o.Kind != c.kind || problems(o) != c.problems {
			t.Errorf("%s: got %s %q %q, %v", name, o.Kind, o.ID, problems(o), err)
		}
	}
	o, _ := Read([]byte(assertion), "", "")
	if o.IssuedOn().Time.Format("2006-01-02") != "2015-04-30" || o.IssuedOn().Text != "1430352000" || o.VerificationURL() != "https://x.test/a" {
		t.Errorf("got %v, %q", o.IssuedOn(), o.VerificationURL())
	}
}

func TestUpgrade11(t *testing.T) {
	class := change(t, good[KindBadgeClass], map[string]string{
		"@context": `"https://w3id.org/openbadges/v1"`, "alignment": `[{"name":"n","url":"https://x.test/t","description":"d"}]`,
	})
	o, err := Read(class, "", KindBadgeClass)
	if err != nil || o.Version != "1.1" || problems(o) != "" {
		t.Fatalf("got %q, %v", problems(o), err)
	}
	a := object(withoutListOfOne(o.m["alignment"]))
	if a["targetName"] != "n" || a["targetUrl"] != "https://x.test/t" || a["targetDescription"] != "d" || a["name"] != nil {
		t.Errorf("got %v", a)
	}
	assertion := change(t, good[KindAssertion], map[string]string{
		"@context": `["https://w3id.org/openbadges/v1",{"x":"https://x.test/x"}]`, "issuedOn": `"2016-12-31"`, "verification": "", "verify": `{"type":"hosted","url":"https://x.test/a"}`,
		"badge": string(class),
	})
	o, _ = Read(assertion, "", "")
	if o.Version != "1.1" || problems(o) != "" || o.IssuedOn().Time.Hour() != 0 || o.VerificationType() != "HostedBadge" {
		t.Errorf("got %s %q %v", o.Version, problems(o), o.IssuedOn())
	}
	if e := o.Badge().Embedded; problems(e) != "" || e.Version != "1.1" {
		t.Errorf("embedded: %q", problems(e))
	}
	for verify, want := range map[string]string{ // only what is signed is known by its uid
		`{"type":"signed","url":"https://x.test/k"}`: "uid:7", `{"type":"hosted","url":"https://x.test/a"}`: "",
	} {
		o, err := Read(change(t, string(assertion), map[string]string{"id": "", "uid": `"7"`, "verify": verify}), "", "")
		if err != nil || o.ID != want {
			t.Errorf("%s: got id %q, %v, want %q", verify, o.ID, err, want)
		}
	}
}
