package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// ParseProxy reads the address of an egress proxy: http://host:port or https://host:port, with name
// and password if it wants them. The proxy is spoken to by CONNECT, for every scheme.
func ParseProxy(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the proxy's address is no URL") // the error would repeat the password
	}
	atRoot := (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || !atRoot {
		return nil, errors.New("the proxy's address must be of the form http://host:port")
	}
	return u, nil
}

// dialProxy opens a tunnel to addr through the proxy. The proxy is asked for an address that was judged
// here, not for a name, so neither it nor a changing DNS answer leads to a private network.
func (w *web) dialProxy(ctx context.Context, _, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	target, err := w.throughProxy(ctx, host)
	if err != nil {
		return nil, err
	}
	conn, err := w.toProxy(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProxy, err)
	}
	if err := connect(ctx, conn, net.JoinHostPort(target, port), w.options.Proxy.User); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// throughProxy gives what the proxy is asked for: the first address of the name that may be visited.
func (w *web) throughProxy(ctx context.Context, host string) (string, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return literal.String(), w.safe(literal)
	}
	if w.options.ProxyResolves {
		return host, nil
	}
	addresses, err := w.options.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	err = ErrAddress
	for _, address := range addresses {
		if err = w.safe(address); err == nil {
			return address.Unmap().String(), nil
		}
	}
	return "", err
}

func (w *web) toProxy(ctx context.Context) (net.Conn, error) {
	proxy, dialer := w.options.Proxy, net.Dialer{Timeout: fetchTime}
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[proxy.Scheme]
	}
	address := net.JoinHostPort(proxy.Hostname(), port)
	if proxy.Scheme != "https" {
		return dialer.DialContext(ctx, "tcp", address)
	}
	secure := tls.Dialer{NetDialer: &dialer, Config: &tls.Config{RootCAs: w.options.Roots, ServerName: proxy.Hostname()}}
	return secure.DialContext(ctx, "tcp", address)
}

// connect asks for a tunnel (RFC 9110 §9.3.6).
func connect(ctx context.Context, conn net.Conn, target string, user *url.Userinfo) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := request.Write(conn); err != nil {
		return fmt.Errorf("%w: %w", errProxy, err)
	}
	answers := bufio.NewReaderSize(conn, 4<<10)
	answer, err := http.ReadResponse(answers, request)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errProxy, err)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: it answered %d", errProxy, answer.StatusCode)
	case answers.Buffered() > 0:
		return fmt.Errorf("%w: it spoke before the tunnel was open", errProxy)
	case !stop():
		return context.Cause(ctx)
	}
	return nil
}
