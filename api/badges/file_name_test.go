package badges

import (
	"mime"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
)

func TestSaveAs(t *testing.T) {
	for _, tt := range []struct{ title, holder, want, plain string }{
		{"Data Foundations", "Ana Ruiz", "data-foundations-ana-ruiz.png", "data-foundations-ana-ruiz.png"},
		{"Données", "Chloé O’Neil", "données-chloé-o-neil.png", "donnees-chloe-o-neil.png"},
		{"数据基础", "王小明", "数据基础-王小明.png", "badge.png"},
		{"डेटा", "मोदी", "डेटा-मोदी.png", "badge.png"},
		{"a\"; x=\"../../b\r\nSet-Cookie: c", "\x00/\\", "a-x-b-set-cookie-c.png", "a-x-b-set-cookie-c.png"},
		{strings.Repeat("W", 300), "", strings.Repeat("w", 100) + ".png", strings.Repeat("w", 100) + ".png"},
	} {
		a := &catalogue.Achievement{Language: "en", Name: map[string]string{"en": tt.title}}
		value := saveAs(&credential.Badge{Achievement: a, HolderName: tt.holder}, "/badges/x/badge.png")
		plain, _, _ := strings.Cut(value, "; filename*")
		_, all, err := mime.ParseMediaType(strings.Replace(value, plain+"; filename*", "inline; filename*", 1))
		_, first, err2 := mime.ParseMediaType(plain)
		if err != nil || err2 != nil || all["filename"] != tt.want || first["filename"] != tt.plain {
			t.Errorf("%s: %q (%v, %v), want %q and %q", tt.title, value, err, err2, tt.want, tt.plain)
		}
	}
	if got := saveAs(&credential.Badge{Achievement: &catalogue.Achievement{}}, "/badges/x/certificate"); got != "" {
		t.Errorf("a page is called %q", got)
	}
}
