package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/open-insignia/insignia/partner"
)

// greet tells whoever started the server by hand what is where and what is missing. The log is for programs; it has a
// warning where results would be refused.
func (s *server) greet(ctx context.Context, out io.Writer, log *slog.Logger) error {
	h, err := s.issuer.History(ctx)
	if err != nil {
		return fmt.Errorf("read the programme: %w", err)
	}
	if len(h) == 0 {
		log.Warn("there is no programme yet, and results are refused: apply one with insignia programme apply FILE")
	}
	if !isTerminal(out) {
		return nil
	}
	text, err := s.greeting(ctx)
	if err == nil {
		_, err = io.WriteString(out, text)
	}
	return err
}

// isTerminal reports whether a person reads what is written there.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *server) greeting(ctx context.Context) (string, error) {
	h, err := s.issuer.History(ctx)
	if err != nil {
		return "", fmt.Errorf("read the programme: %w", err)
	}
	keys, err := s.partners.Keys(ctx)
	if err != nil {
		return "", fmt.Errorf("read partners: %w", err)
	}
	keys = slices.DeleteFunc(keys, func(k partner.Key) bool { return k.RevokedAt != nil })
	base, letters := s.config.BaseURL, "go out by the relay of INSIGNIA_SMTP"
	switch {
	case s.config.showMailbox():
		letters = base + "/mailbox, and nowhere else: INSIGNIA_SMTP is not set"
	case s.config.SMTP == "":
		letters = "reach nobody: INSIGNIA_SMTP is not set"
	}
	programme, partners := "none yet: insignia programme apply FILE", "none yet: insignia partner add NAME"
	if len(h) > 0 {
		programme = fmt.Sprintf("%s, version %d", h.Latest().Programme.Issuer.Name, h.Latest().Number)
	}
	if len(keys) > 0 {
		partners = fmt.Sprintf("keys in use: %d", len(keys))
	}
	return fmt.Sprintf(`
Insignia is running; Ctrl+C stops it.

  Site               %[1]s
  Check a badge      %[1]s/verify
  API documentation  %[1]s/api/v1/docs
  Letters            %[2]s
  Programme          %[3]s
  Partners           %[4]s

`, base, letters, programme, partners), nil
}
