package programme

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fromFile parses a programme file that lies outside the package.
func fromFile(t testing.TB, path ...string) *Programme {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	if os.IsNotExist(err) && path[3] == "shared" {
		t.Skip("the folder shared/ is not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := Parse(f, path[len(path)-1])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func realProgramme(t testing.TB) *Programme {
	return fromFile(t, "..", "..", "..", "shared", "data", "programme.yaml")
}

func sampleProgramme(t testing.TB) *Programme {
	return fromFile(t, "..", "..", "cmd", "insignia", "sample", "programme.yaml")
}

func TestRealProgramme(t *testing.T) {
	p := realProgramme(t)
	if len(p.Exams) != 37 || len(p.Certifications) != 32 || len(p.Warnings()) != 0 {
		t.Errorf("got %d exams, %d certifications, warnings %v", len(p.Exams), len(p.Certifications), p.Warnings())
	}
	tests := []struct {
		name   string
		ledger []string
		want   string
		on     string
		says   string
	}{
		{
			name:   "fundamentals",
			ledger: []string{"2026-03-04 AZ-900"},
			want:   "AZ-900 2026-03-04 (no badge)\n azure-fundamentals 2026-03-04",
			on:     "r1", says: "AZ-900 skipped implied_by_certification azure-fundamentals\n azure-fundamentals awarded certification_earned",
		},
		{
			name:   "the contract's example",
			ledger: []string{"2026-03-04 AZ-800"},
			want:   "AZ-800 2026-03-04",
			on:     "r1", says: "AZ-800 awarded exam_passed\n windows-server-hybrid not_yet requirement_missing needs AZ-801",
		},
		{
			name:   "expert with a certification held",
			ledger: []string{"2026-01-10 AZ-104", "2026-03-04 AZ-305", "2026-03-05 AZ-400"},
			want: "AZ-104 2026-01-10 (no badge)\n azure-administrator 2026-01-10 until 2027-01-10\n AZ-305 2026-03-04\n" +
				"solutions-architect-expert 2026-03-04 until 2027-03-04\n AZ-400 2026-03-05\n devops-engineer-expert 2026-03-05 until 2027-03-05",
		},
		{
			name:   "expert by the two exams of old",
			ledger: []string{"2021-05-01 AZ-303", "2021-06-01 AZ-304"},
			want:   "AZ-303 2021-05-01\n AZ-304 2021-06-01\n solutions-architect-expert 2021-06-01 until 2022-06-01",
		},
		{
			name:   "what an expert exam needs nowadays",
			ledger: []string{"2026-03-04 AZ-305", "2026-03-05 AZ-400"},
			want:   "AZ-305 2026-03-04\n AZ-400 2026-03-05",
			on:     "r2", says: "AZ-400 awarded exam_passed\n devops-engineer-expert not_yet requirement_missing needs (azure-administrator or azure-developer)",
		},
		{
			name:   "an exam of two certifications completes both; one had been missing only this",
			ledger: []string{"2023-05-01 MB-310", "2023-06-01 MB-330", "2023-09-30 MB-300"},
			want: "MB-310 2023-05-01\n MB-330 2023-06-01\n MB-300 2023-09-30\n dynamics-finance-consultant 2023-09-30 until 2024-09-30\n" +
				"dynamics-supply-chain-consultant 2023-09-30 until 2024-09-30",
		},
		{
			name:   "MCSE through MCSA, on the last day",
			ledger: []string{"2019-01-01 70-740", "2019-02-01 70-744", "2019-03-01 70-741", "2021-01-31 70-742"},
			want: "70-740 2019-01-01\n 70-744 2019-02-01\n 70-741 2019-03-01\n 70-742 2021-01-31\n mcsa-windows-server-2016 2021-01-31\n" +
				"mcse-core-infrastructure 2021-01-31",
			on: "r2", says: "70-744 awarded exam_passed\n mcse-core-infrastructure not_yet requirement_missing needs mcsa-windows-server-2016",
		},
		{
			name:   "never badged, exam and certification",
			ledger: []string{"2012-01-01 70-680"},
			want:   "70-680 2012-01-01 (no badge)\n mcts-windows-7 2012-01-01 (no badge)",
			on:     "r1", says: "70-680 skipped badge_never\n mcts-windows-7 skipped badge_never",
		},
		{
			name:   "office specialist: each one a certification, three make another, and the expert follows from exams passed before",
			ledger: []string{"2026-01-01 MO-101", "2026-01-02 MO-201", "2026-01-03 MO-100", "2026-01-04 MO-200", "2026-01-05 MO-400"},
			want: "MO-101 2026-01-01 (no badge)\n mos-word-expert 2026-01-01\n MO-201 2026-01-02 (no badge)\n mos-excel-expert 2026-01-02\n" +
				"MO-100 2026-01-03 (no badge)\n mos-word-associate 2026-01-03\n MO-200 2026-01-04 (no badge)\n mos-excel-associate 2026-01-04\n" +
				"MO-400 2026-01-05 (no badge)\n mos-outlook-associate 2026-01-05\n mos-associate 2026-01-05\n mos-expert 2026-01-05",
			on: "r1", says: "MO-101 skipped implied_by_certification mos-word-expert\n mos-word-expert awarded certification_earned\n" +
				"mos-expert not_yet requirement_missing needs (mos-associate and (MO-201 or MO-500))",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := Earned(always(p), ledger(test.ledger...), nil)
			if diff := cmp.Diff(block(test.want), told(o)); diff != "" {
				t.Errorf("earnings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(block(test.says), decided(o, test.on)); diff != "" {
				t.Errorf("decisions on %s (-want +got):\n%s", test.on, diff)
			}
		})
	}
}

// The sample programme of the demo has one certification of every kind.
func TestSampleProgramme(t *testing.T) {
	p := sampleProgramme(t)
	if len(p.Warnings()) != 0 {
		t.Errorf("warnings: %v", p.Warnings())
	}
	for _, place := range p.texts() {
		if diff := cmp.Diff([]string{"en", "es", "fr"}, place.text.Languages()); diff != "" && place.required {
			t.Errorf("%s/%s is not written in all languages", place.at, place.member)
		}
	}
	o := Earned(always(p), ledger(
		"2014-01-01 NL-001", "2024-06-30 NL-090", "2026-01-10 NL-100", "2026-01-20 NLI-21", "2026-02-01 NL-220", "2026-02-10 NL-500",
		"2026-03-01 NL-310"), nil)
	want := block(`
		NL-001 2014-01-01 (no badge)
		computer-user 2014-01-01 (no badge)
		NL-090 2024-06-30
		NL-100 2026-01-10 (no badge)
		data-foundations 2026-01-10
		NL-210 2026-01-20
		NL-220 2026-02-01
		web-operations-associate 2026-02-01 until 2027-02-01
		NL-500 2026-02-10
		web-architect-expert 2026-02-10 until 2028-02-10
		NL-310 2026-03-01
		automation-practitioner 2026-03-01
		systems-generalist 2026-03-01
		northlight-fellow 2026-03-01`)
	if diff := cmp.Diff(want, told(o)); diff != "" {
		t.Errorf("earnings (-want +got):\n%s", diff)
	}
}
