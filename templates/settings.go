package templates

import (
	"io"
	"time"
)

// Settings is /me/settings. Each section has a field, a template settings_<name> and, on its heading, its name as id; a
// section without a field is not shown. Forms of a section post to its Action.
type Settings struct {
	Page
	Note      string           // what was just done: a key settings.note.<Note>; any other says nothing
	Problem   *SettingsProblem // what is wrong with a form that was sent
	Accepting *AcceptingSettings
	Accounts  *AccountSettings
	Profile   *ProfileSettings
	Data      *DataSettings
}

// SettingsProblem is a field that was not filled in as it should be.
type SettingsProblem struct {
	Field string // its id
	Word  string // key of what is wrong
}

// Said is the key of what was just done; empty: nothing.
func (p Settings) Said() string {
	if key := "settings.note." + p.Note; p.Note != "" && in(p.Lang).has(key) {
		return key
	}
	return ""
}

// Wrong is the key of what is wrong with a field; empty: nothing.
func (p Settings) Wrong(field string) string {
	if p.Problem == nil || p.Problem.Field != field {
		return ""
	}
	return p.Problem.Word
}

// Render writes the page.
func (p Settings) Render(w io.Writer) error { return render(w, "settings", p) }

// AcceptingSettings are which badges are accepted without asking (flows 2.3), and where mail about badges goes. Its forms
// post do: choose (with for, automatic and visibility), accept_waiting, or (with address) mail_off, mail_on, renewals_off and
// renewals_on.
type AcceptingSettings struct {
	Action  string
	Issuer  Text
	Rows    []AcceptingRow
	Waiting int // badges that wait already, asked about once
	Mail    []AddressMail
}

// AddressMail is whether mail about badges goes to an address.
type AddressMail struct {
	Address         string
	Stopped         bool
	RenewalsStopped bool // mail about renewals, which has a stop of its own
}

// AcceptingRow is how badges of an issuer are accepted, or of all.
type AcceptingRow struct {
	ID         string // "all" or "issuer"
	Issuer     Text
	Automatic  bool
	Visibility string // of new badges
	Follows    bool   // it is that of all
}

// AccountSettings are the ways into an account (row 18). Its forms post do: primary (with address), add (with email),
// put_back (with removal), end (with session) or end_others.
type AccountSettings struct {
	Action        string
	Email         string // what was typed
	Addresses     []AccountAddress
	Leaving       bool // asks for a personal address besides the only one, which posts do=not_leaving to end it
	Removed       []RemovedAddress
	Identities    []AccountIdentity
	Providers     []Provider // where another one can be fetched
	Passkeys      []AccountPasskey
	AddPasskeyURL string           // empty: no passkeys here
	Sessions      []AccountSession // the one that was visited last first
	Changes       []AccountChange  // the newest first
}

// AccountAddress is a confirmed address.
type AccountAddress struct {
	Address     string
	Primary     bool
	ConfirmedOn Day
	RemoveURL   string
	ReplaceURL  string
}

// RemovedAddress can still be put back.
type RemovedAddress struct {
	ID      string
	Address string
	Until   Day
}

// AccountSession is a browser in which somebody is signed in.
type AccountSession struct {
	ID     string
	Device string // "Firefox, Windows"; empty: not known
	Since  time.Time
	Seen   time.Time
	Here   bool // it is this browser
}

// AccountChange is what was done to the ways into the account.
type AccountChange struct {
	Kind string // that of a ChangedLetter, or address_added
	What string
	At   time.Time
}

// Others reports whether they are signed in elsewhere too.
func (s AccountSettings) Others() bool { return len(s.Sessions) > 1 }

// RemoveAddress asks whether an address is to leave the account, or says that it cannot.
type RemoveAddress struct {
	Page
	Address    string
	Only       bool   // it is the only one
	Action     string // POST
	ReplaceURL string
	BackURL    string
}

// Render writes the page.
func (p RemoveAddress) Render(w io.Writer) error { return render(w, "remove_address", p) }

// ReplaceAddress asks for the address that takes the place of another.
type ReplaceAddress struct {
	Page
	Address string // the old one
	Email   string // what was typed
	Problem string // key of what is wrong with it
	Action  string // POST: field email
	BackURL string
}

// Render writes the page.
func (p ReplaceAddress) Render(w io.Writer) error { return render(w, "replace_address", p) }

// AccountTaken says that what was to be added belongs to another account (row 20). It never says whose. Whoever has shown
// that it is theirs can ask to have the two brought together: it posts do=merge.
type AccountTaken struct {
	Page
	Action  string // POST; empty: nothing was shown
	Asked   string // reference of the request
	BackURL string
}

// Render writes the page.
func (p AccountTaken) Render(w io.Writer) error { return render(w, "account_taken", p) }

// UndoRemoval is the page of the link that puts a removed address back: GET shows a button, POST does it.
type UndoRemoval struct {
	Page
	Masked string
	Done   bool
	Action string // POST
}

// Render writes the page.
func (p UndoRemoval) Render(w io.Writer) error { return render(w, "undo_removal", p) }
