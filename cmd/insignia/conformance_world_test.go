//go:build conformance

package main

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// world is all the network that the official validators get to see: our server under its public name,
// and the JSON-LD contexts at theirs. What else they ask for fails and is a fault of the document that
// made them ask. They reach it over TLS, with a certificate authority of its own, as proxy or directly.
type world struct {
	t      *testing.T
	tls    net.Listener
	proxy  *httptest.Server
	server *httputil.ReverseProxy // known as conformanceHost
	caFile string
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey

	mu     sync.Mutex
	strays []string
}

// newWorld makes one in which nobody but the contexts lives yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.makeAuthority()
	var err error
	if w.tls, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0) // who hangs up early is nobody's fault
	inner := &http.Server{Handler: w, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = inner.Serve(tls.NewListener(w.tls, &tls.Config{GetCertificate: w.certificate})) }()
	w.proxy = httptest.NewServer(http.HandlerFunc(w.connect))
	t.Cleanup(func() {
		w.proxy.Close()
		_ = inner.Close()
	})
	return w
}

// serve puts what listens at address behind the public name.
func (w *world) serve(address string) {
	w.server = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
}

// port is where all hosts listen for those who do not use the proxy.
func (w *world) port() string {
	_, port, _ := net.SplitHostPort(w.tls.Addr().String())
	return port
}

// connect answers a client that uses us as its proxy: a tunnel to ourselves, or a plain request.
func (w *world) connect(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.ServeHTTP(out, r)
		return
	}
	there, err := net.Dial("tcp", w.tls.Addr().String())
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, early, err := out.(http.Hijacker).Hijack() // a client may send before it is answered
	if err != nil {
		w.t.Error(err)
		return
	}
	defer here.Close()
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return // hung up
	}
	go func() { _, _ = io.Copy(there, early) }()
	_, _ = io.Copy(here, there)
}

// ServeHTTP answers for every host.
func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	address := "https://" + r.Host + r.URL.RequestURI()
	switch {
	case r.TLS == nil:
		address = r.RequestURI
	case host == conformanceHost && w.server != nil:
		w.server.ServeHTTP(out, r)
		return
	case address == issuerHomePage || address == issuerHomePage+"/":
		_, _ = io.WriteString(out, "<!doctype html><title>Northlight</title>")
		return
	}
	if document, found := published(address); found {
		out.Header().Set("Content-Type", "application/ld+json")
		_, _ = out.Write(document)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strays = append(w.strays, r.Method+" "+address)
	http.Error(out, "nobody lives at "+address, http.StatusBadGateway)
}

const (
	schemaAddress = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
	recordSchema  = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
	schemaFolder  = "../../../shared/spec/contexts/schemas/"
)

// published is a document of the standards: a context that we embed, or a JSON Schema, where there are
// copies of those.
func published(address string) ([]byte, bool) {
	if context, found := jsonld.Context(address); found {
		return context, true
	}
	if address == recordSchema {
		schema, err := os.ReadFile("../../openbadge/testdata/" + filepath.Base(address))
		return schema, err == nil
	}
	name, is := strings.CutPrefix(address, schemaAddress)
	if !is {
		return nil, false
	}
	schema, err := os.ReadFile(filepath.Join(schemaFolder, filepath.Base(strings.Replace(name, "_schema.json", ".json", 1))))
	return schema, err == nil
}

// noStrays reports what was asked for outside of our server since the last call.
func (w *world) noStrays(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.strays) != 0 {
		t.Errorf("a document made the validator ask for\n  %s", strings.Join(w.strays, "\n  "))
	}
	w.strays = nil
}

// env is the environment in which a validator meets this world and no other.
func (w *world) env() []string {
	schemas := "CONFORMANCE_SCHEMAS="
	if _, err := os.Stat(schemaFolder); err == nil {
		schemas += "1"
	}
	return append(os.Environ(), schemas, "CONFORMANCE_PORT="+w.port(), "CONFORMANCE_CA="+w.caFile, "REQUESTS_CA_BUNDLE="+w.caFile,
		"HTTPS_PROXY="+w.proxy.URL, "https_proxy="+w.proxy.URL, "HTTP_PROXY="+w.proxy.URL, "http_proxy="+w.proxy.URL,
		"ALL_PROXY=", "all_proxy=", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "NODE_OPTIONS=")
}
