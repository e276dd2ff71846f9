package ob2

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
