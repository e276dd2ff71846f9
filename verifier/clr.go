package verifier

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/openbadge"
)

// maxContained is how many badges in a learner record are judged; the rest is only counted.
const maxContained = 200

// judgeContents judges each badge in a learner record (1EdTech CLR 2.0) by itself. Each has a proof of its own and may
// have ended since: that is remarked upon, and takes nothing from the record.
func (x *ob3Examination) judgeContents(ctx context.Context, s *sealed) {
	if s.class() != aRecord {
		return
	}
	all := s.Contained()
	for k, data := range all[:min(len(all), maxContained)] {
		inner := x.beside(Input{At: x.in.At}).ob3(x.lists)
		inner.judgeContained(ctx, data)
		x.addContained(k, inner.conclude(ctx))
	}
	if more := len(all) - maxContained; more > 0 {
		x.skip(CheckContents, fmt.Sprintf("%d more badges in the record were not checked.", more))
	}
}

func (x *ob3Examination) judgeContained(ctx context.Context, data []byte) {
	s, f := unsealed(data, openbadge.ReadCredential)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	if s.class() != aBadge {
		x.report.Badge = ob3Badge(s.Received)
		x.fail(CheckParse, UnsupportedType, "It is no badge.")
		return
	}
	x.judgeCredential(ctx, s)
}

func (x *ob3Examination) addContained(k int, r *Report) {
	c := Contained{Verdict: r.Verdict}
	if r.Badge != nil {
		c.ID, c.Name = clip(r.Badge.ID), clip(r.Badge.Name)
	}
	x.report.Contains = append(x.report.Contains, c)
	if r.Test && !x.report.Test { // nobody may pass a record of trials off as one of exams
		x.report.Test = true
		x.warn(CheckTest, CodeTest, "The record has test badges of this server's: nothing was earned.")
	}
	path := fmt.Sprintf("credentialSubject.verifiableCredential[%d]", k)
	if r.Verdict == Valid {
		x.add(Check{Name: CheckContents, Outcome: Pass, Property: path, Message: fmt.Sprintf("%q holds.", c.Name)})
		return
	}
	why := Check{}
	for _, check := range r.Checks {
		if check.Outcome == Fail || check.Outcome == Unknown {
			why = check
			break
		}
	}
	x.add(Check{Name: CheckContents, Outcome: Warning, Code: why.Code, Property: path,
		Message: withWhy(fmt.Sprintf("%q does not hold (%s)", c.Name, r.Verdict), why.Message)})
}
