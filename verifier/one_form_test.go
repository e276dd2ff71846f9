package verifier

import (
	"crypto/ed25519"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
)

// wrapped puts every value of a document, on every level, into a list of one.
func wrapped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for name, inner := range v {
			if name == "@context" || name == "id" || name == "type" || name == "proof" {
				m[name] = inner // an id is one, by JSON-LD
				continue
			}
			m[name] = []any{wrapped(inner)}
		}
		return m
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = wrapped(v[i])
		}
		if len(all) == 1 {
			return all[0] // and a list of one becomes the value
		}
		return all
	}
	return v
}

// One value and a list of one are the same wherever they stand, in what is judged and in what is shown.
func TestOneValueAndAListOfOne(t *testing.T) {
	w := newSealedWorld(t)
	w.badge.Status = nil
	plain := w.verify(w.sealWith(w.document(), options(), keys().ed))
	want(t, plain, Valid, "")
	other := wrapped(w.document()).(map[string]any)
	r := w.verify(w.sealWith(other, options(), keys().ed))
	want(t, r, Valid, "")
	if got, want := toJSON(t, r.Badge), toJSON(t, plain.Badge); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A member that is null is absent, with a remark: where it may be absent the badge is as good as without,
// where it is required it is missing; the signature is over the document as it came.
func TestNullIsAbsent(t *testing.T) {
	for path, codes := range map[string]string{
		"validUntil": "", "credentialStatus": "", "description": "", "evidence": "", "credentialSubject.result": "", "issuer.image": "",
		"credentialSubject.achievement.alignment": "", "credentialSubject.achievement.tag": "", "credentialSubject.achievement.creator": "",
		"validFrom": "MISSING_PROPERTY", "name": "", "credentialSubject.achievement.name": "MISSING_PROPERTY", "credentialSubject.achievement.criteria": "MISSING_PROPERTY",
	} {
		t.Run(path, func(t *testing.T) {
			w := newSealedWorld(t)
			w.badge.Status = nil
			document := w.document()
			at := document
			names := strings.Split(path, ".")
			for _, name := range names[:len(names)-1] {
				at = at[name].(map[string]any)
			}
			at[names[len(names)-1]] = nil
			verdict := Valid
			if codes != "" {
				verdict = Invalid
			}
			r := w.verify(w.sealWith(document, options(), keys().ed))
			want(t, r, verdict, codes)
			remarked := false
			for _, c := range r.Checks {
				remarked = remarked || c.Outcome == Warning && c.Property == path
			}
			if !remarked {
				t.Errorf("no remark on %s: %s", path, toJSON(t, r.Checks))
			}
			w.badge.Status = nil
			token := w.edited(func(m map[string]any) {
				at := m
				for _, name := range names[:len(names)-1] {
					at = at[name].(map[string]any)
				}
				at[names[len(names)-1]] = nil
			})
			if path != "validFrom" { // which a claim repeats
				want(t, w.verify(token), verdict, codes)
			}
		})
	}
	t.Run("in a list of alignments", func(t *testing.T) {
		w := newSealedWorld(t)
		w.badge.Status = nil
		document := w.document()
		document["credentialSubject"].(map[string]any)["achievement"].(map[string]any)["alignment"] = []any{
			nil, object{"type": []any{"Alignment"}, "targetName": "Robots", "targetUrl": "https://issuer.test/robots", "targetDescription": nil}}
		want(t, w.verify(w.sealWith(document, options(), keys().ed)), Valid, "")
	})
	t.Run("2.0", func(t *testing.T) {
		for _, name := range []string{"narrative", "evidence", "expires", "image"} {
			w := newWorld(t)
			badge := edit(t, signedBadge(w), set(name, nil))
			r := w.verify(w.sign(badge))
			want(t, r, Valid, "")
			if !strings.Contains(r.codes(Warning), BadValue) {
				t.Errorf("%s: no remark: %s", name, toJSON(t, r.Checks))
			}
		}
	})
	t.Run("null in a context is no absence", func(t *testing.T) {
		w := newSealedWorld(t)
		w.badge.Status = nil
		token := w.edited(func(m map[string]any) { m["@context"] = append(m["@context"].([]any), nil) })
		if r := w.verify(token); r.Verdict != Invalid {
			t.Errorf("got %s", r.Verdict)
		}
	})
}

// forms are the ways to write a reference: the id, an object that has it, and a list of one of either. more
// is what an embedded object says besides; nil where nothing may be embedded.
func forms(id string, more object) map[string]any {
	all := map[string]any{"list": []any{id}, "object": object{"id": id}, "list of an object": []any{object{"id": id}}}
	if more != nil {
		embedded := maps.Clone(more)
		embedded["id"] = id
		all["embedded"], all["list of an embedded one"] = embedded, []any{embedded}
	}
	return all
}

// An object and a reference to it are the same wherever one may stand, as are one value and a list of one:
// same verdict, and the same shown.
func TestObjectOrReference(t *testing.T) {
	t.Run("3.0", func(t *testing.T) {
		_, stranger, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		lie, _ := openbadge.Multikey(stranger.Public())
		for name, c := range map[string]struct {
			forms map[string]any
			put   func(doc, proof object, form any)
		}{
			"verificationMethod": {forms(methodID, object{"type": "Multikey", "controller": issuerID, "publicKeyMultibase": lie}), func(_, proof object, form any) { proof["verificationMethod"] = form }},
			"proof.type":         {map[string]any{"list": []any{"DataIntegrityProof"}}, func(_, proof object, form any) { proof["type"] = form }},
			"proof.cryptosuite":  {map[string]any{"list": []any{"eddsa-rdfc-2022"}}, func(_, proof object, form any) { proof["cryptosuite"] = form }},
			"proof.proofPurpose": {map[string]any{"list": []any{"assertionMethod"}}, func(_, proof object, form any) { proof["proofPurpose"] = form }},
			"proof.created":      {map[string]any{"list": []any{"2026-02-04T10:00:00Z"}}, func(_, proof object, form any) { proof["created"] = form }},
			"proof.expires":      {map[string]any{"none": nil, "list": []any{"2036-02-04T10:00:00Z"}}, func(_, proof object, form any) { proof["expires"] = form }},
			"statusListCredential": {forms(listID, object{"type": []any{"VerifiableCredential"}}), func(doc, _ object, form any) {
				doc["credentialStatus"].(object)["statusListCredential"] = form
			}},
			"statusPurpose":    {map[string]any{"list": []any{"revocation"}}, func(doc, _ object, form any) { doc["credentialStatus"].(object)["statusPurpose"] = form }},
			"statusListIndex":  {map[string]any{"list": []any{"94567"}}, func(doc, _ object, form any) { doc["credentialStatus"].(object)["statusListIndex"] = form }},
			"credentialStatus": {map[string]any{"list": nil}, func(doc, _ object, _ any) { doc["credentialStatus"] = []any{doc["credentialStatus"]} }},
			"issuer":           {forms(issuerID, object{"type": []any{"Profile"}}), func(doc, _ object, form any) { doc["issuer"] = form }},
			"criteria": {forms("https://issuer.test/criteria", object{"narrative": "Build one."}), func(doc, _ object, form any) {
				doc["credentialSubject"].(object)["achievement"].(object)["criteria"] = form
			}},
		} {
			for form, value := range c.forms {
				for _, taken := range []bool{false, true} {
					w := newSealedWorld(t)
					if taken {
						w.list.SetBit(94567, true)
						w.publishList("revocation")
					}
					sealed := w.seal(func(doc, proof object) {
						if name == "verificationMethod" {
							doc["@context"] = append(doc["@context"].([]any), "https://w3id.org/security/multikey/v1")
						}
						c.put(doc, proof, value)
					})
					verdict, codes := Valid, ""
					if taken {
						verdict, codes = Revoked, CodeRevoked
					}
					t.Run(name+" as "+form, func(t *testing.T) { want(t, w.verify(sealed), verdict, codes) })
				}
			}
		}
		t.Run("a key that a proof brings", func(t *testing.T) {
			w := newSealedWorld(t)
			doc, with := w.document(), options()
			doc["@context"] = append(doc["@context"].([]any), "https://w3id.org/security/multikey/v1")
			with["verificationMethod"] = object{"id": methodID, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": lie}
			want(t, w.verify(w.sealWith(doc, with, stranger)), Altered, BadSignature)
		})
		t.Run("one proof and a list", func(t *testing.T) {
			w := newSealedWorld(t)
			want(t, w.verify(w.altered(w.seal(nil), func(m object) { m["proof"] = proofOf(m) })), Valid, "")
			want(t, w.verify(w.altered(w.seal(nil), func(m object) { proofOf(m)["proofValue"] = []any{proofOf(m)["proofValue"]} })), Valid, "")
		})
	})
	t.Run("2.0", func(t *testing.T) {
		in := func(address, name string) func(w *world, form any) {
			return func(w *world, form any) { w.change(address, set(name, form)) }
		}
		for name, c := range map[string]struct {
			forms map[string]any
			put   func(w *world, form any)
		}{
			"badge":            {forms(classID, object{"type": "BadgeClass", "name": "Another", "description": "x", "image": pngID, "criteria": "https://issuer.test/criteria", "issuer": profileID}), in(assertionID, "badge")},
			"image":            {forms("https://issuer.test/baked.png", object{"type": "Image", "caption": "x"}), in(assertionID, "image")},
			"evidence":         {forms("https://issuer.test/work", object{"type": "Evidence", "narrative": "x"}), in(assertionID, "evidence")},
			"verification":     {map[string]any{"list": []any{object{"type": []any{"HostedBadge"}}}, "object": object{"type": "HostedBadge"}}, in(assertionID, "verification")},
			"class's image":    {forms(pngID, object{"type": "Image", "caption": "x"}), in(classID, "image")},
			"class's criteria": {forms("https://issuer.test/criteria", object{"type": "Criteria", "narrative": "Build one."}), in(classID, "criteria")},
			"class's issuer":   {forms(profileID, object{"type": "Profile", "name": "Somebody"}), in(classID, "issuer")},
			"url":              {forms("https://issuer.test", nil), in(profileID, "url")},
			"publicKey":        {forms(pemID, object{"type": "CryptographicKey", "owner": profileID}), in(profileID, "publicKey")},
			"revocationList":   {forms(revokedID, object{"type": "RevocationList"}), in(profileID, "revocationList")},
			"owner":            {forms(profileID, object{"type": "Profile"}), in(pemID, "owner")},
			"list's issuer":    {forms(profileID, object{"type": "Profile"}), in(revokedID, "issuer")},
		} {
			for form, value := range c.forms {
				t.Run(name+" as "+form, func(t *testing.T) {
					w := newWorld(t)
					publishHosted(w)
					w.put("https://issuer.test/baked.png", "image/png", w.network[pngID].Body)
					c.put(w, value)
					want(t, w.verify(assertionID), Valid, "")
					signed := newWorld(t)
					badge := signedBadge(signed)
					signed.put("https://issuer.test/baked.png", "image/png", signed.network[pngID].Body)
					switch name {
					case "badge", "image", "evidence":
						badge = edit(t, badge, set(name, value))
					case "verification":
					default:
						c.put(signed, value)
					}
					want(t, signed.verify(signed.sign(badge)), Valid, "")
				})
			}
		}
		for form, value := range forms(pemID, object{"type": "CryptographicKey", "publicKeyPem": "x"}) {
			t.Run("creator as "+form, func(t *testing.T) {
				w := newWorld(t)
				badge := edit(t, signedBadge(w), set("verification", object{"type": "SignedBadge", "creator": value}))
				want(t, w.verify(w.sign(badge)), Valid, "")
				w.change(revokedID, set("revokedAssertions", object{"id": "urn:uuid:0"}))
				want(t, w.verify(w.sign(badge)), Valid, "")
			})
		}
		for form, value := range forms("", nil) {
			t.Run("revoked as "+form, func(t *testing.T) {
				w := newWorld(t)
				badge := signedBadge(w)
				id := textOf(edited(t, badge)["id"])
				value = forms(id, nil)[form]
				w.change(revokedID, set("revokedAssertions", value))
				want(t, w.verify(w.sign(badge)), Revoked, CodeRevoked)
			})
		}
	})
}

func edited(t *testing.T, data []byte) (m object) {
	t.Helper()
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
