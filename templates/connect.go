package templates

import "io"

// ProfileCard is a certification profile, which is what a partner knows of a person.
type ProfileCard struct {
	ID             string
	Name           string
	Partner        string
	Numbers        []string // registrations, masked
	Exams          int      // that were passed
	Certifications int
	URL            string // where to look at it alone; empty: this is that page
}

// UsedAccount is an account by which somebody signs in, or the one that they would need.
type UsedAccount struct {
	Kind  string // personal, work, address or passkey
	Name  string // of the provider; empty: none is concerned
	Shown string // what it is called, masked where it is not theirs yet
}

// Where to find a certification profile: what both pages that ask for one say.
type otherWays struct {
	Email     string // to begin with, or what was typed
	Problem   string // "" or a Problem constant
	Action    string // POST: do=find and email
	Providers []Provider
}

// FindProfile says that no certification profile is known by the addresses of an account, and asks for another one.
type FindProfile struct {
	Page
	otherWays
	Addresses []string
	Known     bool   // nothing is known by them; else another profile is wanted
	Nothing   string // the address that was shown to be theirs, and where there is nothing either
}

// Other gives the address form and the providers of personal accounts, of whoever has none yet (row 50).
func (p *FindProfile) Other(email, problem, action string, providers []Provider) {
	p.otherWays = otherWays{email, problem, action, providers}
}

// Render writes the page.
func (p FindProfile) Render(w io.Writer) error { return render(w, "connect_find", p) }

// ChooseProfile lists several certification profiles, of which one can be connected.
type ChooseProfile struct {
	Page
	Profiles []ProfileCard
}

// Render writes the page.
func (p ChooseProfile) Render(w io.Writer) error { return render(w, "connect_choose", p) }

// PreviewProfile shows what will be connected (row 42). It posts do=connect and profile.
type PreviewProfile struct {
	Page
	Profile  ProfileCard
	Me       string // who is signed in
	From     string // the account that has it now, masked; empty: none
	To       string // an account to which it can be moved instead, masked: it posts do=give; empty: none
	Action   string
	OtherURL string // to connect another one; empty: there is none
}

// Render writes the page.
func (p PreviewProfile) Render(w io.Writer) error { return render(w, "connect_preview", p) }

// ConnectedProfile says which certification profile is connected, and since when.
type ConnectedProfile struct {
	Page
	Profile ProfileCard
	Since   Day
	Given   string        // the account to which it was just moved, masked; empty: it is this one's
	BackURL string        // of Given: signs out and goes on there
	New     bool          // it was connected just now
	Others  []ProfileCard // at the same addresses: URL is where both are looked at
	Asked   string        // reference of the request to bring another one together with it
	Unshown bool          // of Asked: they have not shown that it is theirs
	Merged  bool          // it was just brought together with another one
	Undone  bool          // that was just undone
	Action  string        // POST: do=find and email, do=undo and merge
	Email   string
	Problem string
	Merges  []Undoable
	History []ConnectionEvent
}

// Undoable is that two profiles were brought together, which can be undone.
type Undoable struct {
	ID      string
	Numbers []string // registrations, masked: the one that was kept, and the other
	On      Day
	Until   Day
}

// ConnectionEvent is something that happened to a connection.
type ConnectionEvent struct {
	What string // connected, moved, given or ended
	How  string
	Who  string // empty: the server
	At   Day
}

// Render writes the page.
func (p ConnectedProfile) Render(w io.Writer) error { return render(w, "connect_done", p) }

// ConnectedAlready refuses a second certification profile (row 44).
type ConnectedAlready struct {
	Page
	Profile  ProfileCard // the second one
	MergeURL string      // where both are looked at; empty: another account has it
	BackURL  string
}

// Render writes the page.
func (p ConnectedAlready) Render(w io.Writer) error { return render(w, "connect_already", p) }

// MergeProfiles shows what comes of bringing two profiles of one person together (row 46). It posts do=merge and profile.
type MergeProfiles struct {
	Page
	Mine, Other   ProfileCard
	Before, After int   // badges that stand
	Made          Texts // what is earned by both together only
	Collapsed     int   // badges of the same, which lead to the earliest one then
	Action        string
	BackURL       string
}

// Render writes the page.
func (p MergeProfiles) Render(w io.Writer) error { return render(w, "connect_merge", p) }

// ProveProfile has somebody show that another profile is theirs: it posts do=code, or do=ask where they cannot.
type ProveProfile struct {
	Page
	Masked  string
	Action  string
	BackURL string
}

// Render writes the page.
func (p ProveProfile) Render(w io.Writer) error { return render(w, "connect_prove", p) }

// Mismatch says which account holds a certification profile and which one is signed in, and offers what can be done
// (rows 1, 4, 14 and 48). The first posts do=code, or do=move where the address is theirs already.
type Mismatch struct {
	Page
	InUse     UsedAccount
	Needed    UsedAccount
	Action    string
	Profile   string // of do=move; empty: a code is mailed first
	OtherURL  string // signs out, to sign in with the needed account and come back; empty: there is no such way
	ChangeURL string // the wizard; empty: there is nothing to change
	Providers []Provider
	Stays     Staying // what a new learner profile would leave behind
}

// Staying is what belongs to the account in use.
type Staying struct {
	Badges, Courses, Addresses, Accounts int
	Page                                 bool // a public page
}

// Render writes the page.
func (p Mismatch) Render(w io.Writer) error { return render(w, "connect_mismatch", p) }

// ChangeAccount are the steps by which the account of a profile is changed (row 23): add, unless there is another way in,
// replace, connect. It posts do=add with email, or do=replace.
type ChangeAccount struct {
	Page
	Steps   []string // add, replace, connect: those that apply
	Step    string   // the one that is next
	InUse   UsedAccount
	Needed  UsedAccount
	Email   string
	Problem string
	Action  string
	BackURL string

	Providers []Provider // of the step
}

// Render writes the page.
func (p ChangeAccount) Render(w io.Writer) error { return render(w, "connect_change", p) }
