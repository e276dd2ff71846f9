package earner

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Choice is whether somebody has new badges of an issuer accepted without being asked, and who is to see those
// (flows 2.3). Nobody does who has never chosen.
type Choice struct {
	Issuer     string    `db:"issuer"` // its id, or AllIssuers
	Automatic  bool      `db:"automatic"`
	Visibility string    `db:"visibility"` // private, link or public
	At         time.Time `db:"created_at"`
}

// AllIssuers are those for which nothing of their own was chosen.
const AllIssuers = ""

// Choices are what accounts have chosen about new badges.
type Choices struct {
	db    *database.DB
	clock func() time.Time
}

func (cs *Choices) now() time.Time { return cs.clock().UTC().Truncate(time.Second) }

// ChoicesOf are those of an account that are in force, by issuer.
func (cs *Choices) ChoicesOf(ctx context.Context, account string) (map[string]Choice, error) {
	choices, err := selectChoices(ctx, cs.db.Reader(), []string{account})
	if err != nil {
		return nil, fmt.Errorf("read how badges are accepted: %w", err)
	}
	return choices[account], nil
}

// ChosenBy is all that an account ever chose, the earliest first.
func (cs *Choices) ChosenBy(ctx context.Context, account string) (list []Choice, err error) {
	err = cs.db.Reader().Select(ctx, &list, `
		SELECT issuer, automatic, visibility, created_at
		FROM auto_accept
		WHERE account_id = ?
		ORDER BY created_at, issuer, number
		LIMIT 10000`, account)
	if err != nil {
		return nil, fmt.Errorf("read what was chosen about accepting: %w", err)
	}
	return list, nil
}

// Choose keeps a choice; the time is that of now. The same again changes nothing.
func (cs *Choices) Choose(ctx context.Context, account string, c Choice) error {
	for range choiceAttempts {
		chosen := false
		err := cs.db.InTx(ctx, func(t *database.Tx) error {
			choices, err := selectChoices(ctx, t, []string{account})
			if err != nil {
				return err
			}
			last, found := choices[account][c.Issuer]
			c.At = last.At
			if chosen = found && last == c || !found && !c.Automatic && c.Issuer == AllIssuers; chosen {
				return nil
			}
			c.At = cs.now()
			chosen, err = insertChoice(ctx, t, account, c)
			return err
		})
		if err != nil {
			return fmt.Errorf("keep how badges are accepted: %w", err)
		}
		if chosen {
			return nil
		}
	}
	return fmt.Errorf("keep how badges are accepted: other windows were always faster")
}

const choiceAttempts = 5

// insertChoice is false where another window has chosen at the same moment.
func insertChoice(ctx context.Context, t *database.Tx, account string, c Choice) (bool, error) {
	n, err := t.Exec(ctx, `
		INSERT INTO auto_accept (account_id, issuer, number, automatic, visibility, created_at)
		VALUES (?, ?, (SELECT COALESCE(MAX(number), 0) + 1 FROM auto_accept WHERE account_id = ? AND issuer = ?), ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		account, c.Issuer, account, c.Issuer, database.Flag(c.Automatic), c.Visibility, c.At)
	return n == 1, err
}

// selectChoices are the choices in force, by account and issuer.
func selectChoices(ctx context.Context, t *database.Tx, accounts []string) (map[string]map[string]Choice, error) {
	var rows []struct {
		Account string `db:"account_id"`
		Choice
	}
	err := t.Select(ctx, &rows, `
		SELECT c.account_id, c.issuer, c.automatic, c.visibility, c.created_at
		FROM auto_accept c
		WHERE c.account_id IN (?)
			AND c.number = (SELECT MAX(n.number) FROM auto_accept n WHERE n.account_id = c.account_id AND n.issuer = c.issuer)`, accounts)
	choices := map[string]map[string]Choice{}
	for _, r := range rows {
		if choices[r.Account] == nil {
			choices[r.Account] = map[string]Choice{}
		}
		choices[r.Account][r.Issuer] = r.Choice
	}
	return choices, err
}

// Accepts reports whether an account wants new badges of an issuer to be accepted, and who is to see them.
func (cs *Choices) Accepts(ctx context.Context, t *database.Tx, account, issuer string) (visibility string, automatic bool, err error) {
	choices, err := selectChoices(ctx, t, []string{account})
	if err != nil {
		return "", false, fmt.Errorf("read how badges are accepted: %w", err)
	}
	c, found := choices[account][issuer]
	if !found {
		c = choices[account][AllIssuers]
	}
	return c.Visibility, c.Automatic, nil
}

// Accepting are the accounts that have ever chosen that badges be accepted for them, by those of the addresses that they
// have confirmed: live ones, or in a sandbox.
func (cs *Choices) Accepting(ctx context.Context, t *database.Tx, addresses []string, sandbox bool) (map[string]string, error) {
	spellings := make([]string, len(addresses))
	byAddress := map[string]string{}
	for n, address := range addresses {
		spellings[n] = spelling(Mailbox{address, sandbox})
		byAddress[spellings[n]] = address
	}
	var rows []struct {
		Address string `db:"address"`
		Account string `db:"account_id"`
	}
	err := t.Select(ctx, &rows, `
		SELECT a.address, a.account_id
		FROM address a
		WHERE a.address IN (?) AND EXISTS (SELECT 1 FROM auto_accept c WHERE c.account_id = a.account_id AND c.automatic = 1)`, spellings)
	if err != nil {
		return nil, fmt.Errorf("read for whom badges are accepted: %w", err)
	}
	accounts := map[string]string{}
	for _, r := range rows {
		accounts[byAddress[r.Address]] = r.Account
	}
	return accounts, nil
}
