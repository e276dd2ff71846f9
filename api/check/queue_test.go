package check_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"testing/iotest"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

// Our own addresses wait for nobody.
func TestOwnAddressesGoPast(t *testing.T) {
	s := apitest.New(t)
	s.Check.FillPlaces()
	in := verifier.Input{Data: []byte(s.Given.BaseURL + "/badges/2222222222aaaaaaaaaa")}
	if r, err := s.Check.Judge(context.Background(), "", in); err != nil || r.Verdict != verifier.NotShared {
		t.Error(r, err)
	}
}

// A network's requests count before their bodies are read, which may take memory for as long as it likes, and
// so do pictures of its own size before they are drawn.
func TestCountedBeforeRead(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) {
		o.Checks, o.Sizes = web.NewThrottle(0.001, 1, o.Now), web.NewThrottle(0.001, 1, o.Now)
	})
	award := apitest.AwardID(s.Want(201, "POST", "/results", apitest.PassOf("R-1", "E4")))
	s.ShowTo(award, ledger.Public)
	unread := func(method, path string) int {
		r := httptest.NewRequest(method, path, iotest.ErrReader(errors.New("the body was read")))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	if got := unread("POST", "/verify"); got == 429 {
		t.Error("the first one was refused")
	}
	for _, path := range []string{"/verify", "/verify/many", "/verify/record"} {
		if got := unread("POST", path); got != 429 {
			t.Errorf("POST %s: got %d, want 429", path, got)
		}
	}
	for n, want := range []int{200, 429} {
		if got := s.Ask("GET", fmt.Sprintf("/badges/%s/image.png?size=%d", award, 64+n), "").Code; got != want {
			t.Errorf("picture %d: got %d, want %d", n, got, want)
		}
	}
	if got := s.Ask("GET", "/badges/"+award+"/image.png", "").Code; got != 200 {
		t.Errorf("the stored picture: got %d", got)
	}
}
