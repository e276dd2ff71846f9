// Package verifier answers one question about a document that a stranger hands in: is this a genuine,
// current badge? It reads Open Badges 2.0 (and the 1.x that upgrades to it) and 3.0, from an address,
// JSON, a token or a picture, fetches what the answer needs, and writes a Report whatever the badge
// is: a bad badge is a report, not an error.
//
// It judges as a stranger. It knows no database, no issuer and no earner; a badge of our own gets no
// favour except that Options.Own gives its documents instead of the network, and tells what no document does
// (own.go). Everything
// outbound goes through an egress.Fetcher, within the budget of one badge (document.go). What could not be reached is
// never shown as false and never as true. It writes no log and keeps nothing of what it was handed; of what it
// fetched it keeps the meaning of small documents that many badges share (memory.go).
package verifier
