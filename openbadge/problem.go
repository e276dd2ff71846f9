package openbadge

// Codes of problems, as contract section 5 names them. A reader gives only those that follow from
// the document alone; what needs a clock, a key or the network is the verifier's to say.
const (
	MissingProperty   = "MISSING_PROPERTY"
	BadValue          = "BAD_VALUE"
	ContextProblem    = "CONTEXT"
	IdentityFormat    = "IDENTITY_FORMAT"
	RecipientMismatch = "RECIPIENT_MISMATCH"
	Expired           = "EXPIRED"
	ExpiresBefore     = "EXPIRES_BEFORE_ISSUED"
	NotYetIssued      = "NOT_YET_ISSUED"
	OriginScope       = "ORIGIN_SCOPE"
	StartsWith        = "STARTS_WITH"
	RevocationList    = "REVOCATION_LIST"
	VerificationType  = "VERIFICATION_TYPE"
	StatusProblem     = "STATUS"
)

// Problem is one way in which a document departs from the standard. Property is the member at fault,
// as a path from the document's root ("credentialSubject.achievement.name"); Message is one English
// sentence without the value of personal members.
type Problem struct {
	Code     string
	Property string
	Message  string
}

// String gives code and property the way test suites name them: "BAD_VALUE:issuedOn".
func (p Problem) String() string {
	if p.Property == "" {
		return p.Code
	}
	return p.Code + ":" + p.Property
}
