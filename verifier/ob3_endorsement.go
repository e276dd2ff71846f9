package verifier

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// maxEndorsements is how many endorsements of a badge are checked; the rest is only counted.
const maxEndorsements = 16

// endorsement is one endorsement in a document: where it stands, and the id of what it stands in.
type endorsement struct {
	path, in string
	data     []byte
}

// judgeEndorsements checks what others say about the badge, its achievement and the profiles in it (spec
// 3.0 section 10, step 6). An endorsement that fails takes nothing from the badge: it is remarked upon.
func (x *ob3Examination) judgeEndorsements(ctx context.Context, s *sealed) {
	if s.class() != aBadge && s.class() != anEndorsement {
		return
	}
	all := findEndorsements(s.members(), "", nil)
	parts := []string{s.ID, s.Issuer.ID, s.Subject.ID, s.Subject.Achievement.ID}
	for _, e := range all[:min(len(all), maxEndorsements)] {
		x.judgeEndorsement(ctx, e, append(parts, e.in))
	}
	if more := len(all) - maxEndorsements; more > 0 {
		x.skip(CheckEndorse, fmt.Sprintf("%d more endorsements were not checked.", more))
	}
}

// findEndorsements collects the endorsements under m, without those of endorsements.
func findEndorsements(m map[string]any, path string, all []endorsement) []endorsement {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch v := m[name]; name {
		case "endorsement":
			for _, one := range objectsOf(v) {
				data, _ := json.Marshal(one)
				all = append(all, endorsement{path + name, textOf(m["id"]), data})
			}
		case "endorsementJwt":
			for _, token := range textsOf(v) {
				all = append(all, endorsement{path + name, textOf(m["id"]), []byte(token)})
			}
		default:
			for _, inner := range objectsOf(v) {
				all = findEndorsements(inner, path+name+".", all)
			}
		}
	}
	return all
}

// judgeEndorsement judges one by itself; what it finds is one check of the badge's report. It has to speak
// about one of parts, the ids of the badge.
func (x *ob3Examination) judgeEndorsement(ctx context.Context, e endorsement, parts []string) {
	inner := x.beside(Input{At: x.in.At}).ob3(x.lists)
	inner.judgeEndorsementAlone(ctx, e.data, parts)
	checks, verdict := inner.report.Checks, decide(inner.findings)
	i := slices.IndexFunc(checks, func(c Check) bool { return c.Outcome == Fail || c.Outcome == Unknown })
	switch {
	case i < 0:
		x.add(Check{Name: CheckEndorse, Outcome: Pass, Property: e.path, Message: "An endorsement holds."})
	case verdict == Undetermined:
		x.add(Check{Name: CheckEndorse, Outcome: Warning, Code: checks[i].Code, Property: e.path,
			Message: withWhy("An endorsement could not be checked", checks[i].Message)})
	default:
		x.add(Check{Name: CheckEndorse, Outcome: Warning, Code: checks[i].Code, Property: e.path,
			Message: withWhy("An endorsement does not hold", checks[i].Message)})
	}
}

func (x *ob3Examination) judgeEndorsementAlone(ctx context.Context, data []byte, parts []string) {
	s, f := unseal(data)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	if s.class() != anEndorsement {
		x.fail(CheckParse, BadValue, "It is no endorsement.")
		return
	}
	x.report.Badge = ob3Badge(s.Received)
	x.conformance(s)
	if !slices.ContainsFunc(parts, func(id string) bool { return sameID(id, s.Subject.ID) }) {
		x.fail(CheckParse, BadValue, "It is about something else.")
	}
	who, proven := x.proven(ctx, s)
	x.credentialDates(s)
	if proven {
		x.schemas(ctx, s)
		ob3Status{x, s, who}.check(ctx)
	}
}
