//go:build !race

package verifier

const raceFactor = 1
