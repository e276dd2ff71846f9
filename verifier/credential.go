package verifier

import (
	"context"
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
	if isPresentation(m) {
		x.refuse(CheckParse, aPresentation())
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
	x.report.Format = FormatOB3Proof
	s, f := unsealed(data, openbadge.ReadCredential)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	x.judgeCredential(ctx, s)
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
	if isPresentation(m) {
		x.refuse(CheckParse, aPresentation())
		return
	}
	if _, wrapped := m["vc"]; !wrapped && !looksLikeCredential(m) {
		x.judgeSigned(ctx, token)
		return
	}
	x.report.Format = FormatOB3JWT
	s, f := unsealed(token.Payload, openbadge.ReadClaims)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	s.token = token
	if len(s.Claims.Missing) > 0 && !s.jose() {
		x.warn(CheckParse, MissingProperty, "The token lacks claims that the standard asks for: "+strings.Join(s.Claims.Missing, ", ")+".")
	}
	x.judgeCredential(ctx, s)
}

// judgeCredential takes a credential through the steps of spec 3.0 section 10.
func (x *examination) judgeCredential(ctx context.Context, s *sealed) {
	x.report.Badge = badgeOf(s.Received)
	x.conformance(s)
	if x.awarded && s.class() != aBadge {
		x.fail(CheckParse, BadBake, "What the picture carries is a credential, but no badge.")
	}
	who, proven := x.proven(ctx, s)
	if who.other {
		x.claimedDates(s)
		x.credentialStatus(ctx, s, who)
		x.credentialRecipient(ctx, s.Received)
		return
	}
	x.credentialDates(s)
	if !proven {
		// What follows needs the network or talks about a person: not for a document that is not proven.
		return
	}
	if s.class() == aStatusList {
		x.listAlone(s)
	}
	x.schemas(ctx, s)
	x.credentialStatus(ctx, s, who)
	x.refreshed(ctx, s)
	x.credentialRecipient(ctx, s.Received)
	x.endorsementsOf(ctx, s)
}
