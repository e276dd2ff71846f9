package openbadge

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Conformance judges the whole document against spec 3.0 section 2: Problems, and every departure of
// the badge or endorsement inside, all at once. A credential that is neither gives only Problems.
func (r *Received) Conformance() []Problem {
	c := conformance{problems: slices.Clone(r.Problems)}
	switch {
	case r.IsBadge():
		c.class(r.members, "Credential", "")
	case r.IsEndorsement():
		c.class(r.members, "Endorsement", "")
	case r.IsRecord():
		c.record(r)
	default:
		return c.problems
	}
	if name, needed := map[int]string{1: "name", 2: "validFrom"}[r.Model]; needed {
		if _, found := r.members[name]; !found {
			c.add(MissingProperty, name, "required")
		}
	}
	if r.IsBadge() && r.Subject.Members != nil {
		c.subject(r.Subject)
	}
	return dedupe(c.problems)
}

// dedupe keeps the first of equal code and property: the envelope reports some members itself.
func dedupe(problems []Problem) []Problem {
	seen := map[string]bool{}
	return slices.DeleteFunc(problems, func(p Problem) bool {
		again := seen[p.String()]
		seen[p.String()] = true
		return again
	})
}

type conformance struct {
	problems []Problem
}

func (c *conformance) add(code, path, message string) {
	c.problems = append(c.problems, Problem{Code: code, Property: path, Message: message})
}

// subject holds the rules that are in the text of the standard and in no schema (section 4).
func (c *conformance) subject(s ReceivedSubject) {
	if s.ID == "" && len(list(s.Members["identifier"])) == 0 {
		c.add(MissingProperty, "credentialSubject.id", "neither id nor identifier")
	}
	for _, i := range s.Identifiers {
		if i.Hashed != IsIdentityHash(i.IdentityHash) && i.IdentityHash != "" {
			c.add(IdentityFormat, "credentialSubject.identifier", "hashed and the form of identityHash contradict each other")
		}
	}
	achievement := object(s.Members["achievement"])
	if criteria := referred(achievement["criteria"]); criteria != nil && criteria["id"] == nil && criteria["narrative"] == nil {
		c.add(MissingProperty, "credentialSubject.achievement.criteria.narrative", "neither page nor text")
	}
	described := map[string]bool{}
	for _, d := range list(achievement["resultDescription"]) {
		described[text(object(d)["id"])] = true
	}
	for _, result := range list(s.Members["result"]) {
		if id := text(object(result)["resultDescription"]); id != "" && !described[id] {
			c.add(BadValue, "credentialSubject.result.resultDescription", "describes no result of this achievement")
		}
	}
}

func (c *conformance) class(m map[string]any, name, path string) {
	k := classes[name]
	if k.typ != "" {
		c.types(m, k, path)
	}
	for _, r := range k.rules {
		value, found := m[r.name]
		c.member(r, value, found, path+r.name)
	}
	if !k.closed {
		return
	}
	for _, member := range slices.Sorted(maps.Keys(m)) {
		if member != "type" && !slices.ContainsFunc(k.rules, func(r rule) bool { return r.name == member }) {
			c.add(BadValue, path+member, "not a member of "+k.typ)
		}
	}
}

func (c *conformance) types(m map[string]any, k class, path string) {
	value, found := m["type"]
	switch {
	case !found:
		c.add(MissingProperty, path+"type", "required")
	case k.exact && first(value) != any(k.typ), !slices.Contains(texts(value), k.typ):
		c.add(BadValue, path+"type", "not "+k.typ)
	}
}

func (c *conformance) member(r rule, value any, found bool, path string) {
	values := list(value)
	switch {
	case !found && r.required:
		c.add(MissingProperty, path, "required")
	case !found:
	case value == nil || len(values) == 0 && !r.many:
		c.add(BadValue, path, "empty")
	case len(values) > 1 && !r.many:
		c.add(BadValue, path, "more than one value")
	default:
		for i, v := range values {
			at := path
			if len(values) > 1 {
				at = fmt.Sprintf("%s[%d]", path, i)
			}
			c.value(r, v, at)
		}
	}
}

func (c *conformance) value(r rule, v any, path string) {
	m, isObject := v.(map[string]any)
	_, isText := v.(string)
	if isText && r.test == anObject && classes[r.class].typ == "" {
		m, isObject = referred(v), true
	}
	switch {
	case isObject && r.test == aParty && len(m) == 1 && isURI(text(m["id"])): // a reference
	case isObject && (r.test == anObject || r.test == aParty):
		c.class(m, r.class, path+".")
	case isObject && r.test == anyObject:
		if m["type"] == nil {
			c.add(MissingProperty, path+".type", "required")
		}
	case isObject || r.test == anObject || r.test == anyObject || !plain(r, v, isText):
		c.add(BadValue, path, "not a value of its type")
	}
}

func plain(r rule, v any, isText bool) bool {
	s := text(v)
	switch r.test {
	case aText:
		return isText && (r.form == nil || r.form.MatchString(s))
	case aDate:
		_, err := ParseTimestamp(s)
		return err == nil
	case aDay:
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	case aFlag:
		_, isFlag := v.(bool)
		return isFlag
	case aNumber:
		_, isNumber := v.(json.Number)
		return isNumber
	}
	return isURI(s)
}

// test is how one value of a member is judged.
type test int

const (
	aText test = iota
	aURI
	aDate
	aDay // without a time
	aFlag
	aNumber
	anObject
	anyObject // an object of any type with a type of its own
	aParty    // Profile or URI
)

// rule is one member of a class of spec 3.0 section 2. A list may stand as a single value (JSON-LD
// takes both for the same), a single member as a list of one.
type rule struct {
	name     string
	test     test
	class    string
	form     *regexp.Regexp
	required bool
	many     bool
}

func need(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, ""), required: true}
}

func may(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, "")}
}

func many(name string, t test, class ...string) rule {
	return rule{name: name, test: t, class: strings.Join(class, ""), many: true}
}

func (r rule) of(form *regexp.Regexp) rule {
	r.form = form
	return r
}

var (
	identifierForm = regexp.MustCompile(`^(name|sourcedId|systemId|productId|userName|accountId|emailAddress|nationalIdentityNumber|isbn|issn|lisSourcedId|oneRosterSourcedId|sisSourcedId|ltiContextId|ltiDeploymentId|ltiToolId|ltiPlatformId|ltiUserId|identifier|ext:[A-Za-z0-9.|_-]+)$`)
	languageForm   = regexp.MustCompile(`^[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)
	tokenForm      = regexp.MustCompile(`^[a-zA-Z0-9_-]+\.[a-zA-Z0-9_-]*\.[a-zA-Z0-9_-]+$`)
	resultForm     = regexp.MustCompile(`^(Completed|Enrolled|Failed|InProgress|OnHold|Provisional|Withdrew)$`)
	resultTypeForm = regexp.MustCompile(`^(GradePointAverage|LetterGrade|Percent|PerformanceLevel|PredictedScore|RawScore|Result|RubricCriterion|RubricCriterionLevel|RubricScore|ScaledScore|Status|ext:[A-Za-z0-9.|_-]+)$`)
	targetForm     = regexp.MustCompile(`^(ceasn:Competency|ceterms:Credential|CFItem|CFRubric|CFRubricCriterion|CFRubricCriterionLevel|CTDL|ext:[A-Za-z0-9.|_-]+)$`)
	achievedForm   = regexp.MustCompile(`^(Achievement|ApprenticeshipCertificate|Assessment|Assignment|AssociateDegree|Award|Badge|BachelorDegree|Certificate|CertificateOfCompletion|Certification|CommunityService|Competency|Course|CoCurricular|Degree|Diploma|DoctoralDegree|Fieldwork|GeneralEducationDevelopment|JourneymanCertificate|LearningProgram|License|Membership|ProfessionalDoctorate|QualityAssuranceCredential|MasterCertificate|MasterDegree|MicroCredential|ResearchDoctorate|SecondarySchoolDiploma|ext:[A-Za-z0-9.|_-]+)$`)
)

// class is one table of spec 3.0 section 2. typ is the type that must be there; exact means that it is
// this one string, closed that no further member is allowed.
type class struct {
	typ    string
	exact  bool
	closed bool
	rules  []rule
}

var classes = map[string]class{
	"Credential": {rules: []rule{
		need("id", aURI), may("name", aText), may("description", aText), may("image", anObject, "Image"),
		many("credentialSubject", anObject, "Subject"), need("issuer", aParty, "Profile"), may("awardedDate", aDate),
		many("evidence", anObject, "Evidence"), many("endorsement", anyObject), many("endorsementJwt", aText).of(tokenForm),
		many("credentialSchema", anObject, "Service"), many("credentialStatus", anyObject), may("refreshService", anObject, "Service"),
		many("termsOfUse", anyObject),
	}},
	"Endorsement": {rules: []rule{
		need("id", aURI), need("name", aText), may("description", aText), need("credentialSubject", anObject, "EndorsementSubject"),
		need("issuer", aParty, "Profile"), may("awardedDate", aDate), many("credentialSchema", anObject, "Service"), many("credentialStatus", anyObject),
	}},
	"EndorsementSubject": {typ: "EndorsementSubject", rules: []rule{need("id", aURI), may("endorsementComment", aText)}},
	"Service":            {rules: []rule{need("id", aURI), need("type", aText)}},
	"Subject": {typ: "AchievementSubject", rules: []rule{
		may("id", aURI), many("identifier", anObject, "Identity"), need("achievement", anObject, "Achievement"),
		may("activityStartDate", aDate), may("activityEndDate", aDate), may("creditsEarned", aNumber), may("image", anObject, "Image"),
		may("licenseNumber", aText), may("narrative", aText), many("result", anObject, "Result"), may("role", aText),
		may("source", anObject, "Profile"), may("term", aText),
	}},
	"Identity": {typ: "IdentityObject", exact: true, closed: true, rules: []rule{
		need("hashed", aFlag), need("identityHash", aText), need("identityType", aText).of(identifierForm), may("salt", aText),
	}},
	"Achievement": {typ: "Achievement", rules: []rule{
		need("id", aURI), need("name", aText), need("description", aText), need("criteria", anObject, "Criteria"),
		may("achievementType", aText).of(achievedForm), many("alignment", anObject, "Alignment"), may("creator", anObject, "Profile"),
		may("creditsAvailable", aNumber), many("endorsement", anyObject), many("endorsementJwt", aText).of(tokenForm), may("fieldOfStudy", aText),
		may("humanCode", aText), may("image", anObject, "Image"), may("inLanguage", aText).of(languageForm),
		many("otherIdentifier", anObject, "Identifier"), many("related", anObject, "Related"),
		many("resultDescription", anObject, "ResultDescription"), may("specialization", aText), many("tag", aText), may("version", aText),
	}},
	"Criteria": {rules: []rule{may("id", aURI), may("narrative", aText)}},
	"Evidence": {typ: "Evidence", rules: []rule{
		may("id", aURI), may("name", aText), may("description", aText), may("narrative", aText), may("genre", aText), may("audience", aText),
	}},
	"Image": {typ: "Image", exact: true, closed: true, rules: []rule{need("id", aURI), may("caption", aText)}},
	"Alignment": {typ: "Alignment", rules: []rule{
		need("targetName", aText), need("targetUrl", aURI), may("targetCode", aText), may("targetDescription", aText),
		may("targetFramework", aText), may("targetType", aText).of(targetForm),
	}},
	"Result": {typ: "Result", rules: []rule{
		may("resultDescription", aURI), may("value", aText), may("achievedLevel", aURI), may("status", aText).of(resultForm),
		many("alignment", anObject, "Alignment"),
	}},
	"ResultDescription": {typ: "ResultDescription", rules: []rule{
		need("id", aURI), need("name", aText), need("resultType", aText).of(resultTypeForm), many("allowedValue", aText), may("requiredValue", aText),
		may("requiredLevel", aURI), many("rubricCriterionLevel", anObject, "RubricCriterionLevel"), may("valueMin", aText),
		may("valueMax", aText), many("alignment", anObject, "Alignment"),
	}},
	"RubricCriterionLevel": {typ: "RubricCriterionLevel", rules: []rule{
		need("id", aURI), need("name", aText), may("level", aText), may("points", aText), may("description", aText), many("alignment", anObject, "Alignment"),
	}},
	"Related": {typ: "Related", rules: []rule{need("id", aURI), may("inLanguage", aText).of(languageForm), may("version", aText)}},
	"Identifier": {typ: "IdentifierEntry", exact: true, closed: true, rules: []rule{
		need("identifier", aText), need("identifierType", aText).of(identifierForm),
	}},
	"Profile": {typ: "Profile", rules: []rule{
		need("id", aURI), may("name", aText), may("url", aURI), may("phone", aText), may("description", aText), may("email", aText),
		may("image", anObject, "Image"), may("address", anObject, "Address"), many("otherIdentifier", anObject, "Identifier"),
		may("official", aText), may("parentOrg", anObject, "Profile"), many("endorsement", anyObject), many("endorsementJwt", aText).of(tokenForm),
		may("familyName", aText), may("givenName", aText), may("additionalName", aText), may("patronymicName", aText),
		may("honorificPrefix", aText), may("honorificSuffix", aText), may("familyNamePrefix", aText), may("dateOfBirth", aDay),
	}},
	"Address": {typ: "Address", rules: []rule{
		may("addressCountry", aText), may("addressCountryCode", aText), may("addressRegion", aText), may("addressLocality", aText),
		may("streetAddress", aText), may("postOfficeBoxNumber", aText), may("postalCode", aText), may("geo", anObject, "Geo"),
	}},
	"Geo": {typ: "GeoCoordinates", exact: true, rules: []rule{need("latitude", aNumber), need("longitude", aNumber)}},
}
