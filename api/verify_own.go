package api

import (
	"context"
	"strings"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/verifier"
)

// RecordOf is what is on record of a badge of ours that is shown, for the verifier (verifier.Site).
func (s *Server) RecordOf(ctx context.Context, badge, issuerID string) (verifier.Record, bool) {
	b, older, err := s.ownEdition(ctx, badge, issuerID)
	var org programme.Issuer
	if err == nil && b != nil {
		org, err = s.o.Issuer.Organisation(ctx)
	}
	if err != nil {
		s.o.Log.Error("read the record of a badge", "badge", badge, "error", err)
	}
	if err != nil || b == nil {
		return verifier.Record{}, false
	}
	f, a := s.o.Issuer.Facts(b), b.Achievement
	r := verifier.Record{
		State: verifier.Verdict(f.Status), Reason: f.Reason, Older: older, Holder: b.HolderName, Name: a.In(a.Name, a.Language),
		Issuer:   verifier.Issuer{ID: s.o.BaseURL + "/issuers/" + org.ID + "/profile.json", Name: org.Name.In(a.Language), URL: org.URL},
		IssuedOn: dayOrNone(f.EarnedOn), ExpiresOn: dayOrNone(f.ExpiresOn),
	}
	if f.Status == issuer.Revoked || f.Status == issuer.Suspended {
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

// OfSandbox reports whether a badge was made for a trial of ours, shown or not (verifier.Site). Where that cannot
// be told, it counts as one: a test badge must not pass as real because the database was away.
func (s *Server) OfSandbox(ctx context.Context, badge, issuerID string) bool {
	id, _, found, err := s.ownID(ctx, badge)
	if err == nil && (!found || !plausibleID(id) || !s.mayBeOurs(issuerID)) {
		return false
	}
	var b *issuer.Badge
	if err == nil {
		b, found, err = s.o.Issuer.Published(ctx, id)
	}
	if err != nil {
		s.o.Log.Error("read whether a badge is a test", "badge", badge, "error", err)
		return true
	}
	return found && b.Sandbox
}

// ownBadge is the badge of ours that names itself and its issuer so, if it is shown to strangers.
func (s *Server) ownBadge(ctx context.Context, badge, issuerID string) (*issuer.Badge, error) {
	b, _, err := s.ownEdition(ctx, badge, issuerID)
	return b, err
}

// ownEdition is ownBadge, and whether the id is that of an edition that a newer one has replaced.
func (s *Server) ownEdition(ctx context.Context, badge, issuerID string) (b *issuer.Badge, older bool, err error) {
	id, version, found, err := s.ownID(ctx, badge)
	if err != nil || !found || !plausibleID(id) || !s.mayBeOurs(issuerID) {
		return nil, false, err
	}
	b, found, err = s.o.Issuer.Published(ctx, id)
	if err != nil || !found || !b.Award.Shown() {
		return nil, false, err
	}
	return b, version > 0 && version < b.Award.Signed, nil
}

// ownID is the award that an address below ours, or the id of a signed 2.0 badge of ours, stands for. Only the
// latter is the id of one edition; version is 0 for an address.
func (s *Server) ownID(ctx context.Context, badge string) (id string, version int64, found bool, err error) {
	if strings.HasPrefix(badge, "urn:uuid:") {
		return s.o.Issuer.AwardOfSigned(ctx, badge)
	}
	path, ours := s.own(badge)
	if !ours {
		return "", 0, false, nil
	}
	id, found = strings.CutPrefix(path.Path, "/badges/")
	id, _, _ = strings.Cut(id, "/")
	return id, 0, found, nil
}

// mayBeOurs is false for an issuer that is surely somebody else, who may name a badge of ours as its own.
func (s *Server) mayBeOurs(issuerID string) bool {
	_, ours := s.own(issuerID)
	return ours || issuerID == "" // a withdrawn 2.0 badge names nobody
}
