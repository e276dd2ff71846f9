package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/open-insignia/insignia/issuer/keyring"
)

type keyCommand struct {
	List   keyListCommand   `cmd:"" help:"List signing keys."`
	Rotate keyRotateCommand `cmd:"" help:"Retire the active key of a purpose and sign with a new one. What the old one signed stays good."`
	Revoke keyRevokeCommand `cmd:"" help:"End all trust in a key: what it signed no longer verifies."`
}

type keyListCommand struct{ config }

// Run lists the keys without their private parts.
func (k *keyListCommand) Run(ctx context.Context, t *terminal) error {
	return k.withKeys(ctx, func(ring *keyring.Keyring) error {
		keys, err := ring.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "KEY\tPURPOSE\tALGORITHM\tMADE\tRETIRED\tREVOKED")
		for _, key := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, key.Purpose, key.Algorithm, dateText(&key.Created), dateText(key.Retired), dateText(key.Revoked))
		}
		return w.Flush()
	})
}

type keyRotateCommand struct {
	config
	Purpose string `arg:"" optional:"" default:"jwt" enum:"jwt,ob2" help:"What the key signs: jwt or ob2."`
}

// Run rotates.
func (k *keyRotateCommand) Run(ctx context.Context, t *terminal) error {
	return k.withKeys(ctx, func(ring *keyring.Keyring) error {
		key, err := ring.Rotate(ctx, keyring.Purpose(k.Purpose))
		if err == nil {
			fmt.Fprintf(t.out, "%s signs %s from now on.\n", key.ID, key.Purpose)
		}
		return err
	})
}

type keyRevokeCommand struct {
	config
	KeyID  string `arg:"" help:"Id of the key."`
	Reason string `required:"" help:"Why, for the record."`
}

// Run revokes.
func (k *keyRevokeCommand) Run(ctx context.Context, t *terminal) error {
	return k.withKeys(ctx, func(ring *keyring.Keyring) error {
		found, err := ring.Revoke(ctx, k.KeyID, k.Reason)
		if err == nil && !found {
			err = fmt.Errorf("no key %s that could be revoked", k.KeyID)
		}
		if err == nil {
			fmt.Fprintln(t.out, "Revoked.")
		}
		return err
	})
}

func (c *config) withKeys(ctx context.Context, do func(*keyring.Keyring) error) error {
	return c.withCore(ctx, func(k *core) error { return do(k.keys) })
}
