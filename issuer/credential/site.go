package credential

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
)

// Site reads what stands at this server's public addresses (contract 4), without HTTP: the documents that a
// stranger's program gets there, and the badges that are named by an address or id of ours. It shows no more than
// strangers may see.
type Site struct {
	p    *Publisher
	base *url.URL
}

// NewSite is for the addresses below base, which is absolute.
func NewSite(p *Publisher, base *url.URL) Site { return Site{p, base} }

// Path is an address of ours as one on this server, without the path of the base address; false for an address of
// somebody else. http and https are the same: who wrote the address down may not have known.
func (s Site) Path(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || !s.sameHost(u) {
		return nil, false
	}
	escaped, below := strings.CutPrefix(u.EscapedPath(), s.base.EscapedPath())
	if !below || escaped != "" && escaped[0] != '/' {
		return nil, false
	}
	// Not parsed anew: "//elsewhere.test/" as the rest of a path would become a host.
	return &url.URL{
		Path:     strings.TrimPrefix(u.Path, s.base.Path),
		RawPath:  strings.TrimPrefix(u.RawPath, s.base.EscapedPath()),
		RawQuery: u.RawQuery,
	}, true
}

func (s Site) sameHost(u *url.URL) bool {
	return plainHost(u.Hostname()) == plainHost(s.base.Hostname()) &&
		(port(u) == port(s.base) || port(u) == "80" && port(s.base) == "443")
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// plainHost is a host in the one spelling that it is compared by: browsers show and copy either of an international
// name's two (RFC 5891).
func plainHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ascii, err := hostNames.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false))

// Document is what a program gets at an address of ours that prefers signed documents; at is where it stands, which
// is another address for a badge that was superseded. It is nil where the address shows nothing; a page, which no
// program reads, has no body. ours is false, and nothing else said, for an address of somebody else.
func (s Site) Document(ctx context.Context, address string) (d *catalogue.Document, at string, ours bool, err error) {
	path, ours := s.Path(address)
	if !ours {
		return nil, "", false, nil
	}
	room, rest, _ := strings.Cut(strings.TrimPrefix(path.Path, "/"), "/")
	id, form, _ := strings.Cut(rest, "/")
	at = address
	var found catalogue.Document
	switch {
	case room == "badges" && plausibleID(id):
		var b *Badge
		if b, err = s.shown(ctx, id); err == nil && b != nil {
			if b.Award.ID != id {
				at = s.p.badgeURL(b.Award.ID, strings.TrimPrefix(path.Path, "/badges/"+id))
			}
			found, err = s.badge(ctx, b, form)
		}
	case room == "achievements" && plausibleID(id):
		found, err = s.achievement(ctx, id, form, path.Query())
	case room == "issuers":
		found, err = s.issuer(ctx, id, form)
	case room == "status" && form == "":
		found, err = s.status(ctx, id)
	case path.Path == "/.well-known/jwks.json":
		found, err = s.keySet(ctx)
	}
	if err != nil || found.Type == "" {
		return nil, at, true, err
	}
	return &found, at, true, nil
}

// plausibleID keeps what cannot be one of our public ids away from the database.
func plausibleID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == "" && id != ""
}

// shown is the badge that strangers see at the address of an id: the one that stayed where one is superseded; nil:
// none.
func (s Site) shown(ctx context.Context, id string) (*Badge, error) {
	b, found, err := s.p.Seen(ctx, id, "")
	if err != nil || !found {
		return nil, err
	}
	next, err := s.p.Successor(ctx, b)
	if err != nil || next == nil {
		return b, err
	}
	return next, nil
}

// badge is a form of a badge. A document without a type is none.
func (s Site) badge(ctx context.Context, b *Badge, form string) (d catalogue.Document, err error) {
	switch form {
	case "", "credential.jwt":
		d = b.CredentialJWT()
		d.Type = catalogue.TypeVCJWT
	case "credential.json":
		d, err = s.p.CredentialJSON(ctx, b)
		d.Type = catalogue.TypeJSONLD
	case "assertion.json":
		d, err = s.p.Assertion(ctx, b)
	case "assertion.jws":
		d, err = s.p.SignedAssertion(ctx, b)
	case "badge.png":
		d, err = s.p.BakedPNG(ctx, b)
	case "badge.svg":
		d, err = s.p.BakedSVG(ctx, b)
	case "image.png", "card.png", "qr.png", "qr.svg": // pictures for people, none of which carries a badge
		d, err = s.png(ctx, b.Achievement.ID)
	}
	return d, err
}

func (s Site) png(ctx context.Context, achievement string) (catalogue.Document, error) {
	png, found, err := s.p.catalogue.PNG(ctx, achievement)
	if err != nil || !found {
		return catalogue.Document{}, err
	}
	return catalogue.NewDocument(catalogue.TypePNG, png), nil
}

// achievement is a document about an achievement.
func (s Site) achievement(ctx context.Context, id, form string, query url.Values) (d catalogue.Document, err error) {
	a, found, err := s.p.catalogue.Achievement(ctx, id)
	if err != nil || !found {
		return catalogue.Document{}, err
	}
	switch lang := query.Get("lang"); form {
	case "":
		return catalogue.Document{Type: catalogue.TypeHTML}, nil
	case "achievement.json":
		return s.p.AchievementDocument(a, lang)
	case "badgeclass.json":
		if kid := query.Get("key"); kid != "" {
			d, _, err = s.p.BadgeClassForKey(ctx, a, kid)
			return d, err
		}
		return s.p.BadgeClass(ctx, a, lang)
	case "image.png":
		return s.png(ctx, id)
	case "image.svg":
		d, _, err = s.p.catalogue.SVGIn(ctx, id, lang)
	}
	return d, err
}

// issuer is a document about the issuer with an id.
func (s Site) issuer(ctx context.Context, id, form string) (d catalogue.Document, err error) {
	all, found, err := s.p.IssuerDocuments(ctx, id)
	if refusal.Is(err, "no_programme") {
		return catalogue.Document{}, nil // there is no issuer yet
	}
	if err != nil || !found {
		return catalogue.Document{}, err
	}
	key, isKey := strings.CutPrefix(form, "keys/")
	if isKey {
		return all.keyDocument(key)
	}
	switch form {
	case "":
		return catalogue.Document{Type: catalogue.TypeHTML}, nil
	case "profile.json":
		return all.Profile()
	case "issuer.json":
		return all.Issuer()
	case "did.json":
		return all.DID()
	case "revocations.json":
		return all.Revocations(ctx)
	}
	return catalogue.Document{}, nil
}

// keyDocument is a public key in the form that the ending of its file asks for.
func (d IssuerDocuments) keyDocument(file string) (doc catalogue.Document, err error) {
	if kid, asked := strings.CutSuffix(file, "/profile.json"); asked {
		doc, _, err = d.KeyProfile(kid)
	} else if kid, asked := strings.CutSuffix(file, ".jwk"); asked {
		doc, _, err = d.JWK(kid)
	} else if kid, asked := strings.CutSuffix(file, ".json"); asked {
		doc, _, err = d.Key(kid)
	} else {
		doc, _, err = d.ProofKey(file)
	}
	return doc, err
}

// status is a status list, as token.
func (s Site) status(ctx context.Context, list string) (catalogue.Document, error) {
	name := strings.TrimSuffix(list, ".jwt")
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != name {
		return catalogue.Document{}, nil
	}
	d, found, err := s.p.StatusListJWT(ctx, number)
	if err != nil || !found {
		return catalogue.Document{}, err
	}
	d.Type = catalogue.TypeVCJWT
	return d, nil
}

func (s Site) keySet(ctx context.Context) (catalogue.Document, error) {
	org, err := s.p.catalogue.Organisation(ctx)
	if refusal.Is(err, "no_programme") {
		return catalogue.Document{}, nil
	}
	if err != nil {
		return catalogue.Document{}, err
	}
	all, found, err := s.p.IssuerDocuments(ctx, org.ID)
	if err != nil || !found {
		return catalogue.Document{}, err
	}
	return all.JWKSet()
}

// Edition is the badge of ours that names itself and its issuer so, if strangers may see it, and whether the name is
// that of an edition that a newer one has replaced; nil: none.
func (s Site) Edition(ctx context.Context, badge, issuerID string) (b *Badge, older bool, err error) {
	b, version, err := s.named(ctx, badge, issuerID)
	if err != nil || b == nil || !b.Award.Shown() {
		return nil, false, err
	}
	return b, version > 0 && version < b.Award.Signed, nil
}

// Sandbox reports whether a badge that names itself and its issuer so was made for a trial of ours, shown or not.
func (s Site) Sandbox(ctx context.Context, badge, issuerID string) (bool, error) {
	b, _, err := s.named(ctx, badge, issuerID)
	return b != nil && b.Sandbox, err
}

// named is the badge with a name, shown or not; nil: none. Only the id of a signed 2.0 badge is that of one edition;
// version is 0 for an address.
func (s Site) named(ctx context.Context, badge, issuerID string) (b *Badge, version int64, err error) {
	id, found := "", false
	if strings.HasPrefix(badge, "urn:uuid:") {
		id, version, found, err = s.p.awardOfSigned(ctx, badge)
	} else if path, ours := s.Path(badge); ours {
		id, found = strings.CutPrefix(path.Path, "/badges/")
		id, _, _ = strings.Cut(id, "/")
	}
	if err != nil || !found || !plausibleID(id) || !s.mayHaveIssued(issuerID) {
		return nil, 0, err
	}
	b, found, err = s.p.Published(ctx, id)
	if err != nil || !found {
		return nil, 0, err
	}
	return b, version, nil
}

// mayHaveIssued is false for an issuer that is surely somebody else, who may name a badge of ours as its own.
func (s Site) mayHaveIssued(issuerID string) bool {
	_, ours := s.Path(issuerID)
	return ours || issuerID == "" // a withdrawn 2.0 badge names nobody
}

const successorsMost = 8

// Successor is the badge that took the place of a superseded one, if strangers may see it; nil: none, or b is not
// superseded. A public badge leads to a public one only: everybody would learn an address that is for those with
// the link.
func (p *Publisher) Successor(ctx context.Context, b *Badge) (*Badge, error) {
	if b.Award.Successor == "" {
		return nil, nil
	}
	public := b.Award.Visibility == ledger.Public
	for range successorsMost {
		if b.Award.Successor == "" {
			if !b.Award.Shown() || public && b.Award.Visibility != ledger.Public {
				return nil, nil
			}
			return b, nil
		}
		next, found, err := p.Published(ctx, b.Award.Successor)
		if err != nil || !found {
			return nil, err
		}
		b = next
	}
	return nil, nil
}
