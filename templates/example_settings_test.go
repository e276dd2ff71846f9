package templates_test

import (
	"time"

	"github.com/open-insignia/insignia/templates"
)

func settingsExamples(lang string) []example {
	at := time.Date(2026, time.March, 4, 10, 42, 0, 0, time.UTC)
	accounts := &templates.AccountSettings{
		Action: "/me/settings?section=accounts",
		Addresses: []templates.AccountAddress{
			{Address: "ana@home.test", Primary: true, ConfirmedOn: earned, RemoveURL: "/me/settings/address/remove?address=1", ReplaceURL: "/me/settings/address/replace?address=1"},
			{Address: "ana.maria.ruiz.de.la.fuente@department.faculty.university.example", ConfirmedOn: earned, RemoveURL: "/me/settings/address/remove?address=2", ReplaceURL: "/me/settings/address/replace?address=2"},
		},
		Removed: []templates.RemovedAddress{{ID: "rem_1", Address: "ana@work.test", Until: expires}},
		Changes: []templates.AccountChange{{Kind: "address_removed", What: "ana@work.test", At: at}, {Kind: "address_added", What: "ana@work.test", At: at}},
		Sessions: []templates.AccountSession{
			{ID: "a1", Device: "Firefox, Windows", Since: at, Seen: at, Here: true},
			{ID: "a2", Since: at, Seen: at},
		},
	}
	whole := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "primary", Accounts: accounts}
	wrong := whole
	again := *accounts
	again.Email = "ana@"
	wrong.Note, wrong.Accounts, wrong.Problem = "", &again, &templates.SettingsProblem{Field: "email", Word: "problem.bad_email"}
	me := signedIn(lang, "/me/settings/address/remove?address=1")
	remove := templates.RemoveAddress{Page: me, Address: "ana@work.test", Action: "/me/settings/address/remove?address=1", ReplaceURL: "/me/settings/address/replace?address=1", BackURL: "/me/settings#accounts"}
	only := remove
	only.Only = true
	replace := templates.ReplaceAddress{Page: me, Address: "ana@work.test", Action: "/me/settings/address/replace?address=1", BackURL: "/me/settings#accounts"}
	missing := replace
	missing.Problem = "problem.missing"
	undo := templates.UndoRemoval{Page: frame(lang, "/undo/x"), Masked: "a•••@work.test", Action: "/undo/x"}
	done := undo
	done.Done = true
	rows := func(issuer templates.AcceptingRow) *templates.AcceptingSettings {
		issuer.ID, issuer.Issuer = "issuer", templates.Text{Value: "Acme Certification"}
		return &templates.AcceptingSettings{
			Action: "/me/settings?section=accepting", Issuer: issuer.Issuer,
			Rows: []templates.AcceptingRow{{ID: "all", Visibility: "link"}, issuer},
		}
	}
	whole.Accepting = rows(templates.AcceptingRow{Visibility: "link", Follows: true})
	asked := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "accepting_on", Accepting: rows(templates.AcceptingRow{Automatic: true, Visibility: "public"})}
	asked.Accepting.Waiting = 2
	return []example{
		{"settings", whole}, {"settings_accepting_asked", asked},
		{"settings_problem", wrong},
		{"remove_address", remove},
		{"remove_address_only", only},
		{"replace_address", replace},
		{"replace_address_problem", missing},
		{"account_taken", templates.AccountTaken{Page: me, BackURL: "/me/settings#accounts"}},
		{"undo_removal", undo},
		{"undo_removal_done", done},
		{"sign_in_again", templates.SignIn{Page: me, Action: "/sign-in", Email: "ana@home.test", Again: true}},
	}
}
