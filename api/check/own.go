package check

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/verifier"
)

// own is an address of ours as one on this server, without the path of the base address.
func (d *Door) own(address string) (*url.URL, bool) { return d.ours.Path(address) }

func publicPath(path string) bool {
	for _, prefix := range []string{
		"/badges/", "/achievements/", "/issuers/", "/status/", "/.well-known/jwks.json",
	} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// Own is what the verifier asks this server about its own badges (verifier.Site).
type Own struct {
	site    credential.Site
	issuer  *issuer.Issuer
	baseURL string
	log     *slog.Logger
}

// NewOwn is about the badges of i, whose public addresses begin with baseURL. It panics on a baseURL that is none.
func NewOwn(i *issuer.Issuer, baseURL string, log *slog.Logger) *Own {
	return &Own{credential.NewSite(i.Publisher, web.MustBase(baseURL)), i, baseURL, log}
}

// Document is what stands at an address of ours, as a stranger would see it.
func (o *Own) Document(ctx context.Context, address string) (verifier.OwnDocument, bool) {
	d, at, ours, err := o.site.Document(ctx, address)
	switch {
	case !ours:
		return verifier.OwnDocument{}, false
	case err != nil:
		o.log.Error("read a document of ours", "address", address, "error", err)
		return verifier.OwnDocument{State: verifier.Unreadable}, true
	case d == nil:
		return verifier.OwnDocument{State: verifier.NotShown}, true
	case d.Gone:
		return verifier.OwnDocument{State: verifier.Withdrawn, Address: at, Type: d.Type, Body: d.Body}, true
	}
	return verifier.OwnDocument{Address: at, Type: d.Type, Body: d.Body}, true
}

// RecordOf is what is on record of a badge of ours that is shown.
func (o *Own) RecordOf(ctx context.Context, badge, issuerID string) (verifier.Record, bool) {
	b, older, err := o.site.Edition(ctx, badge, issuerID)
	var org programme.Issuer
	if err == nil && b != nil {
		org, err = o.issuer.Organisation(ctx)
	}
	if err != nil {
		o.log.Error("read the record of a badge", "badge", badge, "error", err)
	}
	if err != nil || b == nil {
		return verifier.Record{}, false
	}
	f, a := o.issuer.Facts(b), b.Achievement
	r := verifier.Record{
		State: verifier.Verdict(f.Status), Reason: f.Reason, Older: older, Holder: b.ShownName(), Named: b.HolderName,
		Name: a.In(a.Name, a.Language),
		Issuer: verifier.Issuer{
			ID: o.baseURL + "/issuers/" + org.ID + "/profile.json", Name: org.Name.In(a.Language),
			URL: org.URL,
		},
		IssuedOn: dayOrNone(f.EarnedOn), ExpiresOn: dayOrNone(f.ExpiresOn),
	}
	if f.Status == ledger.Revoked || f.Status == ledger.Suspended {
		r.Since = &f.Since
	}
	return r, true
}

// dayOrNone is the beginning of a day; nil where there is none.
func dayOrNone(d programme.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Time()
	return &t
}

// OfSandbox reports whether a badge was made for a trial of ours, shown or not. Where that cannot be told, it counts
// as one: a test badge must not pass as real because the database was away.
func (o *Own) OfSandbox(ctx context.Context, badge, issuerID string) bool {
	sandbox, err := o.site.Sandbox(ctx, badge, issuerID)
	if err != nil {
		o.log.Error("read whether a badge is a test", "badge", badge, "error", err)
		return true
	}
	return sandbox
}

// ownBadge is the badge of ours that names itself and its issuer so, if it is shown to strangers.
func (d *Door) ownBadge(ctx context.Context, badge, issuerID string) (*credential.Badge, error) {
	b, _, err := d.ours.Edition(ctx, badge, issuerID)
	return b, err
}
