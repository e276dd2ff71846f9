package check

import (
	"testing"
)

func FuzzFindRecord(f *testing.F) {
	f.Add([]byte("eyJhbGciOiJFUzI1NiJ9.eyJ9.AA"))
	f.Add([]byte(`{"signed":"eyJ"}`))
	f.Add([]byte("%PDF-1.7 eyJhbGciOiJFUzI1NiIsInR5cCI6Imluc2lnbmlhLXJlY2VpcHQrand0In0.eyJhIjoxfQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if found, is := findRecord(data); is && !isRecord([]byte(found.token)) {
			t.Errorf("%q", found.token)
		}
	})
}
