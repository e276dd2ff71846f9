package verifier

import (
	"context"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// judgeJSON sends a JSON document to the judge of its edition. address is where it was fetched from.
func (x *examination) judgeJSON(ctx context.Context, data []byte, address string) {
	var m map[string]any
	if err := openbadge.UnmarshalStrict(data, &m); err != nil {
		x.fail(CheckParse, NotJSON, "The document is no JSON object, or one that readers could understand differently.")
		return
	}
	if !looksLikeCredential(m) {
		x.judgeHosted(ctx, data, address, 0)
		return
	}
	if token, found := envelopedToken(m); found {
		x.judgeToken(ctx, token)
		return
	}
	x.judgeCredential(data)
}

// envelopedToken gives the token inside an object that only holds one, as a data URL in its id (VC Data
// Model 2.0, section 4.13.1).
func envelopedToken(m map[string]any) (token string, found bool) {
	id, _ := m["id"].(string)
	media, token, isData := strings.Cut(id, ",")
	return token, isData && strings.HasPrefix(media, "data:") && slices.Contains(textsOf(m["type"]), enveloped)
}

// judgeCredential is for a 3.0 credential as JSON. Its proofs cannot be checked yet, so it is never
// called valid or false; its form is judged all the same.
func (x *examination) judgeCredential(data []byte) {
	x.report.Format = FormatOB3Proof
	r, err := openbadge.ReadCredential(data)
	if err != nil {
		x.fail(CheckParse, UnsupportedType, "The document is no credential.")
		return
	}
	x.report.Badge = badgeOf(r)
	x.conformance(r)
	if len(r.Proof) == 0 {
		x.fail(CheckProof, NotSigned, "The credential carries no proof.")
		return
	}
	x.refuse(CheckProof, &fault{verdict: unproven, code: UnsupportedType, message: "This kind of proof cannot be checked yet."})
	x.credentialDates(r)
}

// judgeToken is for a compact JWS: a 3.0 credential or a signed badge of 2.0.
func (x *examination) judgeToken(ctx context.Context, text string) {
	token, err := openbadge.ParseJWS(text)
	if err != nil {
		x.fail(CheckParse, BadValue, "The token is malformed, or its header has members that are not safe to ignore.")
		return
	}
	var m map[string]any
	if err := openbadge.UnmarshalStrict(token.Payload, &m); err != nil {
		x.fail(CheckParse, NotJSON, "What the token signs is no JSON object.")
		return
	}
	if _, wrapped := m["vc"]; wrapped || looksLikeCredential(m) {
		x.judgeCredentialToken(ctx, token)
		return
	}
	x.judgeSigned(ctx, token)
}

// judgeCredentialToken is for a VC-JWT (spec 3.0 sections 6 and 10).
func (x *examination) judgeCredentialToken(ctx context.Context, token *openbadge.JWS) {
	x.report.Format = FormatOB3JWT
	r, err := openbadge.ReadClaims(token.Payload)
	if err != nil {
		x.fail(CheckParse, UnsupportedType, "The token holds no credential.")
		return
	}
	x.report.Badge = badgeOf(r)
	x.conformance(r)
	if len(r.Claims.Missing) > 0 {
		x.warn(CheckParse, MissingProperty, "The token lacks claims that the standard asks for: "+strings.Join(r.Claims.Missing, ", ")+".")
	}
	signed := x.credentialProof(ctx, token, r.Issuer.ID)
	x.credentialDates(r)
	if !signed {
		// What follows needs the network or talks about a person: not for a document that is not proven.
		return
	}
	x.credentialStatus(ctx, r)
	x.refreshed(ctx, r)
	x.credentialRecipient(r)
	x.endorsements(len(r.Endorsement) + len(r.EndorsementJWT))
}

// endorsements says that there are some: they do not bear on the badge itself (spec 3.0 section 10).
func (x *examination) endorsements(n int) {
	if n > 0 {
		x.skip(CheckEndorse, "Endorsements of the badge are not checked yet.")
	}
}

// conformance writes down every departure of the credential from the standard.
func (x *examination) conformance(r *openbadge.Received) {
	problems := r.Problems
	badge := r.IsBadge() || r.IsEndorsement() || !r.IsStatusList() && slices.ContainsFunc(r.Context, func(c string) bool {
		return strings.HasPrefix(c, "https://purl.imsglobal.org/spec/ob/")
	})
	if badge {
		problems = r.Conformance()
	}
	x.problems(problems)
	if r.InlineContext {
		x.refuse(CheckParse, &fault{code: BadContext, property: "@context", message: "The document brings its own context, which could rename what was signed."})
	}
	switch {
	case r.IsEndorsement():
		x.refuse(CheckParse, &fault{verdict: unproven, code: UnsupportedType, message: "Endorsements cannot be judged yet."})
	case !badge:
		x.warn(CheckParse, UnsupportedType, "This is a verifiable credential, but no Open Badge: only its proof, dates and status are judged.")
	case len(problems) == 0 && !r.InlineContext:
		x.pass(CheckParse, "The document is a well-formed Open Badges 3.0 credential.")
	}
}

const maxProblems = 20

// problems writes each problem of a document as a check of its own.
func (x *examination) problems(problems []openbadge.Problem) {
	for _, p := range problems[:min(len(problems), maxProblems)] {
		x.refuse(CheckParse, problemFault(p))
	}
}

func problemFault(p openbadge.Problem) *fault {
	return &fault{code: p.Code, property: p.Property, message: p.Property + ": " + p.Message + "."}
}
