package templates

// Page is what every page needs around its own content. Each page type embeds it.
type Page struct {
	Lang      string // one of Languages; anything else reads as English
	Site      string // the one product name people see, for example "Northwind Credentials"
	Path      string // path and query of this page for the language switch; empty: the address stays as the browser has it
	Canonical string // absolute address of a public page without lang; empty: no canonical and hreflang links
	SignedIn  bool   // the header offers "My badges" and "Sign out" instead of "Sign in"
	FormToken string // value of the hidden form_token field of every form
	NoIndex   bool   // asks search engines to stay away
	Sandbox   bool   // shows the banner that this is test data
	Answers   Form   // what this page answers, which the language switch sends again; empty: the page has an address
}

// Form is a form that somebody sent.
type Form struct {
	Action string // a path
	Fields []Field
}

// Field is a part of a form.
type Field struct{ Name, Value string }

// frame lets render reach the common part of any page.
func (p Page) frame() Page { return p }

// page is what render draws: a type of this package that embeds Page.
type page interface{ frame() Page }

// Issuer is who stands behind a badge.
type Issuer struct {
	Name    Text
	Domain  string // verified host of the issuer's address, shown as the trust cue
	URL     string // the issuer's own site; marked as leaving this one
	PageURL string // our page about the issuer, with its keys
}

// Visibility of an accepted badge (contract 6).
const (
	VisibilityPrivate = "private"
	VisibilityLink    = "link"
	VisibilityPublic  = "public"
)

// Provider is a personal or work account a person can sign in with.
type Provider struct {
	Kind string // "personal" or "work"
	Name string // name of the provider
	URL  string // where its sign-in starts
}

// BadgeCard is a badge as a list or a claim page shows it.
type BadgeCard struct {
	Title     Text
	Kind      string // "exam" or "certification"
	Level     string // official level, empty if it has none
	Issuer    Text
	ImageURL  string // empty: title and issuer carry the card
	EarnedOn  Day
	Expires   Day // zero: does not expire
	RetiredOn Day // the exam or certification was retired; zero: alive
}
