package programme

import (
	"bytes"
	"encoding/json"
	"testing"
)

// An ordinary person: five results, three certifications, one renewal.
func BenchmarkEarned(b *testing.B) {
	h := always(realProgramme(b))
	results := ledger("2024-01-10 AZ-104", "2024-02-01 AZ-305", "2024-03-01 AZ-900 fail", "2024-04-01 AZ-900", "2024-10-01 AZ-104")
	for b.Loop() {
		Earned(h, results, nil)
	}
}

func BenchmarkEarnedWithRevocation(b *testing.B) {
	h := always(realProgramme(b))
	results := ledger("2024-01-10 AZ-104", "2024-02-01 AZ-305", "2024-03-01 AZ-900 fail", "2024-04-01 AZ-900", "2024-10-01 AZ-104")
	standing := []Standing{revoked("azure-administrator", "r1", "2024-01-10", "2025-01-10", "2024-06-01T00:00")}
	for b.Loop() {
		Earned(h, results, standing)
	}
}

func BenchmarkEarnedLongLedger(b *testing.B) {
	h := always(realProgramme(b))
	var lines []string
	for _, month := range []string{"2023-01", "2023-05", "2023-09", "2024-01", "2024-05", "2024-09", "2025-01", "2025-05"} {
		for _, exam := range []string{"AZ-104", "AZ-305", "AZ-400", "MO-100", "MO-200", "MO-300", "AZ-800", "AZ-801"} {
			lines = append(lines, month+"-10 "+exam)
		}
	}
	results := ledger(lines...)
	for b.Loop() {
		Earned(h, results, nil)
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := json.Marshal(realProgramme(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Parse(bytes.NewReader(data), "stored"); err != nil {
			b.Fatal(err)
		}
	}
}
