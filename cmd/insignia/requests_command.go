package main

import (
	"context"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/jobs"
)

type requestsCommand struct {
	List requestsListCommand `cmd:"" help:"List what people have asked for and nobody has answered: to have two accounts, or two certification profiles, brought together."`
}

type requestsListCommand struct {
	databaseConfig
}

// Run lists requests, the oldest first, by internal ids: addresses and names are not shown.
func (r *requestsListCommand) Run(ctx context.Context, t *terminal) error {
	s, err := r.open(ctx, toRead)
	if err != nil {
		return err
	}
	defer s.db.Close()
	profiles := connection.New(s.db, jobs.New(s.db, slog.New(slog.DiscardHandler), time.Now), nil, time.Now)
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tBRING TOGETHER\tASKED BY\tWITH\tSHOWN BY\tSINCE")
	for after := (connection.Request{}); ; {
		page, err := profiles.Requests(ctx, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return w.Flush()
		}
		for _, q := range page {
			fmt.Fprintf(w, "%s\t%ss\t%s\t%s\t%s\t%s\n", q.ID, q.Kind, q.Account, q.Other, q.How, q.At.UTC().Format(time.RFC3339))
		}
		after = page[len(page)-1]
	}
}
