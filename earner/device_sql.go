package earner

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

// deviceLife is how long a browser is remembered that has proved an address: as long as browsers keep its cookie.
const deviceLife = 400 * 24 * time.Hour

// insertDevice notes that a browser has proved an address. In a sandbox nothing is proved.
func insertDevice(ctx context.Context, t *database.Tx, browser string, m Mailbox, now time.Time) error {
	if m.Sandbox {
		return nil
	}
	_, err := t.Exec(ctx, `
		INSERT INTO device (browser, address, proved_at)
		VALUES (?, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET proved_at = excluded.proved_at`, browser, m.Address, now)
	return err
}

func selectDevice(ctx context.Context, t *database.Tx, browser string, m Mailbox) (bool, error) {
	if m.Sandbox {
		return false, nil
	}
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM device
		WHERE browser = ? AND address = ?`, browser, m.Address)
}

// deleteDevicesOf forgets the browsers of all addresses of an account.
func deleteDevicesOf(ctx context.Context, t *database.Tx, account string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE address IN (SELECT address FROM address WHERE account_id = ?)`, account)
	return err
}

func deleteDevices(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE proved_at < ?`, before)
	return err
}
