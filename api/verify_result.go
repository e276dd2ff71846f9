package api

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// result is a report as a page. What a document says of itself is shown only where its proof holds.
func (s *Server) result(r *verifier.Report, page templates.Page) templates.VerifyResult {
	v := templates.VerifyResult{
		Page: page, Verdict: string(r.Verdict), IssuerKnown: r.IssuerKnown, CheckedAt: r.CheckedAt, Format: r.Format,
	}
	for _, k := range r.Checks {
		v.Checks = append(v.Checks, templates.Check{Name: k.Name, Outcome: string(k.Outcome), Code: k.Code, Detail: k.Message})
	}
	if r.Badge == nil || !proven(r) {
		return v
	}
	b := r.Badge
	v.Title, v.Description.Value = short(b.Name, 300), short(b.Description, 2000)
	v.Issuer, v.IssuerID, v.Domain = short(b.Issuer.Name, 300), short(b.Issuer.ID, 500), domain(b.Issuer.ID)
	if personal(b.Recipient) {
		v.Recipient = short(b.Recipient, 300)
	}
	if _, ours := s.own(b.Image); ours {
		v.ImageURL = s.path(b.Image)
	}
	v.IssuedOn, v.Expires = day(b.IssuedOn), day(b.ExpiresOn)
	return v
}

// proven reports whether signature, or hosting, and key were checked and hold.
func proven(r *verifier.Report) bool {
	held := false
	for _, k := range r.Checks {
		if k.Name != verifier.CheckProof && k.Name != verifier.CheckKey {
			continue
		}
		if k.Outcome == verifier.Fail || k.Outcome == verifier.Unknown {
			return false
		}
		held = held || k.Name == verifier.CheckProof && k.Outcome == verifier.Pass
	}
	return held
}

// personal reports whether a recipient is a name that people read, and no id, address or hash.
func personal(recipient string) bool {
	return recipient != "" && !strings.ContainsAny(recipient, "@$:")
}

func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

func day(t *time.Time) templates.Day {
	if t == nil {
		return templates.Day{}
	}
	return t.UTC()
}

// domain is the host that stands behind an issuer's id; empty where there is none to look up.
func domain(id string) string {
	if rest, found := strings.CutPrefix(id, "did:web:"); found {
		host, _, _ := strings.Cut(rest, ":")
		host, _ = url.PathUnescape(host)
		return host
	}
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Host
}

// addOwn adds what we know of a badge of our own that is shown.
func (s *Server) addOwn(c echo.Context, v *templates.VerifyResult, r *verifier.Report) error {
	if r.Badge == nil || r.Verdict == verifier.NotShared || r.Verdict == verifier.Altered || r.Verdict == verifier.Invalid {
		return nil
	}
	path, found := strings.CutPrefix(r.Badge.ID, s.o.BaseURL+"/badges/")
	id, _, _ := strings.Cut(path, "/")
	if !found || !plausibleID(id) {
		return nil
	}
	b, found, err := s.o.Issuer.Published(c.Request().Context(), id)
	if err != nil || !found || !b.Award.Shown() {
		return err
	}
	v.BadgeURL, v.Recipient, v.Since, v.Reason = "/badges/"+id, b.HolderName, since(b), b.Award.Reason
	if v.Title == "" {
		v.Title, v.Issuer = b.Achievement.In(b.Achievement.Name, v.Lang), issuerName(b.Achievement, v.Lang)
	}
	v.ImageURL = pictureURL(b.Achievement)
	switch b.Validity {
	case issuer.Expired:
		v.Expires, v.Since = b.Award.ExpiresOn.Time(), templates.Day{}
	case issuer.Suspended: // the status list has one bit for both
		if r.Verdict == verifier.Revoked {
			v.Verdict = string(verifier.Suspended)
		}
	}
	next, err := s.successor(c, b)
	if err == nil && next != nil && next != b {
		v.NewerURL = "/badges/" + next.Award.ID
	}
	return err
}
