package templates

import (
	"io"
	"time"
)

// ClaimLanding is what a claim link shows before anything is asked (flows 2.1.4, S1). In a browser in which somebody has
// signed in before it also asks to show that it is them (S2).
type ClaimLanding struct {
	Page
	Known       bool        // it is such a browser
	Action      string      // POST, where it is: mail a code
	Badges      []BadgeCard // the certification first
	Masked      string      // masked address, "a•••@home.test"
	ContinueURL string      // S2
	Ways                    // where Known
	NotMeURL    string      // S14
	Issuer      Text        // who issued, for the data notice
	Partner     string      // who reported the result; empty: not named
	PrivacyURL  string
}

// Render writes the page.
func (p ClaimLanding) Render(w io.Writer) error { return render(w, "claim_landing", p) }

// Ways are how somebody shows who they are, beside a code.
type Ways struct {
	Last        *Provider    // that was used last in this browser: it comes first; nil: none was
	Providers   []Provider   // the others
	Passkey     *PasskeyForm // nil: no passkeys here
	PasskeyLast bool         // one was used last in this browser
}

// ClaimContinue asks to show that it is them (S2). Its form posts no address: the server uses the offer's.
type ClaimContinue struct {
	Page
	Count  int    // badges in the offer
	Email  string // the address on the offer, in full
	Action string // POST: mail a code
	Ways
	Issuer     Text
	Partner    string
	PrivacyURL string
	BackURL    string // S1
}

// Render writes the page.
func (p ClaimContinue) Render(w io.Writer) error { return render(w, "claim_continue", p) }

// What went wrong with a code or an address that a person typed.
const (
	ProblemMissing     = "missing"      // the field was empty
	ProblemWrong       = "wrong"        // another code; TriesLeft says how many are left
	ProblemWrongLong   = "wrong_long"   // another code than the long one
	ProblemMissingLong = "missing_long" // ProblemMissing where a long code is asked for
	ProblemExpired     = "expired"      // older than 30 minutes, a new one was sent
	ProblemTooMany     = "too_many"     // no tries left or too many requests
	ProblemBadEmail    = "bad_email"
	ProblemTooBig      = "too_big" // a file above the limit
)

// ClaimCode asks for the 6-digit code, in a claim (S3) and when signing in.
type ClaimCode struct {
	Page
	SignIn      bool      // sign-in wording that does not tell whether the address is known
	Email       string    // where the code went
	Action      string    // POST: field code
	AgainAction string    // POST: send a new code
	Problem     string    // "" or a Problem constant
	TriesLeft   int       // for ProblemWrong
	SentAgain   bool      // a new code was just sent
	AgainIn     int       // seconds until a new code can be asked for, told to who asked too soon
	Long        time.Time // when the letter with the long code was sent that is asked for; zero: six digits
	Partner     string    // who gave the address; empty: not named
	LostURL     string    // "find out where my badge is"
}

// Render writes the page.
func (p ClaimCode) Render(w io.Writer) error { return render(w, "claim_code", p) }

// CodeElsewhere answers the link in the code letter. Only the browser that started gets a button.
type CodeElsewhere struct {
	Page
	SameBrowser bool
	Email       string // shown with SameBrowser only
	Action      string // POST, with SameBrowser only
	Code        string // with SameBrowser false; empty: too old, start again
	Used        bool   // not too old, but used
}

// Render writes the page.
func (p CodeElsewhere) Render(w io.Writer) error { return render(w, "code_elsewhere", p) }

// codeProblem says what is wrong with a code, and how many tries are left.
func (c *catalogue) codeProblem(problem string, left int) string {
	key := "code.problem." + problem
	if problem == ProblemWrong {
		key = c.form(key, left)
	}
	return c.text(key, "n", c.count(left))
}

// Heading is the key of the page's heading.
func (p CodeElsewhere) Heading() string {
	if p.SameBrowser {
		return "confirm.h1"
	}
	return "elsewhere.h1"
}

// Grouped is the code as people type it.
func (p CodeElsewhere) Grouped() string { return grouped(p.Code) }

// ClaimAccept asks for the decision (S5). The form posts visibility, auto ("on") and do ("accept" or "decline").
type ClaimAccept struct {
	Page
	Badges     []BadgeCard
	Name       string // certified name as it will be issued
	Action     string // POST
	Visibility string // private, link or public (contract 6), preselected
	OfferAuto  bool   // shows the automatic-acceptance checkbox
	Auto       bool   // and whether it is ticked
	Issuer     Text
	LaterURL   string // "Decide later"
	CorrectURL string // ask for a correction of the name; empty: not offered
}

// Render writes the page.
func (p ClaimAccept) Render(w io.Writer) error { return render(w, "claim_accept", p) }

// Unaffected is the key of what declining does not touch.
func (p ClaimAccept) Unaffected() string { return unaffected(p.Badges) }

// DoneBadge is a badge that was just accepted, with what to do next.
type DoneBadge struct {
	BadgeCard
	URL         string // the badge page
	ShareURL    string // empty: no share page yet
	LinkedInURL string // empty: not offered
	DownloadURL string // baked PNG
}

// ClaimDone says well done (S5b).
type ClaimDone struct {
	Page
	Name       string
	Badges     []DoneBadge
	Visibility string
	ChangeURL  string // where to change who can see them
	Waiting    int    // further offers that wait
	Auto       bool   // new badges of Issuer are accepted automatically
	Issuer     Text
}

// Render writes the page.
func (p ClaimDone) Render(w io.Writer) error { return render(w, "claim_done", p) }

// ClaimWrongAccount meets somebody signed in with another address (S6).
type ClaimWrongAccount struct {
	Page
	Masked        string // where the badge was sent
	Email         string // signed in as
	AddAction     string // POST: mail a code to the badge's address; empty: not offered
	SignOutAction string // POST
	NotMineURL    string
	Taken         bool   // the address belongs to another account; never says whose
	ConnectURL    string // of Taken: where both are brought together
}

// Render writes the page.
func (p ClaimWrongAccount) Render(w io.Writer) error { return render(w, "claim_wrong_account", p) }

// ClaimUsed answers a link that has done its job: to its owner (S7) or to anybody else (S8).
type ClaimUsed struct {
	Page
	Owner      bool
	AcceptedOn Day    // owner only
	BadgeURL   string // owner only

	SignInURL     string
	SignOutAction string // POST, where somebody else is signed in
}

// Render writes the page.
func (p ClaimUsed) Render(w io.Writer) error { return render(w, "claim_used", p) }

// ClaimDeclined lets the owner change their mind (S9).
type ClaimDeclined struct {
	Page
	Badges     []BadgeCard
	DeclinedOn Day
	Removed    bool   // after they had been accepted
	DecideURL  string // asks who can see them, to accept after all
}

// Unaffected is the key of what declining does not touch.
func (p ClaimDeclined) Unaffected() string { return unaffected(p.Badges) }

func unaffected(badges []BadgeCard) string {
	if len(badges) != 1 {
		return "unaffected.several"
	}
	return "unaffected." + badges[0].Kind
}

// Render writes the page.
func (p ClaimDeclined) Render(w io.Writer) error { return render(w, "claim_declined", p) }

// ClaimReplaced answers an older link (S10). Its button mails to the address on record only.
type ClaimReplaced struct {
	Page
	Masked    string
	SentOn    Day
	Sent      SentAgain
	Action    string // POST
	SignInURL string
}

// SentAgain says whether a letter was mailed again.
type SentAgain string

// The answers to asking for a letter again.
const (
	NotSent     SentAgain = "" // nobody has asked yet
	SentNow     SentAgain = "now"
	SentEarlier SentAgain = "earlier" // several were sent today already
)

// Render writes the page.
func (p ClaimReplaced) Render(w io.Writer) error { return render(w, "claim_replaced", p) }

// ClaimWithdrawn says that the badge was withdrawn before it was claimed (S11).
type ClaimWithdrawn struct {
	Page
	Issuer     Text
	On         Day
	Reason     string // reason code (result_voided) or public text; empty: none given
	SupportURL string // https or mailto
	Reference  string // what to quote to support
}

// Render writes the page.
func (p ClaimWithdrawn) Render(w io.Writer) error { return render(w, "claim_withdrawn", p) }

// ClaimDisputed says that somebody who got the letter told us it isn't theirs (S14), so that nobody can accept
// the badge yet.
type ClaimDisputed struct {
	Page
	On         Day
	Partner    string // who looks into it, with the issuer
	Issuer     Text
	SupportURL string // https or mailto; empty: none
	Action     string // POST do=mine, for the owner of the address; empty: for anybody else
	SignInURL  string // for them
	Reference  string
}

// Render writes the page.
func (p ClaimDisputed) Render(w io.Writer) error { return render(w, "claim_disputed", p) }

// ClaimUnknown answers a malformed or unknown link (S12).
type ClaimUnknown struct{ Page }

// Render writes the page.
func (p ClaimUnknown) Render(w io.Writer) error { return render(w, "claim_unknown", p) }

// ClaimLost sends the waiting badges again (S13). The answer is the same for every address.
type ClaimLost struct {
	Page
	Action    string    // POST: field email
	Email     string    // what was typed, in the form only
	Problem   string    // ProblemMissing, ProblemBadEmail or ProblemTooMany
	Sent      SentAgain // show the answer; Email is not repeated in it
	SignInURL string
}

// Render writes the page.
func (p ClaimLost) Render(w io.Writer) error { return render(w, "claim_lost", p) }

// NotMe takes "This isn't me" (S14). The form posts reason: unknown_person, never_took or wrong_name.
type NotMe struct {
	Page
	Action  string // POST
	Problem string // ProblemMissing
	Done    bool   // show the thanks instead of the form
	BackURL string // the claim page
}

// Render writes the page.
func (p NotMe) Render(w io.Writer) error { return render(w, "not_me", p) }

// Reasons are the values of the form's reason field, in their order.
func (NotMe) Reasons() []string { return []string{"unknown_person", "never_took", "wrong_name"} }

// SignIn asks for an address; ClaimCode with SignIn asks for the code afterwards.
type SignIn struct {
	Page
	Action  string // POST: field email
	Email   string // what was typed
	Problem string // ProblemMissing, ProblemBadEmail or ProblemTooMany
	Again   bool   // they are signed in, and asked once more
	Ways
}

// Render writes the page.
func (p SignIn) Render(w io.Writer) error { return render(w, "sign_in", p) }
