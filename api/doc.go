// Package api is HTTP in and out, for partners, earners, employers and machines: it decodes a request,
// calls one verb of another package and writes the answer as JSON, as a document or as a page.
//
// It must not decide what is earned, shown or allowed beyond asking the packages that know, and has no
// SQL and no signing. Echo is used here and nowhere else. The status of an error is chosen in
// problem.go only, by the code that a handler names, from the list in problem_list.go.
package api
