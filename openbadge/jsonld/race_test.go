//go:build race

package jsonld

// raceFactor is how much slower and larger the race detector makes things.
const raceFactor = 10
