package templates_test

import (
	"github.com/open-insignia/insignia/templates"
)

var helpFacts = templates.HelpFacts{Issuer: issuer, Sender: "Acme Certification <badges@acme.example>", Address: "https://badges.acme.example", Contact: "help@acme.example"}

func helpExamples(lang string) (all []example) {
	for _, topic := range (templates.Help{}).Topics() {
		all = append(all, example{"help_" + topic, templates.HelpArticle{Page: frame(lang, "/help/"+topic), HelpFacts: helpFacts, Topic: topic}})
	}
	return all
}

func siteExamples(lang string) []example {
	p := frame(lang, "/")
	all := []example{
		{"home", templates.Home{Page: p, Issuer: issuer, TestURL: "/mailbox"}},
		{"not_found", templates.NotFound{Page: p}},
		{"no_font", templates.NoCertificate{Page: p, Characters: []string{"𒂍", "𒀀"}, Scripts: []string{"Xsux"}, BadgeURL: "/badges/7Kq3"}},
		{"no_font_transcript", templates.NoCertificate{Page: p, Characters: []string{"𒀀"}, Scripts: []string{"Xsux"}, BadgeURL: "/me/transcript", Transcript: true}},
		{"no_certificate", templates.NoCertificate{Page: p, BadgeURL: "/badges/7Kq3"}},
		{"no_font_emoji", templates.NoCertificate{Page: p, Characters: []string{"🛰"}, BadgeURL: "/me/badges/7Kq3"}},
		{"stop", templates.Stop{Page: p, Action: "/stop/x7", Masked: "a•••@home.test"}},
		{"stop_renewals", templates.Stop{Page: p, List: templates.StopRenewals, Action: "/stop/renewals/x7", UndoAction: "/stop/renewals/x7/undo", Masked: "a•••@home.test", Resumed: true}},
		{"stop_renewals_done", templates.Stop{Page: p, List: templates.StopRenewals, Action: "/stop/renewals/x7", UndoAction: "/stop/renewals/x7/undo", Masked: "a•••@home.test", Stopped: true}},
		{"stop_done", templates.Stop{Page: p, UndoAction: "/stop/x7/undo", Masked: "a•••@home.test", Stopped: true}},
		{"stop_resumed", templates.Stop{Page: p, Action: "/stop/x7", Masked: "a•••@home.test", Resumed: true}},
		{"privacy", templates.Privacy{Page: p, Issuer: issuer, Contact: "privacy@acme.example", Postal: "1 Example Street, Lisbon"}},
		{"help", templates.Help{Page: p, HelpFacts: helpFacts}},
		{"mailbox_empty", templates.Mailbox{Page: p}},
		{"mailbox", templates.Mailbox{Page: p, More: "/mailbox?before=3", Letters: []templates.MailRow{
			{URL: "/mailbox/2", To: "ana@home.test", Subject: "Ana, has conseguido Acme Certified Cloud Operator", Lang: "es", At: checked},
			{URL: "/mailbox/1", To: "ben@work.test", Subject: "471 902 is your code for Acme Certification", Lang: "en", At: checked}}}},
		{"mailbox_letter", templates.MailboxLetter{Page: p, From: "Acme Certification <badges@acme.example>", To: "ben@work.test", Subject: "471 902 is your code for Acme Certification", Lang: "en", At: checked,
			FrameURL: "/mailbox/1/html", File: "renewal.ics", FileURL: "/mailbox/1/renewal.ics", Height: 1182, Broad: 892, Body: "Type this code where you started.\n\n  471 902\n", Code: "471 902", Links: []templates.MailLink{{URL: "https://badges.acme.example/confirm/x"}}, BackURL: "/mailbox"}},
		{"api_docs", templates.APIDocs{Page: p, DocTitle: "Partner API", Version: "1", Intro: "Results in, badges out.", Rules: []string{"Bodies are JSON."}, SpecURL: "/api/v1/openapi.json",
			First:    []templates.APIStep{{Title: "Get a test key", Text: "It is shown once.", Code: "insignia partner add X --sandbox"}, {Title: "Read the letter", Text: "It stays here."}},
			Types:    []templates.APISection{{ID: "type-Award", Title: "Award", Text: []string{"What was earned."}, Fields: []templates.APIField{{Name: "id", Type: "string"}}}},
			Problems: []templates.APIProblems{{ID: "problems", Title: "Problems", Text: "Each is a problem.", List: []templates.APIProblem{{ID: "problem-x", Status: 409, Code: "x", Title: "Taken", Fix: "Choose another."}}}},
			Sections: []templates.APISection{{
				ID: "results", Title: "Results", Text: []string{"A result is what a candidate achieved."},
				Operations: []templates.APIOperation{{ID: "post-results", Method: "POST", Path: "/api/v1/results", Summary: "Record a result", Scope: "results:write", Text: []string{"Durable when it answers 201."},
					Fields:  []templates.APIField{{Name: "id", In: "body", Type: "string", Required: true, Text: "Your own id of the result."}, {Name: "score", In: "body", Type: "number", Text: "Points."}},
					Answers: []templates.APIAnswer{{Status: "201", Text: "Recorded."}}, Problems: []string{"409"},
					Examples: []templates.APIExample{{Title: "curl", Lang: "curl", Code: "curl -X POST https://badges.acme.example/api/v1/results -H 'Authorization: Bearer insignia_test_…' -d @result.json"}}}}}}}},
	}
	for _, kind := range []string{templates.ErrorBadRequest, templates.ErrorForbidden, templates.ErrorNoPage, templates.ErrorMethod, templates.ErrorConflict, templates.ErrorGone,
		templates.ErrorTooLarge, templates.ErrorTooMany, templates.ErrorInternal, templates.ErrorUnavailable, "never heard of"} {
		e := templates.ErrorPage{Page: p, Kind: kind, Reference: "req_7Kq3", BackURL: "/verify"}
		if kind == templates.ErrorTooMany {
			e.Minutes, e.BackURL = 5, ""
		}
		all = append(all, example{"error_" + kind, e})
	}
	return all
}

var common = templates.Letter{Site: "Acme Certification", Issuer: templates.Text{Value: "Acme Certification"}, PrivacyURL: "https://badges.acme.example/privacy", Postal: "Acme Certification, 1 Example Street, Lisbon"}

type letter interface {
	Subject() string
	Preheader() string
	Text() (string, error)
	HTML() (string, error)
}

// letters are all letters in one language.
func letters(lang string) map[string]letter {
	notice, badge := common, common
	notice.Lang, badge.Lang = lang, lang
	badge.StopURL = "https://badges.acme.example/stop/x7Tz"
	opening := badge
	opening.DataURL = "https://badges.acme.example/privacy/data?lang=" + lang
	const claim = "https://badges.acme.example/claim/9fK2x7Qm4TzR8bWc5NvJ3hLp6D"
	cloud := templates.LetterBadge{Title: operator.Title, Issuer: templates.Text{Value: "Acme Certification"}, EarnedOn: earned, Expires: expires, CID: "badge1"}
	disk := templates.LetterBadge{Title: storage.Title, Issuer: templates.Text{Value: "Acme Certification"}, EarnedOn: day(2026, 1, 1)}
	over := cloud
	over.Expired = true
	renew := templates.RenewalLetter{Letter: badge, Name: "Ana", Title: operator.Title, State: templates.RenewalOpen, Expires: expires, Days: 90,
		Exams: templates.Texts{{Value: "AZ-800 Running Clouds"}, {Value: "AZ-801"}}, URL: "https://badges.acme.example/me/badges/7Kq3#renewal"}
	renew.StopURL, renew.StopList = "https://badges.acme.example/stop/renewals/x7Tz", templates.StopRenewals
	first, ended, retired := renew, renew, renew
	deadline := templates.RenewalDeadline(lang, "7Kq3", operator.Title, day(2027, 3, 3), renew.URL, checked)
	first.Calendar, first.Days, first.RetiredOn = &deadline, 180, day(2026, 12, 31)
	ended.State, ended.Days = templates.RenewalOver, -1
	retired.State, retired.RetiredOn = templates.RenewalRetired, day(2026, 6, 30)
	none, holds := retired, renew
	none.RetiredOn, holds.Holds = templates.Day{}, templates.Texts{{Value: "Cloud Operator"}}
	return map[string]letter{
		"renewal":         renew,
		"renewal_first":   first,
		"renewal_over":    ended,
		"renewal_retired": retired,
		"renewal_none":    none,
		"renewal_holds":   holds,
		"offer_expired":   templates.OfferLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{over, disk}, ClaimURL: claim, NotMeURL: claim + "/not-me"},
		"offer":           templates.OfferLetter{Letter: opening, Name: "Ana", Badges: []templates.LetterBadge{cloud}, ClaimURL: claim, NotMeURL: claim + "/not-me", Partner: "TestCo"},
		"offer_several":   templates.OfferLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud, disk}, ClaimURL: claim, NotMeURL: claim + "/not-me"},
		"code_claim":      templates.CodeLetter{Letter: notice, Code: "471902", LinkURL: "https://badges.acme.example/confirm/k3Pz", Claim: true},
		"code_sign_in":    templates.CodeLetter{Letter: notice, Code: "471902"},
		"code_add":        templates.CodeLetter{Letter: notice, Code: "471902", Joins: "c•••@home.test"},
		"code_long":       templates.CodeLetter{Letter: notice, Code: "K7QM-2P4X-9TRD", LinkURL: "https://badges.acme.example/confirm/k3Pz"},
		"reminder":        templates.OfferLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud}, ClaimURL: claim, NotMeURL: claim + "/not-me", Partner: "TestCo", Reminder: 1},
		"reminder_last":   templates.OfferLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud, disk}, ClaimURL: claim, NotMeURL: claim + "/not-me", Reminder: 2, Last: true},
		"accepted":        templates.AcceptedLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud}, Visibility: "link", SeeURL: "https://badges.acme.example/badges/k3pz", RemoveURL: "https://badges.acme.example/me/badges/k3pz", SettingsURL: "https://badges.acme.example/me/settings#accepting"},
		"accepted_more":   templates.AcceptedLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud, disk}, Visibility: "private", SeeURL: "https://badges.acme.example/me/badges", RemoveURL: "https://badges.acme.example/me/badges", SettingsURL: "https://badges.acme.example/me/settings#accepting"},
		"offer_again":     templates.OfferLetter{Letter: badge, Name: "Ana", Badges: []templates.LetterBadge{cloud, disk}, ClaimURL: claim, NotMeURL: claim + "/not-me", Again: true},
		"added":           templates.AddedLetter{Letter: notice, Address: "ana@work.test", ContactURL: "mailto:help@acme.example"},
		"changed_asked":   templates.LeavingLetter{Letter: notice, Kind: "asked", Choice: "leave", On: expires, URL: "https://badges.acme.example/me/settings#data", ContactURL: "mailto:help@acme.example"},
		"changed_data":    templates.LeavingLetter{Letter: notice, Kind: "asked_data", Choice: "data", On: expires, URL: "https://badges.acme.example/privacy/data", ContactURL: "mailto:help@acme.example"},
		"changed_kept":    templates.LeavingLetter{Letter: notice, Kind: "kept", ContactURL: "mailto:help@acme.example"},
		"changed_done":    templates.LeavingLetter{Letter: notice, Kind: "done", Choice: "leave", ContactURL: "mailto:help@acme.example"},
		"changed_gone":    templates.LeavingLetter{Letter: notice, Kind: "done_data", Choice: "data", ContactURL: "mailto:help@acme.example"},
		"changed_export":  templates.LeavingLetter{Letter: notice, Kind: "export", On: expires, URL: "https://badges.acme.example/me/settings#data"},
		"changed":         templates.ChangedLetter{Letter: notice, Kind: "address_removed", What: "ana@work.test", UndoURL: "https://badges.acme.example/undo/k3Pz", Until: day(2026, 3, 11), ContactURL: "mailto:help@acme.example"},
		"changed_main":    templates.ChangedLetter{Letter: notice, Kind: "address_primary", What: "ana@work.test", ContactURL: "mailto:help@acme.example"},
		"changed_in":      templates.ChangedLetter{Letter: notice, Kind: "identity_added", What: "ana@work.test", ContactURL: "mailto:help@acme.example"},
		"changed_moved":   templates.ChangedLetter{Letter: notice, Kind: "profile_moved", What: "Ana Ruiz", NextURL: "https://badges.acme.example/me/connect", ContactURL: "mailto:help@acme.example"},
		"changed_given":   templates.ChangedLetter{Letter: notice, Kind: "profile_given", What: "Ana Ruiz", NextURL: "https://badges.acme.example/me/connect", ContactURL: "mailto:help@acme.example"},
		"changed_cloned":  templates.ChangedLetter{Letter: notice, Kind: "passkey_cloned", What: "Safari, iPhone", ContactURL: "mailto:help@acme.example"},
		"suspended":       templates.NoticeLetter{Letter: notice, Kind: "suspended", Name: "Ana", Titles: templates.Texts{operator.Title}, On: day(2026, 3, 9), Reason: "We are looking into the exam.", ContactURL: "mailto:help@acme.example", Reference: "R-48213"},
		"corrected":       templates.NoticeLetter{Letter: notice, Kind: "corrected", Name: "Ana", Titles: templates.Texts{{Value: "Running Clouds"}}, Outcome: "fail", On: day(2026, 3, 9), ContactURL: "mailto:help@acme.example"},
		"webhook":         templates.WebhookLetter{Letter: notice, URL: "https://partner.example/insignia", Since: day(2026, 3, 4), Partner: "TestCo", DocsURL: "https://badges.acme.example/api/v1/docs#webhooks"},
		"merged":          templates.NoticeLetter{Letter: notice, Kind: "merged", Name: "Ana", On: day(2026, 3, 9), ContactURL: "mailto:help@acme.example", Reference: "mrg_k3pz"},
		"separated":       templates.NoticeLetter{Letter: notice, Kind: "separated", Name: "Ana", On: day(2026, 3, 9), ContactURL: "mailto:help@acme.example", Reference: "mrg_k3pz"},
		"disputed":        templates.DisputedLetter{Letter: notice, Titles: templates.Texts{operator.Title}, Reason: "never_took", On: day(2026, 3, 9), Partner: "TestCo", Candidate: "C-77", Exam: "AZ-800, AZ-801", Awards: []string{"h2k5w7q9r3t6y8u4i5op"}},
		"revoked":         templates.RevokedLetter{Letter: notice, Name: "Ana", Title: operator.Title, On: day(2026, 3, 9), Reason: "result_voided", ContactURL: "mailto:help@acme.example", Reference: "R-48213"},
	}
}
