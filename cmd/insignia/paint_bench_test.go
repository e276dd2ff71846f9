package main

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// slow4G is the line of a slow phone as Lighthouse has it: 150 ms a round trip, 1.6 Mbit/s down and 0.75 up.
var slow4G = network.Conditions{Latency: 150, DownloadThroughput: 1.6e6 / 8, UploadThroughput: 750e3 / 8}

// BenchmarkFirstPaint is when a browser that was never here first shows something of a badge page on a slow line, in
// milliseconds: the median of nine visits.
func BenchmarkFirstPaint(b *testing.B) {
	browser := newChromium(b)
	s, badge := startDemo(b)
	var paints []float64
	for range 9 {
		w := browser.tab(b, s.base) // with no cache of its own yet
		w.do("set the size", chromedp.EmulateViewport(360, 640))
		w.do("slow the line", call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&slow4G}}))
		w.open(badge)
		paints = append(paints, evaluate[float64](w, `new Promise(paint => new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint').forEach(e => paint(e.startTime)))
			.observe({type: 'paint', buffered: true}))`, chromedp.EvalAwaitPromise))
	}
	slices.Sort(paints)
	b.ReportMetric(paints[len(paints)/2], "ms")
	b.ReportMetric(0, "ns/op")
}
