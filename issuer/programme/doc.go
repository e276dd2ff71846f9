// Package programme holds the award rules: it reads a programme file (one issuer, its exams, its certifications and what each
// certification takes), keeps its versions apart, and decides what a person has earned from the ledger of that person's results.
//
// It is pure. It has no clock, writes nothing, reads nothing but the io.Reader it is given, and knows no database, no award and no
// badge: package issuer stores what is decided here. The same versions and the same ledger always give the same outcome, in
// whatever order the results arrived and however often they did.
//
// The rules are section 1 of the contract; comments name its steps.
package programme
