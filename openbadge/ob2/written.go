package ob2

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// Context is the JSON-LD context of everything that we write.
const Context = "https://w3id.org/openbadges/v2"

// Assertion is a hosted badge (spec 2.0 section 2); ID is the URL where it is served.
type Assertion struct {
	Context      string       `json:"@context"`
	Type         string       `json:"type"`
	ID           string       `json:"id"`
	Recipient    Identity     `json:"recipient"`
	Badge        string       `json:"badge"`
	Verification Verification `json:"verification"`
	IssuedOn     time.Time    `json:"issuedOn"`
	Image        string       `json:"image,omitempty"`
	Evidence     []Evidence   `json:"evidence,omitempty"`
	Narrative    string       `json:"narrative,omitempty"`
	Expires      time.Time    `json:"expires,omitzero"`
}

// NewAssertion makes a hosted assertion served at id, of the badge class served at badge. Times are
// written in UTC and whole seconds; a zero expires means never.
func NewAssertion(id, badge string, recipient Identity, issuedOn, expires time.Time) Assertion {
	return Assertion{
		Context: Context, Type: "Assertion", ID: id, Recipient: recipient, Badge: badge,
		Verification: Verification{Type: "HostedBadge"}, IssuedOn: wholeSeconds(issuedOn), Expires: wholeSeconds(expires),
	}
}

// Revoked is the body that goes with status 410 (spec 2.0 section 8).
type Revoked struct {
	Context string `json:"@context"`
	Type    string `json:"type"`
	ID      string `json:"id"`
	Revoked bool   `json:"revoked"`
	Reason  string `json:"revocationReason,omitempty"`
}

// NewRevoked makes the body for the assertion that was served at id.
func NewRevoked(id, reason string) Revoked {
	return Revoked{Context: Context, Type: "Assertion", ID: id, Revoked: true, Reason: reason}
}

// Identity is the recipient of an assertion we write: always a salted sha256 hash of an address.
type Identity struct {
	Type     string `json:"type"`
	Hashed   bool   `json:"hashed"`
	Salt     string `json:"salt,omitempty"`
	Identity string `json:"identity"`
}

// HashedEmail makes the recipient for an address of which only the salted hash is told
// (openbadge.HashIdentity).
func HashedEmail(hash, salt string) Identity {
	return Identity{Type: "email", Hashed: true, Salt: salt, Identity: hash}
}

// Verification says how an assertion is to be checked.
type Verification struct {
	Type    string `json:"type"`
	Creator string `json:"creator,omitempty"`
}

// Evidence is a page or a text that supports an award.
type Evidence struct {
	ID          string `json:"id,omitempty"`
	Type        string `json:"type"`
	Narrative   string `json:"narrative,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}

// BadgeClass is what can be earned.
type BadgeClass struct {
	Context     string      `json:"@context,omitempty"`
	Type        string      `json:"type"`
	ID          string      `json:"id"`
	Language    string      `json:"@language,omitempty"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Image       string      `json:"image"`
	Criteria    Criteria    `json:"criteria"`
	Issuer      string      `json:"issuer"`
	Alignment   []Alignment `json:"alignment,omitempty"`
	Tags        []string    `json:"tags,omitempty"`
	Version     string      `json:"version,omitempty"`
	Related     []Related   `json:"related,omitempty"`
}

// NewBadgeClass makes the class served at id; image and issuer are URLs.
func NewBadgeClass(id, name, description, image, issuer string, criteria Criteria) BadgeClass {
	return BadgeClass{
		Context: Context, Type: "BadgeClass", ID: id, Name: name, Description: description,
		Image: image, Criteria: criteria, Issuer: issuer,
	}
}

// ForKey is the class, served at id, as it stands in assertions that are signed with the key that profile
// lists. It has an address of its own, since validators fetch an embedded class again from where its id
// says, and the class of hosted badges names a profile without keys; that class stays linked.
func (b BadgeClass) ForKey(id, profile string) BadgeClass {
	hosted := Related{ID: b.ID, Type: []string{typeBadgeClass}, Version: b.Version}
	b.Related = append(slices.Clone(b.Related), hosted)
	b.ID, b.Issuer = id, profile
	return b
}

// Criteria says how a badge is earned: a web page, a Markdown text, or both.
type Criteria struct {
	ID        string `json:"id,omitempty"`
	Narrative string `json:"narrative,omitempty"`
}

// Alignment points to a node of a framework.
type Alignment struct {
	TargetName        string `json:"targetName"`
	TargetURL         string `json:"targetUrl"`
	TargetDescription string `json:"targetDescription,omitempty"`
	TargetFramework   string `json:"targetFramework,omitempty"`
	TargetCode        string `json:"targetCode,omitempty"`
}

// Related names the same thing elsewhere, for example the 3.0 achievement of a class (spec 3.0
// section 15). Type holds full IRIs.
type Related struct {
	ID       string   `json:"id"`
	Type     []string `json:"type,omitempty"`
	Language string   `json:"@language,omitempty"`
	Version  string   `json:"version,omitempty"`
}

// Classes of what Related links to.
const (
	typeAchievement3 = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"
	typeProfile3     = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile"
	typeBadgeClass   = KindBadgeClass
	edition3         = "Open Badges v3p0"
)

// RelatedAchievement links the Open Badges 3.0 achievement of a class (spec 3.0 section 15).
func RelatedAchievement(url string) Related {
	return Related{ID: url, Type: []string{typeBadgeClass, typeAchievement3}, Version: edition3}
}

// RelatedProfile links the Open Badges 3.0 profile of an issuer.
func RelatedProfile(url string) Related {
	return Related{ID: url, Type: []string{"Profile", typeProfile3}, Version: edition3}
}

// Translation links the same class in another language (BCP 47).
func Translation(url, language string) Related {
	return Related{ID: url, Type: []string{typeBadgeClass}, Language: language}
}

// Profile is the issuer. PublicKey is one URL: both official validators refuse two or more.
type Profile struct {
	Context        string    `json:"@context"`
	Type           string    `json:"type"`
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	URL            string    `json:"url"`
	Email          string    `json:"email"`
	Telephone      string    `json:"telephone,omitempty"`
	Description    string    `json:"description,omitempty"`
	Image          string    `json:"image,omitempty"`
	PublicKey      string    `json:"publicKey,omitempty"`
	RevocationList string    `json:"revocationList,omitempty"`
	Related        []Related `json:"related,omitempty"`
}

// NewProfile makes the issuer served at id.
func NewProfile(id, name, url, email string) Profile {
	return Profile{Context: Context, Type: "Issuer", ID: id, Name: name, URL: url, Email: email}
}

// ForKey is the profile as the issuer of badges signed with one key, served at id (contract section 4).
// Each key has its own, since both official validators want exactly one publicKey; so keys can rotate.
func (p Profile) ForKey(id, key string) Profile {
	p.ID, p.PublicKey = id, key
	return p
}

// CryptographicKey is a public key; owner is the profile that lists it.
type CryptographicKey struct {
	Context      string `json:"@context"`
	Type         string `json:"type"`
	ID           string `json:"id"`
	Owner        string `json:"owner"`
	PublicKeyPEM string `json:"publicKeyPem"`
}

// NewCryptographicKey makes the key served at id; pem comes from openbadge.PublicKeyPEM.
func NewCryptographicKey(id, owner, pem string) CryptographicKey {
	return CryptographicKey{Context: Context, Type: "CryptographicKey", ID: id, Owner: owner, PublicKeyPEM: pem}
}

// RevocationList names the signed badges that no longer hold.
type RevocationList struct {
	Context           string       `json:"@context"`
	Type              string       `json:"type"`
	ID                string       `json:"id"`
	Issuer            string       `json:"issuer,omitempty"`
	RevokedAssertions []Revocation `json:"revokedAssertions"`
}

// Revocation is one entry of a RevocationList.
type Revocation struct {
	ID     string `json:"id"`
	Reason string `json:"revocationReason,omitempty"`
}

// padding is no badge's id: the official validator misses an entry that stands alone in its list
// (spec 2.0 section 17), so it never does.
const padding = "urn:uuid:00000000-0000-4000-8000-000000000000"

// NewRevocationList makes the list served at id, in the given order. issuer is empty for a list that
// several profiles share. A list of one gets a second entry that is no badge's.
func NewRevocationList(id, issuer string, revoked ...Revocation) RevocationList {
	entries := append([]Revocation{}, revoked...)
	if len(entries) == 1 {
		entries = append(entries, Revocation{ID: padding})
	}
	return RevocationList{Context: Context, Type: "RevocationList", ID: id, Issuer: issuer, RevokedAssertions: entries}
}

// SignedAssertion is a badge for a JWS (spec 2.0 section 7). It carries its badge class as it was on
// the day of issue; ID is a urn:uuid of version 4, as UUID makes it.
type SignedAssertion struct {
	Context      string       `json:"@context"`
	Type         string       `json:"type"`
	ID           string       `json:"id"`
	Recipient    Identity     `json:"recipient"`
	Badge        BadgeClass   `json:"badge"`
	Verification Verification `json:"verification"`
	IssuedOn     time.Time    `json:"issuedOn"`
	Image        string       `json:"image,omitempty"`
	Evidence     []Evidence   `json:"evidence,omitempty"`
	Narrative    string       `json:"narrative,omitempty"`
	Expires      time.Time    `json:"expires,omitzero"`
}

// NewSignedAssertion makes the payload of a signed badge. Creator is the URL of the CryptographicKey:
// both official validators fail without it. badge comes from BadgeClass.ForKey: its issuer is the
// profile that lists this key.
func NewSignedAssertion(id string, badge BadgeClass, creator string, recipient Identity, issuedOn, expires time.Time) SignedAssertion {
	badge.Context = ""
	return SignedAssertion{
		Context: Context, Type: "Assertion", ID: id, Recipient: recipient, Badge: badge,
		Verification: Verification{Type: "SignedBadge", Creator: creator},
		IssuedOn:     wholeSeconds(issuedOn), Expires: wholeSeconds(expires),
	}
}

// Payload gives the bytes to sign, by RS256 and with the key that creator names. An error means that
// a validator would refuse the badge: it must not be signed.
func (a SignedAssertion) Payload() ([]byte, error) {
	b := &a.Badge
	switch {
	case !uuidForm.MatchString(a.ID):
		return nil, errors.New("signed assertion without a urn:uuid")
	case !isWeb(a.Verification.Creator):
		return nil, errors.New("signed assertion without the address of its key")
	case !isWeb(b.ID) || b.Context != "":
		return nil, errors.New("badge class without an address, or with a context of its own")
	case !isWeb(b.Issuer) || b.Name == "" || b.Description == "" || b.Image == "" || b.Criteria == Criteria{}:
		return nil, errors.New("badge class lacks issuer, name, description, image or criteria")
	case !openbadge.IsIdentityHash(a.Recipient.Identity) || a.IssuedOn.IsZero():
		return nil, errors.New("signed assertion without recipient or date")
	}
	return openbadge.Document(a)
}

// uuidForm has the versions that the official validator knows (spec 2.0 section 16).
var uuidForm = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// UUID makes a urn:uuid of version 4 (RFC 9562 §5.4) from 16 bytes that nobody can guess.
func UUID(random [16]byte) string {
	b := random
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
