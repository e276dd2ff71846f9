package credential

import "testing"

// TestBacklogOverflow leaves to the poll what is too much, and wakes the loop all the same.
func TestBacklogOverflow(t *testing.T) {
	b := newBacklog()
	b.add([]string{"a"})
	b.add(make([]string, backlogMost))
	b.add([]string{"b"})
	<-b.wake
	if ids := b.takeAll(); len(ids) != 2 || ids[0] != "a" || ids[1] != "b" {
		t.Errorf("got %d awards, want the two that there was room for", len(ids))
	}
	if ids := b.takeAll(); len(ids) != 0 {
		t.Errorf("got %d awards a second time", len(ids))
	}
}
