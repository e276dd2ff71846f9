package templates

import "io"

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
