package openbadge

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// list gives a value as the list that JSON-LD takes it for: absent and null are none.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// first gives the only or first value of one-or-many.
func first(v any) any {
	if values, isList := v.([]any); isList {
		if len(values) == 0 {
			return nil
		}
		return values[0]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) []string {
	var all []string
	for _, one := range list(v) {
		if s, isText := one.(string); isText {
			all = append(all, s)
		}
	}
	return all
}

func object(v any) map[string]any {
	m, _ := first(v).(map[string]any)
	return m
}

// idOf gives the id in a value that refers to something: the id itself, or that of an object; "" of any
// other value.
// Of several values none is the one.
func idOf(v any) string {
	if len(list(v)) > 1 {
		return ""
	}
	if m := object(v); m != nil {
		return text(m["id"])
	}
	return text(first(v))
}

// referred gives an object, or the reference to one as the object that it is to JSON-LD.
func referred(v any) map[string]any {
	if id, isText := first(v).(string); isText {
		return map[string]any{"id": id}
	}
	return object(v)
}

// isURI reports whether s is an absolute URI (also urn:, did: and data:).
func isURI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || rest == "" || strings.ContainsAny(s, " <>\"{}|\\^`\t\r\n\x00") {
		return false
	}
	for i, c := range []byte(strings.ToLower(scheme)) {
		if (c < 'a' || c > 'z') && (i == 0 || !digit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	if scheme == "data" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Scheme != "http" && u.Scheme != "https")
}

func readParty(v any) Party {
	if id, isText := first(v).(string); isText {
		return Party{ID: id}
	}
	m := object(v)
	p := Party{ID: text(m["id"]), Types: texts(m["type"]), Name: text(m["name"]), URL: text(m["url"]), Email: text(m["email"]), IsObject: m != nil}
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
	s := ReceivedSubject{ID: text(m["id"]), Types: texts(m["type"]), Achievement: readAchievement(object(m["achievement"])), Results: readResults(m), Members: m}
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
			Name: text(d["name"]), Value: cmp.Or(text(m["value"]), text(m["status"]), levels[text(m["achievedLevel"])]), Max: text(d["valueMax"]),
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

// wholeNumber reads a non-negative number, written as such or as decimal digits.
func wholeNumber(v any) (int, bool) {
	digits := text(v)
	if n, isNumber := v.(json.Number); isNumber {
		digits = n.String()
	}
	i, err := strconv.ParseUint(digits, 10, 31)
	return int(i), err == nil
}
