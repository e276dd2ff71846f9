package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestMailboxIsNotForTheWorld shows letters only where neither the server nor its public address can be reached
// by others.
func TestMailboxIsNotForTheWorld(t *testing.T) {
	for _, c := range []struct {
		addr, base, smtp string
		want             bool
	}{
		{"127.0.0.1:8080", "http://localhost:8080", "", true},
		{"[::1]:8080", "http://[::1]:8080", "", true},
		{"localhost:8080", "http://127.0.0.1", "", true},
		{"127.0.0.1:8080", "https://badges.example.org", "", false}, // a proxy stands before it
		{"0.0.0.0:8080", "http://localhost:8080", "", false},
		{":8080", "http://localhost:8080", "", false},
		{"127.0.0.1:8080", "http://localhost:8080", "smtp://relay.test:25", false},
		{"127.0.0.1:8080", "http://localhost.example.org", "", false},
	} {
		if got := (config{Addr: c.addr, BaseURL: c.base, SMTP: c.smtp}).showMailbox(); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
	for host, want := range map[string]int{"127.0.0.1:8080": 200, "localhost": 200, "[::1]": 200, "evil.example:8080": 404, "": 404} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/mailbox", nil)
		r.Host = host
		onlyHere(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("under %q: got %d, want %d", host, w.Code, want)
		}
	}
}
