package api

import (
	"context"
	"net/url"
	"testing"
	"time"
)

// TestSandboxClaimReachesNothingLive: somebody with a test key posts a result for Ana's address, and reads the codes of the
// sandbox. Whether or not Ana has an account, and whether it is asked for by claiming or by adding the address to an account
// of his own, he sees and decides about nothing that is live.
func TestSandboxClaimReachesNothingLive(t *testing.T) {
	for name, has := range map[string]bool{"Ana has an account": true, "Ana has none yet": false} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			v := newVisitors(t)
			award := v.record(anasPass("R-1", "E1"))[0].ID
			liveLink := v.link()
			ana := v.open()
			if has {
				v.signIn(ana, "ana@home.test").want(200, "My badges")
			}
			_, key, err := v.Partners.Add(ctx, "Trial", true)
			if err != nil {
				t.Fatal(err)
			}
			trial, err := v.Partners.Authenticate(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Record(ctx, trial, anasPass("T-1", "E4")); err != nil {
				t.Fatal(err)
			}
			v.Work(t)
			link := v.link()
			if link == liveLink {
				t.Fatal("the sandbox mailed no offer")
			}

			mallory := v.open()
			mallory.get(link + "/continue").press("E-mail me a code")
			if !v.code().To.Sandbox {
				t.Fatal("the code left the sandbox")
			}
			mallory.get(link+"/code").press("Confirm code", "code", v.code().Code).want(200, "Accept your badge?")
			mallory.get("/me/badges").want(200, "My badges").says("Stand-alone Exam").hides("Cloud Fundamentals")
			mallory.get("/me/credentials").want(200, "").hides("Cloud Fundamentals")
			mallory.get(liveLink).want(200, "You earned a badge").hides("Accept your badge?", "ana@home.test")
			mallory.send(liveLink, url.Values{"do": {"accept"}, "visibility": {"public"}})
			mallory.send("/me/badges/"+award, url.Values{"do": {"accept"}, "visibility": {"public"}})
			if got := v.state(award); got != "offered link" {
				t.Errorf("the live badge is %s", got)
			}

			ben := v.open() // signed in to a live account of his own
			v.record(passBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
			v.signIn(ben, "ben@work.test")
			ben.send(link, url.Values{"do": {"add"}})
			ben.get(link).want(200, "You earned a badge").hides("That address is mine too")
			if last := v.code(); last.To.Address != "ben@work.test" {
				t.Errorf("a code went to %+v", last.To)
			}

			v.Clock.Advance(time.Minute)
			ana = v.open()
			v.signIn(ana, "ana@home.test").want(200, "My badges")
			if v.code().To.Sandbox {
				t.Error("Ana's code stayed in the sandbox")
			}
			ana.get(liveLink).want(200, "Accept your badge?").press("Accept badge", "visibility", "link").want(200, "Well done")
			mallory.get("/me/badges").hides("Cloud Fundamentals")
		})
	}
}
