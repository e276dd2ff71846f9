package issuer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// historyCache holds the programme's versions as last read; the number of versions says whether
// there are newer ones.
type historyCache struct {
	mu      sync.Mutex
	history programme.History
	read    time.Time
}

// historyLife bounds how long a process may not notice a version that another one applied, where
// no transaction is open. Results are always recorded with the newest.
const historyLife = time.Second

// History is the programme's versions. An empty one means that no programme was applied yet.
func (i *Issuer) History(ctx context.Context) (programme.History, error) {
	i.programmes.mu.Lock()
	h, fresh := i.programmes.history, i.Now().Sub(i.programmes.read) < historyLife
	i.programmes.mu.Unlock()
	if fresh && len(h) > 0 {
		return h, nil
	}
	return i.history(ctx, i.db.Reader())
}

// history is the programme's versions as the transaction sees them.
func (i *Issuer) history(ctx context.Context, t *database.Tx) (programme.History, error) {
	n, err := countVersions(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("read programme versions: %w", err)
	}
	i.programmes.mu.Lock()
	h := i.programmes.history
	i.programmes.mu.Unlock()
	// Not under the mutex: whoever waited for it inside a transaction would keep a connection from
	// the one who reads.
	if n != len(h) {
		if h, err = selectVersions(ctx, t); err != nil {
			return nil, fmt.Errorf("read programme versions: %w", err)
		}
	}
	i.programmes.mu.Lock()
	defer i.programmes.mu.Unlock()
	if len(h) >= len(i.programmes.history) {
		i.programmes.history, i.programmes.read = h, i.Now()
	}
	return h, nil
}

// forget has the versions counted anew by whoever asks next.
func (c *historyCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = time.Time{}
}

// examOn and certificationOn are the programme's words for a code on a day, or else the newest.
func examOn(h programme.History, d programme.Date, code string) (*programme.Exam, bool) {
	if v := h.On(d); v != nil {
		if e, found := v.Programme.Exam(code); found {
			return e, true
		}
	}
	return h.Exam(code)
}

func certificationOn(h programme.History, d programme.Date, code string) (*programme.Certification, bool) {
	if v := h.On(d); v != nil {
		if c, found := v.Programme.Certification(code); found {
			return c, true
		}
	}
	return h.Certification(code)
}

// Name is what the programme calls a subject in a language, or its code.
func Name(h programme.History, s programme.Subject, lang string) string {
	name, _ := NameSpoken(h, s, lang)
	return name
}

// NameSpoken is Name with the language that it is in; a code is in none.
func NameSpoken(h programme.History, s programme.Subject, lang string) (name, spoken string) {
	if e, found := h.Exam(s.Code); found && s.Kind == programme.KindExam {
		return e.Name.Spoken(lang)
	}
	if c, found := h.Certification(s.Code); found && s.Kind == programme.KindCertification {
		return c.Name.Spoken(lang)
	}
	return s.Code, ""
}

// Organisation is who issues: the newest version's issuer.
func (i *Issuer) Organisation(ctx context.Context) (programme.Issuer, error) {
	h, err := i.History(ctx)
	if err != nil {
		return programme.Issuer{}, err
	}
	if len(h) == 0 {
		return programme.Issuer{}, noProgramme()
	}
	return h.Latest().Programme.Issuer, nil
}

func noProgramme() error {
	return refusal.New("no_programme", "No programme has been applied yet.")
}
