package home

import (
	"maps"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

const claimPrefix = "/claim/"

// claim is a claim link that somebody opened, and who they are. The link shows the badge and proves
// nothing: only a session whose confirmed addresses include the claim's goes on (flows 2.1.1).
type claim struct {
	*issuer.Claim
	path string // of the claim; it contains the token
	who  *web.Person
	owns map[string]bool // awards of the claim that the person may decide about
}

// screen is what a claim link leads to (flows 2.1.3).
type screen int

const (
	landing   screen = iota + 1 // S1
	accepting                   // S5
	wrong                       // S6
	yours                       // S7
	used                        // S8
	declined                    // S9
	replaced                    // S10
	withdrawn                   // S11
	disputed                    // S14
)

// decide finds the screen, and the badges of the claim that it is about.
func (k *claim) decide() (screen, []issuer.OfferedBadge) {
	is := func(state string, mine bool) []issuer.OfferedBadge { return k.badges(state, mine) }
	switch open := is(issuer.Offered, false); {
	case len(is(issuer.Offered, true)) > 0:
		return accepting, is(issuer.Offered, true)
	case len(open) > 0 && k.ReplacedAt != nil:
		return replaced, open
	case len(open) > 0 && k.who != nil:
		return wrong, open
	case len(open) > 0:
		return landing, open
	case len(k.disputed()) > 0:
		return disputed, k.disputed()
	case len(is(issuer.Accepted, true)) > 0:
		return yours, is(issuer.Accepted, true)
	case len(is(issuer.Declined, true)) > 0:
		return declined, is(issuer.Declined, true)
	case len(is(issuer.Accepted, false)) > 0 || len(is(issuer.Declined, false)) > 0:
		return used, nil
	}
	for _, b := range k.Badges {
		if b.Award.RevokedAt != nil {
			return withdrawn, []issuer.OfferedBadge{b}
		}
	}
	return used, nil // another award took the place of all
}

// badges are those in a state, of all or of the person only. What was withdrawn before it was accepted, or is
// held because somebody says that it is not theirs, is left out, and so is what another award took the place of.
func (k *claim) badges(state string, mine bool) (list []issuer.OfferedBadge) {
	for _, b := range k.Badges {
		ended := (b.Award.RevokedAt != nil || b.Award.DisputedAt != nil) && state != issuer.Accepted || b.Award.Successor != ""
		if b.Award.State == state && !ended && (!mine || k.owns[b.Award.ID]) {
			list = append(list, b)
		}
	}
	return list
}

// disputed are the badges that are held because somebody says that they are not theirs, those of the person first.
func (k *claim) disputed() (list []issuer.OfferedBadge) {
	for _, mine := range []bool{true, false} {
		for _, b := range k.Badges {
			if b.Award.DisputedAt != nil && k.owns[b.Award.ID] == mine {
				list = append(list, b)
			}
		}
	}
	return list
}

// claim is around everything below a claim link: it finds what the link stands for. Looking changes nothing.
func (cs *claims) claim(next func(c echo.Context, k *claim) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, token := c.Request().Context(), c.Param("token")
		found, known, err := cs.findClaim(c, token)
		if err != nil {
			return err
		}
		if !known {
			return noSuchLink(templates.ClaimUnknown{Page: cs.site.Page(c)})
		}
		c.Set(web.KeyLetter, cs.letterLanguage(c, found.Locale))
		k := &claim{Claim: found, path: claimPrefix + token, owns: map[string]bool{}}
		if k.who, err = cs.site.Person(c); err != nil {
			return err
		}
		if k.who != nil {
			for _, b := range k.Badges {
				if k.owns[b.Award.ID], err = cs.issuer.Owns(ctx, holderOf(k.who), b.Award); err != nil {
					return err
				}
			}
			// What was confirmed in a sandbox is nobody outside of it, and joins no live account nor the other way round.
			if k.who.Sandbox != k.Sandbox && !slices.Contains(slices.Collect(maps.Values(k.owns)), true) {
				k.who = nil
			}
		}
		return next(c, k)
	}
}

func (cs *claims) findClaim(c echo.Context, token string) (*issuer.Claim, bool, error) {
	if !web.PlausibleID(token) {
		return nil, false, nil
	}
	return cs.issuer.Claim(c.Request().Context(), token)
}

// letterLanguage is the language that the letter to a candidate was written in.
func (cs *claims) letterLanguage(c echo.Context, locale string) string {
	if locale == "" {
		if org, err := cs.issuer.Organisation(c.Request().Context()); err == nil {
			locale = org.Languages[0]
		}
	}
	return templates.Match("", "", locale)
}

// frame is the page of a claim.
func (cs *claims) frame(c echo.Context, k *claim) templates.Page {
	p := cs.site.FormPage(c)
	p.NoIndex, p.Sandbox = true, k.Sandbox
	return p
}
