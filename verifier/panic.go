package verifier

import (
	"fmt"
	"runtime/debug"
)

// panicked is a panic that was recovered, with where it came from, on its way to the check that it ends.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// caught makes an error of what recover gave; nil: there was no panic. It is called where the stack still is.
func caught(value any) *panicked {
	if value == nil {
		return nil
	}
	if p, already := value.(*panicked); already {
		return p
	}
	return &panicked{value, debug.Stack()}
}

// broken is the report where this program failed: no document may end the process, and none may pass
// because a check of it was not finished.
func (x *examination) broken(p *panicked) *Report {
	x.options.Panicked(p.value, p.stack)
	r := x.report
	r.Valid, r.Verdict, r.IssuerKnown, r.CheckedAt = false, Undetermined, false, x.now
	x.add(Check{Name: CheckExtract, Outcome: Unknown, Code: Internal, Message: "The check failed for a reason of this verifier's own, which says nothing about the badge."})
	return r
}
