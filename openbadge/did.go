package openbadge

import (
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// ErrDID is wrapped by every error about a DID that cannot be read or made.
var ErrDID = errors.New("unusable DID")

const maxDID = 4096

// supportedDIDs are the methods whose keys can be found.
var supportedDIDs = []string{"did:key:", "did:jwk:", "did:web:"}

// IsForeignDID reports whether id is a DID of a method that is not known here.
func IsForeignDID(id string) bool {
	supported := slices.ContainsFunc(supportedDIDs, func(method string) bool { return strings.HasPrefix(id, method) })
	return strings.HasPrefix(id, "did:") && !supported
}

// DIDKey gives the did:key of pub; its one verification method is did + "#" + Multikey(pub).
func DIDKey(pub crypto.PublicKey) (string, error) {
	key, err := Multikey(pub)
	if err != nil {
		return "", err
	}
	return "did:key:" + key, nil
}

// ParseDIDKey gives the key of a did:key, with or without fragment; a fragment must repeat the key
// (spec 3.0 section 7). Nothing is fetched.
func ParseDIDKey(did string) (crypto.PublicKey, error) {
	key, isKey := strings.CutPrefix(did, "did:key:")
	key, fragment, withFragment := strings.Cut(key, "#")
	if !isKey || withFragment && fragment != key || !strings.HasPrefix(key, "z") {
		return nil, fmt.Errorf("%w: not a did:key", ErrDID)
	}
	return parseMultikey(key)
}

// DIDJWK gives the did:jwk of pub; its one verification method is did + "#0".
func DIDJWK(pub crypto.PublicKey) (string, error) {
	k, err := bareJWK(pub)
	if err != nil {
		return "", err
	}
	raw, err := marshal(k)
	if err != nil {
		return "", err
	}
	return "did:jwk:" + b64.EncodeToString(raw), nil
}

// ParseDIDJWK gives the key of a did:jwk, alone or with the fragment "#0".
func ParseDIDJWK(did string) (crypto.PublicKey, error) {
	text, isJWK := strings.CutPrefix(strings.TrimSuffix(did, "#0"), "did:jwk:")
	if !isJWK || len(did) > maxDID {
		return nil, fmt.Errorf("%w: not a did:jwk", ErrDID)
	}
	raw, err := b64.DecodeString(text)
	if err != nil || !json.Valid(raw) {
		return nil, fmt.Errorf("%w: did:jwk holds no JWK", ErrDID)
	}
	pub, _, err := ParseJWK(raw)
	return pub, err
}

// DIDWeb gives the did:web whose document is served at address, an https URL that ends in /did.json
// (the inverse of DIDWebURL): https://host/.well-known/did.json gives did:web:host, and
// https://host:8443/a/did.json gives did:web:host%3A8443:a.
func DIDWeb(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: no web address to name", ErrDID)
	}
	path, isDocument := strings.CutSuffix(u.EscapedPath(), "/did.json")
	if !isDocument || path == "" {
		return "", fmt.Errorf("%w: address does not end in /did.json", ErrDID)
	}
	did := "did:web:" + strings.ReplaceAll(u.Host, ":", "%3A")
	if path == "/.well-known" {
		return did, nil
	}
	return did + strings.ReplaceAll(path, "/", ":"), nil
}

// DIDWebURL gives the https address of the document of a did:web (a fragment is ignored). Names that
// are no host name, empty or dotted path parts and IP addresses are errors: the address will be
// fetched on behalf of a stranger.
func DIDWebURL(did string) (string, error) {
	did, _, _ = strings.Cut(did, "#")
	name, isWeb := strings.CutPrefix(did, "did:web:")
	if !isWeb || len(did) > maxDID || strings.ContainsAny(name, "/?@\\ ") {
		return "", fmt.Errorf("%w: not a did:web", ErrDID)
	}
	parts := strings.Split(name, ":")
	host, err := didHost(parts[0])
	if err != nil {
		return "", err
	}
	for _, part := range parts[1:] {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\") {
			return "", fmt.Errorf("%w: path of did:web", ErrDID)
		}
	}
	if len(parts) == 1 {
		return "https://" + host + "/.well-known/did.json", nil
	}
	return "https://" + host + "/" + strings.Join(parts[1:], "/") + "/did.json", nil
}

func didHost(part string) (string, error) {
	host, err := url.PathUnescape(part)
	if err != nil {
		return "", fmt.Errorf("%w: host of did:web", ErrDID)
	}
	u, err := url.Parse("https://" + host)
	if err != nil || u.Host != host || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil || strings.ContainsAny(host, "[]%") {
		return "", fmt.Errorf("%w: host of did:web", ErrDID)
	}
	return host, nil
}
