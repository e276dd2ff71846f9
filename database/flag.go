package database

// Flag is a boolean as both databases store it.
func Flag(is bool) int {
	if is {
		return 1
	}
	return 0
}
