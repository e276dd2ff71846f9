package templates

import (
	"io"
	"time"
)

// Settings is /me/settings. Each section has a field, a template settings_<name> and, on its heading, its name as id; a
// section without a field is not shown. Forms of a section post to its Action.
type Settings struct {
	Page
	Note     string           // what was just done: a key settings.note.<Note>; any other says nothing
	Problem  *SettingsProblem // what is wrong with a form that was sent
	Accounts *AccountSettings
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

// AccountSettings are the ways into an account (row 18). Its forms post do: primary (with address), end (with session)
// or end_others.
type AccountSettings struct {
	Action    string
	Addresses []AccountAddress
	Sessions  []AccountSession // the one that was visited last first
}

// AccountAddress is a confirmed address.
type AccountAddress struct {
	Address     string
	Primary     bool
	ConfirmedOn Day
}

// AccountSession is a browser in which somebody is signed in.
type AccountSession struct {
	ID     string
	Device string // "Firefox, Windows"; empty: not known
	Since  time.Time
	Seen   time.Time
	Here   bool // it is this browser
}

// Others reports whether they are signed in elsewhere too.
func (s AccountSettings) Others() bool { return len(s.Sessions) > 1 }
