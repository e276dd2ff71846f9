package partners_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Whatever takes a reason keeps it inside, and shows what was said on purpose, to holder and world alike.
func TestReasonsHaveAnAudience(t *testing.T) {
	const secret, open = "SECRET case 4711", "We are looking into it"
	const both = `{"reason":"` + secret + `","public_reason":"` + open + `"}`
	for _, verb := range []struct {
		name, path, inside, both string
		shows                    bool // the badge says why
		silent                   bool // there is nothing to tell the holder
	}{
		{"revoke", "/awards/{a}/revoke", "", both, true, false},
		{"suspend", "/awards/{a}/suspend", "", both, true, false},
		{"reinstate", "/awards/{a}/reinstate", "", both, false, false},
		{"void", "/results/R-2/void", "", both, true, false},
		{"correct", "/results/R-2/corrections", `{"outcome":"fail","reason":"` + secret + `"}`, `{"outcome":"fail","reason":"` + secret + `","public_reason":"` + open + `"}`, true, false},
		{"name", "/candidates/C-77/name", `{"name":"Ana Maria Ruiz","reason":"` + secret + `"}`, `{"name":"Ana Maria Ruiz","reason":"` + secret + `","public_reason":"` + open + `"}`, false, false},
		{"release", "/results/R-2/release", "", both, false, true},
	} {
		for _, public := range []bool{false, true} {
			v := apitest.NewVisitors(t)
			award := v.Post(apitest.AnasPass("R-2", "E2"))[0].ID
			v.ShowTo(award, ledger.Public)
			v.Clock.Advance(time.Hour)
			v.Work(t)
			v.Open().Get("/badges/" + award + "/assertion.jws") // so that it is in the list of revoked ones
			if verb.name == "reinstate" {
				v.Want(http.StatusOK, "POST", "/awards/"+award+"/suspend", `{"reason":"`+secret+`"}`)
			}
			body := verb.inside
			if body == "" {
				body = `{"reason":"` + secret + `"}`
			}
			if public {
				body = verb.both
			}
			v.Want(http.StatusOK, "POST", strings.Replace(verb.path, "{a}", award, 1), body)
			v.Work(t)
			stranger := v.Open()
			paths := []string{"/badges/" + award, "/badges/" + award + "?lang=es", "/verify?url=" + apitest.Issuer1 + "/badges/" + award, "/issuers/acme/revocations.json", "/issuers/acme"}
			for _, form := range apitest.Forms {
				paths = append(paths, "/badges/"+award+form)
			}
			var all strings.Builder
			for _, path := range paths {
				all.WriteString(stranger.Get(path).Body)
			}
			all.Write(v.Ask("POST", "/api/v1/verify", `{"input":"`+apitest.Issuer1+`/badges/`+award+`"}`, "Content-Type", "application/json").Body.Bytes())
			told := 0
			for _, n := range v.Letters.Told() {
				all.WriteString(n.Reason)
				told++
			}
			for _, n := range v.Letters.Notices() {
				all.WriteString(n.Badge.Award.Told())
				told++
			}
			if strings.Contains(all.String(), "SECRET") {
				t.Errorf("%s: the internal reason is public", verb.name)
			}
			if public && verb.shows && strings.Count(all.String(), open) < 5 {
				t.Errorf("%s: the public reason stands at %d places only", verb.name, strings.Count(all.String(), open))
			}
			if (told == 0) != verb.silent {
				t.Errorf("%s: the holder got %d letters", verb.name, told)
			}
		}
	}
}
