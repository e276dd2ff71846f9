package templates_test

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/templates"
)

// An example is a page that every test of this package draws.
type example struct {
	name string
	page interface{ Render(io.Writer) error }
}

const picture = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxNjAgMTYwIj48cGF0aCBkPSJNODAgNCAxNDYgNDJ2NzZMODAgMTU2IDE0IDExOFY0MnoiIGZpbGw9IiMwQjRGOUUiLz48cGF0aCBkPSJNODAgMTggMTM0IDQ5djYyTDgwIDE0MiAyNiAxMTFWNDl6IiBmaWxsPSJub25lIiBzdHJva2U9IiNmZmYiIHN0cm9rZS13aWR0aD0iMyIvPjxwYXRoIGQ9Ik00OCA5MGE0MCAzMCAwIDAgMSA2NCAwTTYwIDg0YTI0IDE4IDAgMCAxIDQwIDAiIGZpbGw9Im5vbmUiIHN0cm9rZT0iI2ZmZiIgc3Ryb2tlLXdpZHRoPSI2Ii8+PHBhdGggZD0iTTUwIDEwNGg2MCIgc3Ryb2tlPSIjRjJDMDYzIiBzdHJva2Utd2lkdGg9IjgiLz48L3N2Zz4="

func day(y int, m time.Month, d int) templates.Day { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var (
	earned  = day(2026, time.March, 4)
	expires = day(2027, time.March, 4)
	checked = time.Date(2026, time.March, 5, 10, 42, 7, 0, time.FixedZone("CET", 3600))
	issuer  = templates.Issuer{Name: templates.Text{Value: "Acme Certification"}, Domain: "badges.acme.example", URL: "https://acme.example", PageURL: "/issuers/acme"}
)

func frame(lang, path string) templates.Page {
	return templates.Page{Lang: lang, Site: "Acme Certification", Path: path, FormToken: "tok-123"}
}

func signedIn(lang, path string) templates.Page {
	p := frame(lang, path)
	p.SignedIn, p.Account = true, "Ana Ruiz"
	return p
}

var operator = templates.BadgeCard{
	Title: templates.Text{Value: "Acme Certified Cloud Operator"}, Kind: "certification", Level: "Associate", Issuer: templates.Text{Value: "Acme Certification"},
	ImageURL: picture, EarnedOn: earned, Expires: expires,
}

var storage = templates.BadgeCard{
	Title: templates.Text{Value: "Installation, Storage, and Compute with Windows Server 2016"}, Kind: "exam", Issuer: templates.Text{Value: "Acme Certification"},
	ImageURL: picture, EarnedOn: day(2026, time.January, 1), RetiredOn: day(2026, time.June, 30),
}

var checks = []templates.Check{
	{Name: "proof", Outcome: "pass", Detail: "ES256, kid https://badges.acme.example/issuers/acme/keys/2026a.jwk"},
	{Name: "key", Outcome: "pass"},
	{Name: "issuer", Outcome: "warning"},
	{Name: "status", Outcome: "unknown", Code: "FETCH_FAILED", Detail: "GET https://badges.acme.example/status/3: 503"},
	{Name: "dates", Outcome: "fail", Code: "EXPIRED"},
	{Name: "recipient", Outcome: "skipped"},
}

var providers = []templates.Provider{{Kind: "personal", Name: "Example ID", URL: "/sign-in/example"}, {Kind: "work", Name: "Contoso", URL: "/sign-in/contoso"}}

// examples are all pages in one language, those with several states several times.
func examples(lang string) []example {
	var all []example
	all = append(all, claimExamples(lang)...)
	all = append(all, claimStateExamples(lang)...)
	all = append(all, personExamples(lang)...)
	all = append(all, settingsExamples(lang)...)
	all = append(all, badgeExamples(lang)...)
	all = append(all, shareExamples(lang)...)
	all = append(all, verifyExamples(lang)...)
	all = append(all, helpExamples(lang)...)
	all = append(all, sharedExamples(lang)...)
	return append(all, siteExamples(lang)...)
}

func claimExamples(lang string) []example {
	p := frame(lang, "/claim/9fK2x7Qm4TzR8bWc5NvJ3hLp6D")
	one, two := []templates.BadgeCard{operator}, []templates.BadgeCard{operator, storage}
	landing := templates.ClaimLanding{Page: p, Badges: one, Masked: "a•••@home.test", ContinueURL: "/claim/x/continue", NotMeURL: "/claim/x/not-me", Issuer: templates.Text{Value: "Acme Certification"}, Partner: "TestCo", PrivacyURL: "/privacy"}
	several := landing
	several.Badges = two
	code := templates.ClaimCode{Page: p, Email: "ana@home.test", Action: "/claim/x/code", AgainAction: "/claim/x/continue", Partner: "TestCo"}
	wrong, expired, again := code, code, code
	wrong.Problem, wrong.TriesLeft = templates.ProblemWrong, 4
	expired.Problem = templates.ProblemExpired
	again.SentAgain = true
	soon, long := code, code
	soon.AgainIn = 22
	long.Long = time.Date(2026, time.March, 4, 10, 42, 0, 0, time.UTC)
	longSignIn, longWrong := long, long
	longSignIn.SignIn, longSignIn.SentAgain = true, true
	longWrong.Problem = templates.ProblemWrongLong
	accept := templates.ClaimAccept{Page: signedIn(lang, "/claim/x"), Badges: one, Name: "Ana Ruiz", Action: "/claim/x/accept", Visibility: "link", OfferAuto: true, Issuer: templates.Text{Value: "Acme Certification"}, LaterURL: "/me/badges", CorrectURL: "/help"}
	acceptTwo := accept
	acceptTwo.Badges = two
	done := templates.ClaimDone{Page: signedIn(lang, "/claim/x/done"), Name: "Ana", Visibility: "link", Waiting: 2, ChangeURL: "/me/badges/7Kq3",
		Badges: []templates.DoneBadge{{BadgeCard: operator, URL: "/badges/7Kq3", ShareURL: "/badges/7Kq3/share", LinkedInURL: "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME", DownloadURL: "/badges/7Kq3/badge.png"}}}
	known := landing
	known.Known, known.Action = true, "/claim/x/continue"
	known.Ways = templates.Ways{Last: &providers[0], Providers: providers[1:]}
	return []example{
		{"claim_landing", landing},
		{"claim_landing_known", known},
		{"claim_landing_several", several},
		{"claim_continue", templates.ClaimContinue{Page: p, Count: 1, Email: "ana@home.test", Action: "/claim/x/continue", Ways: templates.Ways{Providers: providers}, Issuer: templates.Text{Value: "Acme Certification"}, Partner: "TestCo", PrivacyURL: "/privacy", BackURL: "/claim/x"}},
		{"claim_code", code},
		{"claim_code_wrong", wrong},
		{"claim_code_expired", expired},
		{"claim_code_again", again},
		{"claim_code_too_soon", soon},
		{"claim_code_long", long},
		{"sign_in_code_long", longSignIn},
		{"claim_code_long_wrong", longWrong},
		{"code_elsewhere", templates.CodeElsewhere{Page: p, Code: "471902"}},
		{"code_elsewhere_same", templates.CodeElsewhere{Page: p, SameBrowser: true, Email: "ana@home.test", Action: "/confirm/x"}},
		{"code_elsewhere_old", templates.CodeElsewhere{Page: p}},
		{"code_elsewhere_used", templates.CodeElsewhere{Page: p, Used: true}},
		{"code_elsewhere_long", templates.CodeElsewhere{Page: p, Code: "K7QM-2P4X-9TRD"}},
		{"claim_accept", accept},
		{"claim_accept_several", acceptTwo},
		{"claim_done", done},
	}
}

func claimStateExamples(lang string) []example {
	p, me := frame(lang, "/claim/x"), signedIn(lang, "/claim/x")
	wrong := templates.ClaimWrongAccount{Page: me, Masked: "c•••@ecole.test", Email: "ben@work.test", AddAction: "/claim/x/add", SignOutAction: "/sign-out", NotMineURL: "/claim/x/not-me"}
	disputed := templates.ClaimDisputed{Page: p, On: day(2026, time.March, 9), Partner: "TestCo", Issuer: templates.Text{Value: "Acme Certification"}, SupportURL: "mailto:help@acme.example", SignInURL: "/sign-in", Reference: "R-48213"}
	recognises := disputed
	recognises.Page, recognises.Action, recognises.SignInURL = me, "/claim/x", ""
	taken := wrong
	taken.Taken, taken.AddAction = true, ""
	return []example{
		{"claim_wrong_account", wrong},
		{"claim_wrong_account_taken", taken},
		{"claim_used", templates.ClaimUsed{Page: p, SignInURL: "/sign-in"}},
		{"claim_used_other", templates.ClaimUsed{Page: me, SignOutAction: "/sign-out"}},
		{"claim_used_owner", templates.ClaimUsed{Page: me, Owner: true, AcceptedOn: earned, BadgeURL: "/badges/7Kq3"}},
		{"claim_declined", templates.ClaimDeclined{Page: me, Badges: []templates.BadgeCard{operator}, DeclinedOn: day(2026, time.March, 10), DecideURL: "/claim/x?decide=1"}},
		{"claim_removed_several", templates.ClaimDeclined{Page: me, Badges: []templates.BadgeCard{operator, storage}, DeclinedOn: day(2026, time.March, 10), Removed: true, DecideURL: "/claim/x?decide=1"}},
		{"claim_replaced", templates.ClaimReplaced{Page: p, Masked: "a•••@home.test", SentOn: day(2026, time.March, 12), Action: "/claim/x/again"}},
		{"claim_withdrawn", templates.ClaimWithdrawn{Page: p, Issuer: templates.Text{Value: "Acme Certification"}, On: day(2026, time.March, 9), Reason: "result_voided", SupportURL: "mailto:help@acme.example", Reference: "R-48213"}},
		{"claim_disputed", disputed},
		{"claim_disputed_owner", recognises},
		{"claim_unknown", templates.ClaimUnknown{Page: p}},
		{"claim_lost", templates.ClaimLost{Page: frame(lang, "/claim/lost"), Action: "/claim/lost"}},
		{"claim_lost_problem", templates.ClaimLost{Page: frame(lang, "/claim/lost"), Action: "/claim/lost", Email: "ana@", Problem: templates.ProblemBadEmail}},
		{"claim_lost_sent", templates.ClaimLost{Page: frame(lang, "/claim/lost"), Sent: templates.SentNow}},
		{"claim_lost_earlier", templates.ClaimLost{Page: frame(lang, "/claim/lost"), Sent: templates.SentEarlier, SignInURL: "/sign-in"}},
		{"claim_replaced_sent", templates.ClaimReplaced{Page: p, Masked: "a•••@home.test", SentOn: day(2026, time.March, 12), Action: "/claim/x/again", Sent: templates.SentNow}},
		{"claim_replaced_earlier", templates.ClaimReplaced{Page: p, Masked: "a•••@home.test", SentOn: day(2026, time.March, 12), Action: "/claim/x/again", Sent: templates.SentEarlier, SignInURL: "/sign-in"}},
		{"not_me", templates.NotMe{Page: p, Action: "/claim/x/not-me", BackURL: "/claim/x"}},
		{"not_me_problem", templates.NotMe{Page: p, Action: "/claim/x/not-me", Problem: templates.ProblemMissing}},
		{"not_me_done", templates.NotMe{Page: p, Done: true}},
	}
}

func manyOffered(b templates.MyBadge, n int) (list []templates.MyBadge) {
	for k := range n {
		b.ID = "o" + strconv.Itoa(k+1)
		list = append(list, b)
	}
	return list
}

func meExample(lang string, badge templates.MyBadge) templates.Me {
	name := templates.Text{Value: "Cloud Operator"}
	needs := templates.Needs{Exam: templates.Text{Value: "AZ-801 Configuring Windows Server"}}
	exams := []templates.Booking{{Exam: templates.Text{Value: "AZ-800 Running Clouds"}, URL: "https://testco.example/az-800"}, {Exam: templates.Text{Value: "AZ-801"}}}
	card := func(state string) templates.RenewalCard {
		c := templates.RenewalCard{Name: name, State: state, Opens: day(2026, time.September, 5), Expires: expires, Exams: exams, ManageURL: "/me/badges/a1"}
		if state == templates.RenewalRetired {
			c.RetiredOn = day(2026, time.June, 30)
		}
		return c
	}
	last := card(templates.RenewalOpen)
	last.RetiredOn, last.Holds = day(2026, time.December, 31), templates.Texts{name}
	none := card(templates.RenewalRetired)
	none.RetiredOn = time.Time{}
	return templates.Me{Page: signedIn(lang, "/me"), Name: "Ana", Waiting: 2, BadgesInAll: 20, Badges: []templates.MyBadge{badge},
		Next:           []templates.Decision{{Outcome: "not_yet", Reason: "requirement_missing", Subject: templates.Subject{Kind: "certification", Code: "C2", Name: name}, Needs: &needs, Book: exams[:1]}},
		Renewals:       []templates.RenewalCard{card(templates.RenewalEarly), card(templates.RenewalOpen), card(templates.RenewalOver), card(templates.RenewalRetired), last, none},
		Certifications: []templates.Held{{Name: name, Code: "C2", EarnedOn: earned, Expires: expires, Verdict: "valid", URL: "/badges/a1"}},
		Exams:          []templates.PassedExam{{Code: "AZ-800", Name: templates.Text{Value: "Running Clouds"}, On: earned}},
		Activity:       []templates.Activity{{What: "event.accepted", Name: name, On: checked, URL: "/me/badges/a1"}, {What: "result.fail", Name: name, On: earned}, {What: "event.training", Name: templates.Text{Value: "Backups in practice"}, On: earned, URL: "https://learn.testco.example/backups", Outside: true}},
		Figures:        templates.Figures{Exams: 3, Active: 2, Expired: 1, Views: 12345}, TranscriptURL: "/me/transcript"}
}

func personExamples(lang string) []example {
	me := signedIn(lang, "/me/badges")
	mine := func(id, visibility, verdict string) templates.MyBadge {
		return templates.MyBadge{BadgeCard: operator, ID: id, URL: "/badges/" + id, ManageURL: "/me/badges/" + id, ShareURL: "/badges/" + id + "/share", Action: "/me/badges/" + id, Visibility: visibility, Verdict: verdict}
	}
	offered := templates.MyBadge{BadgeCard: storage, ID: "o1", ManageURL: "/me/badges/o1", Action: "/me/badges/o1", Visibility: "link", Verdict: "valid"}
	history := []templates.Event{{Kind: "earned", On: earned}, {Kind: "offered", On: earned}, {Kind: "accepted", On: checked}, {Kind: "expired", On: expires}}
	manage := templates.ManageBadge{Page: signedIn(lang, "/me/badges/a1"), MyBadge: mine("a1", "link", "valid"), Note: templates.NoteVisibility, History: history,
		Files:  []templates.Download{{Kind: "png", URL: "/me/badges/a1/badge.png"}, {Kind: "jws", URL: "/me/badges/a1/assertion.jws"}},
		Scores: []templates.Score{{Code: "AZ-800", Title: templates.Text{Value: "Administering Windows Server Hybrid Core Infrastructure"}, Text: "812 / 1000"}}}
	ending := manage
	ending.Renewal = templates.RenewalCard{Name: operator.Title, State: templates.RenewalOpen, Opens: day(2026, time.September, 5), Expires: expires, Exams: []templates.Booking{{Exam: templates.Text{Value: "AZ-800"}, URL: "https://testco.example/az-800"}}}
	ending.Timeline = []templates.Event{{Kind: "earned", On: earned}, {Kind: "renewed", On: earned}, {Kind: "opens", On: day(2026, time.September, 5)}, {Kind: "today", On: day(2026, time.October, 5)}, {Kind: "ends", On: expires}}
	ending.Calendar = "/me/badges/a1/renewal.ics"
	telling, sharing := manage, manage
	telling.Verdict, telling.Telling, telling.Note = "expired", true, templates.NoteScores
	sharing.ShareURL = "/badges/a1/share"
	waiting, held := manage, manage
	waiting.MyBadge, waiting.Note, waiting.Files = offered, "", nil
	held.MyBadge, held.Note, held.Files = offered, "", nil
	held.DisputedOn = day(2026, time.March, 9)
	declined := mine("d1", "link", "valid")
	declined.DeclinedOn, declined.URL, declined.Removed = day(2026, time.March, 10), "", true
	gone := waiting
	gone.MyBadge, gone.Note = declined, templates.NoteRemoved
	disputed := offered
	disputed.ID = "o2"
	disputed.DisputedOn = day(2026, time.March, 9)
	subject := templates.Subject{Kind: "exam", Code: "AZ-800", Name: templates.Text{Value: "AZ-800"}}
	signIn := templates.SignIn{Page: frame(lang, "/sign-in"), Action: "/sign-in", Ways: templates.Ways{Providers: providers}}
	problem := signIn
	problem.Problem = templates.ProblemMissing
	return []example{
		{"sign_in", signIn},
		{"sign_in_problem", problem},
		{"sign_in_code", templates.ClaimCode{Page: frame(lang, "/sign-in"), SignIn: true, Email: "ana@home.test", Action: "/sign-in/code", AgainAction: "/sign-in", LostURL: "/help"}},
		{"my_badges", templates.MyBadges{Page: me, Name: "Ana", Note: templates.NoteAccepted,
			Offered:  []templates.MyBadge{offered, disputed},
			Accepted: []templates.MyBadge{mine("a1", "link", "valid"), mine("a2", "private", "expired"), mine("a3", "public", "revoked")},
			Declined: []templates.MyBadge{declined}}},
		{"my_badges_many", templates.MyBadges{Page: me, Name: "Ana", Offered: manyOffered(offered, 4)}},
		{"manage_badge", manage},
		{"manage_badge_telling", telling},
		{"manage_badge_renewal", ending},
		{"manage_badge_share", sharing},
		{"manage_badge_offered", waiting},
		{"manage_badge_disputed", held},
		{"manage_badge_removed", gone},
		{"me", meExample(lang, mine("a1", "link", "valid"))},
		{"my_activity", templates.MyActivity{Page: signedIn(lang, "/me/activity?page=2"), Activity: meExample(lang, templates.MyBadge{}).Activity, Pager: templates.Pager{Previous: "/me/activity", Next: "/me/activity?page=3"}}},
		{"me_empty", templates.Me{Page: signedIn(lang, "/me"), Record: true}},
		{"my_badges_empty", templates.MyBadges{Page: me, Name: "Ana"}},
		{"my_credentials", templates.MyCredentials{Page: signedIn(lang, "/me/credentials"), Name: "Ana", Connected: earned, Badges: []templates.MyBadge{mine("a1", "link", "valid")},
			Certifications: []templates.Held{{Name: templates.Text{Value: "Cloud Operator"}, Code: "C2", EarnedOn: earned, Expires: expires, Verdict: "valid", URL: "/badges/7Kq3"}, {Name: templates.Text{Value: "Old Server"}, Code: "C5", EarnedOn: day(2020, 5, 1), Expires: day(2021, 5, 1), Verdict: "expired"}},
			Results: []templates.ResultRow{
				{Exam: "AZ-800", Name: templates.Text{Value: "Administering Windows Server Hybrid Core Infrastructure"}, TakenAt: checked, Outcome: "pass", State: "recorded", Partner: "TestCo", Score: "812 / 1000", Decisions: []templates.Decision{
					{Outcome: "awarded", Reason: "exam_passed", Subject: subject},
					{Outcome: "not_yet", Reason: "requirement_missing", Subject: templates.Subject{Kind: "certification", Name: templates.Text{Value: "Windows Server Hybrid"}}, Needs: &templates.Needs{Exam: templates.Text{Value: "AZ-801"}},
						Book: []templates.Booking{{Exam: templates.Text{Value: "AZ-801 Advanced Services"}, URL: "https://testco.example/az-801"}}}}},
				{Exam: "70-290", Name: templates.Text{Value: "Windows Server 2003"}, TakenAt: checked, Outcome: "pass", State: "recorded", Decisions: []templates.Decision{{Outcome: "none", Reason: "badge_never", Subject: subject}}},
				{Exam: "E4", Name: templates.Text{Value: "Storage"}, TakenAt: checked, Outcome: "fail", State: "recorded", Decisions: []templates.Decision{{Outcome: "none", Reason: "not_passed", Subject: subject}}},
				{Exam: "E4", Name: templates.Text{Value: "Storage"}, TakenAt: checked, Outcome: "pass", State: "held", Decisions: []templates.Decision{{Outcome: "held", Reason: "identity_mismatch", Subject: subject}}},
			}}},
		{"transcript", transcript(lang)},
		{"transcript_empty", templates.Transcript{Page: signedIn(lang, "/me/transcript"), PDFURL: "/me/transcript.pdf", LetterURL: "/me/transcript.pdf?paper=letter", Codes: templates.ShareCodes{Action: "/me/transcript", FormToken: "tok-123", Form: templates.UsualShareCode()}}},
		{"my_credentials_empty", templates.MyCredentials{Page: signedIn(lang, "/me/credentials"), Name: "Ana"}},
	}
}

func badgeExamples(lang string) []example {
	p := frame(lang, "/badges/7Kq3")
	p.Canonical, p.NoIndex = "https://badges.acme.example/badges/7Kq3", true
	valid := templates.BadgePage{Page: p, ID: "7Kq3", Verdict: "valid", CheckedAt: checked, Holder: "Ana Ruiz", Title: operator.Title, Kind: "certification", Code: "C2", Level: "Associate",
		Issuer: issuer, ImageURL: picture, LargerURL: "/achievements/c2/image.svg", QRURL: "/badges/7Kq3/qr.svg", EarnedOn: earned, IssuedAt: checked, Expires: expires,
		Description: templates.Text{Value: "Runs workloads on a public cloud: networks, identities, storage and what they cost.", Lang: "en"},
		Criteria:    templates.Text{Value: "Pass two proctored exams with an identity check.", Lang: "en"},
		Skills:      []templates.Skill{{Name: templates.Text{Value: "identity and governance"}}, {Name: templates.Text{Value: "virtual networking"}}, {Name: templates.Text{Value: "monitoring"}, URL: "https://esco.example/skill/1"}},
		MadeOf:      []templates.Part{{Code: "E2", Title: templates.Text{Value: "Cloud Networks"}, On: day(2026, 1, 9)}, {Code: "E3", Title: templates.Text{Value: "Cloud Operations"}, On: earned, URL: "/badges/8Lr4"}},
		History:     []templates.Event{{Kind: "earned", On: earned}, {Kind: "issued", On: earned}, {Kind: "renewed", On: earned}},
		Checks:      checks[:2],
		Downloads:   []templates.Download{{Kind: "png", URL: "/badges/7Kq3/badge.png"}, {Kind: "json3", URL: "/badges/7Kq3/credential.json"}, {Kind: "jwt", URL: "/badges/7Kq3/credential.jwt"}, {Kind: "json2", URL: "/badges/7Kq3/assertion.json"}},
		Identity:    "government-id", NameAction: "/badges/7Kq3/name?lang=" + lang, Contact: "badges@acme.example", ValidMonths: 12,
		Related:  []templates.Related{{Title: templates.Text{Value: "Cloud Architect"}, Kind: "certification", URL: "/achievements/c9", Relation: "towards"}, {Title: templates.Text{Value: "Cloud Networks"}, Kind: "exam", URL: "/achievements/e2", Relation: "needs"}},
		AboutURL: "/achievements/c2", VerifyURL: "/verify?input=x",
		CredentialURL: p.Canonical + "/credential.json", CardURL: p.Canonical + "/card.png?v=3", OEmbedURL: "https://badges.acme.example/oembed?url=x"}
	all := []example{{"badge_page", valid}}
	for _, verdict := range []string{"expired", "superseded", "suspended", "revoked"} {
		b := valid
		b.Verdict, b.Since = verdict, day(2026, time.March, 9)
		if verdict == "revoked" {
			b.Reason = "result_voided"
		}
		if verdict == "superseded" {
			b.NewerURL = "/badges/9Ms5"
		}
		all = append(all, example{"badge_page_" + verdict, b})
	}
	owner := valid
	owner.Page = signedIn(lang, "/badges/7Kq3")
	owner.Owner, owner.Visibility, owner.ManageURL, owner.ShareURL, owner.OthersURL = true, "private", "/me/badges", "/badges/7Kq3/share", "/badges/7Kq3?as=others"
	owner.AcceptedOn, owner.ExpiresSoon, owner.Sandbox, owner.RetiredOn, owner.Expires = earned, true, true, day(2024, 6, 30), expires
	forever := valid
	forever.Expires, forever.MadeOf = templates.Day{}, nil
	hidden := valid
	byCode := valid
	byCode.Canonical, byCode.Shared = "", templates.SharedFor{Code: "W7K3-QF9M-D2RT", Ends: expires, At: checked}
	all = append(all, example{"badge_page_by_code", byCode})
	hidden.Holder, hidden.Identity, hidden.From = "", "checked", "Acme Certification"
	named := templates.NameCheck{Page: frame(lang, "/badges/7Kq3/name"), Name: "Ana Ruiz", Title: operator.Title, Issuer: operator.Issuer, BadgePath: "/badges/7Kq3", Action: "/badges/7Kq3/name"}
	for _, outcome := range []string{"same", "similar", "partly", "different"} {
		n := named
		n.Outcome = outcome
		all = append(all, example{"name_check_" + outcome, n})
	}
	for _, problem := range []string{templates.ProblemMissing, templates.ProblemBadName, templates.ProblemTooMany} {
		n := named
		n.Problem = problem
		all = append(all, example{"name_check_" + problem, n})
	}
	card := templates.ProfileBadge{BadgeCard: operator, ID: "7Kq3", URL: "/badges/7Kq3", Verdict: "valid"}
	over := card
	over.ID, over.Verdict = "8Lr4", "expired"
	profile := templates.Profile{Page: frame(lang, "/people/ana"), Handle: "ana", Name: "Ana Ruiz", Badges: []templates.ProfileBadge{card, over}, InAll: 202, Pager: templates.Pager{Next: "/people/ana?page=2"}}
	profile.Canonical = "https://badges.acme.example/people/ana"
	all = append(all, example{"profile", profile}, example{"profile_hidden", templates.Profile{Page: profile.Page, Handle: "ana", Badges: profile.Badges[:1], InAll: 1}}, example{"profile_empty", templates.Profile{Page: profile.Page, Handle: "ana"}})
	return append(all, example{"badge_page_owner", owner}, example{"badge_page_forever", forever}, example{"badge_page_hidden", hidden},
		example{"achievement", templates.AchievementPage{Page: p, Title: operator.Title, Kind: "certification", Code: "C2", Level: "Associate", Issuer: issuer, ImageURL: picture,
			Description: valid.Description, Criteria: valid.Criteria, Skills: valid.Skills,
			ValidMonths: 12, RetiredOn: day(2024, 6, 30), ScheduleURL: "https://testco.example/book", JSON3URL: "/achievements/c2/achievement.json", JSON2URL: "/achievements/c2/badgeclass.json"}},
		example{"issuer", templates.IssuerPage{Page: p, Issuer: issuer, Email: "badges@acme.example", Description: templates.Text{Value: "Certifies people who run clouds."},
			Keys:         []templates.SigningKey{{ID: "2027a", Purpose: "proof", Algorithm: "EdDSA", From: day(2027, 1, 1), Waiting: true, URL: "/issuers/acme/issuer.json"}, {ID: "2026a", Purpose: "jwt", Algorithm: "ES256", From: checked, URL: "/keys/2026a.jwk"}, {ID: "2025a", Purpose: "ob2", Algorithm: "RS256", From: day(2025, 1, 1), Until: earned}, {ID: "2024a", Purpose: "jwt", Algorithm: "ES256", From: day(2024, 1, 1), Until: earned, Revoked: true, Reason: "the device was lost"}},
			Achievements: []templates.AchievementLink{{Title: operator.Title, Kind: "certification", Code: "C2", URL: "/achievements/c2", ImageURL: "/achievements/c2/image.svg"}}, JSON3URL: "/i.json", JSON2URL: "/p.json", DIDURL: "/did.json"}})
}

func verifyExamples(lang string) []example {
	p := frame(lang, "/verify")
	form := templates.Verify{Page: p, Action: "/verify", ManyURL: "/verify/many"}
	all := []example{{"verify", form}}
	for _, problem := range []string{templates.ProblemMissing, templates.ProblemBadEmail, templates.ProblemBadName, templates.ProblemBadTime, templates.ProblemTooBig, templates.ProblemTooMany} {
		wrong := form
		wrong.Problem, wrong.Recipient, wrong.Name, wrong.At = problem, "ana@", "Ana Ruiz", "soon"
		all = append(all, example{"verify_" + problem, wrong})
	}
	genuine := templates.VerifyResult{Page: p, IssuerKnown: true, CheckedAt: checked, Format: "ob3-jwt", Results: []templates.Result{{Name: "Score in AZ-800", Text: "812 / 1000"}},
		Title: operator.Title, Description: templates.Text{Value: "Runs workloads on a public cloud.", Lang: "en"}, Issuer: templates.Text{Value: "Acme Certification"}, IssuerID: "https://badges.acme.example/issuers/acme/issuer.json", Domain: "badges.acme.example", Recipient: "Ana Ruiz",
		ImageURL: picture, IssuedOn: earned, Expires: expires, Since: day(2026, time.March, 9), Reason: "result_voided", BadgeURL: "/badges/7Kq3", NewerURL: "/badges/9Ms5", Checks: checks,
		RecordAction: "/verify/record", Record: signedText}
	for _, verdict := range []string{"valid", "expired", "superseded", "suspended", "revoked", "wrong_recipient", "altered", "invalid"} {
		r := genuine
		r.Verdict = verdict
		all = append(all, example{"verify_result_" + verdict, r})
	}
	for _, verdict := range []string{"not_a_badge", "not_shared", "undetermined"} {
		all = append(all, example{"verify_result_" + verdict, templates.VerifyResult{Page: p, Verdict: verdict, CheckedAt: checked, FileName: "screenshot.png", Checks: []templates.Check{{Name: "extract", Outcome: "fail", Code: "NO_BADGE_IN_IMAGE"}}}})
	}
	unknown := templates.VerifyResult{Page: p, Verdict: "valid", CheckedAt: checked, At: checked, Format: "ob3-jwt", Title: templates.Text{Value: "Cloud Hero"}, Issuer: templates.Text{Value: "Acme Certs"}, IssuerID: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", Domain: "acme-certs.example", Checks: checks[:3],
		AskedName: "Ana Ruiz", AskedEmail: "ana@home.test"}
	record := genuine
	record.Verdict, record.ImageURL, record.BadgeURL, record.Expires = "valid", "", "", templates.Day{}
	for _, verdict := range []string{"valid", "expired", "superseded", "suspended", "revoked", "altered", "invalid", "undetermined"} {
		record.Contains = append(record.Contains, templates.Contained{Name: "Cloud Operator", Verdict: verdict})
	}
	all = append(all, example{"verify_result_contains", record})
	test := genuine
	test.Verdict, test.Test, test.Sandbox = "valid", true, true
	all = append(all, example{"verify_result_test", test})
	hosted := unknown
	hosted.Format = "ob2-hosted"
	again := templates.VerifyResult{Page: p, Verdict: "undetermined", CheckedAt: checked, Checks: checks[3:4], Action: "/verify", Input: "https://slow.example/badge", AskedName: "Ana Ruiz"}
	all = append(all, example{"verify_result_unknown", unknown}, example{"verify_result_unknown_hosted", hosted}, example{"verify_result_again", again})
	return append(append(all, recordExamples(lang)...), manyExamples(lang)...)
}

// signedText looks like a signed record.
const signedText = "eyJhbGciOiJFUzI1NiIsInR5cCI6Imluc2lnbmlhLXJlY2VpcHQrand0In0.eyJ0eXBlIjoiSW5zaWduaWFSZWNlaXB0In0.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"

func recordExamples(lang string) (all []example) {
	made := templates.Record{Page: frame(lang, "/verify/record"), Verdict: "valid", IssuerKnown: true, CheckedAt: checked, At: checked, Format: "ob2-signed", Asked: true,
		Title: operator.Title.Value, BadgeID: "https://badges.acme.example/badges/7Kq3/assertion.json", BadgeURL: "/verify?url=x", Issuer: "Acme Certification", IssuerID: "https://badges.acme.example/issuers/acme/profile.json", Domain: "badges.acme.example",
		IssuedOn: earned, Expires: expires, Checks: checks, Fingerprint: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Size: 12345, Program: "Insignia 1.0",
		VerifyURL: "https://badges.acme.example/verify", KeyURL: "https://badges.acme.example/issuers/acme/keys/2026a.jwk", Signed: signedText, Action: "/verify/record"}
	for _, state := range []string{templates.RecordMade, templates.RecordKnown, templates.RecordMixed} {
		r := made
		r.State, r.Inside = state, state == templates.RecordKnown
		all = append(all, example{"record" + state, r})
	}
	for _, state := range []string{templates.RecordAltered, templates.RecordForeign, templates.RecordKeyless} {
		all = append(all, example{"record" + state, templates.Record{Page: frame(lang, "/verify"), State: state, Host: "elsewhere.example"}})
	}
	return all
}

func manyExamples(lang string) (all []example) {
	form := templates.VerifyMany{Page: frame(lang, "/verify/many"), Action: "/verify/many", Input: "https://certs.example/1"}
	all = append(all, example{"verify_many", form}, example{"verify_run_gone", templates.VerifyRunGone{Page: frame(lang, "/verify/many/x"), ManyURL: "/verify/many"}})
	for _, problem := range []string{templates.ProblemMissing, templates.ProblemNoLinks, templates.ProblemTooLong, templates.ProblemTooBig, templates.ProblemTooMany, templates.ProblemBusy} {
		wrong := form
		wrong.Problem = problem
		all = append(all, example{"verify_many_" + problem, wrong})
	}
	run := templates.VerifyRun{Page: frame(lang, "/verify/many/x"), Total: 3, Done: 2, Skipped: 2, Until: checked, URL: "/verify/many/x", ManyURL: "/verify/many", Sort: "-answer",
		Sum: []templates.RunCount{{Look: "valid", N: 1}, {Look: "unknown_issuer", N: 1}},
		Rows: []templates.RunRow{
			{Number: 1, Link: "https://badges.acme.example/badges/7Kq3", URL: "/verify?url=x", Look: "valid", Title: operator.Title.Value, Issuer: "Acme Certification", Holder: "Ana Ruiz", Issued: earned, Until: expires},
			{Number: 2, Link: "https://certs.example/" + strings.Repeat("0123456789", 12), URL: "/verify?url=y", Look: "unknown_issuer", Title: "Cloud Hero", Issuer: "Acme Certs"},
			{Number: 3, Link: "https://slow.example/badge", URL: "/verify?url=z"}}}
	waiting, follows, stopped, finished := run, run, run, run
	waiting.Waiting, waiting.Done = true, 0
	follows.Follows, stopped.Stopped = true, true
	finished.Done, finished.CSVURL = 3, "/verify/many/x/results.csv"
	finished.Rows[2].Look = "undetermined"
	return append(all, example{"verify_run", run}, example{"verify_run_waiting", waiting}, example{"verify_run_follows", follows}, example{"verify_run_stopped", stopped}, example{"verify_run_finished", finished})
}

func shareExamples(lang string) []example {
	const address = "https://badges.acme.example/badges/7Kq3"
	title := operator.Title.Value
	p := templates.SharePage{Codes: shareCodes(false), Page: signedIn(lang, "/badges/7Kq3/share"), BadgeCard: operator, Holder: "Ana Ruiz", URL: address, BadgePath: "/badges/7Kq3", Verdict: "valid", Visibility: "link",
		Action: "/badges/7Kq3/share", ManageURL: "/me/badges", TextAction: "/badges/7Kq3/share", Text: templates.ShareText(lang, title, "Acme Certification"),
		CardURL: "/badges/7Kq3/card.png?lang=" + lang + "&v=3", Domain: "badges.acme.example",
		Embed: templates.EmbedCode(address, templates.BadgeAlt(lang, title, "Ana Ruiz"), 320, 180), Signature: templates.SignatureCode(lang, address, address+"/image.png?size=192&ground=white", title),
		SignatureImage: "/badges/7Kq3/image.png?size=192&ground=white", Citation: templates.Citation(lang, title, "Acme Certification", earned, address),
		QRPNG: "/badges/7Kq3/qr.png", QRSVG: "/badges/7Kq3/qr.svg", Downloads: []templates.Download{{Kind: "png", URL: "/me/badges/7Kq3/badge.png"}, {Kind: "json3", URL: "/me/badges/7Kq3/credential.json"}}}
	for _, kind := range []string{"linkedin_profile", "linkedin", "facebook", "x", "whatsapp", "telegram", "bluesky"} {
		p.Channels = append(p.Channels, templates.Channel{Kind: kind, URL: "https://www.example.com/" + kind + "?url=https%3A%2F%2Fbadges.acme.example%2Fbadges%2F7Kq3"})
	}
	p.Channels = append(p.Channels, templates.Channel{Kind: "mail", URL: "mailto:?subject=Acme&body=x%20y"})
	p.Wallet = &templates.WalletOffer{}
	wallets := map[string]templates.SharePage{}
	for _, state := range []string{"open", "redeemed", "taken", "guessed"} {
		offered := p
		offered.Wallet = &templates.WalletOffer{State: state, Link: "openid-credential-offer://?credential_offer=%7B%7D", QR: "/badges/7Kq3/share/wallet.svg", PIN: "042817", TriesLeft: 3, Until: time.Date(2026, 3, 5, 9, 52, 0, 0, time.UTC)}
		wallets[state] = offered
	}
	long, expired, private, revoked := p, p, p, p
	long.TooLong, long.Text = true, strings.Repeat("so proud ", 60)
	expired.Verdict, expired.Since, expired.Saved = "expired", expires, true
	private.Visibility, private.Channels = "private", nil
	revoked.Verdict, revoked.Downloads, revoked.Wallet = "revoked", nil, nil
	badge := templates.Embed{Page: frame(lang, ""), Holder: "Ana Ruiz", Title: operator.Title, Issuer: operator.Issuer, Domain: "badges.acme.example", ImageURL: picture, URL: address, Verdict: "valid", Expires: expires}
	all := []example{{"share", p}, {"share_too_long", long}, {"share_expired", expired}, {"share_private", private}, {"share_revoked", revoked}, {"embed", badge}}
	for state, offered := range wallets {
		all = append(all, example{"share_wallet_" + state, offered})
	}
	for _, verdict := range []string{"expired", "suspended", "revoked", "superseded"} {
		b := badge
		b.Verdict, b.Since, b.Sandbox, b.Holder = verdict, day(2026, time.March, 9), verdict == "suspended", ""
		all = append(all, example{"embed_" + verdict, b})
	}
	return all
}

// shareCodes are codes of all kinds, one of them for somebody whose name would be HTML.
func shareCodes(transcript bool) templates.ShareCodes {
	c := templates.ShareCodes{Action: "/me/transcript", FormToken: "tok-123", Choices: transcript, Form: templates.UsualShareCode()}
	c.List = []templates.ShareCode{
		{Code: "W7K3-QF9M-D2RT", URL: "/me/codes/shc_1", Label: `<b>Contoso</b> & "Söhne"`, Ends: expires, Opened: 3, PIN: true},
		{Code: "A2B3-C4D5-E6F7", URL: "/me/codes/shc_2", Ends: expires, Opened: 1},
		{Code: "H8J9-K2L3-M4N5", URL: "/me/codes/shc_3", Label: strings.Repeat("Fabrikam ", 20), Ends: earned, Ended: earned},
	}
	return c
}

func sharedExamples(lang string) []example {
	p := templates.ShareCodePage{
		Page: signedIn(lang, "/me/codes/shc_1"), ShareCode: shareCodes(true).List[0], Made: true, Issuer: "Acme Certification",
		With: templates.TranscriptChoice{Past: true, Exams: true, Scores: true}, Link: "https://badges.acme.example/shared/W7K3-QF9M-D2RT",
		CheckURL: "https://badges.acme.example/verify", QRURL: "/shared/W7K3-QF9M-D2RT/qr.svg", Action: "/me/codes/shc_1", BackURL: "/me/transcript",
		Days: []templates.OpenedDay{{On: earned, Opened: 2}, {On: expires, Opened: 1}},
	}
	p = p.WithMail()
	rests, over, badge := p, p, p
	rests.Made, rests.Rests = false, true
	over.Made, over.ShareCode = false, shareCodes(true).List[2]
	badge.Title, badge.BackURL, badge.PIN = operator.Title, "/badges/7Kq3/share", false
	all := []example{{"share_code", p}, {"share_code_rests", rests}, {"share_code_over", over}, {"share_code_badge", badge}}
	for _, problem := range []string{templates.ShareBadLabel, templates.ShareBadEnd, templates.ShareBadPIN, templates.ShareTooMany} {
		t := transcript(lang)
		t.Codes.Form.Problem, t.Codes.Form.Life, t.Codes.Form.Date = problem, templates.ByDate, "2026-06-03"
		all = append(all, example{"transcript_code_" + problem, t})
	}
	shared := templates.SharedTranscript{Transcript: transcript(lang)}
	shared.Page, shared.Code, shared.Ends, shared.With.Scores = frame(lang, "/shared/W7K3-QF9M-D2RT"), "W7K3-QF9M-D2RT", expires, true
	shared.Transcript.Exams[0].Score = "812 / 1000"
	own := shared
	own.Owner, own.Name, own.With, own.Past = true, "", templates.TranscriptChoice{}, nil
	pin := templates.SharedPIN{Page: frame(lang, "/shared/W7K3-QF9M-D2RT"), Code: "W7K3-QF9M-D2RT", Action: "/shared/W7K3-QF9M-D2RT"}
	wrong, last := pin, pin
	wrong.Problem, wrong.TriesLeft = templates.ProblemWrong, 4
	last.Problem, last.TriesLeft = templates.ProblemWrong, 1
	return append(all, example{"shared_transcript", shared}, example{"shared_transcript_own", own}, example{"shared_pin", pin},
		example{"shared_pin_wrong", wrong}, example{"shared_pin_last", last}, example{"not_shared", templates.NotShared{Page: frame(lang, "/shared/x")}})
}

func transcript(lang string) templates.Transcript {
	earned := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	return templates.Transcript{
		Page: signedIn(lang, "/me/transcript"), Name: "Ana Ruiz", With: templates.TranscriptChoice{Past: true, Exams: true},
		PDFURL: "/me/transcript.pdf?lang=" + lang, LetterURL: "/me/transcript.pdf?paper=letter&lang=" + lang, RecordURL: "/me/transcript.clr", Codes: shareCodes(true),
		MadeAt: time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC), CheckURL: "https://badges.acme.example/verify",
		Active: []templates.TranscriptBadge{
			{Name: templates.Text{Value: "Cloud Operator"}, Code: "C1", EarnedOn: earned, Expires: earned.AddDate(2, 0, 0), Renewals: []templates.Day{earned.AddDate(0, 1, 0)},
				Verdict: "valid", Award: "7Kq3", URL: "https://badges.acme.example/badges/7Kq3"},
			{Name: templates.Text{Value: "数据基础", Lang: "zh"}, Code: "C2", EarnedOn: earned, Verdict: "valid"},
		},
		Past: []templates.TranscriptBadge{{Name: templates.Text{Value: "Data Foundations"}, Code: "C3", EarnedOn: earned.AddDate(-4, 0, 0), Expires: earned.AddDate(-2, 0, 0),
			Verdict: "expired", Award: "9Zt4", URL: "https://badges.acme.example/badges/9Zt4"}},
		Exams: []templates.TranscriptExam{{Name: templates.Text{Value: "Cloud Fundamentals"}, Code: "E1", On: earned, Partner: "Test Center Ltd"},
			{Name: templates.Text{Value: "Old Exam"}, Code: "E9", On: earned, Partner: "Test Center Ltd", NoBadge: true}},
	}
}
