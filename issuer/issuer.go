// Package issuer is the verbs on results and awards: record, correct, void, revoke, offer, accept, each one transaction.
// It decides nothing about what is earned (programme and ledger do), leaves signing and publishing to credential,
// knows no HTTP, no words and no mail, and asks for those through small interfaces.
package issuer

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
)

// Options are the parts and facts an Issuer is made of.
type Options struct {
	Catalogue *catalogue.Catalogue
	BaseURL   string // no slash at its end; all public addresses begin with it
	Secret    []byte // claim and stop links are derived from it
	Partners  *partner.Partners
	Signer    credential.Signer
	Keys      credential.KeyList
	Letters   Letters
	Words     credential.CredentialWords
	Accounts  Accounts // needed where addresses are corrected; nil: nobody has badges accepted automatically

	Now func() time.Time
	Log *slog.Logger
}

// Issuer records results and issues badges. It is safe for concurrent use, also by several
// processes on one database.
type Issuer struct {
	Options
	*catalogue.Catalogue
	*credential.Publisher
	*Offers
	*Records
	Views    *credential.Views
	Renewals Renewals
	Leaving  Departures
	db       *database.DB
	queue    *jobs.Queue

	posts recorder

	recorded, awarded atomic.Int64 // by this process since it started
}

// Made is how many results this process has recorded since it started, and how many awards it made of them.
func (i *Issuer) Made() (results, awards int64) { return i.recorded.Load(), i.awarded.Load() }

// New returns the issuer on a migrated database and registers its jobs with the queue.
func New(db *database.DB, queue *jobs.Queue, o Options) *Issuer {
	c := o.Catalogue
	out := &Offers{
		db: db, queue: queue, catalogue: c, letters: o.Letters, partners: o.Partners, accounts: o.Accounts, baseURL: o.BaseURL, secret: o.Secret, clock: o.Now,
	}
	i := &Issuer{
		Options: o, Catalogue: c, Offers: out, Records: &Records{db},
		Views: credential.NewViews(db), db: db, queue: queue,
		Publisher: credential.NewPublisher(db, c, credential.Options{
			BaseURL: o.BaseURL, Signer: o.Signer, Keys: o.Keys, Words: o.Words, Offers: out, Now: o.Now, Log: o.Log,
		}),
	}
	lanes := 1
	if db.Postgres() {
		lanes = 2
	}
	i.Renewals, i.Leaving = Renewals{i}, Departures{i}
	i.posts = newRecorder(lanes)
	i.handleJobs()
	return i
}

// now is the one clock of this package: UTC, whole seconds.
func (i *Issuer) now() time.Time { return i.Now().UTC().Truncate(time.Second) }

// newID is an internal id: its noun and 80 random bits.
func newID(noun string) string { return noun + "_" + strings.ToLower(rand.Text()[:16]) }

// newIDs are the public id of an award, 100 random bits, and a salt that keeps recipients' hashes apart, 80 of
// them.
func newIDs() (award, salt string) {
	return strings.ToLower(rand.Text()[:20]), strings.ToLower(rand.Text()[:16])
}

// newOrderedID sorts by the instant, then by the number within its transaction, which is below a million. 50
// random bits keep apart the transactions of one instant.
func newOrderedID(noun string, at time.Time, n int) string {
	return fmt.Sprintf("%s_%d%06d%s", noun, at.UnixMicro(), n, strings.ToLower(rand.Text()[:10]))
}
