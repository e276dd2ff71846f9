package partners_test

import (
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/partners"
	"github.com/open-insignia/insignia/api/web"
)

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var r partners.ResultRequest
		if faults, err := web.DecodeJSON([]byte(apitest.Pass), &r); err != nil || len(faults) > 0 {
			b.Fatal(faults, err)
		}
	}
}
