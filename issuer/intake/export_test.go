package intake

// Crash has the work on rows end with an error after they were recorded and before their report is stored, as a kill
// would end it.
func (im *Imports) Crash(when func() error) { im.crash = when }
