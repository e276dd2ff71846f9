package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/egress"
)

// schedule is how long after a failed try the next one comes; behind the last one the delivery is dead (contract 3.2).
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	answerTime = 15 * time.Second   // for the whole answer
	answerMost = 2 << 10            // bytes of an answer that are kept
	failedMost = 5 * 24 * time.Hour // of nothing but failures, then a webhook is disabled
	held       = 30 * time.Second   // while egress leaves the receiver's server alone

	poll      = 500 * time.Millisecond
	batchMost = 100
	batchTime = 20 * time.Second // after which a batch begins no more
	lease     = time.Minute      // longer than a batch and its last answer
	atOnce    = 4                // requests to one receiver
)

// sending is who sends in this process.
type sending struct {
	mu   sync.Mutex
	busy map[string]struct{} // webhooks
}

// Run hands events to receivers and sends them until the context ends. Each receiver has a worker of its own while it
// has something to get, so that one that does not answer keeps nobody waiting.
func (w *Webhooks) Run(ctx context.Context) error {
	var workers errgroup.Group
	defer func() { _ = workers.Wait() }()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if err := w.beginDue(ctx, &workers); err != nil && ctx.Err() == nil {
			w.Failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Drain does what is due now and returns when it is done.
func (w *Webhooks) Drain(ctx context.Context) error {
	var workers errgroup.Group
	err := w.beginDue(ctx, &workers)
	return errors.Join(err, workers.Wait())
}

// beginDue makes deliveries of what is new and begins a worker for each webhook that has some to get.
func (w *Webhooks) beginDue(ctx context.Context, workers *errgroup.Group) error {
	if err := w.fanOut(ctx); err != nil {
		return err
	}
	due, err := w.selectDue(ctx)
	if err != nil {
		return fmt.Errorf("look for webhooks to send: %w", err)
	}
	for _, id := range due {
		if !w.enter(id) {
			continue
		}
		workers.Go(func() error {
			defer w.leave(id)
			if err := w.work(ctx, id); err != nil && ctx.Err() == nil {
				w.Failed(fmt.Errorf("send webhook %s: %w", id, err))
			}
			return nil
		})
	}
	return nil
}

func (w *Webhooks) selectDue(ctx context.Context) (ids []string, err error) {
	err = w.DB.Reader().Select(ctx, &ids, `
		SELECT w.id
		FROM webhook w
		WHERE w.state = ? AND EXISTS (
			SELECT 1
			FROM webhook_delivery d
			WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_attempt_at <= ?)
		ORDER BY w.id`, Active, w.second())
	return ids, err
}

func (w *Webhooks) enter(id string) bool {
	w.sending.mu.Lock()
	defer w.sending.mu.Unlock()
	_, busy := w.sending.busy[id]
	w.sending.busy[id] = struct{}{}
	return !busy
}

func (w *Webhooks) leave(id string) {
	w.sending.mu.Lock()
	defer w.sending.mu.Unlock()
	delete(w.sending.busy, id)
}

// work sends what one webhook has to get, batch by batch, unless another process does.
func (w *Webhooks) work(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		m, batch, err := w.takeBatch(ctx, id)
		if err != nil || len(batch) == 0 {
			return err
		}
		tried, err := w.sendBatch(ctx, m, batch)
		if stored := w.store(context.WithoutCancel(ctx), m, tried); stored != nil || err != nil {
			return errors.Join(stored, err)
		}
	}
	return nil
}

// takeBatch leases the webhook for the next batch, or gives it back where there is none.
func (w *Webhooks) takeBatch(ctx context.Context, id string) (m Webhook, batch []Delivery, err error) {
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		batch = nil
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		found, err := t.Get(ctx, &m, `
			UPDATE webhook
			SET leased_by = ?, leased_until = ?
			WHERE id = ? AND state = ? AND (leased_until IS NULL OR leased_until <= ? OR leased_by = ?)
			RETURNING `+webhookColumns, w.name, now.Truncate(time.Second).Add(lease), id, Active, now, w.name)
		if err != nil || !found {
			return err
		}
		if batch, err = selectBatch(ctx, t, id, w.second()); err != nil || len(batch) > 0 {
			return err
		}
		_, err = t.Exec(ctx, `UPDATE webhook SET leased_until = NULL WHERE id = ? AND leased_by = ?`, id, w.name)
		return err
	})
	return m, batch, err
}

func selectBatch(ctx context.Context, t *database.Tx, webhook string, now time.Time) (batch []Delivery, err error) {
	err = t.Select(ctx, &batch, `
		SELECT `+deliveryColumns+`, (SELECT COUNT(*) FROM webhook_attempt a WHERE a.delivery_id = webhook_delivery.id) AS attempts
		FROM webhook_delivery
		WHERE webhook_id = ? AND state = 'waiting' AND next_attempt_at <= ?
		ORDER BY position
		LIMIT ?`, webhook, now, batchMost)
	return batch, err
}

// try is a delivery and what its try brought; held says that it was none, since its server is left alone.
type try struct {
	delivery Delivery
	attempt  Attempt
	held     bool
}

// sendBatch sends what is about one candidate in its order, and what is about different ones at once.
func (w *Webhooks) sendBatch(ctx context.Context, m Webhook, batch []Delivery) (tried []try, err error) {
	keys, err := w.keys(m)
	if err != nil {
		return nil, err
	}
	about := map[string][]Delivery{}
	var order []string
	for _, d := range batch {
		if about[d.Candidate] == nil {
			order = append(order, d.Candidate)
		}
		about[d.Candidate] = append(about[d.Candidate], d)
	}
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(atOnce)
	end := time.Now().Add(batchTime)
	for _, who := range order {
		group.Go(func() error {
			for _, d := range about[who] {
				if ctx.Err() != nil || time.Now().After(end) {
					return nil // what was not tried is due still
				}
				one, err := w.try(ctx, m, d, keys)
				if err != nil {
					return err
				}
				mu.Lock()
				tried = append(tried, one)
				mu.Unlock()
			}
			return nil
		})
	}
	err = group.Wait()
	return tried, err
}

// keys are the secrets that sign now, the newest first.
func (w *Webhooks) keys(m Webhook) ([][]byte, error) {
	sealed := []string{m.Secret}
	if m.OldSecret != "" && m.OldUntil != nil && w.Now().Before(*m.OldUntil) {
		sealed = append(sealed, m.OldSecret)
	}
	keys := make([][]byte, len(sealed))
	for n, s := range sealed {
		var err error
		if keys[n], err = w.open(m.ID, s); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// try sends a delivery once. The error is a fault of ours.
func (w *Webhooks) try(ctx context.Context, m Webhook, d Delivery, keys [][]byte) (try, error) {
	body, err := w.body(ctx, m.Partner, d.Position)
	if err != nil {
		return try{}, err
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, m.URL, strings.NewReader(body))
	if err != nil {
		return try{}, err
	}
	at := w.second()
	stamp := strconv.FormatInt(at.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Insignia-Webhooks")
	request.Header.Set("webhook-id", d.Event)
	request.Header.Set("webhook-timestamp", stamp)
	request.Header.Set("webhook-signature", sign(keys, d.Event, stamp, body))
	one := try{delivery: d, attempt: Attempt{Delivery: d.ID, At: at}}
	begun := time.Now()
	answer, err := w.client.Do(request)
	if err == nil {
		one.attempt.Status = answer.StatusCode
		// Whoever answers with a status has it, whatever comes behind it, and however slowly.
		start, _ := io.ReadAll(io.LimitReader(answer.Body, answerMost))
		_ = answer.Body.Close()
		one.attempt.Body = readable(start)
	}
	one.attempt.TookMS = time.Since(begun).Milliseconds()
	if err != nil {
		one.attempt.Error = reason(err)
		one.held = errors.Is(err, egress.ErrUnresponsive) || errors.Is(err, egress.ErrBusy)
	}
	return one, nil
}

// sign is the value of webhook-signature: one signature for each key (Standard Webhooks 1.0.0).
func sign(keys [][]byte, id, stamp, body string) string {
	list := make([]string, len(keys))
	for n, key := range keys {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, id+"."+stamp+"."+body)
		list[n] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(list, " ")
}

// newClient is the way to receivers. It follows no redirection: who moved says so by changing the webhook.
func newClient(out *egress.Client) *http.Client {
	return &http.Client{
		Transport:     out.RoundTripper(egress.Limits{Patience: answerTime, Body: 1 << 40}), // little of it is read
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readable is the beginning of an answer as text that every database stores.
func readable(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}

// reason says to a partner why there was no answer.
func reason(err error) string {
	for _, r := range []struct {
		is   error
		text string
	}{
		{egress.ErrLoopback, "the address leads to this machine"},
		{egress.ErrAddress, "the address is not a public one"},
		{egress.ErrUnresponsive, "the server has not answered lately"},
		{context.DeadlineExceeded, "no answer within 15 seconds"},
	} {
		if errors.Is(err, r.is) {
			return r.text
		}
	}
	return readable([]byte(err.Error()[:min(len(err.Error()), 300)]))
}

// store keeps what tries brought, and judges the receiver by them.
func (w *Webhooks) store(ctx context.Context, m Webhook, tried []try) error {
	if len(tried) == 0 {
		return nil
	}
	slices.SortFunc(tried, func(a, b try) int { return int(a.delivery.Position - b.delivery.Position) })
	return w.DB.InTx(ctx, func(t *database.Tx) error {
		var delivered []string
		var rows [][]any
		failed, succeeded, gone := false, false, false
		for _, one := range tried {
			d, a := one.delivery, one.attempt
			if !one.held {
				rows = append(rows, []any{a.Delivery, d.AttemptCount + 1, a.At, a.Status, a.Error, a.TookMS, a.Body})
			}
			if a.Status >= 200 && a.Status < 300 {
				succeeded = true
				delivered = append(delivered, d.ID)
				continue
			}
			failed, gone = failed || !one.held, gone || a.Status == http.StatusGone
			if err := updateDelivery(ctx, t, w.later(d, one.held)); err != nil {
				return err
			}
		}
		if _, err := t.InsertRows(ctx, `INSERT INTO webhook_attempt (delivery_id, number, at, status, error, took_ms, body)`, rows, ``); err != nil {
			return err
		}
		if err := markDelivered(ctx, t, delivered); err != nil {
			return err
		}
		return w.judge(ctx, t, m.ID, succeeded, failed, gone)
	})
}

// later is a delivery that failed, with its next try if there is one.
func (w *Webhooks) later(d Delivery, wasHeld bool) Delivery {
	if wasHeld {
		next := w.second().Add(held)
		d.NextAttemptAt = &next
		return d
	}
	if d.Tries++; d.Tries > len(schedule) {
		d.State, d.NextAttemptAt = Dead, nil
		return d
	}
	wait := schedule[d.Tries-1]
	next := w.second().Add(wait + time.Duration(rand.Int64N(int64(wait/10))).Truncate(time.Second)) // not all at once
	if next.Before(w.Now().UTC().Add(wait)) {
		next = next.Add(time.Second) // never earlier
	}
	d.NextAttemptAt = &next
	return d
}

func markDelivered(ctx context.Context, t *database.Tx, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, `
		UPDATE webhook_delivery
		SET state = 'delivered', tries = tries + 1, next_attempt_at = NULL
		WHERE id IN (?)`, ids)
	return err
}

// judge keeps since when nothing has succeeded, and disables a receiver that says it is gone or has failed for days.
func (w *Webhooks) judge(ctx context.Context, t *database.Tx, id string, succeeded, failed, gone bool) error {
	var m Webhook
	found, err := t.Get(ctx, &m, `SELECT `+webhookColumns+` FROM webhook WHERE id = ?`, id)
	if err != nil || !found || m.State != Active {
		return err
	}
	now := w.second()
	switch {
	case succeeded && m.FailingSince == nil && !gone, !succeeded && !failed:
		return nil
	case succeeded:
		m.FailingSince = nil
	case m.FailingSince == nil:
		m.FailingSince = &now
	}
	tooLong := m.FailingSince != nil && now.Sub(*m.FailingSince) >= failedMost
	if gone || tooLong {
		m.State = Disabled
	}
	if err := updateWebhook(ctx, t, m); err != nil {
		return err
	}
	if tooLong && !gone && w.Disabled != nil {
		return w.Disabled(ctx, t, m)
	}
	return nil
}
