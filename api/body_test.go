package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

// Whoever sends more than is taken, or is refused before the body was looked at, gets an answer and no reset
// connection, though it writes all before it reads.
func TestRefusedBodiesGetTheirAnswer(t *testing.T) {
	s := apitest.New(t)
	server := httptest.NewServer(s.Server)
	defer server.Close()
	const large = 10 << 20 // more than the buffers between the two hold
	for _, c := range []struct {
		name, path, kind, key string
		chunked               bool
		want                  int
	}{
		{"result", web.APIPath + "/results", "application/json", s.Key, false, http.StatusRequestEntityTooLarge},
		{"result of unknown length", web.APIPath + "/results", "application/json", s.Key, true, http.StatusRequestEntityTooLarge},
		{"result without a key", web.APIPath + "/results", "application/json", "", false, http.StatusUnauthorized},
		{"no such address", web.APIPath + "/nothing", "application/json", "", false, http.StatusNotFound},
		{"badge", web.APIPath + "/verify", "application/json", "", false, http.StatusRequestEntityTooLarge},
		{"badge as a form", web.APIPath + "/verify", "multipart/form-data; boundary=b", "", true, http.StatusBadRequest},
		{"page", web.VerifyPath, "application/x-www-form-urlencoded", "", false, http.StatusRequestEntityTooLarge},
		{"list", "/verify/many", "application/x-www-form-urlencoded", "", true, http.StatusRequestEntityTooLarge},
		{"form", "/sign-in", "application/x-www-form-urlencoded", "", false, http.StatusRequestEntityTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(time.Minute))
			head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: badges.acme.test\r\nContent-Type: %s\r\n", c.path, c.kind)
			if c.key != "" {
				head += "Authorization: Bearer " + c.key + "\r\n"
			}
			body, end := strings.Repeat("x", large), ""
			if c.chunked {
				head, end = head+"Transfer-Encoding: chunked\r\n\r\n"+fmt.Sprintf("%x\r\n", large), "\r\n0\r\n\r\n"
			} else {
				head += fmt.Sprintf("Content-Length: %d\r\n\r\n", large)
			}
			if _, err := io.WriteString(connection, head+body+end); err != nil {
				t.Fatal("cut off:", err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil || answer.StatusCode != c.want {
				t.Fatalf("got %v, %v, want %d", answer, err, c.want)
			}
			if text, err := io.ReadAll(answer.Body); err != nil || len(text) == 0 {
				t.Errorf("the answer was cut off: %v", err)
			}
		})
	}
}

// A sender that asks first is told without having sent anything, and what is refused is read within limits only.
func TestRefusedBodiesAreReadWithinLimits(t *testing.T) {
	s := apitest.New(t)
	const drainMost = 32 << 20
	sent := &counted{}
	r := httptest.NewRequest("POST", web.APIPath+"/nothing", sent)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound || sent.n < drainMost || sent.n > drainMost+64<<10 {
		t.Errorf("got %d after %d bytes", w.Code, sent.n)
	}
	sent.n = 0
	r = httptest.NewRequest("POST", web.APIPath+"/nothing", sent)
	r.Header.Set("Expect", "100-continue")
	if s.ServeHTTP(httptest.NewRecorder(), r); sent.n != 0 {
		t.Errorf("%d bytes were asked for", sent.n)
	}
}

// counted never ends and counts what is read.
type counted struct{ n int }

func (c *counted) Read(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}
