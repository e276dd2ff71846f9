//go:build race

package api_test

// raceFactor is how much more memory things take under the race detector, which empties pools at random.
const raceFactor = 4
