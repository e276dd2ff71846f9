package verifier

import (
	"slices"

	"github.com/open-insignia/insignia/openbadge"
)

// results holds the rules about results that stand in the text of the standard and in no schema (spec
// 3.0 sections 2.5 and 4): a status that is required, and values that should belong to the description.
func (s *sealed) results() (problems, remarks []openbadge.Problem) {
	achievement, _ := s.Subject.Members["achievement"].(map[string]any)
	described := map[string]map[string]any{}
	for _, d := range objectsOf(achievement["resultDescription"]) {
		id, _ := d["id"].(string)
		described[id] = d
		const path = "credentialSubject.achievement.resultDescription."
		if required, allowed := d["requiredValue"], textsOf(d["allowedValue"]); required != nil && len(allowed) > 0 && !slices.Contains(allowed, textOf(required)) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: path + "requiredValue", Message: "not one of the allowed values"})
		}
		if !levelOf(d, d["requiredLevel"]) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: path + "requiredLevel", Message: "no level of this result"})
		}
	}
	for _, r := range objectsOf(s.Subject.Members["result"]) {
		d := described[textOf(r["resultDescription"])]
		if textOf(d["resultType"]) == "Status" && r["status"] == nil {
			problems = append(problems, openbadge.Problem{Code: MissingProperty, Property: "credentialSubject.result.status", Message: "required when the result is a status"})
		}
		if !levelOf(d, r["achievedLevel"]) {
			remarks = append(remarks, openbadge.Problem{Code: BadValue, Property: "credentialSubject.result.achievedLevel", Message: "no level of the described result"})
		}
	}
	return problems, remarks
}

// levelOf is false when a level is named that a description with levels does not have.
func levelOf(description map[string]any, level any) bool {
	levels := description["rubricCriterionLevel"]
	return level == nil || levels == nil || slices.ContainsFunc(objectsOf(levels), func(m map[string]any) bool { return textOf(m["id"]) == textOf(level) })
}
