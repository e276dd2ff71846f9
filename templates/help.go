package templates

import (
	"io"
	"strconv"
	"strings"
)

// helpTopic is an article: its name in the address, and its sections in order, which are anchors too. A section has a
// text, or steps, in words below "help.topic.section"; the links of a section are buttons' ends.
type helpTopic struct {
	name     string
	sections []string
	links    map[string]helpLink // by section
}

// helpLink leads to where something is done, by the words that its button has.
type helpLink struct{ URL, Key string }

var (
	newLink    = helpLink{"/claim/lost", "unknown.button"}
	ownResults = helpLink{"/me/credentials", "my.tab_credentials"}
	ownBadges  = helpLink{"/me/badges", "base.my_badges"}
)

// helpTopics are all articles, the most asked for first.
var helpTopics = []helpTopic{
	{"claim", []string{"mail", "steps", "code", "again", "lost", "wrong-account", "forwarded", "not-me"}, map[string]helpLink{"lost": newLink}},
	{"where-is-my-badge", []string{"result", "address", "mail", "reason", "held"}, map[string]helpLink{
		"result": ownResults, "address": newLink, "reason": {"/help/exam-gives-certification", "help.exam-gives-certification.h1"},
	}},
	{"exam-gives-certification", []string{"alone", "several", "old", "twice"}, map[string]helpLink{"alone": ownResults, "several": {"/me", "my.tab_me"}}},
	{"choices", []string{"settings", "change", "decline", "remove", "scores", "automatic"}, map[string]helpLink{"change": ownBadges, "automatic": {"/me/settings", "settings.accepting.h2"}}},
	{"share", []string{"steps", "private", "files", "wallet", "paper"}, map[string]helpLink{"steps": ownBadges}},
	{"check", []string{"steps", "screenshot", "hidden"}, map[string]helpLink{"steps": {"/verify", "base.check"}}},
	{"renewal", []string{"steps", "early", "mails", "late"}, map[string]helpLink{"steps": {"/me", "me.renewals"}}},
	{"retired", []string{"open", "later", "renew", "words"}, nil},
	{"name", []string{"steps"}, nil},
	{"sign-in", []string{"steps", "nothing", "elsewhere", "long", "first"}, map[string]helpLink{"steps": {"/sign-in", "base.sign_in"}}},
	{"accounts", []string{"connect", "replace", "remove", "unknown", "down", "passkey", "lost", "cloned", "signed-out"}, map[string]helpLink{
		"connect": {"/me/settings#accounts", "settings.h1"}, "passkey": {"/me/settings#accounts", "settings.h1"},
	}},
	{"connect", []string{"steps", "mismatch", "change", "several"}, map[string]helpLink{"steps": {"/me/connect", "certprofile.button"}}},
	{"addresses", []string{"add", "replace", "remove", "leaving", "unreachable", "taken"}, map[string]helpLink{"add": {"/me/settings", "settings.h1"}}},
	{"leaving", []string{"take", "delete", "mind", "stays", "without"}, map[string]helpLink{"take": {"/me/settings#data", "settings.data.h2"}, "delete": {"/me/settings#data", "settings.data.h2"}, "without": {"/privacy/data", "held.h1"}}},
	{"mails", []string{"which", "stop", "real"}, map[string]helpLink{"stop": {"/me/settings", "settings.h1"}}},
}

// helpFor is the article, or the place in it, that fits a page, by the page's name. Others have the list of all.
var helpFor = map[string]string{
	"claim_landing": "claim#steps", "claim_continue": "claim#steps", "claim_code": "claim#code", "claim_accept": "choices",
	"claim_done": "share", "claim_declined": "choices#decline", "claim_lost": "claim#lost", "claim_used": "claim#wrong-account",
	"claim_replaced": "claim#lost", "claim_unknown": "claim#lost", "claim_withdrawn": "retired#words", "claim_disputed": "claim#not-me",
	"claim_wrong_account": "claim#wrong-account", "not_me": "claim#not-me", "code_elsewhere": "sign-in#elsewhere",
	"sign_in": "sign-in", "account_taken": "addresses#taken", "settings": "addresses", "delete_account": "leaving#stays", "ask_held_data": "leaving#without", "held_data": "leaving#without", "remove_address": "addresses#remove", "replace_address": "addresses#replace",
	"undo_removal": "addresses#remove", "connect_elsewhere": "accounts#connect", "one_personal": "accounts#replace", "replace_identity": "accounts#replace",
	"remove_identity": "accounts#remove", "unknown_elsewhere": "accounts#unknown", "provider_problem": "accounts#down", "signed_out": "accounts#signed-out",
	"connect_find": "connect#mismatch", "connect_choose": "connect#several", "connect_preview": "connect#steps", "connect_done": "connect#steps",
	"connect_already": "connect#several", "connect_merge": "connect#several", "connect_prove": "connect#several", "connect_mismatch": "connect#mismatch", "connect_change": "connect#change",
	"add_passkey": "accounts#passkey", "remove_passkey": "accounts#lost", "passkey_problem": "accounts#cloned",
	"my_badges": "choices", "manage_badge": "choices#change", "my_credentials": "where-is-my-badge#reason", "me": "where-is-my-badge",
	"share": "share", "transcript": "share#paper", "no_certificate": "share#paper", "stop": "mails#stop", "badge_page": "check", "not_found": "check#hidden",
	"verify": "check", "verify_result": "check", "verify_many": "check", "verify_run": "check", "record": "check",
}

// HelpURL is where a page's "Get help" leads; empty on the list of all articles itself.
func (l layout) HelpURL() string {
	switch at := helpFor[l.Name]; {
	case l.Name == "help":
		return ""
	case at == "":
		return "/help"
	default:
		return "/help/" + at
	}
}

// Help lists the articles (/help).
type Help struct {
	Page
	HelpFacts
}

// HelpFacts are what articles say of this site.
type HelpFacts struct {
	Issuer  Issuer
	Sender  string // of all mail, "Name <address>"
	Address string // that all links begin with
	Contact string // e-mail address for questions
}

// Topics are the names of the articles.
func (Help) Topics() (names []string) {
	for _, t := range helpTopics {
		names = append(names, t.name)
	}
	return names
}

// Render writes the page.
func (p Help) Render(w io.Writer) error { return render(w, "help", p) }

// HelpArticle is one of the articles (/help/{topic}).
type HelpArticle struct {
	Page
	HelpFacts
	Topic string // a name that HasHelp knows
}

// HasHelp reports whether there is an article of a name.
func HasHelp(topic string) bool {
	_, found := helpOn(topic)
	return found
}

func helpOn(topic string) (helpTopic, bool) {
	for _, t := range helpTopics {
		if t.name == topic {
			return t, true
		}
	}
	return helpTopic{}, false
}

// HelpSection is a part of an article, with an anchor.
type HelpSection struct {
	ID    string
	Key   string   // of its words
	Steps []string // keys, in order; empty: it has a text
	Link  helpLink
}

// Sections are those of the article. What is a step in one language is a step in all.
func (p HelpArticle) Sections() (list []HelpSection) {
	t, _ := helpOn(p.Topic)
	for _, id := range t.sections {
		s := HelpSection{ID: id, Key: "help." + t.name + "." + id, Link: t.links[id]}
		for n := 1; in(p.Lang).has(s.Key + "." + strconv.Itoa(n)); n++ {
			s.Steps = append(s.Steps, s.Key+"."+strconv.Itoa(n))
		}
		list = append(list, s)
	}
	return list
}

// Question is the address of a mail that asks about the article.
func (p HelpArticle) Question() string {
	return "mailto:" + p.Contact + "?subject=" + strings.ReplaceAll(in(p.Lang).text("help."+p.Topic+".h1"), " ", "%20")
}

// Render writes the page.
func (p HelpArticle) Render(w io.Writer) error { return render(w, "help_article", p) }
