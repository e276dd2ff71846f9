package verifier

import "slices"

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
