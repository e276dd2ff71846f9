package keyring_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
)

const plain = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"https://badges.test/1","type":["VerifiableCredential"],"name":"One"}`

// proven adds a proof and checks it as a stranger would.
func proven(t testing.TB, k *keyring.Keyring) openbadge.Proof {
	t.Helper()
	signed, err := k.AddProof(t.Context(), []byte(plain), start)
	if err != nil {
		t.Fatal(err)
	}
	proofs, err := openbadge.ReadProofs(signed)
	if err != nil || len(proofs) != 1 {
		t.Fatalf("got %d proofs, %v, want one", len(proofs), err)
	}
	if err := openbadge.VerifyProof(signed, proofs[0], active(t, k, keyring.Proof).Public); err != nil {
		t.Fatal(err)
	}
	return proofs[0]
}

func TestAddProof(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		k := open(t, db, options())
		p := proven(t, k)
		name := "https://badges.test/issuers/main/keys/" + active(t, k, keyring.Proof).ID
		if p.VerificationMethod != name || p.Suite() != "eddsa-rdfc-2022" || !p.Created.Time.Equal(start) {
			t.Errorf("got %+v, want the method %s", p, name)
		}
		k.Expire()
		if now := active(t, k, keyring.Proof); now.FirstUsed == nil {
			t.Error("the first use was not noted")
		}
		if _, err := k.AddProof(t.Context(), []byte("[]"), start); err == nil {
			t.Error("got a proof of nothing")
		}
	})
}

// A key signs what it is for: no token with a proof's key, no proof with a token's.
func TestPurposesAreKeptApart(t *testing.T) {
	k := open(t, databasetest.New(t), options())
	proof := active(t, k, keyring.Proof)
	if _, err := k.Sign(t.Context(), proof.ID, openbadge.Header{}, []byte("{}")); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("got %v for a token signed with the proof's key, want ErrNoKey", err)
	}
	if token, err := k.SignOB2(t.Context(), active(t, k, keyring.OB2).ID, []byte("{}")); err != nil || strings.Count(token, ".") != 2 {
		t.Errorf("got %s, %v", token, err)
	}
	for _, kid := range []string{proof.ID, active(t, k, keyring.JWT).ID, "nosuchkey"} {
		if _, err := k.SignOB2(t.Context(), kid, []byte("{}")); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("got %v for a 2.0 badge signed with %s, want ErrNoKey", err, kid)
		}
	}
	seen := map[string]keyring.Purpose{}
	for _, p := range []keyring.Purpose{keyring.JWT, keyring.OB2, keyring.Proof} {
		key := active(t, k, p)
		if other, found := seen[key.ID]; found || key.Purpose != p {
			t.Errorf("%s and %s share a key", p, other)
		}
		seen[key.ID] = p
	}
}

func TestRevokedProofKeySignsNoMore(t *testing.T) {
	db := databasetest.New(t)
	o := options()
	o.ProofKeyURL = nil
	empty, err := keyring.Open(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.AddProof(t.Context(), []byte(plain), start); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("got %v without keys, want ErrNoKey", err)
	}
	k := open(t, db, options())
	first := proven(t, k)
	if _, err := k.Revoke(t.Context(), active(t, k, keyring.Proof).ID, "lost"); err != nil {
		t.Fatal(err)
	}
	if second := proven(t, k); second.VerificationMethod == first.VerificationMethod {
		t.Error("the revoked key still signs")
	}
}

func BenchmarkAddProof(b *testing.B) {
	k := open(b, databasetest.New(b), options())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.AddProof(b.Context(), []byte(plain), start); err != nil {
			b.Fatal(err)
		}
	}
}
