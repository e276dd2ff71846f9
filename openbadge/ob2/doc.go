// Package ob2 knows the vocabulary of Open Badges 2.x and of its forerunners 0.5, 1.0 and 1.1: the
// documents that we publish, and a tolerant reader of those that others publish, with the checks that
// follow from the documents alone (spec 2.0 sections 2, 3, 6, 7 and 11).
//
// Like its parent it is pure: the caller fetches (contexts and schemas of extensions, too), keeps the
// clock, finds the keys and gives the verdict. Documents in the plain spelling of the standard's own
// contexts are read as they stand; all others go through JSON-LD expansion and compaction first.
package ob2
