package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/keyring"
)

type keyCommand struct {
	List   keyListCommand   `cmd:"" help:"List signing keys."`
	Rotate keyRotateCommand `cmd:"" help:"Give the active key of a purpose a successor, which is published now and signs in a day. What the old one signed stays good."`
	Revoke keyRevokeCommand `cmd:"" help:"End all trust in a key: what it signed no longer verifies."`
}

type keyListCommand struct{ config }

// Run lists the keys without their private parts.
func (k *keyListCommand) Run(ctx context.Context, t *terminal) error {
	return k.withKeys(ctx, toRead, func(ring *keyring.Keyring) error {
		keys, err := ring.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "KEY\tPURPOSE\tALGORITHM\tSIGNS FROM\tUNTIL\tREVOKED")
		for _, key := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, key.Purpose, key.Algorithm, dateText(&key.Begins), dateText(key.Retired), dateText(key.Revoked))
		}
		return w.Flush()
	})
}

type keyRotateCommand struct {
	config
	Purpose string `arg:"" optional:"" default:"jwt" enum:"jwt,ob2,proof" help:"What the key signs: jwt, ob2 or proof."`
	AtOnce  bool   `help:"Sign with the new key now, and not after a day in which others get to know it."`
}

// Run rotates.
func (k *keyRotateCommand) Run(ctx context.Context, t *terminal) error {
	k.atOnce = k.AtOnce
	return k.withKeys(ctx, toChange, func(ring *keyring.Keyring) error {
		key, err := ring.Rotate(ctx, keyring.Purpose(k.Purpose))
		if err == nil {
			begins := "now"
			if key.Begins.After(key.Created) {
				begins = key.Begins.Format(time.RFC3339)
			}
			fmt.Fprintf(t.out, "%s signs %s from %s on.\n", key.ID, key.Purpose, begins)
		}
		return err
	})
}

type keyRevokeCommand struct {
	config
	KeyID  string `arg:"" help:"Id of the key."`
	Reason string `required:"" help:"Why, for the record."`
}

// Run revokes. A key that is revoked already goes the whole way as well: the command may have been cut
// off between the two steps.
func (k *keyRevokeCommand) Run(ctx context.Context, t *terminal) error {
	return k.withCore(ctx, toChange, func(c *core) error {
		revoked, err := c.keys.Revoke(ctx, k.KeyID, k.Reason)
		if err != nil {
			return err
		}
		key, found, err := c.publicKey(ctx, k.KeyID)
		switch {
		case err != nil:
			return err
		case !found && revoked:
			return fmt.Errorf("key %s is revoked, but its row was changed by somebody: what it signed cannot be found", k.KeyID)
		case !found:
			return fmt.Errorf("no key %s that could be revoked", k.KeyID)
		}
		n, err := c.issuer.ReissueSignedBy(ctx, key)
		if err != nil {
			return fmt.Errorf("the key is revoked; to have its badges signed anew, give this command again: %w", err)
		}
		fmt.Fprintf(t.out, "Revoked. Badges that it signed and that a running server signs anew: %d.\n", n)
		return nil
	})
}

// publicKey finds a key by its id.
func (c *core) publicKey(ctx context.Context, id string) (key credential.PublicKey, found bool, err error) {
	keys, err := signer{c.keys}.Keys(ctx)
	for _, k := range keys {
		if k.ID == id {
			return k, true, err
		}
	}
	return key, false, err
}

func (c *config) withKeys(ctx context.Context, a access, do func(*keyring.Keyring) error) error {
	return c.withCore(ctx, a, func(k *core) error { return do(k.keys) })
}
