package verifier

import (
	"embed"
	"errors"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

// conformance writes down every departure of the credential from the standard (spec 3.0 section 10,
// step 1).
func (x *ob3Examination) conformance(s *sealed) {
	problems, remarks := s.departures()
	x.problems(problems)
	for _, p := range remarks[:min(len(remarks), maxProblems)] {
		f := problemFault(p)
		x.add(Check{Name: CheckParse, Outcome: Warning, Code: f.code, Property: f.property, Message: f.message})
	}
	switch class := s.class(); {
	case len(problems) > 0:
	case class == aBadge || class == anEndorsement:
		x.pass(CheckParse, "The document is a well-formed Open Badges 3.0 "+string(class)+" ("+s.model()+").")
	case class == aRecord:
		x.pass(CheckParse, "The document is a well-formed Comprehensive Learner Record 2.0.")
	default:
		x.warn(CheckParse, UnsupportedType, "This is a verifiable credential, but no Open Badge: only its proof, dates and status are judged.")
	}
}

func (s *sealed) model() string {
	if s.Model == 1 {
		return "Verifiable Credentials Data Model 1.1"
	}
	return "Verifiable Credentials Data Model 2.0"
}

// departures are all problems of the document, and those among its oddities that many issuers share
// and that take nothing from what the badge says: they are only remarked upon.
func (s *sealed) departures() (problems, remarks []openbadge.Problem) {
	all := s.Conformance()
	if s.InlineContext {
		all = append(all, openbadge.Problem{Code: BadContext, Property: "@context",
			Message: "the document brings its own context, which could rename what was signed"})
	}
	if s.class() == aBadge && !s.IsBadge() {
		all = append(all, openbadge.Problem{Code: BadValue, Property: "type",
			Message: "neither OpenBadgeCredential nor AchievementCredential"})
	}
	if subjects, isList := s.members()["credentialSubject"].([]any); isList && len(subjects) > 1 && s.class() != aCredential {
		all = append(all, openbadge.Problem{Code: BadValue, Property: "credentialSubject",
			Message: "more than one subject"})
	}
	all = append(all, s.linkedDataProblem()...)
	missing, remarks := s.results()
	for _, path := range s.Nulls {
		remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: path, Message: isNull})
	}
	for _, p := range append(all, missing...) {
		switch {
		case s.ofSignature(p):
		case s.tolerated(p):
			remarks = append(remarks, p)
		default:
			problems = append(problems, p)
		}
	}
	return problems, remarks
}

// ofSignature: see jose.
func (s *sealed) ofSignature(p openbadge.Problem) bool {
	return s.jose() && (p.Property == "nbf" && !s.Claims.NotBefore.IsZero() || p.Property == "exp" && !s.Claims.Expires.IsZero())
}

// tolerated names the oddities. A subject has to have an id or an identifier; the wallets of whole
// consortia write only the holder's name. An Image is an object; in the 1.1 model it was a plain
// address in the context's first editions.
func (s *sealed) tolerated(p openbadge.Problem) bool {
	switch {
	case p.Code == MissingProperty && p.Property == "credentialSubject.id":
		return strings.TrimSpace(textOf(s.Subject.Members["name"])) != ""
	case p.Code == BadValue && s.Model == 1 && (p.Property == "image" || strings.HasSuffix(p.Property, ".image")):
		_, isText := s.Member(strings.Split(p.Property, ".")...).(string)
		return isText
	}
	return false
}

// isNull is the remark on a member without a value: the standard asks to leave it out.
const isNull = "null, which counts as absent"

// results holds the rules about results that stand in the text of the standard and in no schema (spec
// 3.0 sections 2.5 and 4): a status that is required, and values that should belong to the description.
func (s *sealed) results() (problems, remarks []openbadge.Problem) {
	achievement, _ := s.Subject.Members["achievement"].(map[string]any)
	described := map[string]map[string]any{}
	for _, d := range objectsOf(achievement["resultDescription"]) {
		id, _ := d["id"].(string)
		described[id] = d
		const path = "credentialSubject.achievement.resultDescription."
		required, allowed := d["requiredValue"], textsOf(d["allowedValue"])
		if required != nil && len(allowed) > 0 && !slices.Contains(allowed, textOf(required)) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: path + "requiredValue",
				Message: "not one of the allowed values"})
		}
		if !levelOf(d, d["requiredLevel"]) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: path + "requiredLevel",
				Message: "no level of this result"})
		}
	}
	for _, r := range objectsOf(s.Subject.Members["result"]) {
		d := described[textOf(r["resultDescription"])]
		if textOf(d["resultType"]) == "Status" && r["status"] == nil {
			problems = append(problems, openbadge.Problem{Code: MissingProperty, Property: "credentialSubject.result.status",
				Message: "required when the result is a status"})
		}
		if !levelOf(d, r["achievedLevel"]) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: "credentialSubject.result.achievedLevel",
				Message: "no level of the described result"})
		}
	}
	return problems, remarks
}

// levelOf is false when a level is named that a description with levels does not have.
func levelOf(description map[string]any, level any) bool {
	levels := description["rubricCriterionLevel"]
	if level == nil || levels == nil {
		return true
	}
	return slices.ContainsFunc(objectsOf(levels), func(m map[string]any) bool { return textOf(m["id"]) == textOf(level) })
}

//go:embed contexts/*.json
var contextFiles embed.FS

// foreignContexts are allowed besides those of openbadge/jsonld in credentials that are no badges (see
// contexts/README.md).
var foreignContexts = map[string][]byte{
	"https://www.w3.org/ns/credentials/examples/v2": contextFile("credentials-examples-v2.json"),
	"https://w3id.org/citizenship/v4rc1":            contextFile("citizenship-v4rc1.json"),
}

func contextFile(name string) []byte {
	data, err := contextFiles.ReadFile("contexts/" + name)
	if err != nil {
		panic(err)
	}
	return data
}

func contextsFor(c class) jsonld.Options {
	if c == aCredential {
		return jsonld.Options{Contexts: foreignContexts}
	}
	return jsonld.Options{}
}

// checkLinkedData converts the credential to RDF for the sake of what is refused on the way: contexts that are
// not known, words that none defines, relative ids (spec 3.0 section 3). A proof over RDF does the
// same; a token or a proof over the text of the JSON would let all that pass.
func (s *sealed) checkLinkedData() *fault {
	doc := map[string]any{}
	for name, v := range s.withoutClaims() {
		if name != "proof" {
			doc[name] = v
		}
	}
	_, err := jsonld.MapToRDF(doc, contextsFor(s.class()))
	var e *jsonld.Error
	if errors.As(err, &e) && e.Kind == jsonld.DisputedNumber {
		return nil // what was signed is the text of the number
	}
	return linkedFault(err)
}

// linkedFault says what an error of linked data means; nil for an error of another kind.
func linkedFault(err error) *fault {
	if errors.Is(err, rdf.ErrWork) || errors.Is(err, rdf.ErrTooLarge) {
		return &fault{verdict: Invalid, code: BadInput, message: "The document takes too long to judge."}
	}
	var e *jsonld.Error
	if !errors.As(err, &e) {
		return nil
	}
	f := &fault{code: BadContext, property: strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".")}
	switch e.Kind {
	case jsonld.TooLarge:
		f.verdict, f.code, f.message = Invalid, BadInput, "The document is too large to judge."
	case jsonld.Malformed, jsonld.BadNumber:
		f.code, f.message = BadValue, "The document holds a value that linked data does not allow."
	case jsonld.DisputedNumber:
		f.check, f.code, f.message = CheckProof, Unsupported, "The document holds a number that programs sign in different ways."
	case jsonld.UnknownContext:
		// Others may stand behind the first two (spec 3.0 sections 2.1 and 3), and none is fetched.
		f = unsupported("@context", "The document uses a context that is not known here, so its words have no certain meaning.")
	case jsonld.InlineContext:
		f.message = "The document brings its own context, which could rename what was signed."
	case jsonld.UndefinedTerm:
		f.message = "The document uses a word that no context defines, so the signature would not cover it."
	case jsonld.RelativeIRI:
		f.message = "The document has an id that is not absolute."
	default:
		f.message = "The document is written in a form that the signature would not cover."
	}
	return f
}

// linkedDataProblem is checkLinkedData as a problem of the document, for tokens.
func (s *sealed) linkedDataProblem() []openbadge.Problem {
	if s.token == nil || len(s.Context) == 0 || s.InlineContext {
		return nil // these are problems already
	}
	f := s.checkLinkedData()
	if f == nil {
		return nil
	}
	return []openbadge.Problem{{Code: f.code, Property: f.property, Message: strings.TrimSuffix(f.message, ".")}}
}
