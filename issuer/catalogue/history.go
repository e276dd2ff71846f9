package catalogue

import (
	"context"
	"encoding/json"
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
func (c *Catalogue) History(ctx context.Context) (programme.History, error) {
	c.programmes.mu.Lock()
	h, fresh := c.programmes.history, c.clock().Sub(c.programmes.read) < historyLife
	c.programmes.mu.Unlock()
	if fresh && len(h) > 0 {
		return h, nil
	}
	return c.HistoryIn(ctx, c.db.Reader())
}

// HistoryIn is the programme's versions as the transaction sees them.
func (c *Catalogue) HistoryIn(ctx context.Context, t *database.Tx) (programme.History, error) {
	n, err := countVersions(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("read programme versions: %w", err)
	}
	c.programmes.mu.Lock()
	h := c.programmes.history
	c.programmes.mu.Unlock()
	// Not under the mutex: whoever waited for it inside a transaction would keep a connection from
	// the one who reads.
	if n != len(h) {
		if h, err = selectVersions(ctx, t); err != nil {
			return nil, fmt.Errorf("read programme versions: %w", err)
		}
	}
	c.programmes.mu.Lock()
	defer c.programmes.mu.Unlock()
	if len(h) >= len(c.programmes.history) {
		c.programmes.history, c.programmes.read = h, c.clock()
	}
	return h, nil
}

func selectVersions(ctx context.Context, t *database.Tx) (programme.History, error) {
	var rows []struct {
		Number    int    `db:"number"`
		Effective string `db:"effective"` // empty for the first
		Programme string `db:"programme"`
	}
	err := t.Select(ctx, &rows, `
		SELECT number, effective, programme
		FROM programme_version
		ORDER BY number`)
	if err != nil {
		return nil, err
	}
	var h programme.History
	for _, r := range rows {
		p := new(programme.Programme)
		if err := json.Unmarshal([]byte(r.Programme), p); err != nil {
			return nil, fmt.Errorf("version %d: %w", r.Number, err)
		}
		v := programme.Version{Number: r.Number, Programme: p}
		if r.Effective != "" {
			if v.Effective, err = programme.ParseDate(r.Effective); err != nil {
				return nil, fmt.Errorf("version %d: %w", r.Number, err)
			}
		}
		h = append(h, v)
	}
	return h, nil
}

func countVersions(ctx context.Context, t *database.Tx) (n int, err error) {
	_, err = t.Get(ctx, &n, `SELECT COUNT(*) FROM programme_version`)
	return n, err
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
func (c *Catalogue) Organisation(ctx context.Context) (programme.Issuer, error) {
	h, err := c.History(ctx)
	if err != nil {
		return programme.Issuer{}, err
	}
	if len(h) == 0 {
		return programme.Issuer{}, NoProgramme()
	}
	return h.Latest().Programme.Issuer, nil
}

// NoProgramme refuses what takes a programme, before one was applied.
func NoProgramme() error {
	return refusal.New("no_programme", "No programme has been applied yet.")
}

// OrganisationID is the issuer's part of public addresses, as last read.
func (c *Catalogue) OrganisationID() string {
	c.programmes.mu.Lock()
	defer c.programmes.mu.Unlock()
	if v := c.programmes.history.Latest(); v != nil {
		return v.Programme.Issuer.ID
	}
	return "issuer"
}

// Apply stores a version and the pictures that it brought, in the transaction, unless another process stored one
// of that number.
func (c *Catalogue) Apply(ctx context.Context, t *database.Tx, v programme.Version, pictures map[string]string) (stored bool, err error) {
	if stored, err = insertVersion(ctx, t, v, c.now()); err != nil {
		return false, fmt.Errorf("store programme version %d: %w", v.Number, err)
	}
	if !stored {
		return false, nil
	}
	for digest, svg := range pictures {
		if err := insertPicture(ctx, t, digest, svg, c.now()); err != nil {
			return false, fmt.Errorf("store picture %s: %w", digest, err)
		}
	}
	t.OnCommit(c.programmes.forget)
	return true, nil
}

func insertPicture(ctx context.Context, t *database.Tx, digest, svg string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO picture (digest, svg, created_at)
		VALUES (?, ?, ?)
		ON CONFLICT (digest) DO NOTHING`, digest, svg, now)
	return err
}

// insertVersion stores a version unless another process stored one of that number.
func insertVersion(ctx context.Context, t *database.Tx, v programme.Version, now time.Time) (stored bool, err error) {
	data, err := json.Marshal(v.Programme)
	if err != nil {
		return false, err
	}
	n, err := t.Exec(ctx, `
		INSERT INTO programme_version (number, effective, programme, applied_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, v.Number, v.Effective.String(), string(data), now)
	return n == 1, err
}
