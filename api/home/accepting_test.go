package home_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestAutomaticFromTheClaim turns automatic accepting on with the box on the accept page; the next badge is in the
// collection with the same visibility, and turned off in the settings the one after it waits.
//
// row 89: off by default; turned on, a pass gives an accepted badge without action; turned off, the next one waits.
func TestAutomaticFromTheClaim(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	page := ana.Get(v.Link()).Want(200, "Accept your badge?").Says("Accept future badges from Acme Certification automatically")
	if _, values := page.Form("Accept badge"); values.Get("auto") != "" {
		t.Error("the box is ticked")
	}
	page.Press("Accept badge", "visibility", "private", "auto", "on").Want(200, "Well done").
		Says("New badges from Acme Certification are accepted automatically from now on.")
	second := v.Post(apitest.AnasPass("R-2", "E7"))[0].ID
	if got := v.State(second); got != "accepted private" {
		t.Fatalf("got %s, want accepted private", got)
	}
	if n := len(v.Letters.Accepted()); n != 1 {
		t.Errorf("got %d letters", n)
	}
	settings := ana.Get("/me/settings").Says("Accepting badges", "Acme Certification On", "All issuers Off")
	if !strings.Contains(settings.Body, `<h2 id="accepting" tabindex="-1">`) {
		t.Error("the heading cannot have the focus")
	}
	settings.Press("Save Acme Certification", "automatic", "").Want(200, "Settings").Says("New badges wait until you accept them", "Acme Certification Off")
	third := v.Post(apitest.AnasPass("R-3", "E1"))[0].ID
	if got := v.State(third); !strings.HasPrefix(got, "offered") {
		t.Errorf("turned off: got %s", got)
	}
	ana.Get(v.Link()).Want(200, "Accept your badge?").Press("Accept badge", "visibility", "link").Want(200, "Well done").Hides("automatically from now on")
}

// TestWaitingIsAskedAboutOnce when automatic accepting is turned on, and accepted with the chosen visibility only if
// the person says so.
//
// row 89 and flows 2.3: turning on asks once about what waits.
func TestWaitingIsAskedAboutOnce(t *testing.T) {
	v := apitest.NewVisitors(t)
	var waiting []string
	for n, exam := range []string{"E4", "E7"} {
		waiting = append(waiting, v.Post(apitest.AnasPass("R-"+string(rune('1'+n)), exam))[0].ID)
	}
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	asked := ana.Get("/me/settings").Hides("already waiting").Press("Save All issuers", "automatic", "on", "visibility", "public").
		Want(200, "Settings").Says("New badges are accepted automatically from now on", "2 badges from Acme Certification are already waiting. Accept them too?", "Acme Certification On", "The same as for all issuers")
	for _, id := range waiting {
		if got := v.State(id); !strings.HasPrefix(got, "offered") {
			t.Errorf("not asked yet: %s", got)
		}
	}
	ana.Get("/me/settings").Hides("already waiting")
	asked.Press("Accept them too").Want(200, "Settings").Says("Accepted. They are in your collection.")
	for _, id := range waiting {
		if got := v.State(id); got != "accepted public" {
			t.Errorf("got %s, want accepted public", got)
		}
	}
	asked.Press("Accept them too").Want(200, "Settings") // sent twice
}

// TestAcceptingRefuses forms that are none of ours, and those of other sites.
func TestAcceptingRefuses(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	settings := ana.Get("/me/settings")
	for _, fields := range [][]string{{"visibility", "everybody"}, {"visibility", ""}, {"do", "nothing"}} {
		settings.Press("Save All issuers", fields...).Want(400, "")
	}
	action, values := settings.Form("Save All issuers")
	values.Set("automatic", "on")
	ana.Post = http.Header{"Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}}
	ana.Send(action, values).Want(403, "")
	account, _, err := v.Given.Earners.AccountOf(context.Background(), "ana@home.test")
	if err != nil {
		t.Fatal(err)
	}
	if choices, err := v.Given.Earners.ChoicesOf(context.Background(), account.ID); err != nil || len(choices) > 0 {
		t.Errorf("got %v, error %v", choices, err)
	}
	if err := v.Given.Earners.Choose(context.Background(), account.ID, earner.Choice{Automatic: true, Visibility: "everybody"}); err == nil {
		t.Error("the database took a visibility that is none")
	}
	if err := v.Given.Earners.Choose(context.Background(), account.ID, earner.Choice{Automatic: true, Visibility: ledger.Public}); err != nil {
		t.Error(err)
	}
}

// TestMailIsStoppedInSettings, for an address of one's own only, and turned on again there or by the link of a letter.
//
// row 112: stopping has no consequence but silence, and can be undone.
func TestMailIsStoppedInSettings(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"), apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	ana := v.Open()
	v.SignIn(ana, "ana@home.test")
	stopped := ana.Get("/me/settings").Press("Stop mails about badges ana@home.test").Want(200, "Settings").Says("No more mails about badges go to that address", "ana@home.test Off")
	v.Post(apitest.AnasPass("R-2", "E7"))
	if n := len(v.Letters.Offers()); n != 2 {
		t.Errorf("got %d offers", n)
	}
	ana.Get("/me/badges").Says("Yearly Certification")
	action, values := stopped.Form("Turn mails about badges on again")
	values.Set("do", "mail_off")
	values.Set("address", "ben@work.test")
	ana.Send(action, values).Want(404, "")
	if is, err := v.MailStopped(context.Background(), "ben@work.test"); is || err != nil {
		t.Errorf("Ben's mail was stopped: %v, error %v", is, err)
	}
	stopped.Press("Turn mails about badges on again").Want(200, "Settings").Says("ana@home.test On")
	v.Post(apitest.AnasPass("R-3", "E1"))
	if n := len(v.Letters.Offers()); n != 3 {
		t.Errorf("got %d offers", n)
	}
	renewals := ana.Get("/me/settings").Press("Stop mails about renewals ana@home.test").Want(200, "Settings").Says("No more mails about renewals go to that address")
	if badges, about, err := v.Renewals.MailsTo(context.Background(), "ana@home.test"); !badges || about || err != nil {
		t.Errorf("mails about badges %v, about renewals %v, error %v", badges, about, err)
	}
	action, values = renewals.Form("Turn mails about renewals on again")
	values.Set("address", "ben@work.test")
	ana.Send(action, values).Want(404, "")
	renewals.Press("Turn mails about renewals on again").Want(200, "Settings").Says("Mails about renewals go to that address again")
}
