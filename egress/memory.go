package egress

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Memory is a Fetcher whose whole network is in memory: URL to Resource. A URL that is not in it
// refuses the connection; plain http is as good as https; redirects are followed.
type Memory map[string]Resource

// Resource is one answer of Memory, in the form of the --resources file (contract section 2): Body,
// or File relative to that file, which Resources reads into Body. Status 0 means 200.
type Resource struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	File    string            `json:"file"`
}

// Resources reads a --resources file and every file that it names. Errors are for the person who
// wrote it.
func Resources(file string) (Memory, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("resources: %w", err)
	}
	var m Memory
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("resources %s: %w", file, err)
	}
	for address, r := range m {
		if r.File == "" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(r.File)))
		if err != nil {
			return nil, fmt.Errorf("resources %s: %s: %w", file, address, err)
		}
		r.Body = string(body)
		m[address] = r
	}
	return m, nil
}

// Fetch answers from memory.
func (m Memory) Fetch(ctx context.Context, r Request) (*Response, error) {
	address := r.URL
	for range maxRedirects + 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		resource, found := m.find(address)
		if !found {
			return nil, errRefused
		}
		response := resource.response(address)
		location := resource.header("Location")
		if response.Status < 300 || response.Status > 399 || location == "" {
			return response, tooLarge(response)
		}
		next, err := follow(address, location)
		if err != nil {
			return nil, err
		}
		address = next
	}
	return nil, ErrRedirects
}

func tooLarge(r *Response) error {
	if len(r.Body) > maxBody {
		return ErrTooLarge
	}
	return nil
}

func follow(from, location string) (string, error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", ErrAddress
	}
	next, err := base.Parse(location)
	if err != nil {
		return "", ErrAddress
	}
	u, isWeb := WebURL(next.String())
	if !isWeb {
		return "", ErrAddress
	}
	return u.String(), nil
}

// find takes an address as it is written; https://host and https://host/ are the same.
func (m Memory) find(address string) (Resource, bool) {
	if r, found := m[address]; found {
		return r, true
	}
	other, isRoot := strings.CutSuffix(address, "/")
	if !isRoot {
		other += "/"
	}
	if u, isWeb := WebURL(address); !isWeb || u.Path != "" && u.Path != "/" {
		return Resource{}, false
	}
	r, found := m[other]
	return r, found
}

func (r Resource) response(address string) *Response {
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	return &Response{URL: address, Status: status, ContentType: r.header("Content-Type"), Body: []byte(r.Body)}
}

func (r Resource) header(name string) string {
	for n, value := range r.Headers {
		if strings.EqualFold(n, name) {
			return value
		}
	}
	return ""
}
