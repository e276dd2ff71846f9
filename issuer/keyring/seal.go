package keyring

import (
	"bytes"
	"context"
	"crypto"
	"crypto/cipher"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/seal"
)

// sealer encrypts private keys under a key derived from the server's secret.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret []byte) (*sealer, error) {
	aead, err := seal.New(secret, "insignia keyring 1")
	return &sealer{aead}, err
}

// content is what a row seals: a private key, or the name of one in a device.
type content struct {
	private crypto.Signer
	device  string
}

// inDevice begins the sealed name of a key in a device; PKCS #8 begins otherwise.
const inDevice = "device:"

// close seals what belongs to a row: it opens in that row only.
func (s *sealer) close(row keyRow, c content) ([]byte, error) {
	plain := []byte(inDevice + c.device)
	if c.device == "" {
		var err error
		if plain, err = x509.MarshalPKCS8PrivateKey(c.private); err != nil {
			return nil, fmt.Errorf("encode private key: %w", err)
		}
	}
	return s.aead.Seal(nil, nil, plain, row.identity()), nil
}

// open opens what a row seals and checks that a private key belongs to the row's public key.
func (s *sealer) open(row keyRow) (content, error) {
	plain, err := s.aead.Open(nil, nil, row.Sealed, row.identity())
	if err != nil {
		return content{}, fmt.Errorf("key %s: %w", row.ID, ErrSealed)
	}
	if name, found := strings.CutPrefix(string(plain), inDevice); found {
		return content{device: name}, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	private, isSigner := parsed.(crypto.Signer)
	if err != nil || !isSigner { // without err, which could quote the key
		return content{}, fmt.Errorf("key %s: %w", row.ID, ErrSealed)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil || !bytes.Equal(public, row.PublicKey) {
		return content{}, fmt.Errorf("key %s has another public half: %w", row.ID, ErrSealed)
	}
	return content{private: private}, nil
}

// identity is what the sealed key is bound to: a private key under another row's name, purpose or
// algorithm does not open.
func (r keyRow) identity() []byte {
	return []byte(strings.Join([]string{"signing_key", r.ID, string(r.Purpose), r.Algorithm}, "\x00"))
}

// unseal opens a row with the secret, or with the one before it: another process may have sealed a key
// with that since Open sealed all anew.
func (k *Keyring) unseal(row keyRow) (content, error) {
	c, err := k.seal.open(row)
	if err != nil && k.old != nil {
		if c, e := k.old.open(row); e == nil {
			return c, nil
		}
	}
	return c, err
}

// reseal seals with the new secret what opens with the old one only. What opens with neither is left:
// Ensure or the first signature will say so.
func (k *Keyring) reseal(ctx context.Context) error {
	rows, err := selectKeys(ctx, k.db.Reader())
	if err != nil {
		return err
	}
	fresh := map[string][]byte{}
	for _, row := range rows {
		if len(row.Sealed) == 0 {
			continue
		}
		if _, err := k.seal.open(row); err == nil {
			continue
		}
		c, err := k.old.open(row)
		if err != nil {
			continue
		}
		if fresh[row.ID], err = k.seal.close(row, c); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return k.db.InTx(ctx, func(t *database.Tx) error {
		for _, row := range rows {
			if fresh[row.ID] == nil {
				continue
			}
			if err := updateSealed(ctx, t, row, fresh[row.ID]); err != nil {
				return err
			}
		}
		return nil
	})
}
