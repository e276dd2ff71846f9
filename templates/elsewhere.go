package templates

import "io"

// AccountIdentity is an account elsewhere by which somebody signs in.
type AccountIdentity struct {
	Kind       string // personal or work
	Provider   string // as people know it
	Shown      string // how the provider calls them
	Since      Day
	Used       Day
	RemoveURL  string
	ReplaceURL string
}

// UnknownElsewhere says that no account here uses an account elsewhere, and has the person show who they are here.
type UnknownElsewhere struct {
	Page
	Provider string
	Shown    string // how the provider calls them
	Email    string // to begin with, or what was typed
	Problem  string // ProblemMissing, ProblemBadEmail or ProblemTooMany
	Action   string // POST: field email
	OtherURL string // to use another account there
}

// Render writes the page.
func (p UnknownElsewhere) Render(w io.Writer) error { return render(w, "unknown_elsewhere", p) }

// ConnectElsewhere asks whether an account elsewhere is to sign in here. It posts do=connect.
type ConnectElsewhere struct {
	Page
	Provider string
	Kind     string // personal or work
	Shown    string
	Me       string // who is signed in here
	Replaces bool   // it takes the place of another one
	Action   string // POST
	OtherURL string // to use another account there
	BackURL  string
}

// Render writes the page.
func (p ConnectElsewhere) Render(w io.Writer) error { return render(w, "connect_elsewhere", p) }

// OnePersonal says that there is a personal account already (row 11). It posts do=replace and identity.
type OnePersonal struct {
	Page
	Old      string
	New      string
	Identity string // of Old
	Action   string // POST
	BackURL  string
}

// Render writes the page.
func (p OnePersonal) Render(w io.Writer) error { return render(w, "one_personal", p) }

// ProviderProblem says what went wrong at a provider, and how to go on.
type ProviderProblem struct {
	Page
	Provider string
	Kind     string // sign_in_denied, sign_in_expired, provider_unavailable; anything else reads as sign_in_untrue
	RetryURL string
	OtherURL string // to go on without the provider
}

// Cause is Kind, or sign_in_untrue for one that has no words.
func (p ProviderProblem) Cause() string {
	if in(p.Lang).has("provider." + p.Kind) {
		return p.Kind
	}
	return "sign_in_untrue"
}

// Render writes the page.
func (p ProviderProblem) Render(w io.Writer) error { return render(w, "provider_problem", p) }

// SignedOut says that somebody is signed out here, and offers to sign out at the provider too (row 21).
type SignedOut struct {
	Page
	Provider string
	EndURL   string // at the provider; empty: it has none
}

// Render writes the page.
func (p SignedOut) Render(w io.Writer) error { return render(w, "signed_out", p) }

// ReplaceIdentity asks where the account is that takes the place of another one elsewhere.
type ReplaceIdentity struct {
	Page
	Provider  string
	Shown     string
	Providers []Provider
	BackURL   string
}

// Render writes the page.
func (p ReplaceIdentity) Render(w io.Writer) error { return render(w, "replace_identity", p) }

// RemoveIdentity asks whether an account elsewhere is to sign in here no longer, or says that it is the only way in.
type RemoveIdentity struct {
	Page
	Provider   string
	Shown      string
	Only       bool
	Addresses  []string // by which they can sign in all the same
	Action     string   // POST
	ReplaceURL string
	BackURL    string
}

// Render writes the page.
func (p RemoveIdentity) Render(w io.Writer) error { return render(w, "remove_identity", p) }

// PasskeyForm has a browser answer for a passkey. It posts ceremony and answer; its script fills in the answer, and
// without it the form is not shown.
type PasskeyForm struct {
	Action  string
	Options string // JSON
	Sealed  string
}

// ScriptPath is the address of its script.
func (PasskeyForm) ScriptPath() string { return passkeyScript.Path }

// AccountPasskey is a passkey by which somebody signs in.
type AccountPasskey struct {
	Name      string
	Since     Day
	Used      Day
	RemoveURL string
}

// AddPasskey has a device make a passkey. Its form posts name besides.
type AddPasskey struct {
	Page
	Passkey PasskeyForm
	Name    string // to begin with
	BackURL string
}

// Render writes the page.
func (p AddPasskey) Render(w io.Writer) error { return render(w, "add_passkey", p) }

// RemovePasskey asks whether a passkey is to sign in no longer, or says that it is the only way in.
type RemovePasskey struct {
	Page
	Name    string
	Only    bool
	Action  string // POST
	BackURL string
}

// Render writes the page.
func (p RemovePasskey) Render(w io.Writer) error { return render(w, "remove_passkey", p) }

// PasskeyProblem says why a passkey was refused, and how to go on.
type PasskeyProblem struct {
	Page
	Kind     string // passkey_unknown, passkey_cloned or sign_in_expired; anything else reads as sign_in_untrue
	RetryURL string
}

// Cause is Kind, or sign_in_untrue for one that has no words.
func (p PasskeyProblem) Cause() string {
	if in(p.Lang).has("passkey." + p.Kind) {
		return p.Kind
	}
	return "sign_in_untrue"
}

// Render writes the page.
func (p PasskeyProblem) Render(w io.Writer) error { return render(w, "passkey_problem", p) }
