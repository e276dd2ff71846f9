package api

import (
	"context"
	"strings"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/verifier"
)

// RecordOf is what is on record of a badge of ours that is shown, for the verifier (verifier.Site).
func (s *Server) RecordOf(ctx context.Context, badge, issuerID string) (verifier.Record, bool) {
	b, err := s.ownBadge(ctx, badge, issuerID)
	if err != nil {
		s.o.Log.Error("read the record of a badge", "badge", badge, "error", err)
	}
	if b == nil {
		return verifier.Record{}, false
	}
	return verifier.Record{State: verifier.Verdict(b.Validity), Reason: b.Award.Told(), Holder: b.HolderName}, true
}

// OfSandbox reports whether a badge was made for a trial of ours, shown or not (verifier.Site). Where that cannot
// be told, it counts as one: a test badge must not pass as real because the database was away.
func (s *Server) OfSandbox(ctx context.Context, badge, issuerID string) bool {
	id, found, err := s.ownID(ctx, badge)
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
	id, found, err := s.ownID(ctx, badge)
	if err != nil || !found || !plausibleID(id) || !s.mayBeOurs(issuerID) {
		return nil, err
	}
	b, found, err := s.o.Issuer.Published(ctx, id)
	if err != nil || !found || !b.Award.Shown() {
		return nil, err
	}
	return b, nil
}

// ownID is the award that an address below ours, or the id of a signed 2.0 badge of ours, stands for.
func (s *Server) ownID(ctx context.Context, badge string) (id string, found bool, err error) {
	if strings.HasPrefix(badge, "urn:uuid:") {
		return s.o.Issuer.AwardOfSigned(ctx, badge)
	}
	path, ours := s.own(badge)
	if !ours {
		return "", false, nil
	}
	id, found = strings.CutPrefix(path.Path, "/badges/")
	id, _, _ = strings.Cut(id, "/")
	return id, found, nil
}

// mayBeOurs is false for an issuer that is surely somebody else, who may name a badge of ours as its own.
func (s *Server) mayBeOurs(issuerID string) bool {
	_, ours := s.own(issuerID)
	return ours || issuerID == "" // a withdrawn 2.0 badge names nobody
}
