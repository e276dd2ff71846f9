package credential

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/refusal"
)

// Names that are compared with that on one badge in an hour. A holder may hide the name, and then it must not be found
// by trying a list of them.
const (
	namesOfNetwork = 10
	namesOfBadge   = 100 // from all networks
)

// CountName counts a name that somebody compares with the one on a badge, and refuses as too_many_requests what goes
// beyond the limits. A network without a name is this machine, and not limited by itself.
func (p *Publisher) CountName(ctx context.Context, b *Badge, network string) error {
	now := p.now()
	for _, l := range []struct {
		who  string
		most int64
	}{{"network " + network, namesOfNetwork}, {"all", namesOfBadge}} {
		if l.who == "network " {
			continue
		}
		n, err := p.db.Count(ctx, "name "+b.Award.ID+" "+l.who, time.Hour, now)
		if err != nil {
			return fmt.Errorf("count names compared with badge %s: %w", b.Award.ID, err)
		}
		if n > l.most {
			return &refusal.Error{Code: "too_many_requests", Detail: "Too many names were compared with this badge.", When: now.Truncate(time.Hour).Add(time.Hour)}
		}
	}
	return nil
}
