package home_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"image"
	"image/color"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/issuer/wallet/wallettest"
	"github.com/open-insignia/insignia/openbadge"
)

// offered is what a share page shows of an offer.
func offered(t *testing.T, p *apitest.Page) (pin, code string) {
	t.Helper()
	m := regexp.MustCompile(`<p class="big-code">(\d{6})</p>`).FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("no PIN on\n%s", p.Body)
	}
	for _, href := range attribute(p, "a", "href") {
		u, err := url.Parse(href)
		if err != nil || u.Scheme != "openid-credential-offer" {
			continue
		}
		var offer struct {
			Grants map[string]struct {
				Code string `json:"pre-authorized_code"`
			}
		}
		if err := json.Unmarshal([]byte(u.Query().Get("credential_offer")), &offer); err != nil {
			t.Fatal(err)
		}
		return m[1], offer.Grants[wallet.GrantType].Code
	}
	t.Fatal("no link for a wallet")
	return "", ""
}

// TestShareWallet: a holder offers a badge to their wallet by a form, reads link, QR code and PIN on the page, and later
// what came of it. Reading the page makes no offer.
func TestShareWallet(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana, path := accepted(v), "/badges/"+id+"/share"
	for range 2 {
		ana.Get(path).Says("Add to a wallet", "Offer it to my wallet").Hides("openid-credential-offer", "big-code")
	}
	ana.Get(path+"/wallet.svg").Want(404, "")
	p := ana.Get(path).Press("Offer it to my wallet").Want(200, "Share your badge").Says("Open my wallet", "Make a new offer", "Ends at 5 March 2026, 09:52")
	if !strings.HasSuffix(p.Path, path) && !strings.HasSuffix(p.Path, path+"#wallet") {
		t.Errorf("the form leads to %s", p.Path)
	}
	pin, code := offered(t, p)
	if again, same := offered(t, ana.Get(path)); again != pin || same != code {
		t.Error("another look is another offer")
	}
	reference := readQR(t, ana.Get(path+"/wallet.svg"))
	u, err := url.Parse(reference)
	if err != nil || u.Scheme != "openid-credential-offer" {
		t.Fatal(reference, err)
	}
	if answer := v.Ask("GET", strings.TrimPrefix(u.Query().Get("credential_offer_uri"), issuertest.BaseURL), ""); answer.Code != 200 || !strings.Contains(answer.Body.String(), code) {
		t.Errorf("the QR code leads to %d %s", answer.Code, answer.Body)
	}
	for k, left := range []string{"4 tries are left", "3 tries are left", "2 tries are left", "One try is left"} {
		_, _, _ = v.Wallets.Redeem(t.Context(), code, apitest.WrongCode(pin, "00000"+apitest.Itoa(k)))
		ana.Get(path).Says(left)
	}
	_, _, _ = v.Wallets.Redeem(t.Context(), code, apitest.WrongCode(pin, "000009"))
	ana.Get(path).Says("Five wrong PINs").Hides("openid-credential-offer", pin)
	ana.Get(path+"/wallet.svg").Want(404, "")

	pin, code = offered(t, ana.Get(path).Press("Make a new offer"))
	token, _, err := v.Wallets.Redeem(t.Context(), code, pin)
	if err != nil {
		t.Fatal(err)
	}
	ana.Get(path).Says("A wallet has given the PIN").Hides("openid-credential-offer", pin)
	key := wallettest.NewKey(t, openbadge.EdDSA)
	if _, err := v.Wallets.Issue(t.Context(), wallet.Request{
		Token: token, Configuration: wallet.ConfigurationJWT, Proof: key.Proof(t, issuertest.BaseURL, v.Wallets.Nonce(), v.Clock.Now(), nil, nil),
	}); err != nil {
		t.Fatal(err)
	}
	ana.Get(path).Says("Your wallet has the badge.")
	for lang, says := range map[string]string{"es": "Tu cartera tiene la insignia.", "fr": "Votre portefeuille a le badge."} {
		ana.Get(path + "?lang=" + lang).Says(says)
	}
}

// readQR reads the drawing of a QR code, module by module.
func readQR(t *testing.T, p *apitest.Page) string {
	t.Helper()
	if p.Status != 200 || p.Header.Get("Content-Type") != "image/svg+xml" || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(p.Status, p.Header)
	}
	var svg struct {
		Box  string `xml:"viewBox,attr"`
		Path []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.NewDecoder(bytes.NewReader([]byte(p.Body))).Decode(&svg); err != nil {
		t.Fatal(err)
	}
	const scale = 4
	size := number(t, strings.Fields(svg.Box)[2])
	picture := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	for k := range picture.Pix {
		picture.Pix[k] = 255
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(svg.Path[1].D, -1) {
		for x := number(t, m[1]) * scale; x < (number(t, m[1])+number(t, m[3]))*scale; x++ {
			for y := range scale {
				picture.SetGray(x, number(t, m[2])*scale+y, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}) // it is no photograph
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

func number(t *testing.T, text string) (n int) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestShareWalletIsItsHolders: nobody else offers a badge or sees an offer; one that does not stand is offered to no wallet,
// a private one is, and that shows it to nobody.
//
// row 110: a private badge can be taken along, and stays private.
func TestShareWalletIsItsHolders(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.PassBy("R-9", "E4", "C-9", "ben@work.test", "Ben Okafor", "en"))
	id := v.Post(apitest.AnasPass("R-1", "E7"))[0].ID
	ana, path := accepted(v), "/badges/"+id+"/share"
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	ben.Send(path, url.Values{"do": {"wallet"}}).Want(404, "Nothing to show here")
	offered(t, ana.Get(path).Press("Offer it to my wallet"))
	ben.Get(path+"/wallet.svg").Want(404, "")
	if out := v.Open().Get(path + "/wallet.svg"); !strings.HasPrefix(out.Path, "/sign-in") {
		t.Errorf("whoever is not signed in comes to %s", out.Path)
	}
	ana.Get(path).Press("Save", "visibility", ledger.Private).Says("Only you can see this badge", "Add to a wallet", "Open my wallet")
	offered(t, ana.Get(path).Press("Make a new offer"))
	v.Open().Get("/badges/"+id).Want(http.StatusNotFound, "Nothing to show here")
	ana.Get(path).Press("Make it link-only")
	if _, err := v.SuspendAward(context.Background(), v.Caller, id, "case"); err != nil {
		t.Fatal(err)
	}
	ana.Get(path).Says("This badge is on hold").Hides("Add to a wallet", "openid-credential-offer")
	ana.Send(path, url.Values{"do": {"wallet"}}).Want(http.StatusConflict, "")
}
