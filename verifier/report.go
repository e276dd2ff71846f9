package verifier

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

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
	// Contains are the badges in a learner record, each judged by itself: what became of one takes nothing from the
	// record, which says what stood when it was signed.
	Contains []Contained `json:"contains,omitempty"`
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

// Contained is a badge in a learner record.
type Contained struct {
	Verdict Verdict `json:"verdict"`
	ID      string  `json:"id"`
	Name    string  `json:"name"`
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
	CheckContents  = "contents"    // each badge in a learner record
	CheckTest      = "test"        // made for a trial of this server
)

// CheckNames lists every check name, for catalogues of words.
var CheckNames = []string{CheckExtract, CheckFetch, CheckParse, CheckProof, CheckKey, CheckDates,
	CheckStatus, CheckRefresh, CheckScope, CheckImage, CheckRecipient, CheckEndorse, CheckContents, CheckTest}

// moment makes a time fit to be shown: absent when zero or outside the years that RFC 3339 can write.
func moment(t time.Time) *time.Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}

// Verdict is the one answer of a report (contract section 5).
type Verdict string

// Verdicts.
const (
	Valid          Verdict = "valid"
	Expired        Verdict = "expired"
	Superseded     Verdict = "superseded"
	Suspended      Verdict = "suspended"
	Revoked        Verdict = "revoked"
	WrongRecipient Verdict = "wrong_recipient"
	Altered        Verdict = "altered"
	NotABadge      Verdict = "not_a_badge"
	Invalid        Verdict = "invalid"
	NotShared      Verdict = "not_shared"
	Undetermined   Verdict = "undetermined"
)

// Two grades of Undetermined. Unproven: whether the badge is genuine is open, so nothing that it says
// about itself (expired, revoked) can be given as the answer. Unsure: it is genuine, but something
// about its present state is open.
const (
	unproven Verdict = "unproven"
	unsure   Verdict = "unsure"
)

// precedence is the table of verdicts: when checks lead to several, the first one here is the answer.
//
//	not_shared       ours and not visible: nothing else may be told
//	not_a_badge      there is nothing to judge
//	altered          a signature that does not fit its document: nothing in it can be believed
//	invalid          no missing document could make it valid
//	undetermined     (unproven) genuine or not is open
//	wrong_recipient  from here on the badge is genuine; of somebody else, whatever its state
//	revoked          final, so before suspended
//	suspended
//	superseded       before expired: a renewed badge leads to its newer edition
//	expired
//	undetermined     (unsure) nothing speaks against it, and something could not be reached
//	valid
var precedence = []Verdict{NotShared, NotABadge, Altered, Invalid, unproven, WrongRecipient, Revoked,
	Suspended, Superseded, Expired, unsure, Valid}

// decide gives the verdict that the findings of all checks lead to together.
func decide(findings []Verdict) Verdict {
	for _, v := range precedence {
		if !slices.Contains(findings, v) {
			continue
		}
		if v == unproven || v == unsure {
			return Undetermined
		}
		return v
	}
	return Valid
}

// genuine reports whether findings leave no doubt that the issuer made the badge as it stands.
func genuine(findings []Verdict) bool {
	return !slices.ContainsFunc(findings, func(v Verdict) bool {
		return slices.Index(precedence, v) <= slices.Index(precedence, unproven)
	})
}

// Codes of failed checks (contract section 5).
const (
	MissingProperty     = "MISSING_PROPERTY"
	BadValue            = "BAD_VALUE"
	BadContext          = "CONTEXT"
	NotJSON             = "NOT_JSON"
	FetchFailed         = "FETCH_FAILED"
	ContentType         = "CONTENT_TYPE"
	UnsupportedType     = "UNSUPPORTED_TYPE"
	BadInput            = "BAD_INPUT"
	NotSigned           = "NOT_SIGNED"
	BadSignature        = "BAD_SIGNATURE"
	KeyFetch            = "KEY_FETCH"
	KeyNotOwned         = "KEY_NOT_OWNED"
	KeyOwner            = "KEY_OWNER"
	VerificationType    = "VERIFICATION_TYPE"
	CodeRevoked         = "REVOKED"
	RevocationList      = "REVOCATION_LIST"
	CodeExpired         = "EXPIRED"
	ExpiresBeforeIssued = "EXPIRES_BEFORE_ISSUED"
	NotYetIssued        = "NOT_YET_ISSUED"
	OriginScope         = "ORIGIN_SCOPE"
	StartsWith          = "STARTS_WITH"
	IdentityFormat      = "IDENTITY_FORMAT"
	RecipientMismatch   = "RECIPIENT_MISMATCH"
	ImageFetch          = "IMAGE_FETCH"
	ImageType           = "IMAGE_TYPE"
	NoBadgeInImage      = "NO_BADGE_IN_IMAGE"
	BadBake             = "BAD_BAKE"
	BadImage            = "BAD_IMAGE"
	ExtensionSchema     = "EXTENSION_SCHEMA"
	BadSchema           = "SCHEMA"
	BadStatus           = "STATUS"
	CodeSuspended       = "SUSPENDED"
	NoStatus            = "NO_STATUS"    // skipped: the issuer publishes no way to withdraw the badge
	NamePartial         = "NAME_PARTIAL" // warning: the name that was asked about fits only in part or by initials
	CodeTest            = "TEST"         // warning: a badge of a sandbox of this server
	Internal            = "INTERNAL"     // never of a failed check: this program could not judge
	Unsupported         = "UNSUPPORTED"  // an algorithm, kind of key or proof, DID method or context of which this verifier knows nothing
)

// verdicts says what a failed check with a code leads to; every code that is not here: Invalid.
var verdicts = map[string]Verdict{
	BadInput:          NotABadge,
	NoBadgeInImage:    NotABadge,
	BadSignature:      Altered,
	CodeRevoked:       Revoked,
	CodeSuspended:     Suspended,
	CodeExpired:       Expired,
	RecipientMismatch: WrongRecipient,
	Unsupported:       unproven, // that we do not know it is no fault of the badge
}

// fault is why a step cannot go on; see leadsTo for its verdict.
type fault struct {
	verdict  Verdict
	code     string
	property string
	message  string
	check    string // the question that it answers; empty: see proofCheck
	status   int    // of the answer that was the reason, if one was
	unlisted bool   // a key that its owner's document does not know
}

// leadsTo is the verdict of a fault by itself: its own, else that of its code. One of unproven or unsure
// means that something could not be checked.
func (f *fault) leadsTo() Verdict { return cmp.Or(f.verdict, verdicts[f.code], Invalid) }

func (f *fault) unknown() bool { return f.leadsTo() == unproven || f.leadsTo() == unsure }

// as gives the fault another code, for the step that needed the document. What is not supported stays so.
func (f *fault) as(code string) *fault {
	g := *f
	if g.code != Unsupported {
		g.code = code
	}
	if g.verdict == NotShared {
		g.verdict = "" // only the badge itself can be hidden, a missing part is a missing part
	}
	return &g
}

// aboutState makes a fault weigh on the badge's present state instead of its genuineness.
func (f *fault) aboutState() *fault {
	g := *f
	if g.leadsTo() == unproven {
		g.verdict = unsure
	}
	return &g
}

// unsupported is for what may be as good as any and is of a kind that is not known here (contract 5).
func unsupported(property, message string) *fault {
	return &fault{code: Unsupported, property: property, message: message}
}

// notes are what an examination writes down: the checks of its report, and what they lead to.
type notes struct {
	report   *Report
	findings []Verdict
}

func newNotes() *notes { return &notes{report: &Report{Checks: []Check{}}} }

func (n *notes) pass(name, message string) {
	n.add(Check{Name: name, Outcome: Pass, Message: message})
}

func (n *notes) skip(name, message string) {
	n.add(Check{Name: name, Outcome: Skipped, Message: message})
}

func (n *notes) warn(name, code, message string) {
	n.add(Check{Name: name, Outcome: Warning, Code: code, Message: message})
}

func (n *notes) fail(name, code, message string) {
	n.refuse(name, &fault{code: code, message: message})
}

// refuse writes a fault down as the outcome of a check.
func (n *notes) refuse(name string, f *fault) {
	outcome := Fail
	if f.unknown() {
		outcome = Unknown
	}
	n.findings = append(n.findings, f.leadsTo())
	n.add(Check{Name: name, Outcome: outcome, Code: f.code, Property: f.property, Message: f.message})
}

// problems writes each problem of a document as a check of its own.
func (n *notes) problems(problems []openbadge.Problem) {
	for _, p := range problems[:min(len(problems), maxProblems)] {
		n.refuse(CheckParse, problemFault(p))
	}
}

const maxProblems = 20

func problemFault(p openbadge.Problem) *fault {
	f := &fault{code: p.Code, property: p.Property, message: strings.TrimPrefix(withWhy(p.Property, p.Message), ": ")}
	if p.Code == BadInput {
		f.verdict = Invalid // a badge, and more of it than can be judged
	}
	return f
}

// noStatus tells that the badge cannot be withdrawn, which is something else than that it was not.
func (n *notes) noStatus() {
	n.add(Check{Name: CheckStatus, Outcome: Skipped, Code: NoStatus,
		Message: "The badge cannot be withdrawn: its issuer publishes no way."})
}

// add writes a check down, and what was said already only of endorsements, which count: that both pictures of a
// badge are there is one thing to know.
func (n *notes) add(c Check) {
	if c.Name == CheckEndorse || !slices.Contains(n.report.Checks, c) {
		n.report.Checks = append(n.report.Checks, c)
	}
}

// sound reports whether nothing so far speaks against the badge being genuine.
func (n *notes) sound() bool { return genuine(n.findings) }

func withReason(message, reason string) string {
	if reason = clip(reason); reason == "" {
		return message
	}
	return message + " Reason: " + reason
}

// withWhy makes a sentence of what is the matter and the reason why, if there is one.
func withWhy(what, why string) string {
	if why == "" {
		return what + "."
	}
	return what + ": " + strings.TrimSuffix(why, ".") + "."
}

// clip shortens a text of a stranger's to what fits a line.
func clip(text string) string {
	const most = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
