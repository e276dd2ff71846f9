package verifier

import (
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

const maxProblems = 20

// conformance writes down every departure of the credential from the standard (spec 3.0 section 10,
// step 1).
func (x *examination) conformance(s *sealed) {
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
		all = append(all, openbadge.Problem{Code: BadContext, Property: "@context", Message: "the document brings its own context, which could rename what was signed"})
	}
	if s.class() == aBadge && !s.IsBadge() {
		all = append(all, openbadge.Problem{Code: BadValue, Property: "type", Message: "neither OpenBadgeCredential nor AchievementCredential"})
	}
	if subjects, isList := s.members()["credentialSubject"].([]any); isList && len(subjects) > 1 && s.class() != aCredential {
		all = append(all, openbadge.Problem{Code: BadValue, Property: "credentialSubject", Message: "more than one subject"})
	}
	all = append(all, s.linkedProblem()...)
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

// problems writes each problem of a document as a check of its own.
func (x *examination) problems(problems []openbadge.Problem) {
	for _, p := range problems[:min(len(problems), maxProblems)] {
		x.refuse(CheckParse, problemFault(p))
	}
}

func problemFault(p openbadge.Problem) *fault {
	f := &fault{code: p.Code, property: p.Property, message: strings.TrimPrefix(withWhy(p.Property, p.Message), ": ")}
	if p.Code == BadInput {
		f.verdict = Invalid // a badge, and more of it than can be judged
	}
	return f
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// objectsOf gives the objects of a one-or-many member.
func objectsOf(v any) []map[string]any {
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	var all []map[string]any
	for _, one := range values {
		if m, isObject := one.(map[string]any); isObject {
			all = append(all, m)
		}
	}
	return all
}
