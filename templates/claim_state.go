package templates

import "io"

// ClaimWrongAccount meets somebody signed in with another address (S6).
type ClaimWrongAccount struct {
	Page
	Masked        string // where the badge was sent
	Email         string // signed in as
	AddAction     string // POST: mail a code to the badge's address; empty: not offered
	SignOutAction string // POST
	NotMineURL    string
	Taken         bool // the address belongs to another account; never says whose
}

// Render writes the page.
func (p ClaimWrongAccount) Render(w io.Writer) error { return render(w, "claim_wrong_account", p) }

// ClaimUsed answers a link that has done its job: to its owner (S7) or to anybody else (S8).
type ClaimUsed struct {
	Page
	Owner      bool
	AcceptedOn Day    // owner only
	BadgeURL   string // owner only
	SignInURL  string
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
	Action    string // POST: field email
	Email     string // what was typed
	Problem   string // ProblemMissing, ProblemBadEmail or ProblemTooMany
	Providers []Provider
}

// Render writes the page.
func (p SignIn) Render(w io.Writer) error { return render(w, "sign_in", p) }
