package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator is a device with one passkey, for tests. Its members may be changed to have it lie.
type Authenticator struct {
	Origin  string // of the page, as its browser says
	RPID    string
	Counter uint32 // of uses, told and counted up with each; 0 stays, as on devices that keep their keys in step
	Lazy    bool   // it does not look who is there

	T      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
}

// NewAuthenticator is one that visits a page.
func NewAuthenticator(t testing.TB, origin, rpID string) *Authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Authenticator{Origin: origin, RPID: rpID, Counter: 1, T: t, key: key, id: []byte(rand.Text())}
}

// Clone is the same passkey on another device.
func (a *Authenticator) Clone() *Authenticator {
	b := *a
	return &b
}

type asked struct {
	Challenge string `json:"challenge"`
	User      struct {
		ID string `json:"id"`
	} `json:"user"`
}

func (a *Authenticator) asked(options string) (o asked) {
	a.T.Helper()
	if err := json.Unmarshal([]byte(options), &o); err != nil || o.Challenge == "" {
		a.T.Fatalf("options %q: %v", options, err)
	}
	return o
}

// Create makes the passkey and answers as navigator.credentials.create does.
func (a *Authenticator) Create(options string) string {
	a.T.Helper()
	o := a.asked(options)
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		a.T.Fatal(err)
	}
	a.handle = handle
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.T.Fatal(err)
	}
	x, y := point[1:33], point[33:65]
	cose := append(append(append([]byte{0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20}, x...), 0x22, 0x58, 0x20), y...)
	data := append(a.data(0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)
	object := []byte{0xA3}
	object = append(append(object, 0x63), "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(object, 0xA0)
	object = append(append(object, 0x68), "authData"...)
	object = binary.BigEndian.AppendUint16(append(object, 0x59), uint16(len(data)))
	object = append(object, data...)
	return a.answer(map[string]any{"clientDataJSON": encode(a.client("webauthn.create", o)), "attestationObject": encode(object)})
}

// Get answers as navigator.credentials.get does.
func (a *Authenticator) Get(options string) string {
	a.T.Helper()
	if a.Counter > 0 {
		a.Counter++
	}
	client, data := a.client("webauthn.get", a.asked(options)), a.data(0)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data, hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.T.Fatal(err)
	}
	return a.answer(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(a.handle),
	})
}

func (a *Authenticator) client(kind string, o asked) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": o.Challenge, "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		a.T.Fatal(err)
	}
	return text
}

// data is the authenticator data up to the key (WebAuthn §6.1): somebody is present and, unless it is lazy, was verified.
func (a *Authenticator) data(flags byte) []byte {
	rp := sha256.Sum256([]byte(a.RPID))
	if flags |= 0x01; !a.Lazy {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(rp[:], flags), a.Counter)
}

func (a *Authenticator) answer(response map[string]any) string {
	text, err := json.Marshal(map[string]any{
		"id": encode(a.id), "rawId": encode(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		a.T.Fatal(err)
	}
	return string(text)
}
