//go:build race

package verifier

// raceFactor is how much slower the race detector makes things.
const raceFactor = 10
