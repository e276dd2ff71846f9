package web

import (
	"net/http"
	"slices"
)

// ProblemInfo is what the documentation says about a code; a problem's type leads there.
type ProblemInfo struct {
	Code   string
	Status int
	Title  string
	Fix    string
}

// Codes that this package gives at several places.
const (
	CodeInvalid     = "validation_failed"
	CodeNotFound    = "not_found"
	CodeUnreadable  = "unreadable"
	CodeTooMany     = "too_many_requests"
	codeInternal    = "internal"
	CodeNoKey       = "unauthorized"
	codeMediaType   = "unsupported_media_type"
	CodeUnavailable = "unavailable"
)

// Problems lists every code that can be answered, in the order of the documentation.
var Problems = slices.Concat(PartnerProblems, PageProblems)

// PartnerProblems are those that a call of the partner API may be answered with.
var PartnerProblems = []ProblemInfo{
	{CodeUnreadable, http.StatusBadRequest, "The request cannot be read",
		"The body must be one JSON object (RFC 8259) in UTF-8 without a byte order mark. The detail names line and column of the first fault. NaN, comments and trailing commas are not JSON."},
	{"empty_body", http.StatusBadRequest, "The body is empty", "Send the JSON object that the operation describes, with Content-Type: application/json."},
	{CodeNoKey, http.StatusUnauthorized, "No valid API key",
		"Send Authorization: Bearer KEY with a key that is not revoked. Keys begin with insignia_live_ or insignia_test_; whoever runs the server makes new ones with insignia partner add."},
	{"insufficient_scope", http.StatusForbidden, "The key does not allow this", "Use a key that has the scope which the operation names."},
	{"forbidden", http.StatusForbidden, "Not allowed", "This caller may not do that."},
	{CodeNotFound, http.StatusNotFound, "Nothing here",
		"The address is wrong, or the thing belongs to somebody else or is not shown. Ids in addresses are percent-encoded: a slash in an id is %2F."},
	{"no_programme", http.StatusNotFound, "There is no programme yet", "Whoever runs the server applies one with insignia programme apply."},
	{"method_not_allowed", http.StatusMethodNotAllowed, "The address does not take this method", "The Allow header lists the methods that it takes."},
	{"not_acceptable", http.StatusNotAcceptable, "Not available in that form", "Ask for one of the media types that the detail lists."},
	{"request_timeout", http.StatusRequestTimeout, "The request did not arrive in time", "Send the whole request at once."},
	{"result_conflict", http.StatusConflict, "The id is taken by another result",
		"A result with this id was recorded with other content. Post a correction to change it, or choose another id for another result."},
	{"result_voided", http.StatusConflict, "The result was voided", "A voided result stays voided. Post a new result under a new id."},
	{"award_revoked", http.StatusConflict, "The award was revoked", "Revoking is final. A new pass earns a new award."},
	{"withdrawn", http.StatusConflict, "The badge was withdrawn", "A withdrawn badge cannot be accepted, and one that was superseded is changed through the one that took its place."},
	{"not_waiting", http.StatusConflict, "The award is not waiting", "Only an award that was neither accepted nor declined nor withdrawn can be sent again."},
	{"programme_changed", http.StatusConflict, "The programme changed meanwhile", "Make the plan again and apply that one."},
	{"idempotency_in_progress", http.StatusConflict, "The first request is still running", "Wait for as long as Retry-After says, then repeat the request."},
	{"body_too_large", http.StatusRequestEntityTooLarge, "The body is too large", "The limit is 1 MiB, and 8 MiB for something to verify."},
	{codeMediaType, http.StatusUnsupportedMediaType, "The body's type is not taken",
		"Send Content-Type: application/json; a charset other than utf-8 and compressed bodies are not taken. POST /verify takes multipart/form-data as well."},
	{CodeInvalid, http.StatusUnprocessableEntity, "The content is not valid",
		"errors lists everything that is wrong, each with a JSON Pointer into the body (RFC 6901) or the name of a query parameter. Unknown members are refused, so that a misspelt name is not lost in silence."},
	{"unknown_exam", http.StatusUnprocessableEntity, "The exam is not known", "GET /exams lists all codes; the error names those that are near. Codes are case-sensitive."},
	{"bad_idempotency_key", http.StatusUnprocessableEntity, "The Idempotency-Key is not valid", "Send one line of 1 to 255 printable characters, for example a UUID."},
	{"idempotency_key_reused", http.StatusUnprocessableEntity, "The Idempotency-Key came with another request", "Use a new key for each new request, and the old one only to repeat exactly the same."},
	{CodeTooMany, http.StatusTooManyRequests, "Too many requests", "Wait for as long as Retry-After says. RateLimit-Remaining tells how many more go through at once."},
	{codeInternal, http.StatusInternalServerError, "Our fault", "Repeat the request later, with the same Idempotency-Key if you sent one. Tell us the request_id if it stays."},
	{CodeUnavailable, http.StatusServiceUnavailable, "Not available right now", "Repeat the request after Retry-After."},
}

// PageProblems come from pages and forms that people use.
var PageProblems = []ProblemInfo{
	{"form_refused", http.StatusForbidden, "The form came from another site or is too old", "Load the page again and send the form from there."},
	{"signed_out", http.StatusForbidden, "Not signed in any more", "Sign in again and repeat."},
	{"disputed", http.StatusConflict, "Somebody says that the badge is not theirs", "It can be accepted once its partner, or the owner of the address, has answered."},
	{"not_accepted", http.StatusConflict, "The badge is not accepted", "Scores are shared with badges that were accepted and that stand."},
	{"no_scores", http.StatusConflict, "There are no scores", "The results that the badge rests on came without scores."},
	{"code_used", http.StatusConflict, "The code was used", "Ask for a new code."},
	{"address_taken", http.StatusConflict, "The address belongs to another account", "Sign in with that account, or use another address."},
	{"code_expired", http.StatusGone, "The code is too old", "Ask for a new code."},
	{"wrong_code", http.StatusUnprocessableEntity, "The code is wrong", "Type the six digits of the newest letter."},
	{"code_spent", http.StatusUnprocessableEntity, "Too many wrong codes", "Ask for a new code."},
}

// infoOf finds the entry of a code.
var infoOf = func() map[string]ProblemInfo {
	all := make(map[string]ProblemInfo, len(Problems))
	for _, p := range Problems {
		all[p.Code] = p
	}
	return all
}()
