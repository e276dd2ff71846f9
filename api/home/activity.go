package home

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

const (
	activityPath = "/me/activity"
	activityPage = 50  // lines a page
	activityMost = 100 // pages
)

// getActivity, GET /me/activity, is all that happened, the newest first; ?page= counts from 1.
func (bp *backpack) getActivity(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	badges, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return err
	}
	results, err := bp.issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	page := bp.site.FormPage(c)
	page.NoIndex = true
	n := web.PageNumber(c, activityMost)
	list, err := bp.activity(ctx, holderOf(who), happened{h, badges, results}, n*activityPage+1, page.Lang)
	if err != nil {
		return err
	}
	m := templates.MyActivity{Page: page, Pager: web.PagerOf(activityPath, n, len(list) > n*activityPage && n < activityMost)}
	m.Activity = list[min((n-1)*activityPage, len(list)):min(n*activityPage, len(list))]
	return web.Show(c, m)
}

// happened is what activity is told of, but for trainings.
type happened struct {
	programme programme.History
	badges    []issuer.OfferedBadge
	results   []issuer.LedgerEntry
}

// activity is what happened last, so much of it at most: results of exams, what became of badges, and trainings.
func (bp *backpack) activity(ctx context.Context, holder issuer.Holder, of happened, most int, lang string) (list []templates.Activity, err error) {
	named := map[string]templates.Activity{}
	var ids []string
	for _, b := range of.badges {
		ids = append(ids, b.Award.ID)
		named[b.Award.ID] = templates.Activity{Name: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), URL: managePath(b.Award.ID)}
	}
	latest, err := bp.issuer.Latest(ctx, ids, most)
	if err != nil {
		return nil, err
	}
	for _, e := range latest {
		if kind := eventOf[e.Change]; kind != "" {
			what := named[e.Award]
			what.What, what.On = "event."+kind, e.At
			list = append(list, what)
		}
	}
	for _, e := range of.results[:min(most, len(of.results))] {
		row := resultRow(of.programme, e, lang)
		exam := templates.Subject{Kind: "exam", Code: row.Exam, Name: row.Name} // certifications are often called the same
		what := templates.Activity{What: "result." + row.Outcome, Name: exam.Title(), On: row.TakenAt, URL: "/me/credentials"}
		if row.State != ledger.StateRecorded {
			what.What = "result." + row.State
		}
		list = append(list, what)
	}
	trainings, err := bp.trainings.Of(ctx, holder)
	if err != nil {
		return nil, err
	}
	for _, t := range trainings[:min(most, len(trainings))] {
		what := templates.Activity{What: "event.training", Name: templates.Text{Value: t.Title}, On: t.CompletedAt.UTC(), URL: t.URL, Outside: true}
		if t.Sandbox {
			what.Name.Value = templates.Test(lang, t.Title)
		}
		list = append(list, what)
	}
	slices.SortStableFunc(list, func(a, b templates.Activity) int { return b.On.Compare(a.On) })
	return list[:min(most, len(list))], nil
}
