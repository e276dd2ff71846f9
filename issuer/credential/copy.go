package credential

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// Copies are credentials for wallets: an award's current edition, bound to the key of one wallet.
//
// A copy has the id of the edition, and its dates, so that it is the same badge for every reader: its refresh service
// leads to the newer edition, which makes it superseded as it does a file (OB 3.0 §9). Its place in a status list is its
// own. Two forms of an edition share theirs, since they say the same of the same subject; a copy has another subject, so
// it is another verifiable credential, and the place is that "of the verifiable credential" (Bitstring Status List v1.0
// §2.1). It ends with the award.
type Copies struct{ p *Publisher }

// NewCopies are those of what a publisher publishes.
func NewCopies(p *Publisher) Copies { return Copies{p} }

// CopyForm is how a copy is secured.
type CopyForm string

// The forms, by the names that OpenID4VCI has for their formats.
const (
	CopyJWT CopyForm = "jwt_vc_json" // VC-JWT
	CopyLDP CopyForm = "ldp_vc"      // with a Data Integrity proof
)

// Copy is a credential that was signed for a wallet. It is to be stored, or else discarded.
type Copy struct {
	Form CopyForm
	Body []byte

	award    string
	revision int64 // of the award when it was signed
	version  int64
	place    statusIndex
	key      string
}

// Sign signs the badge's current edition for the holder of a key, whose DID is given.
func (c Copies) Sign(ctx context.Context, b *Badge, holder string, f CopyForm) (*Copy, error) {
	places, err := c.p.StatusLists.pool.take(ctx, c.p.StatusLists, 1)
	if err != nil {
		return nil, err
	}
	made := &Copy{award: b.Award.ID, revision: b.Award.Revision, version: b.credential.Version, Form: f, place: places[0]}
	if err := c.sign(ctx, b, holder, made); err != nil {
		c.Discard(made)
		return nil, fmt.Errorf("sign %s of award %s for a wallet: %w", f, b.Award.ID, err)
	}
	return made, nil
}

func (c Copies) sign(ctx context.Context, b *Badge, holder string, made *Copy) error {
	org, err := c.p.catalogue.Organisation(ctx)
	if err != nil {
		return err
	}
	grounds, err := c.p.grounds(ctx, b.Award)
	if err != nil {
		return err
	}
	edition, form := b.credential, formJWT
	if edition.StatusList, edition.StatusIndex = made.place.list, made.place.position; made.Form == CopyLDP {
		form = formJSON
	}
	oc := c.p.compose(edition, b.Achievement, org, grounds[0], form)
	oc.Subject.ID = holder
	if made.Form == CopyLDP {
		made.Body, made.key, err = c.p.prove(ctx, oc)
		return err
	}
	payload, err := openbadge.Payload(oc)
	if err != nil {
		return err
	}
	token, err := c.p.signer.SignJWT(ctx, payload)
	if err != nil {
		return err
	}
	j, err := openbadge.ParseJWS(token)
	if err != nil {
		return fmt.Errorf("read the token that was just signed: %w", err)
	}
	made.Body, made.key = []byte(token), keyID(j.Header.KID)
	return nil
}

// Store keeps the copy's place, so that it ends with its award, which is locked. It is false, and nothing is stored,
// where the award has changed since the badge was read: then the copy must not be handed out.
func (c Copies) Store(ctx context.Context, t *database.Tx, made *Copy, now time.Time) (bool, error) {
	revisions, err := lockRevisions(ctx, t, []string{made.award})
	if err != nil {
		return false, fmt.Errorf("lock award %s: %w", made.award, err)
	}
	if revision, found := revisions[made.award]; !found || revision != made.revision {
		return false, nil
	}
	_, err = t.Exec(ctx, `
		INSERT INTO credential_copy (status_list, status_index, award_id, version, form, signed_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, made.place.list, made.place.position, made.award, made.version, string(made.Form), made.key, now)
	if err != nil {
		return false, fmt.Errorf("store a copy of award %s: %w", made.award, err)
	}
	return true, nil
}

// Discard gives back the place of a copy that was not stored and that nobody has seen.
func (c Copies) Discard(made *Copy) { c.p.StatusLists.pool.giveBack([]statusIndex{made.place}) }

// Issuer is who issues the copies, and the algorithm that tokens are signed with now.
func (c Copies) Issuer(ctx context.Context) (org programme.Issuer, algorithm string, err error) {
	if org, err = c.p.catalogue.Organisation(ctx); err != nil {
		return org, "", err
	}
	keys, err := c.p.keys.Keys(ctx)
	if err != nil {
		return org, "", fmt.Errorf("read keys: %w", err)
	}
	for _, k := range keys {
		if k.Purpose == ForJWT && k.signs(c.p.now()) {
			algorithm = k.Algorithm
		}
	}
	return org, algorithm, nil
}
