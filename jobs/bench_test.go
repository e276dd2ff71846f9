package jobs

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
)

// BenchmarkAdd is one keyed job in a transaction of its own, as a posted result has it.
func BenchmarkAdd(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint("waiting=", waiting), func(b *testing.B) {
			db := databasetest.New(b)
			backlog(b, db, waiting)
			ctx, q, i := context.Background(), onClock(db, time.Now), 0
			for b.Loop() {
				i++
				task := Task{Kind: "work", Key: fmt.Sprint(i), Payload: map[string]string{"award": "x"}}
				if err := db.InTx(ctx, func(tx *database.Tx) error { return q.Add(ctx, tx, task) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAddMany adds 1,000 jobs in one transaction, as an import has it.
func BenchmarkAddMany(b *testing.B) {
	db := databasetest.New(b)
	ctx, q := context.Background(), onClock(db, time.Now)
	tasks := make([]Task, 1000)
	for i := range tasks {
		tasks[i] = Task{Kind: "work", Payload: map[string]string{"award": "x"}}
	}
	for b.Loop() {
		if err := db.InTx(ctx, func(tx *database.Tx) error { return q.Add(ctx, tx, tasks...) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(tasks))/b.Elapsed().Seconds(), "jobs/s")
}

// BenchmarkWork takes, does and finishes trivial jobs while others wait.
func BenchmarkWork(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000} {
		for _, workers := range []int{10, 50} {
			b.Run(fmt.Sprintf("sqlite/waiting=%d/workers=%d", waiting, workers), func(b *testing.B) {
				work(b, databasetest.New(b), waiting, workers)
			})
			if os.Getenv("INSIGNIA_TEST_POSTGRES") != "" {
				b.Run(fmt.Sprintf("postgres/waiting=%d/workers=%d", waiting, workers), func(b *testing.B) {
					work(b, databasetest.NewPostgres(b), waiting, workers)
				})
			}
		}
	}
}

func work(b *testing.B, db *database.DB, waiting, workers int) {
	backlog(b, db, waiting+2*b.N)
	ctx, stop := context.WithCancel(context.Background())
	q := onClock(db, time.Now)
	var n atomic.Int64
	q.Handle("work", func(context.Context, Job) error {
		if n.Add(1) == int64(b.N) {
			stop()
		}
		return nil
	})
	b.ResetTimer()
	if err := q.Run(ctx, workers); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}
