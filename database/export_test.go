package database

// KeptByWriter is how many prepared statements SQLite's writer keeps.
func KeptByWriter(db *DB) (n int) {
	if db.writer == nil || db.writer.lite == nil {
		return 0
	}
	db.writer.lite.kept.Range(func(any, any) bool { n++; return true })
	return n
}
