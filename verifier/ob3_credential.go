package verifier

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// ob3Examination is the work on a credential of 3.0.
type ob3Examination struct {
	*examination
	keys  *ob3Keys
	lists *statusLists
}

func (x *examination) ob3(lists *statusLists) *ob3Examination {
	return &ob3Examination{x, &ob3Keys{docs: x.documents, notes: x.notes, at: x.at, given: x.in.JWK}, lists}
}

// judgeCredential takes a credential through the steps of spec 3.0 section 10.
func (x *ob3Examination) judgeCredential(ctx context.Context, s *sealed) {
	x.report.Badge = ob3Badge(s.Received)
	x.conformance(s)
	if x.awarded && s.class() != aBadge {
		x.fail(CheckParse, BadBake, "What the picture carries is a credential, but no badge.")
	}
	who, proven := x.proven(ctx, s)
	if who.other {
		x.claimedDates(s)
		ob3Status{x, s, who}.check(ctx)
		x.credentialRecipient(ctx, s.Received)
		return
	}
	x.credentialDates(s)
	if !proven {
		// What follows needs the network or talks about a person: not for a document that is not proven.
		return
	}
	if s.class() == aStatusList {
		ob3Status{x, s, who}.listAlone()
	}
	x.schemas(ctx, s)
	ob3Status{x, s, who}.check(ctx)
	x.lookForNewer(ctx, s)
	x.credentialRecipient(ctx, s.Received)
	x.judgeEndorsements(ctx, s)
	x.judgeContents(ctx, s)
}

const maxResults = 50 // shown of one badge

// ob3Badge is what a credential says about itself.
func ob3Badge(r *openbadge.Received) *Badge {
	a := r.Subject.Achievement
	b := &Badge{
		Name: a.Name, Description: a.Description, Image: a.Image, ID: r.ID,
		Issuer:    Issuer{ID: r.Issuer.ID, Name: r.Issuer.Name, URL: r.Issuer.URL},
		Recipient: recipientOf(r.Subject),
		IssuedOn:  moment(r.ValidFrom.Time), ExpiresOn: moment(r.ValidUntil.Time),
	}
	for _, result := range r.Subject.Results {
		if len(b.Results) < maxResults {
			b.Results = append(b.Results, Result(result))
		}
	}
	if !r.AwardedDate.IsZero() {
		b.IssuedOn = moment(r.AwardedDate.Time)
	}
	for to, from := range map[*string]string{&b.Name: r.Name, &b.Description: r.Description, &b.Image: r.Image} {
		if *to == "" {
			*to = from
		}
	}
	return b
}

// recipientOf names the recipient as well as the document allows.
func recipientOf(s openbadge.ReceivedSubject) string {
	plain, hash := "", ""
	for _, i := range s.Identifiers {
		switch {
		case i.Hashed:
			hash = i.IdentityHash
		case i.IdentityType == "name":
			return i.IdentityHash
		default:
			plain = i.IdentityHash
		}
	}
	for _, name := range []string{identityOf(s.ID), plain, hash} {
		if name != "" {
			return name
		}
	}
	return ""
}

// skew is how far the clocks of an issuer and this machine may differ at the start of a period. The
// end is sharp.
const skew = 5 * time.Minute

func (x *ob3Examination) credentialDates(s *sealed) {
	from, until := s.period()
	faults := periodFaults(from, until, x.at)
	for _, f := range faults {
		x.refuse(CheckDates, f)
	}
	if len(faults) == 0 && !s.ValidFrom.IsZero() {
		x.pass(CheckDates, "The badge is within its dates.")
	}
}

// claimedDates remarks upon the dates of a document whose issuer is not known: they are nobody's word.
func (x *ob3Examination) claimedDates(s *sealed) {
	from, until := s.period()
	for _, f := range periodFaults(from, until, x.at) {
		x.add(Check{Name: CheckDates, Outcome: Warning, Code: f.code, Property: f.property, Message: f.message})
	}
}

// periodFaults judges a period as of a moment (spec 3.0 section 10, step 4); zero times set no limit.
func periodFaults(from, until, at time.Time) []*fault {
	var faults []*fault
	if from.After(at.Add(skew)) {
		faults = append(faults, &fault{code: NotYetIssued, property: "validFrom",
			message: "The badge is not valid yet."})
	}
	if until.IsZero() {
		return faults
	}
	if until.Before(from) {
		faults = append(faults, &fault{code: ExpiresBeforeIssued, property: "validUntil",
			message: "The badge ends before it begins."})
	}
	if !until.After(at) {
		faults = append(faults, &fault{code: CodeExpired, property: "validUntil", message: "The badge has expired."})
	}
	return faults
}

// lookForNewer looks for a newer edition of the badge (spec 3.0 section 9). Whatever goes wrong on the
// way, the edition at hand stands.
func (x *ob3Examination) lookForNewer(ctx context.Context, s *sealed) {
	for _, service := range s.Refresh {
		if service.Type != "1EdTechCredentialRefresh" {
			continue
		}
		newer, message := x.newerEdition(ctx, service.ID, s)
		if newer {
			x.findings = append(x.findings, Superseded)
		}
		if newer || message != "" {
			x.warn(CheckRefresh, "", message)
			return
		}
		x.pass(CheckRefresh, "This is the newest edition of the badge.")
		return
	}
}

// newerEdition reports whether address serves an edition of the same badge, well-formed and signed by
// the same issuer, that is valid from a later moment; else why that could not be told ("" when this
// one is newest). An edition's own refresh service is not followed.
func (x *ob3Examination) newerEdition(ctx context.Context, address string, s *sealed) (newer bool, message string) {
	response, f := x.get(ctx, address, acceptToken)
	if f != nil {
		return false, "The issuer's newest edition could not be fetched; this one was judged."
	}
	edition, f := unseal(response.Body)
	if f != nil {
		return false, "What the issuer serves as newest edition is no credential; this one was judged."
	}
	if !sameID(edition.ID, s.ID) || edition.Issuer.ID != s.Issuer.ID {
		return false, "What the issuer serves as newest edition is another badge; this one was judged."
	}
	if faults, _ := edition.departures(); len(faults) > 0 || edition.class() != s.class() {
		return false, "What the issuer serves as newest edition is malformed; this one was judged."
	}
	if _, _, f := x.keys.signerOf(ctx, edition); f != nil {
		return false, "What the issuer serves as newest edition is not signed by the issuer; this one was judged."
	}
	from, _ := edition.period()
	mine, _ := s.period()
	if from.After(mine) && !from.After(x.at.Add(skew)) {
		return true, "The issuer has signed a newer edition of this badge."
	}
	return false, ""
}
