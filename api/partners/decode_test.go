package partners_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/partners"
	"github.com/open-insignia/insignia/api/web"
)

// What decode takes without a fault, encoding/json reads the same way.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{apitest.Pass, `{"candidate":{"id":"x"},"score":1}`, `{"identity_check":{"matched":false}}`, `{"id":"\ud83d\ude00"}`, `{"id":"\ud83d"}`, `{"taken_at":"2026-03-04T10:00:00.5+01:00"}`, `{"a":[{"b":null}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var ours, theirs partners.ResultRequest
		found, err := web.DecodeJSON(body, &ours)
		if (err == nil) && !json.Valid(body) {
			t.Fatal("took what is no JSON")
		}
		for _, fault := range found {
			if !utf8.ValidString(fault.Pointer) || !strings.HasPrefix(fault.Pointer, "/") || fault.Detail == "" {
				t.Errorf("%+v", fault)
			}
		}
		if err != nil || len(found) > 0 {
			return
		}
		if err := json.Unmarshal(body, &theirs); err != nil {
			var time *time.ParseError
			if errors.As(err, &time) { // not all of RFC 3339
				return
			}
			t.Fatal(err)
		}
		if ours.TakenAt != nil && theirs.TakenAt != nil && ours.TakenAt.Equal(*theirs.TakenAt) {
			theirs.TakenAt = ours.TakenAt
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Errorf("got %+v, encoding/json %+v", ours, theirs)
		}
	})
}
