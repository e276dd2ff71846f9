package home_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
)

// TestSandboxClaimReachesNothingLive: somebody with a test key posts a result for Ana's address, and reads the codes
// of the sandbox. Whether or not Ana has an account, and whether it is asked for by claiming or by adding the address
// to an account of his own, he sees and decides about nothing that is live.
func TestSandboxClaimReachesNothingLive(t *testing.T) {
	for name, has := range map[string]bool{"Ana has an account": true, "Ana has none yet": false} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			v := apitest.NewVisitors(t)
			award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
			liveLink := v.Link()
			ana := v.Open()
			if has {
				v.SignIn(ana, "ana@home.test").Want(200, "Overview")
			}
			_, key, err := v.Partners.Add(ctx, "Trial", true)
			if err != nil {
				t.Fatal(err)
			}
			trial, err := v.Partners.Authenticate(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Record(ctx, trial, apitest.AnasPass("T-1", "E4")); err != nil {
				t.Fatal(err)
			}
			v.Work(t)
			link := v.Link()
			if link == liveLink {
				t.Fatal("the sandbox mailed no offer")
			}

			mallory := v.Open()
			mallory.Get(link + "/continue").Press("E-mail me a code")
			if !v.Code().To.Sandbox {
				t.Fatal("the code left the sandbox")
			}
			mallory.Get(link+"/code").Press("Confirm code", "code", v.Code().Code).Want(200, "Accept your badge?")
			mallory.Get("/me/badges").Want(200, "My badges").Says("Stand-alone Exam").Hides("Cloud Fundamentals")
			mallory.Get("/me/credentials").Want(200, "").Hides("Cloud Fundamentals")
			mallory.Get(liveLink).Want(200, "You earned a badge").Hides("Accept your badge?", "ana@home.test")
			mallory.Send(liveLink, url.Values{"do": {"accept"}, "visibility": {"public"}})
			mallory.Send("/me/badges/"+award, url.Values{"do": {"accept"}, "visibility": {"public"}})
			if got := v.State(award); got != "offered link" {
				t.Errorf("the live badge is %s", got)
			}

			ben := v.Open() // signed in to a live account of his own
			v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
			v.SignIn(ben, "ben@work.test")
			ben.Send(link, url.Values{"do": {"add"}})
			ben.Get(link).Want(200, "You earned a badge").Hides("That address is mine too")
			if last := v.Code(); last.To.Address != "ben@work.test" {
				t.Errorf("a code went to %+v", last.To)
			}

			v.Clock.Advance(time.Minute)
			ana = v.Open()
			v.SignIn(ana, "ana@home.test").Want(200, "Overview")
			if v.Code().To.Sandbox {
				t.Error("Ana's code stayed in the sandbox")
			}
			ana.Get(liveLink).Want(200, "Accept your badge?").Press("Accept badge", "visibility", "link").Want(200, "Well done")
			mallory.Get("/me/badges").Hides("Cloud Fundamentals")
		})
	}
}
