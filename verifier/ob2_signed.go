package verifier

import (
	"context"
	"errors"
	"mime"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeSigned is for a signed badge of 2.0 or older (spec 2.0 section 7), or a signed endorsement.
func (x *ob2Examination) judgeSigned(ctx context.Context, token *openbadge.JWS) {
	o, f := x.read(ctx, token.Payload, "", "")
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	if o.Version == "1.0" && o.Kind == "" || o.Version == "0.5" {
		x.refuse(CheckParse, &fault{verdict: NotABadge, code: UnsupportedType,
			message: "What the token signs is no badge."})
		return
	}
	x.report.Format = signedFormat(o)
	endorsement := o.Kind == ob2.KindEndorsement && !x.awarded
	if !endorsement {
		o.Kind = ob2.KindAssertion // nothing else may be signed, so Problems refuses other types
	}
	x.report.Badge = ob2Badge(o, nil, nil)
	if o.VerificationType() != "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type",
			message: "The token is signed, but the badge in it does not say so."})
	}
	if revoked, reason := o.Revoked(); revoked {
		x.noteRevoked("The issuer has withdrawn the badge.", reason)
	}
	if endorsement {
		x.signedEndorsement(ctx, token, o)
		return
	}
	x.signedAssertion(ctx, token, o)
}

func signedFormat(o *ob2.Object) string {
	if o.Version == "2.0" {
		return FormatOB2Signed
	}
	return FormatOB1Signed
}

func (x *ob2Examination) signedAssertion(ctx context.Context, token *openbadge.JWS, o *ob2.Object) {
	class := x.signedClass(ctx, o)
	var profile *ob2.Object
	if class != nil {
		profile = x.issuerOf(ctx, class)
	}
	x.report.Badge = ob2Badge(o, class, profile)
	x.wellFormed(o, class, profile)
	if profile != nil {
		ob2Signature{x, token, o, profile}.check(ctx)
	}
	x.assertionDates(o)
	if !x.complete(class, profile) {
		return
	}
	x.revocationList(ctx, o, profile)
	x.picture(ctx, o)
	x.picture(ctx, class)
	x.assertionRecipient(ctx, o)
	x.judgeEndorsements(ctx, o, class, profile)
	x.extensions(ctx, true, o)
	x.extensions(ctx, false, class, profile)
}

// signedClass: an embedded badge class is part of what was signed, so it counts as it stands.
func (x *ob2Examination) signedClass(ctx context.Context, o *ob2.Object) *ob2.Object {
	if class := o.Badge().Embedded; class != nil {
		return class
	}
	return x.classOf(ctx, o)
}

// revocationList asks the issuer's list (spec 2.0 section 7, step 7).
func (x *ob2Examination) revocationList(ctx context.Context, o, profile *ob2.Object) {
	address := profile.RevocationList().ID
	if address == "" {
		x.noStatus()
		return
	}
	list, f := x.load(ctx, address, ob2.KindRevocationList)
	if f != nil {
		x.refuse(CheckStatus, f.as(RevocationList).aboutState())
		return
	}
	if problems := list.Problems(); len(problems) > 0 {
		x.refuse(CheckStatus, &fault{code: RevocationList, property: problems[0].Property,
			message: "The issuer's list of withdrawn badges is malformed."})
		return
	}
	if revoked, reason := list.Listed(o.ID, o.Text("uid")); revoked {
		x.noteWithdrawn(ctx, "The issuer has withdrawn the badge.", reason)
		return
	}
	x.pass(CheckStatus, "The badge is not among those that the issuer has withdrawn.")
}

// ob2Signature is the work on the signature of a 2.x badge, or of an endorsement.
type ob2Signature struct {
	*ob2Examination
	token   *openbadge.JWS
	signed  *ob2.Object // what the token holds
	profile *ob2.Object // of whom it names as its issuer
}

// check checks the signature with the keys of the hosted profile; those of an embedded copy would be the signer's own
// word.
func (x ob2Signature) check(ctx context.Context) {
	if f := algorithmFault(x.token); f != nil {
		x.refuse(CheckProof, f)
		return
	}
	if _, hosted := egress.WebURL(x.profile.ID); !hosted {
		x.refuse(CheckKey, notOwned("The issuer's profile is not hosted, so nobody vouches for its key."))
		return
	}
	if x.answeredElsewhere[x.profile.ID] { // what a redirection leads to is somebody else's word (as in 3.0, see statement)
		x.refuse(CheckKey, notOwned("The issuer's address leads on to another host."))
		return
	}
	f := x.byIssuer(ctx)
	if f == nil {
		x.pass(CheckKey, "The key belongs to the issuer.")
		x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
		return
	}
	x.refuse(proofCheck(f), f)
}

// byIssuer tries the keys that the profile lists; with a creator only that one. Nil means that one
// of them made the signature. Badges of 1.x name their key another way, which counts only where the
// issuer's document is of 1.x as well and lists no key: what the signer calls the badge proves nothing.
func (x ob2Signature) byIssuer(ctx context.Context) *fault {
	keys, creator := x.profile.PublicKeys(), x.signed.Creator()
	byAddress := x.signed.Version != "2.0" && creator == "" && x.signed.VerificationURL() != ""
	if byAddress && x.profile.Version != "2.0" && len(keys) == 0 && !namesKeys(x.profile.Raw) {
		return x.byPEM(ctx, x.signed.VerificationURL())
	}
	if creator != "" {
		keys = slices.DeleteFunc(keys, func(l ob2.Link) bool { return l.ID != creator })
	}
	unlisted := notOwned("The issuer's profile does not list the key that the badge was signed with.")
	unlisted.property = "verification.creator"
	worst := unlisted
	for _, link := range keys[:min(len(keys), maxFetches)] {
		f := x.byListed(ctx, link)
		if f == nil {
			return nil
		}
		if !worst.unknown() {
			worst = f
		}
	}
	if byAddress && !worst.unknown() {
		unlisted.property = "verification.url"
		return unlisted
	}
	return worst
}

func namesKeys(document []byte) bool {
	var m map[string]any
	return openbadge.UnmarshalStrict(document, &m) == nil && openbadge.NamesKeys(m)
}

// acceptPEM is for the key of a 1.x badge.
const acceptPEM = "application/x-pem-file, text/plain, application/ld+json;q=0.5, application/json;q=0.5"

// byPEM is for a badge of 1.x, whose verify.url leads to the issuer's key as PEM (spec 2.0 section
// 7). The badge itself says where that is, so the key counts only if it lies, and is answered from,
// where the issuer's profile lies, and if nothing else is there: a page that quotes a key is no key.
func (x ob2Signature) byPEM(ctx context.Context, address string) *fault {
	if !x.profile.AtHome(address) {
		return notOwned("The key lies on another host than the issuer's profile.")
	}
	response, f := x.get(ctx, address, acceptPEM)
	if f != nil {
		return f.as(KeyFetch)
	}
	if !staysAt(address, response.URL) {
		return notOwned("The key's address leads on to another host.")
	}
	kind, _, _ := mime.ParseMediaType(response.ContentType)
	text := string(trim(response.Body))
	switch isDocument := detect(response.Body) == isJSON; {
	case slices.Contains(pageTypes, kind) || isDocument && !isJSONType(kind):
		return notOwned("What lies at the key's address is not served as a key.")
	case isDocument:
		o, f := x.read(ctx, trim(response.Body), address, ob2.KindKey)
		if f != nil {
			return f.as(KeyFetch)
		}
		for _, by := range o.Owners() {
			if by != x.profile.ID {
				return &fault{code: KeyOwner, property: "owner",
					message: "The key says that it belongs to somebody else."}
			}
		}
		text = o.Text("publicKeyPem")
	}
	f = x.byKey(text, "verification.url")
	if f == nil {
		x.add(Check{Name: CheckKey, Outcome: Warning, Code: KeyNotOwned, Property: "verification.url",
			Message: "The issuer's own document names no key, as was usual before 2.0: that this one is the issuer's shows only in its address, which lies on the issuer's host."})
	}
	return f
}

// pageTypes are for people to read; others may write there.
var pageTypes = []string{"text/html", "application/xhtml+xml"}

func isJSONType(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// byKey is nil when the key in a PEM text made the signature.
func (x ob2Signature) byKey(pem, property string) *fault {
	key, err := x.memory.key(pem)
	if err != nil {
		return keyName{property: property}.unusable(err, "The issuer's key cannot be read.")
	}
	switch err := x.token.Verify(key); {
	case errors.Is(err, openbadge.ErrAlgorithm):
		return algorithmOfOtherKey()
	case err != nil:
		return &fault{code: BadSignature,
			message: "The signature does not fit: the badge was changed, or signed with another key."}
	}
	return nil
}

// byListed is nil when the key behind link, which stands in the hosted profile, belongs to its owner, who
// has not withdrawn it, and made the signature. A key whose id is a part of the profile itself has been
// fetched with it.
func (x ob2Signature) byListed(ctx context.Context, link ob2.Link) *fault {
	document := link.Embedded
	home, _, part := strings.Cut(link.ID, "#")
	if _, isWeb := egress.WebURL(link.ID); isWeb && !(part && home == x.profile.ID && document != nil) {
		var f *fault
		if document, f = x.load(ctx, link.ID, ob2.KindKey); f != nil {
			return f.as(KeyFetch)
		}
		if x.answeredElsewhere[link.ID] || x.answeredElsewhere[document.ID] {
			return notOwned("The key's address leads on to another host.")
		}
	}
	if document == nil {
		return &fault{code: KeyFetch, property: "publicKey", message: "The issuer's key has no address."}
	}
	if len(document.Types) > 0 && !slices.Contains(document.Types, ob2.KindKey) { // formally the type is optional (spec 2.0 section 2)
		return &fault{code: KeyFetch, property: "type",
			message: "There is no key at the address of the issuer's key."}
	}
	for _, p := range document.Problems() {
		if slices.Contains([]string{"id", "publicKeyPem"}, p.Property) { // type and context are optional, the owner is judged next
			return problemFault(p)
		}
	}
	for _, by := range document.Owners() {
		if by != x.profile.ID {
			return &fault{code: KeyOwner, property: "owner",
				message: "The key says that it belongs to somebody else."}
		}
	}
	if f := x.byKey(document.Text("publicKeyPem"), "publicKeyPem"); f != nil {
		return f
	}
	if x.keyWithdrawn(link.ID, document) {
		return notOwned("The issuer has withdrawn this key, or its time is over.")
	}
	return nil
}

// keyWithdrawn: 2.0 knows no end of a key, but profiles are controller documents of 3.0 as well, and an
// owner who says that a key is lost is believed wherever that stands.
func (x ob2Signature) keyWithdrawn(id string, document *ob2.Object) bool {
	if method, found := openbadge.ReadMethod(document.Raw); found && method.Ended(x.at) {
		return true
	}
	key, _ := x.memory.key(document.Text("publicKeyPem"))
	return openbadge.KeyWithdrawn(document.Raw, x.profile.ID, id, key, x.at) ||
		openbadge.KeyWithdrawn(x.profile.Raw, x.profile.ID, id, key, x.at)
}
