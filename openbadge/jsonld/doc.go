// Package jsonld turns JSON-LD documents into RDF statements that a signature may be made over, and
// brings Open Badges 2.x documents into the one vocabulary that readers know. The contexts of both
// editions of the standard are embedded; nothing is ever fetched.
//
// ToRDF is strict where a signature would otherwise cover less than a reader sees: whatever would be
// dropped on the way to RDF, or could be written in a second way that readers do not recognise, is
// refused with an *Error. So it takes the part of JSON-LD 1.1 that verifiable credentials use:
// contexts by URL, scoped contexts, terms, language tags, lists, graph containers. It must never be
// loosened to make a badge verify.
//
// It is pure but for a cache of parsed contexts. It must not judge badges, and json-gold, whose
// context processing and compaction it uses, must not show through. json-gold's conversion and
// canonicalization are not used: they drop statements silently (properties in Normalize, IRIs that do
// not look like web addresses, errors inside @list and @set), and they take any time.
package jsonld
