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
		Identities: []templates.AccountIdentity{
			{Kind: "personal", Provider: "Example ID", Shown: "ana@home.test", Since: earned, Used: earned, RemoveURL: "/me/settings/identity/remove?identity=1", ReplaceURL: "/me/settings/identity/replace?identity=1"},
			{Kind: "work", Provider: "Contoso", Shown: "Ana Ruiz", Since: earned, Used: earned, RemoveURL: "/me/settings/identity/remove?identity=2", ReplaceURL: "/me/settings/identity/replace?identity=2"},
		},
		Providers: providers,
		Passkeys:  []templates.AccountPasskey{{Name: "Safari, iPhone", Since: earned, Used: earned, RemoveURL: "/me/settings/passkey/remove?passkey=1"}}, AddPasskeyURL: "/me/settings/passkey/add",
		Sessions: []templates.AccountSession{
			{ID: "a1", Device: "Firefox, Windows", Since: at, Seen: at, Here: true},
			{ID: "a2", Since: at, Seen: at},
		},
	}
	whole := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "primary", Accounts: accounts}
	wrong := whole
	again := *accounts
	again.Leaving = true
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
	whole.Accepting.Mail = []templates.AddressMail{{Address: "ana@home.test"}, {Address: "ana.maria.ruiz.de.la.fuente@department.faculty.university.example", Stopped: true, RenewalsStopped: true}}
	others := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "profile", Profile: &templates.ProfileSettings{Action: "/me/settings?section=profile", Address: "https://badges.acme.example/people/",
		Handle: "ana", Shown: true, Name: "initials", Findable: true, Full: "Ana Ruiz", Initials: "A. R.", SeeURL: "/people/ana?as=others"}}
	taken := others
	taken.Note, taken.Problem, taken.Profile = "", &templates.SettingsProblem{Field: "profile-handle", Word: templates.ProblemHandleTaken}, &templates.ProfileSettings{Action: "/me/settings?section=profile", Address: "https://badges.acme.example/people/", Handle: "ben", Shown: true, Name: "full"}
	invalid := taken
	invalid.Problem = &templates.SettingsProblem{Field: "profile-handle", Word: templates.ProblemHandleInvalid}
	whole.Data = &templates.DataSettings{Action: "/me/settings?section=data", DeleteURL: "/me/settings/delete", Export: &templates.DataExport{}}
	data := func(leaving *templates.Leaving, export *templates.DataExport) templates.Settings {
		return templates.Settings{Page: signedIn(lang, "/me/settings"), Data: &templates.DataSettings{
			Action: "/me/settings?section=data", DeleteURL: "/me/settings/delete", Leaving: leaving, Export: export,
		}}
	}
	remain := templates.DeleteAccount{
		Page: signedIn(lang, "/me/settings/delete"), Issuer: templates.Text{Value: "Acme Certification"}, On: expires,
		Counts: templates.DataCounts{Accepted: 3, Shown: 1, Offered: 2, Exams: 5, Addresses: 2, Ways: 1}, Kept: 120,
		Action: "/me/settings/delete", BackURL: "/me/settings#data",
	}
	held := func(leaving *templates.Leaving) templates.HeldData {
		return templates.HeldData{
			Page: frame(lang, "/privacy/data/held"), Address: "ana.maria.ruiz.de.la.fuente@department.faculty.university.example", AccountURL: "/me/settings#data",
			Exams:   []templates.HeldExam{{Name: templates.Text{Value: "Running Clouds"}, On: earned, Partner: "TestCo", Called: "Ana Ruiz"}},
			Badges:  []templates.BadgeCard{{Title: templates.Text{Value: "Acme Certified Cloud Operator"}, Kind: "certification", EarnedOn: earned}},
			Letters: []templates.ExportLetter{{Kind: "offer", To: "ana@home.test", At: at}}, Leaving: leaving, On: expires,
			Issuer: templates.Text{Value: "Acme Certification"}, Kept: 7, Action: "/privacy/data/held?confirmation=cnf_1",
		}
	}
	unchosen := remain
	unchosen.Problem, unchosen.Kept, unchosen.Contact, unchosen.Counts = "delete.missing", 0, "help@acme.example", templates.DataCounts{Addresses: 1}
	asked := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "accepting_on", Accepting: rows(templates.AcceptingRow{Automatic: true, Visibility: "public"})}
	asked.Accepting.Waiting = 2
	unknown := templates.UnknownElsewhere{Page: frame(lang, "/sign-in/elsewhere"), Provider: "Example ID", Shown: "ana@home.test", Email: "ana@home.test", Action: "/sign-in/elsewhere", OtherURL: "/sign-in/example?select=1"}
	unread := unknown
	unread.Problem = templates.ProblemBadEmail
	connect := templates.ConnectElsewhere{Page: me, Provider: "Contoso", Kind: "work", Shown: "ana@work.test", Me: "Ana Ruiz", Action: "/sign-in/elsewhere", OtherURL: "/me/settings/identity/start?provider=contoso", BackURL: "/me/settings#accounts"}
	replaces := connect
	replaces.Replaces, replaces.Kind = true, "personal"
	removeIdentity := templates.RemoveIdentity{Page: me, Provider: "Contoso", Shown: "ana@work.test", Addresses: []string{"ana@home.test"}, Action: "/me/settings/identity/remove?identity=1", ReplaceURL: "/me/settings/identity/replace?identity=1", BackURL: "/me/settings#accounts"}
	onlyIdentity := removeIdentity
	onlyIdentity.Only = true
	passkey := templates.PasskeyForm{Action: "/me/settings/passkey/add", Options: `{"challenge":"AA"}`, Sealed: "x"}
	var all []example
	for _, kind := range []string{"passkey_unknown", "passkey_cloned", "sign_in_expired", "never heard of"} {
		all = append(all, example{"passkey_problem_" + kind, templates.PasskeyProblem{Page: frame(lang, "/sign-in/passkey"), Kind: kind, RetryURL: "/sign-in"}})
	}
	for _, kind := range []string{"sign_in_denied", "sign_in_expired", "sign_in_foreign", "sign_in_used", "sign_in_untrue", "provider_unavailable", "never heard of"} {
		all = append(all, example{"provider_problem_" + kind, templates.ProviderProblem{Page: frame(lang, "/sign-in/example"), Provider: "Example ID", Kind: kind, RetryURL: "/sign-in/example", OtherURL: "/sign-in"}})
	}
	all = append(all, connectExamples(lang)...)
	return append(all, []example{
		{"add_passkey", templates.AddPasskey{Page: me, Passkey: passkey, Name: "Safari, iPhone", BackURL: "/me/settings#accounts"}},
		{"remove_passkey", templates.RemovePasskey{Page: me, Name: "Safari, iPhone", Action: "/me/settings/passkey/remove?passkey=1", BackURL: "/me/settings#accounts"}},
		{"remove_passkey_only", templates.RemovePasskey{Page: me, Name: "Safari, iPhone", Only: true, Action: "/me/settings/passkey/remove?passkey=1", BackURL: "/me/settings#accounts"}},
		{"unknown_elsewhere", unknown},
		{"unknown_elsewhere_problem", unread},
		{"connect_elsewhere", connect},
		{"connect_elsewhere_replaces", replaces},
		{"one_personal", templates.OnePersonal{Page: me, Old: "ana@home.test", New: "ana@new.test", Identity: "idn_1", Action: "/sign-in/elsewhere", BackURL: "/me/settings#accounts"}},
		{"signed_out", templates.SignedOut{Page: frame(lang, "/signed-out"), Provider: "Example ID", EndURL: "https://id.example/end?client_id=x"}},
		{"signed_out_no_end", templates.SignedOut{Page: frame(lang, "/signed-out"), Provider: "Example ID"}},
		{"replace_identity", templates.ReplaceIdentity{Page: me, Provider: "Example ID", Shown: "ana@home.test", Providers: providers[:1], BackURL: "/me/settings#accounts"}},
		{"remove_identity", removeIdentity},
		{"remove_identity_only", onlyIdentity},
		{"settings_profile", others}, {"settings_profile_taken", taken}, {"settings_profile_invalid", invalid},
		{"ask_held_data", templates.AskHeldData{Page: frame(lang, "/privacy/data"), Action: "/privacy/data", AccountURL: "/me/settings#data"}},
		{"ask_held_data_problem", templates.AskHeldData{Page: frame(lang, "/privacy/data"), Action: "/privacy/data", AccountURL: "/me/settings#data", Email: "ana@", Problem: templates.ProblemBadEmail}},
		{"held_data", held(nil)}, {"held_data_asked", held(&templates.Leaving{Choice: "erase", On: expires})}, {"held_data_begun", held(&templates.Leaving{Choice: "erase", On: expires, Begun: true})},
		{"held_data_account", templates.HeldData{Page: frame(lang, "/privacy/data/held"), Address: "ana@home.test", Account: true, AccountURL: "/me/settings#data", Action: "/privacy/data/held"}},
		{"held_data_nothing", templates.HeldData{Page: frame(lang, "/privacy/data/held"), Address: "ana@home.test", AccountURL: "/me/settings#data", Action: "/privacy/data/held"}},
		{"delete_account", remain}, {"delete_account_problem", unchosen},
		{"settings_leaving", data(&templates.Leaving{Choice: "leave", On: expires}, &templates.DataExport{State: "making", Done: 12, Total: 40})},
		{"settings_erasing", data(&templates.Leaving{Choice: "erase", On: expires}, &templates.DataExport{State: "ready", Size: 12 << 20, MadeAt: at, Until: expires, URL: "/me/export.zip"})},
		{"settings_begun", data(&templates.Leaving{Choice: "erase", On: expires, Begun: true}, &templates.DataExport{State: "failed"})},
		{"settings_export_waits", data(nil, &templates.DataExport{State: "making"})},
		{"export", templates.Export{
			Page: frame(lang, ""), Name: "Ana Ruiz", MadeAt: at, Since: earned, Addresses: []string{"ana@home.test"}, Others: []string{"Safari, iPhone"}, Transcript: "transcript.pdf",
			Badges: []templates.ExportBadge{{
				BadgeCard: templates.BadgeCard{Title: templates.Text{Value: "Acme Certified Cloud Operator"}, Kind: "certification", Issuer: templates.Text{Value: "Acme Certification"}, EarnedOn: earned, Expires: expires},
				State:     "accepted", Visibility: "private", Verdict: "valid", Picture: "badges/001-c2/x.png", Files: []templates.Download{{Kind: "png", URL: "badges/001-c2/x.png"}, {Kind: "json3", URL: "badges/001-c2/x.json"}},
			}},
			Exams:   []templates.TranscriptExam{{Name: templates.Text{Value: "Running Clouds"}, Code: "E2", On: earned, Partner: "TestCo"}},
			Choices: []templates.ExportChoice{{At: at, On: true}, {At: at}}, Letters: []templates.ExportLetter{{Kind: "offer", To: "ana@home.test", At: at}},
			Codes:   []templates.ExportCode{{Code: "W7K3-QF9M-D2RT", Label: "Contoso", Made: earned, Opened: []templates.Day{earned}}},
			Changes: []templates.AccountChange{{Kind: "export_asked", At: at}},
		}},
		{"settings", whole}, {"settings_accepting_asked", asked},
		{"settings_problem", wrong},
		{"remove_address", remove},
		{"remove_address_only", only},
		{"replace_address", replace},
		{"replace_address_problem", missing},
		{"account_taken", templates.AccountTaken{Page: me, BackURL: "/me/settings#accounts"}},
		{"account_taken_shown", templates.AccountTaken{Page: me, Action: "/sign-in/elsewhere", BackURL: "/me/settings#accounts"}},
		{"account_taken_asked", templates.AccountTaken{Page: me, Asked: "mrq_1a2b3c4d", BackURL: "/me/settings#accounts"}},
		{"undo_removal", undo},
		{"undo_removal_done", done},
		{"sign_in_again", templates.SignIn{Page: me, Action: "/sign-in", Email: "ana@home.test", Again: true, Ways: templates.Ways{Last: &providers[0], Providers: providers[1:], Passkey: &passkey}}},
		{"sign_in_passkey", templates.SignIn{Page: me, Action: "/sign-in", Ways: templates.Ways{Providers: providers, Passkey: &passkey, PasskeyLast: true}}},
	}...)
}

func connectExamples(lang string) []example {
	me := signedIn(lang, "/me/connect")
	profile := templates.ProfileCard{ID: "cnd_1", Name: "Ana María Ruiz de la Fuente", Partner: "TestCo International Assessment Services", Numbers: []string{"C•••7"}, Exams: 3, Certifications: 2, URL: "/me/connect?profile=cnd_1"}
	other := profile
	other.ID, other.Numbers, other.Exams, other.Certifications = "cnd_2", []string{"C•••8", "7•••1"}, 1, 1
	find := templates.FindProfile{Page: me, Known: true, Addresses: []string{"ana@home.test", "ana.maria.ruiz.de.la.fuente@department.faculty.university.example"}}
	find.Other("", "", "/me/connect", providers[:1])
	unread, nothing := find, find
	unread.Other("ana@", templates.ProblemBadEmail, "/me/connect", nil)
	nothing.Known, nothing.Nothing = false, "ana@school.test"
	preview := templates.PreviewProfile{Page: me, Profile: profile, Me: "Ana Ruiz", Action: "/me/connect"}
	moves := preview
	moves.From, moves.OtherURL = "a•••@school.test", "/me/connect"
	gives := preview
	gives.To, gives.Action = "b•••@work.test", "/me/connect/cna_1"
	done := templates.ConnectedProfile{Page: me, Profile: profile, Since: earned, Action: "/me/connect", History: []templates.ConnectionEvent{
		{What: "moved", How: "code", Who: "Ana Ruiz", At: earned}, {What: "ended", How: "correction", Who: "TestCo", At: earned}, {What: "connected", How: "taken_over", At: earned},
	}}
	now, asked := done, done
	now.New, now.Others = true, []templates.ProfileCard{other}
	now.History = []templates.ConnectionEvent{{What: "given", How: "signed_in", Who: "Ana Ruiz", At: earned}, {What: "connected", How: "address", At: earned}, {What: "connected", How: "accepted", At: earned}}
	asked.Asked = "mrq_1a2b3c4d"
	unshown, merged, undone, unread2 := asked, done, done, done
	unshown.Unshown, merged.Merged, undone.Undone = true, true, true
	merged.Merges = []templates.Undoable{{ID: "mrg_1", Numbers: []string{"C•••7", "C•••8"}, On: earned, Until: expires}}
	unread2.Email, unread2.Problem = "ana@", templates.ProblemBadEmail
	merge := templates.MergeProfiles{Page: me, Mine: profile, Other: other, Before: 3, After: 4, Made: templates.Texts{{Value: "Cloud Operator"}}, Action: "/me/connect", BackURL: "/me/connect"}
	collapses := merge
	collapses.After, collapses.Made, collapses.Collapsed = 2, nil, 1
	mismatch := templates.Mismatch{
		Page: me, InUse: templates.UsedAccount{Kind: "personal", Name: "Example ID", Shown: "ben@work.test"}, Needed: templates.UsedAccount{Kind: "address", Shown: "b•••@home.test"},
		Action: "/me/connect/cna_1", OtherURL: "/sign-out?next=/me/connect/cna_1", ChangeURL: "/me/connect/cna_1/change",
		Stays: templates.Staying{Badges: 2, Courses: 2, Addresses: 1, Accounts: 1, Page: true},
	}
	work := mismatch
	work.InUse, work.Providers = templates.UsedAccount{Kind: "work", Name: "Contoso", Shown: "ben@work.test"}, providers[:1]
	held := mismatch
	held.Needed, held.Profile, held.ChangeURL, held.Stays = templates.UsedAccount{Kind: "personal", Name: "Example ID", Shown: "b•••@home.test"}, "cnd_1", "", templates.Staying{Addresses: 2, Badges: 1, Accounts: 2, Courses: 1}
	held.InUse = templates.UsedAccount{Kind: "passkey", Shown: "Safari, iPhone"}
	add := templates.ChangeAccount{
		Page: me, Steps: []string{"add", "replace", "connect"}, Step: "add", InUse: mismatch.InUse, Needed: mismatch.Needed,
		Action: "/me/connect/cna_1/change", BackURL: "/me/connect/cna_1", Providers: providers[1:],
	}
	wrong, replace, address := add, add, add
	wrong.Email, wrong.Problem = "ben@", templates.ProblemBadEmail
	replace.Steps, replace.Step, replace.Providers = []string{"replace", "connect"}, "replace", providers[:1]
	address.Steps, address.Step, address.Providers, address.InUse = []string{"replace", "connect"}, "replace", nil, templates.UsedAccount{Kind: "address", Shown: "ben@work.test"}
	return []example{
		{"connect_find", find}, {"connect_find_problem", unread}, {"connect_find_nothing", nothing},
		{"connect_choose", templates.ChooseProfile{Page: me, Profiles: []templates.ProfileCard{profile, other}}},
		{"connect_preview", preview}, {"connect_preview_moves", moves}, {"connect_preview_gives", gives},
		{"connect_done", done}, {"connect_done_now", now}, {"connect_done_asked", asked},
		{"connect_done_given", templates.ConnectedProfile{Page: me, Given: "b•••@work.test", BackURL: "/sign-out?next=/me/connect"}},
		{"connect_already", templates.ConnectedAlready{Page: me, Profile: other, MergeURL: "/me/connect?merge=cnd_2", BackURL: "/me/connect"}},
		{"connect_already_elsewhere", templates.ConnectedAlready{Page: me, Profile: other, BackURL: "/me/connect"}},
		{"connect_done_unshown", unshown}, {"connect_done_merged", merged}, {"connect_done_undone", undone}, {"connect_done_problem", unread2},
		{"connect_merge", merge}, {"connect_merge_collapses", collapses},
		{"connect_prove", templates.ProveProfile{Page: me, Masked: "a•••@school.test", Action: "/me/connect/cna_1", BackURL: "/me/connect"}},
		{"connect_mismatch", mismatch}, {"connect_mismatch_work", work}, {"connect_mismatch_held", held},
		{"connect_change_add", add}, {"connect_change_add_problem", wrong}, {"connect_change_replace", replace}, {"connect_change_address", address},
	}
}
