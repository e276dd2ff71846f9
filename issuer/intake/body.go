package intake

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

const (
	partSize     = 256 << 10       // bytes of a body in a row of the database
	receiveLease = 3 * time.Minute // for the next part to come
)

// Upload is a file that comes in.
type Upload struct {
	Mode string
	Kind string
	Body io.Reader // unpacked
}

// Received is an import whose body is kept whole, and waits to be started or dropped.
type Received struct {
	Import
	Digest string // of the body
}

// Receive keeps a body. What cannot be read whole leaves nothing behind. Start makes an import of it.
func (im *Imports) Receive(ctx context.Context, caller partner.Caller, u Upload) (r Received, err error) {
	m, err := im.insert(ctx, caller, u)
	if err != nil {
		return r, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, im.Drop(context.WithoutCancel(ctx), m.ID))
		}
	}()
	var s sniffer
	sum := sha256.New()
	limited := &io.LimitedReader{R: u.Body, N: bytesMost + 1}
	if err := im.keep(ctx, m.ID, io.TeeReader(limited, io.MultiWriter(&s, sum))); err != nil {
		return r, err
	}
	switch {
	case limited.N == 0:
		return r, refusal.New("body_too_large", fmt.Sprintf("The file is larger than %d bytes once it is unpacked.", bytesMost))
	case len(s.head) == 0:
		return r, refusal.New("empty_body", "The body is empty where a file is needed.")
	}
	m.Encoding, m.Mark = s.encoding(u.Kind == KindNDJSON)
	return Received{m, hex.EncodeToString(sum.Sum(nil))}, nil
}

func (im *Imports) insert(ctx context.Context, caller partner.Caller, u Upload) (m Import, err error) {
	m = Import{ID: im.newID(), Partner: caller.ID, Mode: u.Mode, Kind: u.Kind, State: Receiving, CreatedAt: im.second()}
	err = im.DB.InTx(ctx, func(t *database.Tx) error {
		var waiting int
		_, err := t.Get(ctx, &waiting, `
			SELECT COUNT(*)
			FROM import
			WHERE partner_id = ? AND finished_at IS NULL`, caller.ID)
		if err == nil && waiting >= waitingMost {
			err = refusal.New("too_many_imports", fmt.Sprintf("%d imports have not ended yet. Wait for one of them, or cancel one.", waiting))
		}
		if err != nil {
			return err
		}
		if m.Mapping.Value, err = selectMapping(ctx, t, caller.ID); err != nil {
			return err
		}
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, `
			INSERT INTO import (id, partner_id, mode, kind, state, encoding, mark, delimiter, mapping, done, recorded, replayed, failed, awards, fault,
				body_offset, body_line, begun, known, report, leased_by, leased_until, created_at)
			VALUES (?, ?, ?, ?, ?, '', 0, '', ?, 0, 0, 0, 0, 0, 'null', 0, 0, 0, '[]', 0, ?, ?, ?)`,
			m.ID, m.Partner, m.Mode, m.Kind, m.State, jsonText(m.Mapping.Value), im.name, now.Truncate(time.Second).Add(receiveLease), m.CreatedAt)
		return err
	})
	return m, err
}

// keep stores a body part by part.
func (im *Imports) keep(ctx context.Context, id string, body io.Reader) error {
	buffer := make([]byte, partSize)
	for number := 0; ; number++ {
		n, readErr := fill(body, buffer)
		if readErr != nil && readErr != io.EOF { // not within another error: that is a body that was cut off
			return readErr
		}
		if n > 0 {
			if err := im.insertPart(ctx, id, number, packed(buffer[:n])); err != nil {
				return err
			}
		}
		if readErr != nil {
			return nil
		}
	}
}

// fill is io.ReadFull with the error of the reader, which tells the end from a body that was cut off.
func fill(in io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = in.Read(buffer[n:])
		n += more
	}
	return n, err
}

func (im *Imports) insertPart(ctx context.Context, id string, number int, data []byte) error {
	return im.DB.InTx(ctx, func(t *database.Tx) error {
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		n, err := t.Exec(ctx, `
			UPDATE import
			SET leased_until = ?
			WHERE id = ? AND state = ?`, now.Truncate(time.Second).Add(receiveLease), id, Receiving)
		if err == nil && n == 0 {
			err = refusal.New("import_ended", "The import was cancelled while it was received.")
		}
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, `
			INSERT INTO import_part (import_id, number, data)
			VALUES (?, ?, ?)`, id, number, data)
		return err
	})
}

// Start has a received import begin.
func (im *Imports) Start(ctx context.Context, r Received) (Import, error) {
	m := r.Import
	err := im.DB.InTx(ctx, func(t *database.Tx) error {
		n, err := t.Exec(ctx, `
			UPDATE import
			SET state = ?, encoding = ?, mark = ?, leased_until = NULL
			WHERE id = ? AND state = ?`, Checking, m.Encoding, m.Mark, m.ID, Receiving)
		if err == nil && n == 0 {
			err = refusal.New("import_ended", "The import was cancelled while it was received.")
		}
		return err
	})
	m.State = Checking
	return m, err
}

// Drop forgets an import that was not started. One that was cancelled meanwhile stays.
func (im *Imports) Drop(ctx context.Context, id string) error {
	if err := im.deleteParts(ctx, id); err != nil {
		return err
	}
	return im.DB.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			DELETE FROM import
			WHERE id = ? AND state = ?`, id, Receiving)
		return err
	})
}

// deleteParts deletes a body, some at a time so that nobody waits for it.
func (im *Imports) deleteParts(ctx context.Context, id string) error {
	const together = 64
	for {
		var n int64
		err := im.DB.InTx(ctx, func(t *database.Tx) (err error) {
			n, err = t.Exec(ctx, `
				DELETE FROM import_part
				WHERE import_id = ? AND number IN (SELECT number FROM import_part WHERE import_id = ? ORDER BY number LIMIT ?)`, id, id, together)
			return err
		})
		if err != nil || n < together {
			return err
		}
	}
}

// body reads a kept body from an offset on.
type body struct {
	ctx    context.Context // of the work that reads
	db     *database.DB
	id     string
	number int64
	rest   []byte
}

func (im *Imports) openBody(ctx context.Context, id string, offset int64) (*body, error) {
	b := &body{ctx: ctx, db: im.DB, id: id, number: offset / partSize}
	if err := b.load(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b.rest = b.rest[min(offset%partSize, int64(len(b.rest))):]
	return b, nil
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if err := b.load(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *body) load() error {
	var data []byte
	found, err := b.db.Reader().Get(b.ctx, &data, `
		SELECT data
		FROM import_part
		WHERE import_id = ? AND number = ?`, b.id, b.number)
	if err != nil {
		return fmt.Errorf("read part %d of import %s: %w", b.number, b.id, err)
	}
	if !found {
		return io.EOF
	}
	b.number++
	b.rest, err = unpacked(data)
	return err
}

func packed(data []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("intake: compress " + err.Error()) // memory does not fail
	}
	return b.Bytes()
}

func unpacked(data []byte) ([]byte, error) { return io.ReadAll(flate.NewReader(bytes.NewReader(data))) }
