//go:build !race

package jsonld

const raceFactor = 1
