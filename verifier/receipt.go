package verifier

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// ReceiptTyp is the typ of a signed receipt. No reader of credentials takes it for one, and ReadReceipt
// takes nothing else, so neither can stand in for the other though one key may sign both.
const ReceiptTyp = "insignia-receipt+jwt"

const receiptType = "InsigniaReceipt"

// ErrReceipt is wrapped when a text is no receipt that the key has signed.
var ErrReceipt = errors.New("not a genuine receipt")

// Receipt is the record of one judgement for somebody's files: what was answered when, about exactly
// which bytes. It says nothing of the person whom the badge names, and does not hold the badge itself;
// the fingerprint shows whether a file is the one that was judged.
type Receipt struct {
	Type        string        `json:"type"`    // always "InsigniaReceipt"
	Version     int           `json:"version"` // of this form: 1
	Program     string        `json:"program"` // who judged: name and version of the program
	URL         string        `json:"url"`     // where to look further
	Fingerprint string        `json:"fingerprint"`
	Size        int           `json:"size"` // of what was handed in, in bytes
	Verdict     Verdict       `json:"verdict"`
	Valid       bool          `json:"valid"`
	IssuerKnown bool          `json:"issuer_known"`
	Test        bool          `json:"test"`
	Format      string        `json:"format"`
	Badge       *ReceiptBadge `json:"badge"`            // nil when no badge was read
	Reason      string        `json:"reason,omitempty"` // why it was withdrawn or put on hold, in its issuer's words
	Since       *time.Time    `json:"since,omitempty"`  // from when, if that is known
	// RecipientAsked tells that the judgement included whether the badge is a certain person's.
	RecipientAsked bool       `json:"recipient_asked"`
	Checks         []Check    `json:"checks"`
	CheckedAt      time.Time  `json:"checked_at"`
	At             *time.Time `json:"at,omitempty"` // judged as of then, when that was not CheckedAt
}

// ReceiptBadge is what a receipt repeats of a badge: enough to know which one it was.
type ReceiptBadge struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Issuer    Issuer     `json:"issuer"`
	IssuedOn  *time.Time `json:"issued_on"`
	ExpiresOn *time.Time `json:"expires_on"`
}

// NewReceipt makes the receipt of a report about in. program names the program with its version, url
// leads a later reader back.
func NewReceipt(r *Report, in Input, program, url string) Receipt {
	n := Receipt{
		Type: receiptType, Version: 1, Program: program, URL: url,
		Fingerprint: fingerprint(in.Data), Size: len(in.Data),
		Verdict: r.Verdict, Valid: r.Valid, IssuerKnown: r.IssuerKnown, Test: r.Test, Format: r.Format, Reason: r.Reason, Since: r.Since,
		RecipientAsked: len(in.people()) > 0 || in.Person != "", Checks: append([]Check{}, r.Checks...), CheckedAt: r.CheckedAt,
	}
	if !in.At.IsZero() {
		n.At = moment(in.At)
	}
	if b := r.Badge; b != nil {
		n.Badge = &ReceiptBadge{ID: b.ID, Name: b.Name, Issuer: b.Issuer, IssuedOn: b.IssuedOn, ExpiresOn: b.ExpiresOn}
	}
	return n
}

// fingerprint is "sha256:" and the hex digest of the bytes as they were handed in.
func fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Is reports whether the receipt is about these bytes.
func (r Receipt) Is(data []byte) bool {
	return subtle.ConstantTimeCompare([]byte(r.Fingerprint), []byte(fingerprint(data))) == 1
}

// Payload is the JSON that is signed.
func (r Receipt) Payload() ([]byte, error) { return json.Marshal(r) }

// ReceiptSigner signs a receipt's payload as a compact JWS whose typ is ReceiptTyp, with a key that
// later readers can look up (openbadge.Sign does).
type ReceiptSigner interface {
	SignReceipt(ctx context.Context, payload []byte) (token string, err error)
}

// SignReceipt gives the receipt as a signed token.
func SignReceipt(ctx context.Context, r Receipt, signer ReceiptSigner) (string, error) {
	payload, err := r.Payload()
	if err != nil {
		return "", fmt.Errorf("write receipt: %w", err)
	}
	token, err := signer.SignReceipt(ctx, payload)
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	return token, nil
}

// ReceiptKID gives the kid of a token that says it is a receipt, to look its key up by. It proves
// nothing: the caller takes only keys of its own.
func ReceiptKID(token string) (string, error) {
	t, err := receiptToken(token)
	if err != nil {
		return "", err
	}
	return t.Header.KID, nil
}

// ReadReceipt reads a receipt that key has signed. Errors wrap ErrReceipt.
func ReadReceipt(token string, key crypto.PublicKey) (Receipt, error) {
	t, err := receiptToken(token)
	if err != nil {
		return Receipt{}, err
	}
	if err := t.Verify(key); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	var strict any
	var r Receipt
	if err := openbadge.UnmarshalStrict(t.Payload, &strict); err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if err := json.Unmarshal(t.Payload, &r); err != nil || r.Type != receiptType || r.Version != 1 {
		return Receipt{}, fmt.Errorf("%w: of another form", ErrReceipt)
	}
	return r, nil
}

func receiptToken(token string) (*openbadge.JWS, error) {
	t, err := openbadge.ParseJWS(token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if t.Header.Typ != ReceiptTyp {
		return nil, fmt.Errorf("%w: its header says that it is something else", ErrReceipt)
	}
	return t, nil
}
