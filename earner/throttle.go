package earner

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
)

// All numbers that guessing depends on stand here.
//
// A code of six digits is good in one browser, for codeLife and codeTries. So whoever guesses gets 5 tries for each
// letter with six digits, and it is these letters that are counted, never the tries against an address: those a
// stranger could use up. Everybody who shows nothing, from however many networks, gets strangerLetters of them a UTC
// day to one address: 6 letters x 5 tries = 30 guesses of a million, a chance of 1 in 33,000 a day. Each claim link in
// hand and each browser that has proved the address has shownLetters of its own, which a stranger without it cannot use
// up: 10 x 5 = 50 guesses, 1 in 20,000 a day, for whoever has got hold of one.
//
// Beyond that nobody is turned away, or a stranger could lock the owner out. They get no six digits any more but the
// code of the address's shared letter: 60 bits, which nobody guesses, good in each browser that asked. It is mailed when
// somebody asks, once in sharedEvery however many do, so that one of the last half hour lies in the owner's mailbox. An
// address gets 6 + 48 letters a day from strangers at most.
const (
	codeLife       = 30 * time.Minute
	codeTries      = 5
	sendAgainAfter = 30 * time.Second // in one browser
	clocksDiffer   = time.Minute      // at most, those of several machines; what is dated later was dated by a wrong one

	strangerLetters = 6  // with six digits, to one address in a day
	networkShare    = 3  // of these from one network, so that one alone leaves the owner some
	shownLetters    = 10 // with six digits, in a day for each thing that is shown

	sharedEvery = 30 * time.Minute
	sharedLife  = sharedEvery + codeLife // so that whoever is told to use it has as long as for any other
)

// What a network may in an hour, for all addresses together. networkAsked is a bound of what is stored, so high that
// no crowd behind one address reaches it; it is the only limit that turns people away, and not those who show something.
const (
	networkLetters = 120 // with six digits
	networkTries   = 240 // second and later tries of a code: the first one of each is always looked at
	networkAsked   = 1200
	networkLost    = 30
)

// Letters that list waiting badges again. Beyond these the earlier ones of the day have to do, or signing in.
var (
	lostLimits      = []limit{{3, time.Hour}, {6, day}}
	lostShareLimits = []limit{{2, time.Hour}, {3, day}} // of one network
)

const day = 24 * time.Hour

type limit struct {
	most  int64
	every time.Duration
}

// sixDigits counts a letter and reports whether it is to have six digits. It refuses as Throttled where a network
// asks without end.
func (a *Accounts) sixDigits(ctx context.Context, r Request, row confirmationRow) (bool, error) {
	shown, err := a.sixDigitsShown(ctx, r, row)
	if shown || err != nil {
		return shown, err
	}
	if err := a.countNetwork(ctx, "asked", r.Network, networkAsked); err != nil {
		return false, err
	}
	address := addressName(row.mailbox())
	for _, l := range []struct {
		what, who string
		limit
	}{
		// Who is stopped by one of these must not use up the next, which is for more people.
		{"code share " + address, shareOf(r.Network), limit{networkShare, day}},
		{"code network", r.Network, limit{networkLetters, time.Hour}},
		{"code network", WiderNetwork(r.Network), limit{networkLetters * WiderShare, time.Hour}},
		{"code address", address, limit{strangerLetters, day}},
	} {
		if l.who == "" {
			continue
		}
		within, _, err := a.count(ctx, l.what+" "+l.who, l.limit)
		if err != nil || !within {
			return false, err
		}
	}
	return true, nil
}

// sixDigitsShown is sixDigits by what only few can show.
func (a *Accounts) sixDigitsShown(ctx context.Context, r Request, row confirmationRow) (bool, error) {
	var shown []string
	device, err := selectDevice(ctx, a.db.Reader(), row.Browser, row.mailbox())
	if err != nil {
		return false, fmt.Errorf("read whether a browser has proved an address: %w", err)
	}
	if device {
		shown = append(shown, "browser "+row.Browser)
	}
	if r.ClaimLink != "" {
		shown = append(shown, "claim "+digest(r.ClaimLink))
	}
	for _, what := range shown {
		within, _, err := a.count(ctx, "code shown "+addressName(row.mailbox())+" "+what, limit{shownLetters, day})
		if within || err != nil {
			return within, err
		}
	}
	return false, nil
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

// MailAgain counts a letter that lists waiting badges again and reports whether it is to be sent: not if enough were
// today. Whoever holds a claim link to the address is counted apart. It refuses as Throttled where a network asks too often.
func (a *Accounts) MailAgain(ctx context.Context, address, network, claimLink string) (bool, error) {
	canonical, ok := email.Canonical(address)
	if !ok {
		return false, invalid("address", "This is no e-mail address.")
	}
	name := addressName(Mailbox{Address: canonical})
	if claimLink != "" {
		return a.countAll(ctx, "lost shown "+name+" claim "+digest(claimLink), lostLimits)
	}
	if err := a.countNetwork(ctx, "lost", network, networkLost); err != nil {
		return false, err
	}
	if network != "" {
		within, err := a.countAll(ctx, "lost share "+name+" "+shareOf(network), lostShareLimits)
		if err != nil || !within {
			return false, err
		}
	}
	return a.countAll(ctx, "lost address "+name, lostLimits)
}

// shareOf is the network that has a share of what an address may: a provider of IPv6 as a whole.
func shareOf(network string) string {
	if wider := WiderNetwork(network); wider != "" {
		return wider
	}
	return network
}

// addressName is an address in the name of a counter. What is asked in a sandbox counts there.
func addressName(m Mailbox) string {
	name := digest(m.Address)[:32]
	if m.Sandbox {
		name = "sandbox " + name
	}
	return name
}

// countNetwork counts for the network, and for the wider one that it is in, and refuses as Throttled. No network is
// not limited.
func (a *Accounts) countNetwork(ctx context.Context, what, network string, most int64) error {
	for _, n := range []struct {
		network string
		most    int64
	}{{network, most}, {WiderNetwork(network), most * WiderShare}} {
		if n.network == "" {
			continue
		}
		within, again, err := a.count(ctx, what+" network "+n.network, limit{n.most, time.Hour})
		if err != nil {
			return err
		}
		if !within {
			return throttled(again)
		}
	}
	return nil
}

// countAll counts once for each limit, until one is reached.
func (a *Accounts) countAll(ctx context.Context, name string, limits []limit) (bool, error) {
	for _, l := range limits {
		within, _, err := a.count(ctx, name+" "+l.every.String(), l)
		if err != nil || !within {
			return false, err
		}
	}
	return true, nil
}

// count counts one and reports whether that is within the limit, exactly over all processes, and when the count begins anew.
func (a *Accounts) count(ctx context.Context, name string, l limit) (within bool, again time.Time, err error) {
	now := a.now()
	n, err := a.db.Count(ctx, "earner "+name, l.every, now)
	if err != nil {
		return false, again, fmt.Errorf("count %s: %w", name, err)
	}
	return n <= l.most, now.Truncate(l.every).Add(l.every), nil
}

// unknownNetwork is where everybody comes from whose address cannot be told. It is limited like any other:
// else whoever hides an address would be free.
const unknownNetwork = "unknown"

// Network is the part of a client's address that throttles count by: a /24 of IPv4, a /48 of IPv6. It is "",
// which is not limited, for loopback; a server that others reach through this machine must not hand that in.
func Network(client netip.Addr) string {
	client = client.Unmap()
	switch {
	case client.IsLoopback():
		return ""
	case !client.IsValid() || client.IsUnspecified():
		return unknownNetwork
	}
	bits := 48
	if client.Is4() {
		bits = 24
	}
	prefix, err := client.WithZone("").Prefix(bits)
	if err != nil {
		return unknownNetwork
	}
	return prefix.String()
}

// WiderShare is how many times of what a network may its wider one may.
const WiderShare = 8

// WiderNetwork is the /32 of a /48 of IPv6, which a provider hands out to one customer of many networks as easily
// as to many customers; "" for any other network.
func WiderNetwork(network string) string {
	prefix, err := netip.ParsePrefix(network)
	if err != nil || prefix.Addr().Is4() {
		return ""
	}
	wider, err := prefix.Addr().Prefix(32)
	if err != nil {
		return ""
	}
	return wider.String()
}
