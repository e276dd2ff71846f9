package api

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/verifier"
)

// settled lets our own record of a badge that is shown speak, which knows more than a stranger can: whether
// the badge is withdrawn, paused or stands again with a newer edition, for which a status list has one bit,
// and the holder's name, which badges of 2.0 do not say.
func (s *Server) settled(ctx context.Context, in verifier.Input, r *verifier.Report) (*verifier.Report, error) {
	withdrawn := r.Verdict == verifier.Revoked && in.At.IsZero()
	unnamed := in.Person != "" && notCompared(r) >= 0
	if !withdrawn && !unnamed {
		return r, nil
	}
	b, err := s.ownBadge(ctx, r)
	if err != nil || b == nil {
		return r, err
	}
	if withdrawn {
		settleStatus(r, b)
	}
	if unnamed {
		settleName(r, b, in.Person)
	}
	return r, nil
}

// settleStatus tells a paused badge, and one that stands, from one that is withdrawn. Contract: a place in
// a status list that was set stays set, so that of a badge that was paused once every older edition stays
// withdrawn for strangers.
func settleStatus(r *verifier.Report, b *issuer.Badge) {
	switch b.Validity {
	case issuer.Suspended:
		r.Verdict = verifier.Suspended
		message := "The badge is suspended: the issuer's record, which is newer than its status list, says so."
		if b.Award.Reason != "" {
			message += " Reason: " + short(b.Award.Reason, titleMost)
		}
		restate(r, verifier.Fail, verifier.CodeSuspended, message)
	case issuer.Valid, issuer.Expired:
		r.Verdict = verifier.Superseded
		restate(r, verifier.Warning, verifier.CodeRevoked, "This edition does not count any more, but the badge stands: the issuer's record has a newer edition.")
	}
}

// restate changes the checks that found a badge withdrawn.
func restate(r *verifier.Report, outcome verifier.Outcome, code, message string) {
	for i, k := range r.Checks {
		if k.Code == verifier.CodeRevoked && k.Outcome == verifier.Fail {
			r.Checks[i].Outcome, r.Checks[i].Code, r.Checks[i].Message = outcome, code, message
		}
	}
}

// notCompared is the place of the check that says that the badge tells no name to compare with; less than
// 0: there is none.
func notCompared(r *verifier.Report) int {
	return slices.IndexFunc(r.Checks, func(k verifier.Check) bool {
		return k.Name == verifier.CheckRecipient && k.Outcome == verifier.Warning && k.Code == ""
	})
}

// settleName compares the name that was asked about with the one on our record.
func settleName(r *verifier.Report, b *issuer.Badge, asked string) {
	match := verifier.CompareNames(b.HolderName, asked)
	if match == verifier.NameUnsaid {
		return
	}
	r.Checks[notCompared(r)] = match.Check()
	if match == verifier.NameDifferent && r.Verdict != verifier.NotABadge && !(r.Verdict == verifier.Undetermined && !proven(r.Checks)) {
		r.Verdict, r.Valid = verifier.WrongRecipient, false // of somebody else, whatever its state
	}
}
