package main

import "testing"

// TestMoments: --at takes the times of RFC 3339 and no others.
func TestMoments(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-03-04T10:00:00Z": true, "2026-03-04t10:00:00.5z": true, "2026-03-04T10:00:00+23:59": true,
		"2026-03-04T10:00:00,5Z": false, "2026-03-04T1:00:00Z": false, "2026-03-04T10:00:00+24:00": false, "2026-03-04T10:00:00+00:60": false, "2026-03-04": false,
	} {
		var m moment
		if err := m.UnmarshalText([]byte(text)); (err == nil) != want || want == m.IsZero() {
			t.Errorf("%q: got %v, %v", text, m, err)
		}
	}
}
