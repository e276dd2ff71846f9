package partners

import (
	"context"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// What tests outside of the package look at.
const ExampleBase = exampleBase

type ResultRequest = resultRequest

// Calls is a route of partners with any scope that answers so.
func (d *Door) Calls(path string, do func() (status int, body any, err error)) []web.Route {
	return web.Post(web.APIPath+path, d.partner("", func(*call) (answer, error) {
		status, body, err := do()
		return answer{status, body}, err
	}))
}

func (d *Door) AwardAnswer(ctx context.Context, a *ledger.Award, lang string) error {
	_, err := d.awardAnswer(ctx, a, lang)
	return err
}
