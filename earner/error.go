package earner

import (
	"time"

	"github.com/open-insignia/insignia/refusal"
)

// The codes of refusals. The api has a page for each.
const (
	Invalid      = "validation_failed" // an address, a browser or a return address is missing or malformed
	WrongCode    = "wrong_code"        // TriesLeft; 0 where they are not counted
	Spent        = "code_spent"        // no try is left: only a new code helps
	TooOld       = "code_expired"      // more than 30 minutes have gone by
	Used         = "code_used"         // this code or link has done its job
	Throttled    = "too_many_requests" // too soon or too often; possible again at When
	AddressTaken = "address_taken"     // the address belongs to another account; whose is never told
	Unknown      = "not_found"         // no such confirmation in this browser, or no such link
	SignedOut    = "signed_out"        // an address was to be added, but that account is signed in here no longer
)

func invalid(field, detail string) *refusal.Error {
	return refusal.New(Invalid, detail, refusal.Field{Pointer: "/" + field, Code: "bad_value", Detail: detail})
}

func throttled(when time.Time) *refusal.Error {
	return &refusal.Error{Code: Throttled, When: when, Detail: "That was too often. Please wait a little."}
}
