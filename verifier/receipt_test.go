package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/openbadge"
)

// pen signs receipts with a key.
type pen struct {
	signer crypto.Signer
	header openbadge.Header
	err    error
}

func (p pen) SignReceipt(_ context.Context, payload []byte) (string, error) {
	if p.err != nil {
		return "", p.err
	}
	return openbadge.Sign(p.header, payload, p.signer)
}

func ourPen() pen {
	return pen{signer: keys().ec, header: openbadge.Header{Alg: openbadge.ES256, KID: keyID, Typ: ReceiptTyp}}
}

// TestReceipt: a receipt says what the report says, is signed, read back, and bound to the bytes.
func TestReceipt(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	w.in.Recipient, w.in.At = ana, today.AddDate(0, 0, -1)
	report := w.verify(assertionID)
	in := w.in
	receipt := NewReceipt(report, in, "insignia 1.0", "https://our.test/verify")
	if receipt.Verdict != Valid || !receipt.Valid || !receipt.RecipientAsked || receipt.Badge.ID != assertionID || receipt.Badge.Issuer.Name != "Example Makers" ||
		!receipt.CheckedAt.Equal(today) || !receipt.At.Equal(in.At) || receipt.Size != len(assertionID) {
		t.Errorf("got %+v", receipt)
	}
	token, err := SignReceipt(context.Background(), receipt, ourPen())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mustPayload(t, token)), ana) || strings.Contains(string(mustPayload(t, token)), "sha256$") {
		t.Error("the receipt names the person")
	}
	if kid, err := ReceiptKID(token); err != nil || kid != keyID {
		t.Errorf("kid %q, %v", kid, err)
	}
	read, err := ReadReceipt(token, keys().ec.Public())
	if diff := cmp.Diff(receipt, read); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !read.Is([]byte(assertionID)) || read.Is([]byte(assertionID+" ")) || (Receipt{}).Is(nil) {
		t.Error("the fingerprint does not tell files apart")
	}
	// A receipt is no badge, for us or for any other reader that looks at typ.
	if r := w.verify(token); r.Valid {
		t.Error("a receipt is taken for a badge")
	}
}

func mustPayload(t *testing.T, token string) []byte {
	parsed, err := openbadge.ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Payload
}

// TestReceiptOfNothing: a report without a badge has a receipt as well.
func TestReceiptOfNothing(t *testing.T) {
	w := newWorld(t)
	receipt := NewReceipt(w.verify("no badge"), Input{Data: []byte("no badge")}, "p", "u")
	if receipt.Badge != nil || receipt.At != nil || receipt.RecipientAsked || receipt.Verdict != NotABadge || len(receipt.Checks) == 0 {
		t.Errorf("got %+v", receipt)
	}
	report := &Report{Checks: nil}
	if text, err := NewReceipt(report, Input{Person: "Ana"}, "", "").Payload(); err != nil || !strings.Contains(string(text), `"checks":[]`) || !strings.Contains(string(text), `"recipient_asked":true`) {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestReceiptForged: what our key has not signed as a receipt is none.
func TestReceiptForged(t *testing.T) {
	w := newWorld(t)
	receipt := NewReceipt(w.verify("x"), Input{}, "p", "u")
	payload, _ := receipt.Payload()
	good, err := SignReceipt(context.Background(), receipt, ourPen())
	w.must(err)
	sign := func(p pen, payload string) string {
		token, err := p.SignReceipt(context.Background(), []byte(payload))
		w.must(err)
		return token
	}
	stranger, untyped := ourPen(), ourPen()
	stranger.signer, untyped.header.Typ = keys().other, "JWT"
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"nothing": "", "no token": "hello", "another key": sign(stranger, string(payload)), "another typ": sign(untyped, string(payload)),
		"a credential":    w.token(),
		"changed":         parts[0] + "." + b64([]byte(strings.Replace(string(payload), "not_a_badge", "valid", 1))) + "." + parts[2],
		"no signature":    handmade(`{"alg":"none","typ":"`+ReceiptTyp+`"}`, payload, nil),
		"another form":    sign(ourPen(), `{"type":"InsigniaReceipt","version":2}`),
		"another type":    sign(ourPen(), `{"type":"Other","version":1}`),
		"repeated member": sign(ourPen(), `{"type":"InsigniaReceipt","type":"InsigniaReceipt","version":1}`),
		"no JSON":         sign(ourPen(), `hello`),
		"other members":   sign(ourPen(), `{"type":"InsigniaReceipt","version":1,"checks":7}`),
	} {
		if got, err := ReadReceipt(token, keys().ec.Public()); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	for _, token := range []string{"", w.token()} {
		if _, err := ReceiptKID(token); !errors.Is(err, ErrReceipt) {
			t.Errorf("got %v", err)
		}
	}
	broken := ourPen()
	broken.err = errors.New("the key is in the safe")
	if _, err := SignReceipt(context.Background(), receipt, broken); err == nil {
		t.Error("signed without a key")
	}
}

// TestReceiptJSON: the names in the JSON are a promise to whoever keeps receipts.
func TestReceiptJSON(t *testing.T) {
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	receipt := Receipt{
		Type: receiptType, Version: 1, Program: "insignia 1.0", URL: "https://our.test/verify", Fingerprint: fingerprint(nil), Verdict: Expired, Format: FormatOB2Hosted,
		Badge:  &ReceiptBadge{ID: "b", Name: "n", Issuer: Issuer{ID: "i", Name: "in", URL: "u"}, IssuedOn: &day},
		Checks: []Check{{Name: CheckDates, Outcome: Fail, Code: CodeExpired, Message: "m"}}, CheckedAt: day,
	}
	const want = `{"type":"InsigniaReceipt","version":1,"program":"insignia 1.0","url":"https://our.test/verify",` +
		`"fingerprint":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0,"verdict":"expired","valid":false,"issuer_known":false,` +
		`"test":false,"format":"ob2-hosted","badge":{"id":"b","name":"n","issuer":{"id":"i","name":"in","url":"u"},"issued_on":"2026-01-02T03:04:05Z","expires_on":null},` +
		`"recipient_asked":false,"checks":[{"name":"dates","outcome":"fail","code":"EXPIRED","message":"m"}],"checked_at":"2026-01-02T03:04:05Z"}`
	got, err := json.Marshal(receipt)
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func FuzzReadReceipt(f *testing.F) {
	w := newWorld(f)
	receipt := NewReceipt(w.verify("x"), Input{}, "p", "u")
	good, err := SignReceipt(context.Background(), receipt, ourPen())
	w.must(err)
	f.Add(good)
	f.Add(w.token())
	f.Add(handmade(`{"alg":"none","typ":"`+ReceiptTyp+`"}`, []byte(`{}`), nil))
	f.Fuzz(func(t *testing.T, token string) {
		if r, err := ReadReceipt(token, keys().ec.Public()); err == nil && (strings.TrimSpace(token) != good || r.Type != receiptType) {
			t.Errorf("forged: %s", token)
		}
	})
}
