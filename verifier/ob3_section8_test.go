package verifier

import (
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// listDocument is a status list as JSON, without proof.
func (w *world) listDocument(change func(doc, subject object)) object {
	subject := object{"id": listID + "#list", "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": w.list.Encode()}
	doc := object{
		"@context": []any{openbadge.ContextVC2}, "id": listID, "type": []any{"VerifiableCredential", "BitstringStatusListCredential"},
		"issuer": issuerID, "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": subject,
	}
	if change != nil {
		change(doc, subject)
	}
	return doc
}

// publish puts a list with a proof at its address.
func (w *world) publish(doc object) {
	doc["proof"] = w.prove(doc, options(), keys().ed)
	w.putJSON(listID, doc)
}

// TestSection8 holds status lists with embedded proofs, and their entries, to spec 3.0 section 8 and to
// Bitstring Status List 1.0.
//
// proves: 3.0 §8 judged: bit order, index as text and number, statusSize above 1, range
// proves: 3.0 §8 judged: the list's type, subject type, purpose, `u` prefix, length, unpacking, ttl
// proves: 3.0 §8 judged: the list's own proof, issuer (the badge's, a trusted one, or the badge's own key) and dates
// proves: 3.0 §8 judged: purposes revocation, suspension, refresh (does not invalidate), message
// proves: 3.0 §8 judged: the entry's id is not the list's address; statusMessage complete; several entries all asked
// proves: 3.0 §8 judged: StatusList2021
func TestSection8(t *testing.T) {
	entry := func(change func(e object)) func(doc object) {
		return func(doc object) { change(doc["credentialStatus"].(object)) }
	}
	list := func(change func(doc, subject object)) func(w *world) {
		return func(w *world) { w.publish(w.listDocument(change)) }
	}
	set := func(change func(doc, subject object)) func(w *world) {
		return func(w *world) {
			w.list.SetBit(index, true)
			w.publish(w.listDocument(change))
		}
	}
	purpose := func(p string) func(e object) { return func(e object) { e["statusPurpose"] = p } }
	listPurpose := func(p any) func(_, s object) { return func(_, s object) { s["statusPurpose"] = p } }
	list2021 := func(doc, s object) {
		// Its context cannot stand beside that of the 2.0 model.
		doc["@context"] = []any{"https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1", "https://w3id.org/security/data-integrity/v2"}
		doc["issuanceDate"] = doc["validFrom"]
		delete(doc, "validFrom")
		doc["type"], s["type"] = []any{"VerifiableCredential", "StatusList2021Credential"}, "StatusList2021"
		s["encodedList"] = strings.TrimPrefix(s["encodedList"].(string), "u")
	}
	entry2021 := func(doc object) {
		doc["@context"] = append(doc["@context"].([]any), "https://w3id.org/vc/status-list/2021/v1")
		doc["credentialStatus"].(object)["type"] = "StatusList2021Entry"
	}
	messages := func(e object) {
		e["statusPurpose"], e["statusSize"], e["statusListIndex"] = "message", 2, "5"
		e["statusMessage"] = []any{
			object{"status": "0x0", "message": "fine"}, object{"status": "0x1", "message": "asked again"},
			object{"status": "0x2", "message": "in appeal"}, object{"status": "0x3", "message": "archived"},
		}
	}
	wide := func(bit int, p string) func(w *world) {
		return func(w *world) {
			w.list = openbadge.NewStatusList(2 * openbadge.MinStatusList)
			w.list.SetBit(bit, true)
			w.publish(w.listDocument(listPurpose(p)))
		}
	}
	cases := []struct {
		name    string
		list    func(w *world)
		badge   func(doc object)
		verdict Verdict
		codes   string
		said    string // in some message
	}{
		{"not revoked", list(nil), nil, Valid, "", "not revoked"},
		{"revoked", set(nil), nil, Revoked, "REVOKED", ""},
		{"index as a number", set(nil), entry(func(e object) { e["statusListIndex"] = index }), Revoked, "REVOKED", ""},
		{"list for several purposes", set(listPurpose([]any{"suspension", "revocation"})), nil, Revoked, "REVOKED", ""},
		{"not suspended", list(listPurpose("suspension")), entry(purpose("suspension")), Valid, "", "not suspended"},
		{"suspended", set(listPurpose("suspension")), entry(purpose("suspension")), Suspended, "SUSPENDED", ""},
		{"newer edition announced", set(listPurpose("refresh")), entry(purpose("refresh")), Valid, "", "announces a newer edition"},
		{"no newer edition announced", list(listPurpose("refresh")), entry(purpose("refresh")), Valid, "", "announces no newer edition"},
		{"message", wide(11, "message"), entry(messages), Valid, "", "asked again"},
		{"another message", wide(10, "message"), entry(messages), Valid, "", "in appeal"},
		{"message in one bit", set(listPurpose("message")), entry(func(e object) {
			e["statusPurpose"], e["statusMessage"] = "message", []any{object{"status": "0x0", "message": "no"}, object{"status": "0x1", "message": "yes"}}
		}), Valid, "", "yes"},
		{"message that is not told", set(listPurpose("message")), entry(func(e object) {
			e["statusPurpose"], e["statusMessage"] = "message", []any{object{"status": "0x0", "message": "no"}}
		}), Valid, "", "does not tell"},
		{"messages missing", list(listPurpose("message")), entry(purpose("message")), Valid, "", "what its values mean"},
		{"message, list unreachable", func(w *world) { delete(w.network, listID) }, entry(messages), Valid, "", "could not be reached"},
		{"too few messages", wide(11, "revocation"), entry(func(e object) {
			e["statusSize"], e["statusMessage"] = 2, []any{object{"status": "0x0", "message": "fine"}}
		}), Invalid, "STATUS", ""},
		{"wide entry", wide(2*index+1, "revocation"), entry(func(e object) { e["statusSize"] = 2 }), Revoked, "REVOKED", ""},
		{"wide entry beyond the list", list(nil), entry(func(e object) { e["statusSize"] = 2 }), Invalid, "STATUS", ""},
		{"no size", list(nil), entry(func(e object) { e["statusSize"] = 0 }), Invalid, "STATUS", ""},
		{"no purpose", list(nil), entry(func(e object) { delete(e, "statusPurpose") }), Invalid, "STATUS", ""},
		{"no index", list(nil), entry(func(e object) { delete(e, "statusListIndex") }), Invalid, "STATUS", ""},
		{"purpose of somebody's own", list(nil), entry(purpose("https://issuer.test/purposes#x")), Valid, "", "does not bear on validity"},
		{"entry with the list's address as id", list(nil), entry(func(e object) { e["id"] = listID }), Invalid, "STATUS", ""},
		{"entry with an id of its own", list(nil), entry(func(e object) { e["id"] = listID + "#94567" }), Valid, "", ""},
		{"several entries", func(w *world) { w.list.SetBit(7, true); w.publish(w.listDocument(nil)) }, func(doc object) {
			e := doc["credentialStatus"].(object)
			doc["credentialStatus"] = []any{e, object{"type": e["type"], "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": listID}}
		}, Revoked, "REVOKED", ""},
		{"kind that is not known", list(nil), func(doc object) {
			doc["credentialStatus"] = object{"type": "https://issuer.test/types#Other"}
		}, Undetermined, "UNSUPPORTED", ""},

		{"list altered", func(w *world) {
			w.list.SetBit(index, true)
			w.publish(w.listDocument(nil))
			clear := openbadge.NewStatusList(0).Encode()
			w.putJSON(listID, asRawMessage(edit(w.t, []byte(w.network[listID].Body), func(m object) { m["credentialSubject"].(object)["encodedList"] = clear })))
		}, nil, Invalid, "STATUS", "own signature"},
		{"list without proof", func(w *world) { w.putJSON(listID, w.listDocument(nil)) }, nil, Invalid, "STATUS", "not signed"},
		{"list of another kind", list(list2021), nil, Invalid, "STATUS", "right kind"},
		{"list by another issuer", func(w *world) {
			const other = "https://issuer.test/issuers/2"
			w.putJSON(other, w.controller(other, keys().ed.Public(), nil))
			doc, o := w.listDocument(func(doc, _ object) { doc["issuer"] = other }), options()
			o["verificationMethod"] = other + "#key-1"
			doc["proof"] = w.prove(doc, o, keys().ed)
			w.putJSON(listID, doc)
		}, nil, Invalid, "STATUS", "somebody else"},
		{"list by the badge's own key", func(w *world) {
			did, _ := openbadge.DIDKey(keys().ed.Public())
			doc, o := w.listDocument(func(doc, _ object) { doc["issuer"] = did }), options()
			o["verificationMethod"] = did + "#" + strings.TrimPrefix(did, "did:key:")
			doc["proof"] = w.prove(doc, o, keys().ed)
			w.putJSON(listID, doc)
		}, nil, Valid, "", ""},
		{"list by a key alone", func(w *world) {
			did, _ := openbadge.DIDKey(keys().ec.Public())
			doc, o := w.listDocument(func(doc, _ object) { doc["issuer"] = did }), options()
			o["verificationMethod"], o["cryptosuite"] = did+"#"+strings.TrimPrefix(did, "did:key:"), "ecdsa-rdfc-2019"
			doc["proof"] = w.prove(doc, o, keys().ec)
			w.putJSON(listID, doc)
		}, nil, Invalid, "STATUS", "somebody else"},
		{"list by an issuer that the operator trusts", func(w *world) {
			const other = "https://issuer.test/issuers/2"
			w.options.Known = func(id string) bool { return id == other }
			w.putJSON(other, w.controller(other, keys().ed.Public(), nil))
			doc, o := w.listDocument(func(doc, _ object) { doc["issuer"] = other }), options()
			o["verificationMethod"] = other + "#key-1"
			doc["proof"] = w.prove(doc, o, keys().ed)
			w.putJSON(listID, doc)
		}, nil, Valid, "", ""},
		{"list over", list(func(doc, _ object) { doc["validUntil"] = "2026-03-04T09:00:00Z" }), nil, Undetermined, "STATUS", "not current"},
		{"list of tomorrow", list(func(doc, _ object) { doc["validFrom"] = "2026-03-05T09:00:00Z" }), nil, Undetermined, "STATUS", "not current"},
		{"list with a time to live", list(func(_, s object) { s["ttl"] = 3600000 }), nil, Valid, "", ""},
		{"list with a malformed time to live", list(func(_, s object) { s["ttl"] = "long" }), nil, Invalid, "STATUS", "ttl"},
		{"list with a word that no context knows", func(w *world) {
			w.publish(w.listDocument(nil))
			w.putJSON(listID, asRawMessage(edit(w.t, []byte(w.network[listID].Body), func(m object) { m["rank"] = 1 })))
		}, nil, Invalid, "STATUS", ""},
		{"list without the u", list(func(_, s object) { s["encodedList"] = s["encodedList"].(string)[1:] }), nil, Invalid, "STATUS", "not encoded"},
		{"list of the older size", func(w *world) {
			w.publish(w.listDocument(func(_, s object) { s["encodedList"] = encodedBits(olderStatusList / 8) }))
		}, nil, Valid, "", "shorter than the standard allows now"},
		{"list of neither size", func(w *world) {
			w.publish(w.listDocument(func(_, s object) { s["encodedList"] = encodedBits(olderStatusList/8 + 1) }))
		}, nil, Invalid, "STATUS", "shorter"},
		{"list without purpose", list(func(_, s object) { delete(s, "statusPurpose") }), nil, Invalid, "STATUS", "another purpose"},
		{"list with a broken context", list(func(doc, _ object) { doc["validFrom"] = "2026-01-01" }), nil, Invalid, "STATUS", "malformed"},

		{"StatusList2021, clear", list(list2021), entry2021, Valid, "", ""},
		{"StatusList2021, set", set(list2021), entry2021, Revoked, "REVOKED", ""},
		{"StatusList2021 with u", set(func(doc, s object) { list2021(doc, s); s["encodedList"] = "u" + s["encodedList"].(string) }), entry2021, Revoked, "REVOKED", ""},
		{"StatusList2021, suspended", set(func(doc, s object) { list2021(doc, s); s["statusPurpose"] = "suspension" }), func(doc object) {
			entry2021(doc)
			doc["credentialStatus"].(object)["statusPurpose"] = "suspension"
		}, Suspended, "SUSPENDED", ""},
		{"StatusList2021 of another kind", list(nil), entry2021, Invalid, "STATUS", "right kind"},
		{"StatusList2021 unreachable", func(w *world) { delete(w.network, listID) }, entry2021, Undetermined, "STATUS", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			c.list(w)
			r := w.verify(w.seal(func(doc, _ object) {
				if c.badge != nil {
					c.badge(doc)
				}
			}))
			want(t, r, c.verdict, c.codes)
			if !strings.Contains(toJSON(t, r.Checks), c.said) {
				t.Errorf("nothing says %q: %s", c.said, toJSON(t, r.Checks))
			}
		})
	}
}

func encodedBits(n int) string { return encodeList(make([]byte, n)) }

// TestSection8RevocationList is about 1EdTechRevocationList.
//
// proves: 3.0 §8 judged: 1EdTechRevocationList: `revoked` missing is true, equal issuer, ids after percent-decoding
func TestSection8RevocationList(t *testing.T) {
	const at = "https://issuer.test/revocations.json"
	revoked := func(members ...any) object {
		return object{"id": at, "issuer": issuerID, "revokedCredential": append([]any{}, members...)}
	}
	cases := []struct {
		name    string
		list    any
		verdict Verdict
		codes   string
	}{
		{"empty", revoked(), Valid, ""},
		{"of others", revoked(object{"id": badgeID + "x", "revoked": true}), Valid, ""},
		{"listed", revoked(object{"id": badgeID}), Revoked, "REVOKED"},
		{"listed and true", revoked(object{"id": badgeID, "revoked": true, "revocationReason": "Exam voided."}), Revoked, "REVOKED"},
		{"listed and false", revoked(object{"id": badgeID, "revoked": false}), Valid, ""},
		{"listed in another spelling", revoked(object{"id": " " + strings.Replace(badgeID, "b1", "%62%31", 1)}), Revoked, "REVOKED"},
		{"other spelling that is none", revoked(object{"id": badgeID + "%"}), Valid, ""},
		{"one without a list", object{"issuer": object{"id": issuerID}, "revokedCredential": object{"id": badgeID}}, Revoked, "REVOKED"},
		{"nobody's", object{"revokedCredential": []any{}}, Valid, ""},
		{"of another issuer", object{"issuer": "https://issuer.test/issuers/2", "revokedCredential": []any{}}, Invalid, "STATUS"},
		{"no list", object{"issuer": issuerID}, Invalid, "STATUS"},
		{"no JSON", nil, Invalid, "STATUS"},
		{"unreachable", "unreachable", Undetermined, "STATUS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			switch c.list {
			case nil:
				w.put(at, "text/html", "<html>")
			case "unreachable":
			default:
				w.putJSON(at, c.list)
			}
			r := w.verify(w.seal(func(doc, _ object) {
				doc["@context"] = append(doc["@context"].([]any), openbadge.ContextExtensions)
				doc["credentialStatus"] = object{"id": at, "type": "1EdTechRevocationList"}
			}))
			want(t, r, c.verdict, c.codes)
			if c.name == "listed and true" && !strings.Contains(toJSON(t, r.Checks), "Exam voided.") {
				t.Error("reason not told")
			}
		})
	}
}

// TestSection8Alone: a status list that is handed in itself is held to the rules for lists.
func TestSection8Alone(t *testing.T) {
	w := newSealedWorld(t)
	w.publish(w.listDocument(nil))
	want(t, w.verify(w.network[listID].Body), Valid, "")
	w.publish(w.listDocument(func(_, s object) { s["encodedList"] = encodedBits(99) }))
	want(t, w.verify(w.network[listID].Body), Invalid, "STATUS")
	w.publish(w.listDocument(func(_, s object) { s["encodedList"] = "uAAAA" }))
	want(t, w.verify(w.network[listID].Body), Invalid, "STATUS")
}

// TestSection8Jose: what a token of VC-JOSE-COSE says by exp ends the list it carries.
//
// proves: 3.0 §6 judged: VC-JOSE-COSE: claims optional, nbf and exp are the signature's
func TestSection8Jose(t *testing.T) {
	w := newSealedWorld(t)
	doc := w.listDocument(nil)
	doc["exp"] = today.Add(-time.Minute).Unix()
	w.header.Typ = "vc+jwt"
	w.put(listID, "application/vc+jwt", w.sign(asRaw(doc)))
	want(t, w.verify(w.seal(nil)), Undetermined, "STATUS")
	doc["exp"] = today.Add(time.Minute).Unix()
	w.put(listID, "application/vc+jwt", w.sign(asRaw(doc)))
	want(t, w.verify(w.seal(nil)), Valid, "")
}
