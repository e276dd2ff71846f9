package verifier

import (
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// sealed is a 3.0 credential with what vouches for it: the token that carries it, or the proofs inside.
type sealed struct {
	*openbadge.Received
	token   *openbadge.JWS // nil: the proofs are inside
	decoded map[string]any // see members
}

// class is what a credential is, which decides the rules that it is held to.
type class string

const (
	aBadge        class = "badge"
	anEndorsement class = "endorsement"
	aStatusList   class = "status list"
	aRecord       class = "learner record"
	aCredential   class = "credential" // of somebody else's vocabulary: only its envelope can be judged
)

// unseal reads a credential in any wrapping: JSON with proofs, a token, or an object around a token
// (VC Data Model 2.0, section 4.13.1).
func unseal(data []byte) (*sealed, *fault) {
	data = trim(data)
	if len(data) > openbadge.MaxToken {
		return nil, &fault{verdict: Invalid, code: BadInput, message: "The document is larger than 4 MiB."}
	}
	text := string(data)
	if len(data) > 0 && data[0] == '{' {
		var m map[string]any
		if tooComplex(data) || openbadge.UnmarshalStrict(data, &m) != nil {
			return nil, &fault{code: NotJSON,
				message: "The document is no JSON object, or one that readers could understand differently."}
		}
		token, found := envelopedToken(m)
		if !found {
			return unsealed(data, openbadge.ReadCredential)
		}
		text = token
	}
	token, err := openbadge.ParseJWS(text)
	if err != nil {
		return nil, &fault{code: BadValue,
			message: "The token is malformed, or its header has members that are not safe to ignore."}
	}
	s, f := unsealed(token.Payload, openbadge.ReadClaims)
	if f != nil {
		return nil, f
	}
	s.token = token
	return s, nil
}

func unsealed(data []byte, read func([]byte) (*openbadge.Received, error)) (*sealed, *fault) {
	if f := overweight(data); f != nil {
		return nil, f
	}
	r, err := read(data)
	if err != nil {
		return nil, &fault{code: UnsupportedType, message: "The document is no credential."}
	}
	return &sealed{Received: r}, nil
}

// maxCredentialValues is how many members and elements a 3.0 credential may have. The largest of the
// official test material has some 700; converting them to RDF and back is what takes time, so fewer
// are allowed than of documents that are only read.
const maxCredentialValues = 20_000

// overweight is nil for a credential that is small enough to be judged.
func overweight(data []byte) *fault {
	values := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[', ',':
			values++
		case '"':
			i += stringLength(data[i+1:])
		}
	}
	if values <= maxCredentialValues {
		return nil
	}
	return &fault{verdict: Invalid, code: BadInput, message: "The credential has more parts than are judged."}
}

// envelopedToken gives the token inside an object that only holds one, as a data URL in its id (VC Data
// Model 2.0, section 4.13.1).
func envelopedToken(m map[string]any) (token string, found bool) {
	id, _ := m["id"].(string)
	media, token, isData := strings.Cut(id, ",")
	return token, isData && strings.HasPrefix(media, "data:") && slices.Contains(textsOf(m["type"]), enveloped)
}

// isVouchedFor reports whether a credential's text is a token or has proofs.
func isVouchedFor(text string) bool {
	s, f := unseal([]byte(text))
	return f != nil || s.token != nil || len(s.Proof) > 0
}

// isCredentialText: JSON that looks like a verifiable credential, or a token.
func isCredentialText(text string) bool {
	switch detect([]byte(text)) {
	case isToken:
		return true
	case isJSON:
		var m map[string]any
		return openbadge.UnmarshalStrict(trim([]byte(text)), &m) != nil || looksLikeCredential(m)
	}
	return false
}

// class takes a credential for a badge as soon as it looks like one: a badge that names another type
// is a badge with a fault, not something that is judged more gently.
func (s *sealed) class() class {
	switch {
	case s.IsBadge():
		return aBadge
	case s.IsEndorsement():
		return anEndorsement
	case s.IsStatusList():
		return aStatusList
	case s.IsRecord():
		return aRecord
	case slices.Contains(s.Subject.Types, "AchievementSubject"), slices.ContainsFunc(s.Context[:min(len(s.Context), 2)], isBadgeContext):
		return aBadge
	}
	return aCredential
}

func isBadgeContext(address string) bool {
	return strings.HasPrefix(address, "https://purl.imsglobal.org/spec/ob/")
}

// members decodes the credential itself; the claims of a token that carries it are not among them.
func (s *sealed) members() map[string]any {
	if s.decoded == nil {
		_ = openbadge.UnmarshalStrict(s.Raw, &s.decoded) // an object: ReadCredential has seen it
	}
	return s.decoded
}

// jose reports whether the token follows VC-JOSE-COSE, whose nbf and exp speak of the signature instead
// of repeating the credential's dates (spec 3.0 section 6).
func (s *sealed) jose() bool {
	return s.token != nil && slices.Contains(joseTypes, mediaType(s.token.Header.Typ))
}

// period is when the credential holds; a token that carries it can only narrow that (VC-JOSE-COSE).
func (s *sealed) period() (from, until time.Time) {
	from, until = s.ValidFrom.Time, s.ValidUntil.Time
	if s.Claims == nil {
		return from, until
	}
	if s.Claims.NotBefore.After(from) {
		from = s.Claims.NotBefore
	}
	if expires := s.Claims.Expires; !expires.IsZero() && (until.IsZero() || expires.Before(until)) {
		until = expires
	}
	return from, until
}

// withoutClaims gives the credential without the registered claims of a token that stand beside its
// members.
func (s *sealed) withoutClaims() map[string]any {
	m, _ := openbadge.WithoutNulls(s.members())
	if s.token == nil {
		return m
	}
	bare := map[string]any{}
	for name, v := range m {
		switch name {
		case "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf":
		default:
			bare[name] = v
		}
	}
	return bare
}
