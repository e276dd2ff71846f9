// Package catalogue is what can be earned, as outsiders see it: the versions of the programme, and the wordings and
// pictures of exams and certifications that awards keep. It decides nothing about what is earned, and signs nothing.
package catalogue

import (
	"time"

	"github.com/open-insignia/insignia/cache"
	"github.com/open-insignia/insignia/database"
)

// Catalogue is the programme's versions and what they offer. It is safe for concurrent use, also by several
// processes on one database.
type Catalogue struct {
	db     *database.DB
	artist Artist
	words  Words
	clock  func() time.Time

	programmes historyCache
	drawn      *cache.Cache[string, *Achievement]     // by id; they never change
	current    *cache.Cache[currentKey, *Achievement] // of each subject for one day and number of versions
}

// New returns the catalogue on a migrated database.
func New(db *database.DB, artist Artist, words Words, now func() time.Time) *Catalogue {
	return &Catalogue{
		db: db, artist: artist, words: words, clock: now,
		drawn: cache.New[string, *Achievement](5000), current: cache.New[currentKey, *Achievement](5000),
	}
}

// now is the one clock of this package: UTC, whole seconds.
func (c *Catalogue) now() time.Time { return c.clock().UTC().Truncate(time.Second) }

// Artist draws the pictures of achievements that brought none.
type Artist interface {
	// Draw returns an SVG; equal facts give equal bytes.
	Draw(Picture) []byte
	// Raster turns what Draw made into a square PNG of that many pixels.
	Raster(svg []byte, size int) ([]byte, error)
}

// Picture is what an Artist is told about an achievement.
type Picture struct {
	Title, Kind, Level, Issuer, Code, Language string
}
