package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
)

// Counts are numbers that others keep; a nil one is not told.
type Counts struct {
	Made       func() (results, awards int64)
	Letters    func() int64            // how many this process has sent
	Statements func() int64            // that the database ran for this process
	Checked    func() map[string]int64 // by verdict
	Jobs       func(ctx context.Context) (Jobs, error)
}

// Jobs is how the work queue stands.
type Jobs struct {
	Ready, Running, Waiting, Dead int64
	Oldest                        time.Duration // how long the oldest due job has been due
}

// metrics counts requests and writes them in the Prometheus text format 0.0.4. The client library of
// that project would add 21 modules and a third of the program's size to these few counters.
type metrics struct {
	mu     sync.Mutex
	routes map[route]*timing
}

type route struct {
	method, pattern string
	status          int
}

// timing is a histogram of seconds; buckets are not cumulated here.
type timing struct {
	count   int64
	seconds float64
	buckets [len(bounds) + 1]int64
}

var bounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

func newMetrics() *metrics {
	return &metrics{routes: map[route]*timing{}}
}

func (m *metrics) answered(method, pattern string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // what callers make up must not fill the memory
	}
	r := route{method, cmp.Or(pattern, "none"), status}
	bucket, _ := slices.BinarySearch(bounds[:], took.Seconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.routes[r]
	if t == nil {
		t = new(timing)
		m.routes[r] = t
	}
	t.count++
	t.seconds += took.Seconds()
	t.buckets[bucket]++
}

const requestMetric = "insignia_http_request_duration_seconds"

func (m *metrics) write(w *strings.Builder) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintf(w, "# HELP %[1]s Time to answer requests.\n# TYPE %[1]s histogram\n", requestMetric)
	for _, r := range sortedRoutes(m.routes) {
		t := m.routes[r]
		labels := fmt.Sprintf(`method=%q,route=%q,status="%d"`, r.method, r.pattern, r.status)
		var sum int64
		for k, n := range t.buckets {
			sum += n
			bound := "+Inf"
			if k < len(bounds) {
				bound = strconv.FormatFloat(bounds[k], 'g', -1, 64)
			}
			fmt.Fprintf(w, "%s_bucket{%s,le=%q} %d\n", requestMetric, labels, bound, sum)
		}
		fmt.Fprintf(w, "%[1]s_sum{%[2]s} %[3]g\n%[1]s_count{%[2]s} %[4]d\n", requestMetric, labels, t.seconds, t.count)
	}
}

func sortedRoutes(routes map[route]*timing) []route {
	list := make([]route, 0, len(routes))
	for r := range routes {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b route) int {
		return cmp.Or(cmp.Compare(a.pattern, b.pattern), cmp.Compare(a.method, b.method), cmp.Compare(a.status, b.status))
	})
	return list
}

func counter(w *strings.Builder, name, help string, value int64) {
	fmt.Fprintf(w, "# HELP %[1]s %[2]s\n# TYPE %[1]s counter\n%[1]s %[3]d\n", name, help, value)
}

func gauge(w *strings.Builder, name, help string, value float64) {
	fmt.Fprintf(w, "# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n%[1]s %[3]g\n", name, help, value)
}

// getMetrics, GET /metrics, answers those who have the token, or without one set, callers on this machine.
func (s *Server) getMetrics(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if !s.mayWatch(c) {
		p := web.NewProblem(web.CodeNoKey, "This needs the token for metrics.")
		p.Headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="metrics"`}}
		return p
	}
	var w strings.Builder
	s.metrics.write(&w)
	counts := s.o.Counts
	if counts.Made != nil {
		results, awards := counts.Made()
		counter(&w, "insignia_results_total", "Results that were recorded.", results)
		counter(&w, "insignia_awards_total", "Awards that were made.", awards)
	}
	if counts.Letters != nil {
		counter(&w, "insignia_letters_total", "Letters that the relay or the built-in mailbox took.", counts.Letters())
	}
	if counts.Statements != nil {
		counter(&w, "insignia_database_statements_total", "Statements that the database ran.", counts.Statements())
	}
	if counts.Checked != nil {
		writeChecks(&w, counts.Checked())
	}
	if counts.Jobs != nil {
		stats, err := counts.Jobs(c.Request().Context())
		if err != nil {
			return fmt.Errorf("count jobs: %w", err)
		}
		gauge(&w, "insignia_jobs_ready", "Jobs that are due.", float64(stats.Ready))
		gauge(&w, "insignia_jobs_running", "Jobs that are being done.", float64(stats.Running))
		gauge(&w, "insignia_jobs_waiting", "Jobs that are due later.", float64(stats.Waiting))
		gauge(&w, "insignia_jobs_dead", "Jobs that were given up.", float64(stats.Dead))
		gauge(&w, "insignia_jobs_oldest_seconds", "How long the oldest due job has been due.", stats.Oldest.Seconds())
	}
	fmt.Fprintf(&w, "# HELP insignia_info The program.\n# TYPE insignia_info gauge\ninsignia_info{version=%q} 1\n", s.o.Version)
	return c.Blob(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", []byte(w.String()))
}

func writeChecks(w *strings.Builder, byVerdict map[string]int64) {
	fmt.Fprint(w, "# HELP insignia_checks_total Badges that were checked, by verdict.\n# TYPE insignia_checks_total counter\n")
	for _, v := range slices.Sorted(maps.Keys(byVerdict)) {
		fmt.Fprintf(w, "insignia_checks_total{verdict=%q} %d\n", v, byVerdict[v])
	}
}

// mayWatch lets the holder of the token read metrics, or without a token this machine itself, where the site is
// here too: under a public address a connection from this machine is a proxy's, whatever headers it adds.
func (s *Server) mayWatch(c echo.Context) bool {
	r := c.Request()
	if s.o.MetricsToken != "" {
		scheme, token, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
		return strings.EqualFold(scheme, "Bearer") && equal(token, s.o.MetricsToken)
	}
	if !web.ThisMachine(s.site.Base.Host) {
		return false
	}
	for _, forwarded := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Host", "Via"} {
		if r.Header.Get(forwarded) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// equal compares secrets in a time that tells nothing about them.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
