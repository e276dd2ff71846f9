package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder for pictures of the pages that the browser test looks at")

const axeFile = "../../.ci/browser/node_modules/axe-core/axe.min.js"

// chromium is a headless browser that reaches nothing but this machine.
type chromium struct {
	ctx context.Context
	axe string // axe-core, which finds what people with disabilities stumble over
}

// newChromium starts the browser. Its absence fails the test unless INSIGNIA_TEST_NO_BROWSER says
// that there is none.
func newChromium(t testing.TB) *chromium {
	t.Helper()
	if os.Getenv("INSIGNIA_TEST_NO_BROWSER") == "1" {
		t.Skip("INSIGNIA_TEST_NO_BROWSER is set: no page was looked at in a browser")
	}
	program, err := exec.LookPath("chromium")
	axe, axeErr := os.ReadFile(axeFile)
	if err := errors.Join(err, axeErr); err != nil {
		t.Fatalf("the browser test needs Chromium and axe-core, which .ci/install test installs (INSIGNIA_TEST_NO_BROWSER=1 goes without): %v", err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	if *screenshots != "" {
		t.Cleanup(func() {
			if err := contactSheet(*screenshots); err != nil {
				t.Error(err)
			}
		})
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return &chromium{ctx, string(axe)}
}

// tab is a window of its own with cookies of its own.
type tab struct {
	*chromium
	t    testing.TB
	base string
	ctx  context.Context

	mu     sync.Mutex
	faults []string // what went wrong since the last look
}

const patience = 20 * time.Second

// tab opens one for the site at that address.
func (b *chromium) tab(t testing.TB, base string) *tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	w := &tab{chromium: b, t: t, base: base, ctx: ctx}
	if err := chromedp.Listen(ctx, w.watch); err != nil {
		t.Fatal(err)
	}
	w.do("set the size", chromedp.EmulateViewport(1200, 800))
	return w
}

// watch notes requests to other hosts and everything that the console complains about.
func (w *tab) watch(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, w.base+"/") && !strings.HasPrefix(url, "data:") && url != "about:blank" {
			w.faults = append(w.faults, "asked for "+url)
		}
	case *runtime.EventExceptionThrown:
		w.faults = append(w.faults, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.faults = append(w.faults, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		if strings.HasPrefix(e.Entry.Text, "Autofocus processing was blocked") { // by what the address leads to
			return
		}
		if e.Entry.Source != log.EntrySourceNetwork || e.Entry.URL != "" && !strings.Contains(e.Entry.Text, "status of 4") {
			w.faults = append(w.faults, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (w *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%s at %s: %v", what, w.address(), err)
	}
}

// evaluate gives the value of an expression in the page.
func evaluate[T any](w *tab, expression string, options ...chromedp.EvaluateOption) T {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		w.t.Fatalf("%.80s: %v", expression, err)
	}
	return v
}

func (w *tab) address() string {
	ctx, stop := context.WithTimeout(w.ctx, time.Second)
	defer stop()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

// open goes to a path of the site or to an address.
func (w *tab) open(address string) *tab {
	w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.base + address
	}
	w.do("open "+address, chromedp.Navigate(address))
	return w
}

// click clicks an element and waits for the page that it leads to.
func (w *tab) click(selector string) *tab {
	w.t.Helper()
	w.do("click "+selector, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))(ctx, target)
		return chromedp.Void{}, err
	})
	return w
}

// fill types text into a field.
func (w *tab) fill(selector, text string) *tab {
	w.t.Helper()
	w.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
	return w
}

// text is what an element says.
func (w *tab) text(selector string) string {
	w.t.Helper()
	return evaluate[string](w, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// withoutScripts keeps pages from running any.
func (w *tab) withoutScripts() *tab {
	w.t.Helper()
	w.do("turn scripts off", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	return w
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// look takes pictures of the page that is open and fails the test for everything that is wrong with it.
func (w *tab) look(name, lang string) *tab {
	w.t.Helper()
	for _, fault := range w.inspect(name, lang) {
		w.t.Errorf("%s (%s) at %s: %s", name, lang, w.address(), fault)
	}
	return w
}

// inspect judges the page in every width, in light and dark.
func (w *tab) inspect(name, lang string) (faults []string) {
	w.t.Helper()
	faults = w.check(lang)
	faults = append(faults, w.fits(1280, 800)...)
	w.picture(name, lang, "1280-light")
	faults = append(faults, w.judge()...)
	faults = append(faults, w.fits(360, 640)...)
	w.picture(name, lang, "360-light")
	w.colours("dark")
	w.picture(name, lang, "360-dark")
	faults = append(faults, w.fits(320, 640)...)
	faults = append(faults, w.judge()...)
	if *screenshots != "" {
		w.fits(1280, 800)
		w.picture(name, lang, "1280-dark")
	}
	w.colours("light")
	w.do("set the size", chromedp.EmulateViewport(1200, 800))
	w.mu.Lock()
	defer w.mu.Unlock()
	faults, w.faults = append(faults, w.faults...), nil
	return faults
}

func (w *tab) colours(scheme string) {
	w.t.Helper()
	w.do("set the colours", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}))
}

// check finds the language of the page and its one heading.
func (w *tab) check(lang string) (faults []string) {
	w.t.Helper()
	got := evaluate[struct {
		Lang     string
		Headings int
	}](w, `({Lang: document.documentElement.lang, Headings: document.querySelectorAll('h1').length})`)
	if got.Lang != lang || got.Headings != 1 {
		faults = append(faults, fmt.Sprintf("language %q and %d h1, want one", got.Lang, got.Headings))
	}
	return faults
}

// fits sets the size and finds what sticks out to the side.
func (w *tab) fits(width, height int64) (faults []string) {
	w.t.Helper()
	w.do("set the size", chromedp.EmulateViewport(width, height))
	for _, wide := range evaluate[[]string](w, `document.documentElement.scrollWidth <= innerWidth ? [] :
		[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth).slice(0, 3).map(e => e.outerHTML.slice(0, 120))`) {
		faults = append(faults, fmt.Sprintf("scrolls sideways at %d px: %s", width, wide))
	}
	return faults
}

// judge has axe-core look at the page. A letter, which has no address, needs no landmarks.
func (w *tab) judge() []string {
	w.t.Helper()
	if !evaluate[bool](w, "typeof axe === 'object'") {
		evaluate[chromedp.Void](w, w.axe)
	}
	return evaluate[[]string](w, `axe.run(document, {iframes: false, resultTypes: ['violations'], rules: {'target-size': {enabled: true},
			'landmark-one-main': {enabled: location.protocol !== 'about:'}, 'region': {enabled: location.protocol !== 'about:'}}}).then(
		r => r.violations.map(v => 'axe ' + v.id + ' at ' + innerWidth + ' px: ' + v.nodes.map(n => n.html.slice(0, 150) + ' ' + n.any.map(a => a.message)).join('; ')))`, chromedp.EvalAwaitPromise)
}

// picture keeps what the page looks like, for make sheets.
func (w *tab) picture(name, lang, how string) {
	w.t.Helper()
	if *screenshots == "" {
		return
	}
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, name+" "+lang+" "+how+".png"), png, 0o644)
	}
	if err != nil {
		w.t.Errorf("%s in %s: %v", name, lang, err)
	}
}

// contactSheet is a page that shows all pictures of a folder, a row for each page and language.
func contactSheet(folder string) error {
	pictures, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("<!doctype html><meta charset=utf-8><title>All pages</title>" +
		"<style>section { display: flex; gap: 1rem; align-items: start; overflow-x: auto } img { border: 1px solid }</style>\n")
	last := ""
	for _, picture := range pictures { // sorted
		name := strings.TrimSuffix(filepath.Base(picture), ".png")
		row, how, _ := strings.Cut(name, " ")
		lang, how, _ := strings.Cut(how, " ")
		if row += " " + lang; row != last {
			fmt.Fprintf(&b, "</section><h2>%s</h2><section>\n", html.EscapeString(row))
			last = row
		}
		width := 640
		if strings.HasPrefix(how, "360") {
			width = 240
		}
		fmt.Fprintf(&b, "<figure><img loading=lazy width=%d src=%q alt=%q><figcaption>%s</figcaption></figure>\n",
			width, url.PathEscape(filepath.Base(picture)), html.EscapeString(name), html.EscapeString(how))
	}
	return os.WriteFile(filepath.Join(folder, "index.html"), []byte(b.String()), 0o644)
}
