package ob2

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

const shared = "../../../shared/cases"

func readCase(t testing.TB, path string) []byte {
	t.Helper()
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no ../shared folder beside the repository: its test material is not part of it")
	}
	data, err := os.ReadFile(filepath.Join(shared, path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type sharedCase struct {
	ID, Input, Kind, Resources, Expect string
	Error                              any
}

// codes are the faults that a case names, if they can be seen in the documents alone.
func (c sharedCase) codes() []string {
	var seen []string
	named, _ := c.Error.([]any)
	for _, one := range named {
		code, _, _ := strings.Cut(one.(string), ":")
		switch code {
		case "MISSING_PROPERTY", "BAD_VALUE", "CONTEXT", "IDENTITY_FORMAT", "EXPIRED", "EXPIRES_BEFORE_ISSUED", "NOT_YET_ISSUED",
			"ORIGIN_SCOPE", "STARTS_WITH", "REVOKED", "REVOCATION_LIST", "VERIFICATION_TYPE":
			seen = append(seen, one.(string))
		}
	}
	return seen
}

// walk reads a case the way a verifier does, with a map for a network and no keys, and collects what
// the documents themselves show.
type walk struct {
	resources map[string]struct{ Body string }
	found     []string
}

func (w *walk) load(url, want string) *Object {
	o, err := Read([]byte(w.resources[url].Body), url, want)
	if err != nil {
		return nil
	}
	if _, elsewhere := w.resources[o.ID]; elsewhere && o.ID != url {
		return w.load(o.ID, want)
	}
	w.judge(o)
	return o
}

func (w *walk) judge(o *Object) {
	w.note(o.Problems())
	for _, e := range o.Endorsements() {
		w.load(e.ID, KindEndorsement)
	}
}

func (w *walk) note(problems []openbadge.Problem) {
	for _, p := range problems {
		w.found = append(w.found, p.String())
	}
}

func (w *walk) follow(link Link, want string) *Object {
	if link.ID != "" && w.resources[link.ID].Body != "" {
		return w.load(link.ID, want)
	}
	if link.Embedded != nil {
		w.judge(link.Embedded)
	}
	return link.Embedded
}

func (w *walk) assertion(a *Object) {
	w.note(a.Dates(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)))
	badge := w.follow(a.Badge(), KindBadgeClass)
	if badge == nil {
		return
	}
	issuer := w.follow(badge.Issuer(), KindProfile)
	if issuer == nil {
		return
	}
	if a.VerificationType() == "HostedBadge" {
		w.note(Scope(a, badge, issuer))
	}
	if list := w.load(issuer.Text("revocationList"), KindRevocationList); list != nil {
		if revoked, _ := list.Listed(a.ID, a.Text("uid")); revoked {
			w.found = append(w.found, "REVOKED")
		}
	}
}

// start gives the document that a case begins with, from any container; nil when there is none.
func (w *walk) start(t *testing.T, c sharedCase) *Object {
	data := readCase(t, c.Input)
	if c.Kind == "png" {
		chunks, err := openbadge.Extract(data)
		if err != nil || len(chunks) == 0 {
			return nil
		}
		data = []byte(chunks[0].Text)
	}
	if o, err := Read(data, "", ""); err == nil && o.Home() != "" {
		return w.load(o.Home(), "")
	}
	if token, err := openbadge.ParseJWS(string(data)); err == nil {
		o, err := Read(token.Payload, "", "")
		if err == nil {
			w.judge(o)
		}
		return o
	}
	return w.load(strings.TrimSpace(string(data)), "")
}

func TestSharedCases(t *testing.T) {
	var cases []sharedCase
	if err := json.Unmarshal(readCase(t, "index.json"), &cases); err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, c := range cases {
		if !strings.HasPrefix(c.ID, "ob2/") || c.Kind == "svg" {
			continue
		}
		w := &walk{}
		if err := json.Unmarshal(readCase(t, c.Resources), &w.resources); err != nil {
			t.Fatal(err)
		}
		root := w.start(t, c)
		if root == nil && c.Expect == "valid" && c.ID != "ob2/suite-verify-of-baked-image-2" {
			t.Errorf("%s: nothing was read", c.ID)
		}
		switch {
		case root == nil:
		case root.Kind == KindAssertion:
			w.assertion(root)
		case root.Kind == KindBadgeClass:
			w.follow(root.Issuer(), KindProfile)
		}
		if c.Expect == "valid" && len(w.found) > 0 {
			t.Errorf("%s: is valid, got %v", c.ID, w.found)
		}
		for _, want := range c.codes() {
			judged++
			if !slices.ContainsFunc(w.found, func(got string) bool { return sameFault(got, want) }) {
				t.Errorf("%s: got %v, want %s", c.ID, w.found, want)
			}
		}
	}
	if judged < 30 {
		t.Errorf("judged only %d faults", judged)
	}
}

// sameFault compares a problem ("BAD_VALUE:verification.allowedOrigins", "MISSING_PROPERTY:badge.id")
// with the name that the suite gives a fault ("BAD_VALUE:verification", "MISSING_PROPERTY:id").
func sameFault(got, want string) bool {
	gotCode, gotPath, _ := strings.Cut(got, ":")
	wantCode, wantPath, named := strings.Cut(want, ":")
	return gotCode == wantCode && (!named || gotPath == wantPath || strings.HasPrefix(gotPath, wantPath+".") || strings.HasSuffix(gotPath, "."+wantPath))
}
