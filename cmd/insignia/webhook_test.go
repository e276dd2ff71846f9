package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
)

// TestWebhookOfARunningServer: a result that is posted arrives at the partner's own address, signed; and when nothing has
// got through for five days, the webhook is disabled and its partner's contact reads why.
func TestWebhookOfARunningServer(t *testing.T) {
	s := startServer(t, nil)
	failing := make(chan struct{})
	type arrival struct{ id, stamp, signature, body string }
	arrived := make(chan arrival, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-failing:
			w.WriteHeader(http.StatusBadGateway)
			return
		default:
		}
		body, _ := io.ReadAll(r.Body)
		arrived <- arrival{r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature"), string(body)}
	}))
	t.Cleanup(receiver.Close)
	var hook struct{ ID, Secret string }
	s.call(t, http.StatusCreated, "/webhooks", map[string]any{"url": receiver.URL, "events": []string{"badge.offered"}}, &hook)
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 10))
	select {
	case a := <-arrived:
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hook.Secret, "whsec_"))
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, a.id+"."+a.stamp+"."+a.body)
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); err != nil || a.signature != want || !strings.Contains(a.body, badge) {
			t.Errorf("got %+v, want the signature %s", a, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing arrived within ten seconds")
	}

	var owner string
	if _, err := s.db.Reader().Get(t.Context(), &owner, `SELECT partner_id FROM webhook WHERE id = ?`, hook.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.partners.SetContact(t.Context(), owner, "Ops@TestCo.test"); err != nil {
		t.Fatal(err)
	}
	close(failing)
	err := s.db.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE webhook SET failing_since = ? WHERE id = ?`, time.Now().UTC().Add(-6*24*time.Hour).Truncate(time.Second), hook.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.call(t, http.StatusAccepted, "/webhooks/"+hook.ID+"/test", nil, nil)
	eventually(t, "a letter to the contact", func() bool {
		var text string
		_, err := s.db.Reader().Get(context.Background(), &text, `SELECT c.body FROM letter_copy c JOIN letter l ON l.id = c.letter_id WHERE l.recipient = 'ops@testco.test'`)
		return err == nil && strings.Contains(text, receiver.URL) && strings.Contains(text, "TestCo")
	})
	var state string
	if _, err := s.db.Reader().Get(t.Context(), &state, `SELECT state FROM webhook WHERE id = ?`, hook.ID); err != nil || state != "disabled" {
		t.Errorf("the webhook is %s, error %v", state, err)
	}
}
