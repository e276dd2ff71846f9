package verifier

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// TestStatusEntryInEveryForm: however an entry is written, it never makes a revoked badge valid, and what is
// written in a form that the standard does not have is refused.
func TestStatusEntryInEveryForm(t *testing.T) {
	one := func(name string, value any) func(e object) any {
		return func(e object) any { e[name] = value; return e }
	}
	clear := object{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "5", "statusListCredential": listID}
	cases := map[string]struct {
		change    func(e object) any
		of, taken Verdict // of a badge that is not revoked, and of one that is
	}{
		"as it is":              {func(e object) any { return e }, Valid, Revoked},
		"purpose among others":  {one("statusPurpose", []any{"refresh", "revocation"}), Invalid, Invalid},
		"purpose after unknown": {one("statusPurpose", []any{"x", "revocation"}), Invalid, Invalid},
		"purpose null":          {one("statusPurpose", nil), Invalid, Invalid},
		"type before another":   {one("type", []any{"BitstringStatusListEntry", "https://x.test/Y"}), Valid, Revoked},
		"type after another":    {one("type", []any{"https://x.test/Y", "BitstringStatusListEntry"}), Valid, Revoked},
		"two lists":             {one("statusListCredential", []any{listID, "https://issuer.test/status/8"}), Invalid, Invalid},
		"size null":             {one("statusSize", nil), Valid, Revoked},
		"size of none":          {one("statusSize", 0), Invalid, Invalid},
		"index a number":        {one("statusListIndex", 94567), Valid, Revoked},
		"beside another":        {func(e object) any { return []any{clear, e} }, Valid, Revoked},
		"after null":            {func(e object) any { return []any{clear, nil, e} }, Valid, Revoked},
		"in a list in a list":   {func(e object) any { return []any{[]any{e}} }, Valid, Revoked},
		"two in a list":         {func(e object) any { return []any{[]any{clear, e}} }, Valid, Revoked},
		"in a nested list":      {func(e object) any { return []any{[]any{clear, e}, clear} }, Invalid, Invalid},
		"beside a reference":    {func(e object) any { return []any{"https://issuer.test/x#1", e} }, Invalid, Invalid},
	}
	for i, index := range []any{"-1", -1, "94567.0", 94567.5, "+94567", "0x17167", " 94567", "9456700", "99999999999999999999999", true, object{}, "", nil, []any{"94567", "1"}} {
		cases[fmt.Sprintf("index %d %v", i, index)] = struct {
			change    func(e object) any
			of, taken Verdict
		}{one("statusListIndex", index), Invalid, Invalid}
	}
	for name, c := range cases {
		for _, taken := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", taken), func(t *testing.T) {
				w := newWorld(t)
				w.list.SetBit(94567, taken)
				w.publishList("revocation")
				token := w.edited(func(m map[string]any) { m["credentialStatus"] = c.change(m["credentialStatus"].(map[string]any)) })
				expected := c.of
				if taken {
					expected = c.taken
				}
				wantVerdict(t, w.verify(token), expected)
			})
		}
	}
}

// TestStatusListsOfOddForms: a list credential is held to the form of one, whoever signed it.
func TestStatusListsOfOddForms(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(m, subject map[string]any)
		verdict Verdict
	}{
		"as it is":               {func(_, _ map[string]any) {}, Revoked},
		"two subjects":           {func(m, s map[string]any) { m["credentialSubject"] = []any{object{"type": "BitstringStatusList"}, s} }, Invalid},
		"subject in lists":       {func(m, s map[string]any) { m["credentialSubject"] = []any{[]any{s}} }, Revoked},
		"two encoded lists":      {func(_, s map[string]any) { s["encodedList"] = []any{s["encodedList"], s["encodedList"]} }, Invalid},
		"encoded list in a list": {func(_, s map[string]any) { s["encodedList"] = []any{s["encodedList"]} }, Revoked},
		"no list":                {func(_, s map[string]any) { s["encodedList"] = nil }, Invalid},
		"purposes":               {func(_, s map[string]any) { s["statusPurpose"] = []any{"suspension", nil, "revocation"} }, Revoked},
		"another purpose":        {func(_, s map[string]any) { s["statusPurpose"] = []any{"suspension"} }, Invalid},
		"of another":             {func(m, _ map[string]any) { m["issuer"] = []any{issuerID + "0"}; m["iss"] = issuerID + "0" }, Invalid},
		"over":                   {func(m, _ map[string]any) { m["validUntil"] = "2026-02-20T00:00:00Z" }, Undetermined},
		"time in hours":          {func(_, s map[string]any) { s["ttl"] = "an hour" }, Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.list.SetBit(94567, true)
			w.publishList("revocation")
			w.putJSON(issuerID+"0", object{"id": issuerID + "0", "assertionMethod": []any{keyID}})
			_, payload, _ := strings.Cut(w.network[listID].Body, ".")
			payload, _, _ = strings.Cut(payload, ".")
			raw, err := base64.RawURLEncoding.DecodeString(payload)
			w.must(err)
			w.put(listID, "application/vc+jwt", w.sign(edit(t, raw, func(m map[string]any) { c.change(m, m["credentialSubject"].(map[string]any)) })))
			wantVerdict(t, w.verify(w.token()), c.verdict)
		})
	}
}

// TestRevocationListInEveryForm: a 1EdTechRevocationList is read in the one form of documents, and is by
// the badge's issuer or by nobody who is named.
func TestRevocationListInEveryForm(t *testing.T) {
	const at, another = "https://issuer.test/revoked.json", "https://issuer.test/issuers/2"
	free := object{"id": "urn:x:1"}
	for name, c := range map[string]struct {
		issuer, entries any
		verdict         Verdict
	}{
		"not on it":            {issuerID, []any{free}, Valid},
		"issuer null":          {nil, []any{free}, Valid},
		"issuer in a list":     {[]any{object{"id": issuerID}}, []any{free}, Valid},
		"another in a list":    {[]any{another}, []any{free}, Invalid},
		"another in an object": {[]any{object{"id": another}}, []any{free}, Invalid},
		"two issuers":          {[]any{issuerID, another}, []any{free}, Invalid},
		"issuer no id":         {5, []any{free}, Invalid},
		"listed":               {issuerID, object{"id": badgeID}, Revoked},
		"a list in a list":     {issuerID, []any{[]any{object{"id": badgeID}}}, Revoked},
		"two in a list":        {issuerID, []any{[]any{free, object{"id": badgeID}}}, Revoked},
		"in a nested list":     {issuerID, []any{[]any{free, object{"id": badgeID}}, free}, Invalid},
		"after null":           {issuerID, []any{nil, badgeID}, Revoked},
		"id in a list":         {issuerID, []any{object{"id": []any{badgeID}}}, Revoked},
		"two ids":              {issuerID, []any{object{"id": []any{"urn:x:1", badgeID}}}, Invalid},
		"revoked null":         {issuerID, []any{object{"id": badgeID, "revoked": nil}}, Revoked},
		"lifted in a list":     {issuerID, []any{object{"id": badgeID, "revoked": []any{false}}}, Valid},
		"lifted as text":       {issuerID, []any{object{"id": badgeID, "revoked": "false"}}, Revoked},
		"of numbers":           {issuerID, []any{5, true}, Invalid},
		"empty":                {issuerID, []any{}, Valid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.putJSON(at, object{"id": at, "issuer": c.issuer, "revokedCredential": c.entries})
			w.badge.Status = nil
			wantVerdict(t, w.verify(w.edited(func(m map[string]any) {
				m["@context"] = append(m["@context"].([]any), "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
				m["credentialStatus"] = object{"id": at, "type": "1EdTechRevocationList"}
			})), c.verdict)
		})
	}
}

// TestClaimsInEveryForm: a claim that is null is absent, with a remark, and one of another form contradicts.
func TestClaimsInEveryForm(t *testing.T) {
	for name, c := range map[string]struct {
		claim   string
		value   any
		verdict Verdict
	}{
		"exp null": {"exp", nil, Valid}, "sub null": {"sub", nil, Valid}, "iat null": {"iat", nil, Valid}, "iss null": {"iss", nil, Valid}, "nbf null": {"nbf", nil, Valid},
		"jti null": {"jti", nil, Valid}, "vc null": {"vc", nil, Valid}, "two issuers": {"iss", []any{issuerID, issuerID + "0"}, Invalid},
		"exp as text": {"exp", "1", Invalid}, "exp before all time": {"exp", -5, Invalid}, "exp in a list": {"exp", []any{1}, Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.badge.Status = nil
			wantVerdict(t, w.verify(w.edited(set(c.claim, c.value))), c.verdict)
		})
	}
	t.Run("exp in a list, of the signature", func(t *testing.T) {
		w := newWorld(t)
		w.badge.Status, w.header.Typ = nil, "vc+jwt"
		wantVerdict(t, w.verify(w.edited(set("exp", []any{today.Unix() - 9}))), Invalid)
	})
	old := func(w *world, change func(claims, vc object)) string {
		return w.sign(edit(t, []byte(oldModel), func(m map[string]any) { change(m, m["vc"].(map[string]any)) }))
	}
	for name, c := range map[string]struct {
		change  func(claims, vc object)
		verdict Verdict
	}{
		"1.1":                       {func(_, _ object) {}, Valid},
		"1.1 begins later":          {func(_, vc object) { vc["validFrom"] = "2026-05-01T00:00:00Z" }, Invalid},
		"1.1 began earlier":         {func(_, vc object) { vc["validFrom"] = "2026-01-01T00:00:00Z" }, Valid},
		"1.1 ends earlier":          {func(_, vc object) { vc["validUntil"] = "2026-02-10T00:00:00Z" }, Expired},
		"1.1 ends before the token": {func(claims, vc object) { claims["exp"], vc["expirationDate"] = nil, "2026-02-10T00:00:00Z" }, Expired},
		"1.1 ends with the token":   {func(claims, vc object) { claims["exp"], vc["expirationDate"] = today.Unix()-9, nil }, Expired},
		"1.1 issuer only in iss":    {func(_, vc object) { vc["issuer"] = nil }, Valid},
		"1.1 subjects that differ": {func(claims, vc object) {
			claims["sub"] = "did:example:x"
			vc["credentialSubject"].(object)["id"] = "did:example:y"
		}, Invalid},
		"1.1 issuers that differ": {func(_, vc object) { vc["issuer"].(object)["id"] = issuerID + "0" }, Invalid},
		"2.0 with the end of 1.1": {nil, Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.badge.Status = nil
			token := ""
			if c.change == nil {
				token = w.edited(set("expirationDate", "2026-02-10T00:00:00Z"))
			} else {
				token = old(w, c.change)
			}
			wantVerdict(t, w.verify(token), c.verdict)
		})
	}
}
