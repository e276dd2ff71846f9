package earner

import "time"

// Kind says what sort of refusal an Error is; the api has a page for each.
type Kind int

// The kinds of refusal.
const (
	Invalid      Kind = iota + 1 // Field is missing or malformed
	WrongCode                    // TriesLeft; 0 where they are not counted
	Spent                        // no try is left: only a new code helps
	TooOld                       // more than 30 minutes have gone by
	Used                         // this code or link has done its job
	Throttled                    // too soon or too often; possible again at When
	AddressTaken                 // the address belongs to another account; whose is never told
	Unknown                      // no such confirmation in this browser, or no such link
	SignedOut                    // an address was to be added, but that account is signed in here no longer
)

// Error is a refusal that the person may hear about. Everything else that goes wrong is ours.
type Error struct {
	Kind      Kind
	Detail    string    // a sentence for a person, in English; pages have their own words by Kind
	Field     string    // of Invalid: address, browser or return
	TriesLeft int       // of WrongCode
	When      time.Time // of Throttled
}

// Error is the detail.
func (e *Error) Error() string { return e.Detail }

func refuse(kind Kind, detail string) *Error { return &Error{Kind: kind, Detail: detail} }

func invalid(field, detail string) *Error {
	return &Error{Kind: Invalid, Field: field, Detail: detail}
}

func throttled(when time.Time) *Error {
	return &Error{Kind: Throttled, When: when, Detail: "That was too often. Please wait a little."}
}
