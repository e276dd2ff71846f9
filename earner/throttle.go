package earner

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/open-insignia/insignia/issuer"
)

// Action is something that is limited per address and per network.
type Action string

// The limited actions. Begin and Finish count the first two themselves.
const (
	Codes    Action = "code" // letters with a code
	Tries    Action = "try"  // codes and links that were handed in
	LostMail Action = "lost" // letters that list waiting badges again
)

type limit struct {
	most  int64
	every time.Duration
}

// Limits of each action. Six digits and five tries a code leave whoever guesses at one address, with
// 30 tries a day, a chance of one in 33,000 a day.
var (
	addressLimits = map[Action][]limit{
		Codes:    {{10, time.Hour}, {20, 24 * time.Hour}},
		Tries:    {{30, 24 * time.Hour}},
		LostMail: {{3, time.Hour}, {6, 24 * time.Hour}},
	}
	networkLimits = map[Action]limit{
		Codes:    {120, time.Hour},
		Tries:    {240, time.Hour},
		LostMail: {30, time.Hour},
	}
)

// Allow counts one action and refuses it, as Throttled, beyond the limits, exactly over all processes.
// The counts of an address begin anew when its owner has proved it, so that somebody else's attempts
// do not keep them out for longer than until they get in. An empty network is not limited.
func (a *Accounts) Allow(ctx context.Context, action Action, address, network string) error {
	canonical, ok := issuer.CanonicalEmail(address)
	if !ok {
		return invalid("address", "This is no e-mail address.")
	}
	// The network comes first: what it is refused must not use up what the address may do.
	if err := a.countNetwork(ctx, action, network); err != nil {
		return err
	}
	proved, err := selectProved(ctx, a.db.Reader(), canonical)
	if err != nil {
		return fmt.Errorf("read when an address was proved: %w", err)
	}
	name := fmt.Sprintf("earner %s address %s %s", action, digest(canonical)[:32], strconv.FormatInt(proved.Unix(), 36))
	for _, l := range addressLimits[action] {
		if err := a.count(ctx, name+" "+l.every.String(), l); err != nil {
			return err
		}
	}
	return nil
}

// countNetwork counts for the network, and for the wider one that it is in.
func (a *Accounts) countNetwork(ctx context.Context, action Action, network string) error {
	if network == "" {
		return nil
	}
	l := networkLimits[action]
	if err := a.count(ctx, fmt.Sprintf("earner %s network %s", action, network), l); err != nil {
		return err
	}
	wider := WiderNetwork(network)
	if wider == "" {
		return nil
	}
	l.most *= WiderShare
	return a.count(ctx, fmt.Sprintf("earner %s network %s", action, wider), l)
}

func (a *Accounts) count(ctx context.Context, name string, l limit) error {
	now := a.now()
	n, err := a.db.Count(ctx, name, l.every, now)
	if err != nil {
		return fmt.Errorf("count %s: %w", name, err)
	}
	if n > l.most {
		return throttled(now.Truncate(l.every).Add(l.every))
	}
	return nil
}
