package issuer

import (
	"slices"
	"testing"
	"time"
)

// TestOrderedIDs numbers more events than one transaction has, all of one instant.
func TestOrderedIDs(t *testing.T) {
	at := time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC)
	var ids []string
	for n := range 30_000 {
		ids = append(ids, newOrderedID("ent", at, n))
	}
	if !slices.IsSorted(ids) {
		t.Error("the ids do not keep the order")
	}
	for n := range 30_000 {
		ids[n] = newOrderedID("ent", at, 0)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 30_000 {
		t.Error("two transactions of one instant have the same id")
	}
}
