package art

import "testing"

func BenchmarkBadge(b *testing.B) {
	for b.Loop() {
		Badge(samples[5])
	}
}

func BenchmarkPNG600(b *testing.B) { benchmarkPNG(b, 600) }
func BenchmarkPNG192(b *testing.B) { benchmarkPNG(b, 192) }
func BenchmarkPNG64(b *testing.B)  { benchmarkPNG(b, 64) }

func benchmarkPNG(b *testing.B, size int) {
	svg := Badge(samples[3])
	for b.Loop() {
		data, err := PNG(svg, size)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "bytes")
	}
}

func BenchmarkCard(b *testing.B) {
	d := cards(b)[0]
	for b.Loop() {
		data, err := Card(d)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "bytes")
	}
}
