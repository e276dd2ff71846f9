package verifier

import "time"

// Report is the answer about one document (contract section 5). It marshals to the JSON of the API
// and of `insignia verify --json`.
type Report struct {
	Valid       bool       `json:"valid"` // exactly when Verdict is Valid
	Verdict     Verdict    `json:"verdict"`
	IssuerKnown bool       `json:"issuer_known"`     // the proof holds and Options.Known knows the issuer; never of a test badge
	Format      string     `json:"format"`           // one of the Format constants; "" when nothing was recognised
	Badge       *Badge     `json:"badge"`            // nil when no badge was read; what it says may be untrue unless Valid
	Reason      string     `json:"reason,omitempty"` // why it was withdrawn or put on hold, in its issuer's words
	Since       *time.Time `json:"since,omitempty"`  // from when, if that is known
	Checks      []Check    `json:"checks"`           // in the order in which they were made
	// Extracted is what sat in the picture, by keyword ("openbadges", "openbadgecredential").
	Extracted map[string]string `json:"extracted,omitempty"`
	Test      bool              `json:"test"`       // a sandbox of Options.Own made it: nothing was earned
	CheckedAt time.Time         `json:"checked_at"` // UTC, whole seconds; not Input.At

	ours    bool
	refused bool // a document was not asked for, because its address is of a kind that never is
	here    bool // … of this machine
}

// Refused reports whether an address was left alone because it is of a kind that is never opened: trying again
// does not help.
func (r *Report) Refused() bool { return r.refused }

// NeedsLoopback reports whether an address was left alone because it is on this machine; see egress.Options.Loopback.
func (r *Report) NeedsLoopback() bool { return r.here }

// Ours reports whether Badge.ID stands for a badge of Options.Own, if its issuer is one of that server's.
func (r *Report) Ours() bool { return r.ours }

// Formats of a document, as Report names them. The 1.x formats cover 0.5 to 1.1.
const (
	FormatOB1Hosted = "ob1-hosted"
	FormatOB1Signed = "ob1-signed"
	FormatOB2Hosted = "ob2-hosted"
	FormatOB2Signed = "ob2-signed"
	FormatOB3JWT    = "ob3-jwt"
	FormatOB3Proof  = "ob3-data-integrity"
)

// Badge is what the document says about itself, for showing; texts are untrusted and may be long.
type Badge struct {
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Image       string     `json:"image"`
	Issuer      Issuer     `json:"issuer"`
	Recipient   string     `json:"recipient"` // name, id, plain identity or identity hash, the first there is
	IssuedOn    *time.Time `json:"issued_on"`
	ExpiresOn   *time.Time `json:"expires_on"`
	ID          string     `json:"id"`
	Results     []Result   `json:"results,omitempty"`
}

// Result is a score or the like that the badge tells (spec 3.0 section 2.5). Max may be empty.
type Result struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Max   string `json:"max,omitempty"`
}

// Issuer is who the document says has issued it.
type Issuer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Check is one question and its answer. Code is set for outcomes fail and, where a reason has one,
// unknown and warning; Property names the member at fault as a path, if it is about one. Message is
// one English sentence.
type Check struct {
	Name     string  `json:"name"`
	Outcome  Outcome `json:"outcome"`
	Code     string  `json:"code,omitempty"`
	Property string  `json:"property,omitempty"`
	Message  string  `json:"message"`
}

// Outcome is the answer of one check.
type Outcome string

// Outcomes. Unknown means that something could not be reached or cannot be judged yet; Warning and
// Skipped never change the verdict.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Warning Outcome = "warning"
	Unknown Outcome = "unknown"
	Skipped Outcome = "skipped"
)

// Names of checks, in the order of the steps.
const (
	CheckExtract   = "extract"     // what was handed in, and where the badge sits in it
	CheckFetch     = "fetch"       // the documents that the badge points to
	CheckParse     = "parse"       // form and required members
	CheckProof     = "proof"       // signature, or the hosting that stands for it
	CheckKey       = "key"         // the key, and that it is the issuer's
	CheckDates     = "dates"       // issued, not expired
	CheckStatus    = "status"      // revoked, suspended
	CheckRefresh   = "refresh"     // a newer edition
	CheckScope     = "scope"       // 2.0: the issuer's hosting policy
	CheckImage     = "image"       // 2.0: pictures that the standard requires
	CheckRecipient = "recipient"   // issued to the person that was asked about
	CheckEndorse   = "endorsement" // what others say about the badge
	CheckTest      = "test"        // made for a trial of this server
)

// CheckNames lists every check name, for catalogues of words.
var CheckNames = []string{CheckExtract, CheckFetch, CheckParse, CheckProof, CheckKey, CheckDates,
	CheckStatus, CheckRefresh, CheckScope, CheckImage, CheckRecipient, CheckEndorse, CheckTest}

// moment makes a time fit to be shown: absent when zero or outside the years that RFC 3339 can write.
func moment(t time.Time) *time.Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}
