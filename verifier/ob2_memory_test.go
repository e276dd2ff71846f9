package verifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// TestMemory: what is remembered of documents is their meaning, and changes with their bytes.
func TestMemory(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	v := New(Options{Fetch: w.network, Now: func() time.Time { return today }})
	judge := func() *Report { return v.Verify(context.Background(), Input{Data: []byte(assertionID)}) }
	want(t, judge(), Valid, "")
	want(t, judge(), Valid, "")
	if v.memory.objects.Len() != 2 { // class and profile, not the assertion
		t.Errorf("%d objects are remembered", v.memory.objects.Len())
	}
	w.change(classID, set("name", "Another"))
	if r := judge(); r.Badge.Name != "Another" {
		t.Errorf("got %s", r.Badge.Name)
	}
	w.change(classID, set("filler", strings.Repeat("x", maxRememberedSize)))
	before := v.memory.objects.Len()
	want(t, judge(), Valid, "")
	if v.memory.objects.Len() != before {
		t.Error("a large document is remembered")
	}
	for i := range 2 * maxRemembered {
		w.change(classID, func(m map[string]any) { m["name"] = fmt.Sprint(i); delete(m, "filler") })
		judge()
	}
	if v.memory.objects.Len() > maxRemembered {
		t.Errorf("%d objects are remembered", v.memory.objects.Len())
	}
	if _, err := v.memory.key("no key"); err == nil || v.memory.keys.Len() != 0 {
		t.Error("a key that cannot be read is remembered")
	}
	text := mustPEM(t, keys().rsa.Public())
	for range 2 {
		if key, err := v.memory.key(text); err != nil || openbadge.KeyAlgorithm(key) != openbadge.RS256 {
			t.Errorf("got %v, %v", key, err)
		}
	}
	var none *memory
	if key, err := none.key(text); err != nil || key == nil {
		t.Error("without a memory keys cannot be read")
	}
}

// TestKeyInsideProfile: a key may be a part of the hosted profile, named by a fragment.
//
// proves: 2.0 §2 judged: CryptographicKey: type, owner, SPKI and PKCS #1 PEM, no private key, 2048 bits at least
func TestKeyInsideProfile(t *testing.T) {
	w := newWorld(t)
	badge := signedBadge(w)
	id := profileID + "#k1"
	key := map[string]any{"id": id, "type": "CryptographicKey", "owner": profileID, "publicKeyPem": mustPEM(t, keys().rsa.Public())}
	w.change(profileID, set("publicKey", key))
	token := w.sign(edit(t, badge, set("verification", map[string]any{"type": "SignedBadge", "creator": id})))
	want(t, w.verify(token), Valid, "")
	key["type"] = "Profile"
	w.change(profileID, set("publicKey", key))
	want(t, w.verify(token), Invalid, "KEY_FETCH")
	// A fragment of another document than the profile is fetched like any key.
	key["type"], key["id"] = "CryptographicKey", "https://issuer.test/keys#k1"
	w.change(profileID, set("publicKey", key))
	want(t, w.verify(w.sign(edit(t, badge, set("verification", map[string]any{"type": "SignedBadge", "creator": "https://issuer.test/keys#k1"})))), Undetermined, "KEY_FETCH")
}
