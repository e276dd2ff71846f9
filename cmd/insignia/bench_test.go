package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
)

// The benchmarks run the whole server in this process, over real connections, with signing and
// letters going on, and print each figure as a ratio to what the bare parts do in the same run.
// The two sides take turns, so that a machine whose speed drifts does not favour either.

const (
	turns    = 5
	turnTime = 1500 * time.Millisecond
)

// bench is a running server with a partner's key.
type bench struct {
	*server
	key    string
	base   string
	client *http.Client
	next   atomic.Int64
	stop   func()
}

func startBench(b *testing.B, databaseURL string, changes ...func(*config)) *bench {
	b.Helper()
	folder := b.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c := config{databaseConfig: databaseConfig{Database: filepath.Join(folder, "insignia.db"), Secret: "a secret for measuring"},
		Addr: listener.Addr().String(), Site: "Insignia", JWTAlg: "ES256", RateLimit: 1_000_000}
	if databaseURL != "" {
		c.Database = databaseURL
	}
	for _, change := range changes {
		change(&c)
	}
	if err := c.check(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, err := c.newServer(ctx, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, listener) }()
	if err := s.applySample(ctx); err != nil {
		b.Fatal(err)
	}
	_, key, err := s.partners.Add(ctx, "TestCo", false)
	if err != nil {
		b.Fatal(err)
	}
	w := &bench{server: s, key: key, base: c.BaseURL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	return w
}

// post records a result of a new candidate, which is a new award.
func (w *bench) post() error { return w.postTo(w.base) }

func (w *bench) postTo(base string) error {
	r, err := w.request(base)
	if err != nil {
		return err
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

// postWith is post without a network.
func (w *bench) postWith(handler http.Handler) error {
	r, err := w.request(w.base)
	if err != nil {
		return err
	}
	answer := httptest.NewRecorder()
	if handler.ServeHTTP(answer, r); answer.Code != http.StatusCreated {
		return fmt.Errorf("answered %d", answer.Code)
	}
	return nil
}

func (w *bench) request(base string) (*http.Request, error) {
	n := w.next.Add(1)
	body, err := json.Marshal(map[string]any{
		"id": fmt.Sprintf("R-%d", n), "exam": "NL-100", "outcome": "pass", "score": 812, "max_score": 1000, "taken_at": "2026-03-04T10:00:00Z",
		"candidate": map[string]any{"id": fmt.Sprintf("C-%d", n), "email": fmt.Sprintf("c%d@home.test", n), "name": "Ana Ruiz", "locale": "es"},
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, base+"/api/v1/results", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Authorization", "Bearer "+w.key)
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}

// perSecond runs do with that many clients for a turn and returns how often a second it was done.
func perSecond(b *testing.B, clients int, do func() error) float64 {
	b.Helper()
	var n atomic.Int64
	var group sync.WaitGroup
	begin := time.Now()
	for range clients {
		group.Go(func() {
			for time.Since(begin) < turnTime {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	group.Wait()
	return float64(n.Load()) / time.Since(begin).Seconds()
}

// rested is do, begun only when the server has signed and mailed all it had to: what is left of a turn before
// would slow the bare parts and flatter us.
func (w *bench) rested(b *testing.B, do func() float64) func() float64 {
	return func() float64 {
		for quiet := 0; quiet < 3; time.Sleep(issueLinger) {
			stats, err := w.queue.Stats(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if quiet++; stats.Ready > 0 {
				quiet = 0
			}
		}
		return do()
	}
}

// issueLinger is longer than awards wait to be signed together.
const issueLinger = 300 * time.Millisecond

// compare takes turns between the bare parts and ours and reports the median of the ratios.
func compare(b *testing.B, name string, bare, ours func() float64) {
	b.Helper()
	var ratios, rates []float64
	for range turns {
		base := bare()
		r := ours()
		ratios, rates = append(ratios, r/base), append(rates, r)
	}
	b.ReportMetric(median(ratios), name+"/bare")
	b.ReportMetric(median(rates), name+"/s")
	b.ReportMetric(0, "ns/op")
}

func median(list []float64) float64 {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}

// bareCommits is a table of one column on the same disk, one durable commit a row.
func bareCommits(b *testing.B, driver, name string, setUp string) (insert func() error) {
	b.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if driver == "sqlite3" {
		db.SetMaxOpenConns(1)
	} else {
		db.SetMaxOpenConns(64)
		db.SetMaxIdleConns(64)
	}
	if _, err := db.Exec(setUp); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	query := "INSERT INTO bare (n) VALUES (?)"
	if driver != "sqlite3" {
		query = "INSERT INTO bare (n) VALUES ($1)"
	}
	statement, err := db.Prepare(query)
	if err != nil {
		b.Fatal(err)
	}
	return func() error {
		_, err := statement.Exec(n.Add(1))
		return err
	}
}

func BenchmarkPostOneClient(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	bare := bareCommits(b, "sqlite3", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_journal_mode=WAL&_synchronous=FULL", "CREATE TABLE bare (n BIGINT)")
	compare(b, "posts", w.rested(b, func() float64 { return perSecond(b, 1, bare) }), func() float64 { return perSecond(b, 1, w.post) })
}

// BenchmarkEmptyPost is the most that any server could reach in BenchmarkPostOneClient: the same client
// posts the same results, each of which is one row and one durable commit and nothing else.
func BenchmarkEmptyPost(b *testing.B) {
	bare := bareCommits(b, "sqlite3", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_journal_mode=WAL&_synchronous=FULL", "CREATE TABLE bare (n BIGINT)")
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/api/v1/results", func(c echo.Context) error {
		var result map[string]any
		if err := c.Bind(&result); err != nil {
			return err
		}
		if err := bare(); err != nil {
			return err
		}
		return c.JSON(http.StatusCreated, result)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	e.Listener = l
	go func() { _ = e.Start("") }()
	b.Cleanup(func() { _ = e.Close() })
	w := &bench{client: &http.Client{}}
	compare(b, "posts", func() float64 { return perSecond(b, 1, bare) },
		func() float64 {
			return perSecond(b, 1, func() error { return w.postTo("http://" + l.Addr().String()) })
		})
}

func BenchmarkPost64Clients(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	compare(b, "posts64", w.rested(b, func() float64 { return perSecond(b, 1, w.post) }), func() float64 { return perSecond(b, 64, w.post) })
}

func BenchmarkPostPostgres64Clients(b *testing.B) {
	if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
		b.Skip("INSIGNIA_TEST_POSTGRES is not set")
	}
	w := startBench(b, databasetest.PostgresURL(b))
	defer w.stop()
	bare := bareCommits(b, "pgx", databasetest.PostgresURL(b), "CREATE TABLE bare (n BIGINT)")
	compare(b, "posts64", w.rested(b, func() float64 { return perSecond(b, 64, bare) }), func() float64 { return perSecond(b, 64, w.post) })
}

// BenchmarkAward measures the processor time of a whole durable award (post, decision, storage, signature, letter
// due) at 16 clients, as a multiple of one ES256 signature and its check, and how even the answers are while
// signing and letters go on.
func BenchmarkAward(b *testing.B) {
	w := startBench(b, "")
	var times []time.Duration
	perSecond(b, 16, timed(&times, w.post))
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100])/float64(times[len(times)/2]), "p99/median")
	w.stop() // what follows has no client, no loops and no letters
	handler, issued := w.reopen(b)
	signature := signatureTime(b)
	times = nil
	award := processorTime(b, func() {
		perSecond(b, 16, timed(&times, func() error { return w.postWith(handler) }))
		issued()
	}) / time.Duration(len(times))
	b.ReportMetric(float64(award)/float64(signature), "award/signature")
	b.ReportMetric(float64(award.Microseconds()), "us/award")
	b.ReportMetric(0, "ns/op")
}

// reopen is the handler of a server on the same database whose loops do not run, and how its awards are issued.
func (w *bench) reopen(b *testing.B) (handler http.Handler, issued func()) {
	b.Helper()
	s, err := w.config.newServer(b.Context(), slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.db.Close() })
	return s.handler, func() {
		if _, err := s.issuer.IssuePending(b.Context()); err != nil {
			b.Error(err)
		}
	}
}

// timed notes how long each call takes.
func timed(times *[]time.Duration, do func() error) func() error {
	return func() error {
		begin := time.Now()
		err := do()
		timesLock.Lock()
		defer timesLock.Unlock()
		*times = append(*times, time.Since(begin))
		return err
	}
}

// signatureTime is the processor time of one ES256 signature and its check.
func signatureTime(b *testing.B) time.Duration {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	const signatures = 5000
	digest := make([]byte, 32)
	return processorTime(b, func() {
		for range signatures {
			signed, err := ecdsa.SignASN1(rand.Reader, key, digest)
			if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest, signed) {
				b.Fatal("not signed")
			}
		}
	}) / signatures
}

// processorTime is what this process takes of all processors while it does something.
func processorTime(b *testing.B, do func()) time.Duration {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begin := used()
	do()
	return used() - begin
}

// BenchmarkBulk records 10,000 results of 2,000 candidates, 500 a transaction, and signs all awards.
func BenchmarkBulk(b *testing.B) {
	for range b.N {
		w := startBench(b, "")
		ctx := context.Background()
		caller, err := w.partners.Authenticate(ctx, w.key)
		if err != nil {
			b.Fatal(err)
		}
		results := bulkResults()
		begin := time.Now()
		for batch := range slices.Chunk(results, 500) {
			if _, errs := w.issuer.RecordAll(ctx, caller, batch); slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
				b.Fatal(errs)
			}
		}
		if _, err := w.issuer.IssuePending(ctx); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(results))/time.Since(begin).Seconds(), "results/s")
		w.stop()
	}
}

func bulkResults() (list []issuer.Result) {
	exams := []string{"NL-100", "NL-210", "NL-220", "NL-310", "NL-320"}
	taken := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	for c := range 2000 {
		for n, exam := range exams {
			list = append(list, issuer.Result{
				ID: fmt.Sprintf("B-%d-%d", c, n), Exam: exam, Outcome: programme.Pass, TakenAt: taken.Add(time.Duration(n) * time.Hour),
				Candidate: issuer.Candidate{ID: fmt.Sprintf("C-%d", c), Email: fmt.Sprintf("c%d@home.test", c), Name: "Ana Ruiz"},
			})
		}
	}
	return list
}

// BenchmarkRead compares the badge page and the credential with Echo serving the same bytes from
// memory.
func BenchmarkRead(b *testing.B) {
	w := startBench(b, "")
	defer w.stop()
	ctx := context.Background()
	award, err := w.postResult(ctx, w.key, demoResults(time.Now())[0])
	if err != nil {
		b.Fatal(err)
	}
	if err := w.acceptAs(ctx, "ana@home.test", "Ana Ruiz", award); err != nil {
		b.Fatal(err)
	}
	badge := w.base + "/badges/" + award
	for _, address := range []string{badge, badge + "/credential.jwt", badge + "/assertion.json", badge + "/credential.json", w.base + "/status/1"} { // the first one has the badge signed
		b.Run(strings.TrimPrefix(address, w.base), func(b *testing.B) {
			static := serveStatic(b, fetchOnce(b, w, address))
			var times []time.Duration
			compare(b, "reads", func() float64 { return perSecond(b, 64, func() error { return get(w.client, static, nil) }) },
				func() float64 { return perSecond(b, 64, func() error { return get(w.client, address, &times) }) })
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100])/float64(times[len(times)/2]), "p99/median")
		})
	}
}

func fetchOnce(b *testing.B, w *bench, address string) []byte {
	b.Helper()
	answer, err := w.client.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, %v", address, answer.Status, err)
	}
	return body
}

// serveStatic is Echo with nothing but these bytes.
func serveStatic(b *testing.B, body []byte) (address string) {
	b.Helper()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/", func(c echo.Context) error { return c.Blob(http.StatusOK, "text/html; charset=utf-8", body) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	e.Listener = l
	go func() { _ = e.Start("") }()
	b.Cleanup(func() { _ = e.Close() })
	return "http://" + l.Addr().String() + "/"
}

var timesLock sync.Mutex

func get(client *http.Client, address string, times *[]time.Duration) error {
	begin := time.Now()
	answer, err := client.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if times != nil {
		timesLock.Lock()
		*times = append(*times, time.Since(begin))
		timesLock.Unlock()
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}
