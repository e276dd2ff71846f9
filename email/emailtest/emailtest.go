// Package emailtest has mailboxes in the spellings that people, partners and programs write them, for tests of
// whatever takes an address.
package emailtest

// Mailbox is one mailbox: its canonical spelling and others of it.
type Mailbox struct {
	Canonical string
	Spellings []string
}

// Mailboxes are mailboxes that are easily taken for several.
var Mailboxes = []Mailbox{
	{"ana.ruiz+x@home.test", []string{
		"ana.ruiz+x@home.test", "Ana.Ruiz+X@Home.Test", "ANA.RUIZ+X@HOME.TEST", " ana.ruiz+x@home.test ", "ana.ruiz+x@home。test", "ana.ruiz+x@ｈｏｍｅ.test", "ａｎａ．ｒｕｉｚ＋ｘ＠ｈｏｍｅ．ｔｅｓｔ",
	}},
	{"ana@xn--mnchen-3ya.test", []string{
		"ana@xn--mnchen-3ya.test", "ana@XN--MNCHEN-3YA.test", "ana@münchen.test", "ana@mu\u0308nchen.test", "Ana@MÜNCHEN.TEST", "ana@münchen。test", "\u3000ana@münchen｡test ",
	}},
	{"josé@xn--caf-dma.test", []string{
		"josé@xn--caf-dma.test", "jose\u0301@xn--caf-dma.test", "José@café.test", "JOSE\u0301@CAFE\u0301.TEST", "josé@cafe\u0301.test", "jose\u0301@ｃａｆé．test", "josé@XN--CAF-DMA.test",
	}},
	{"ana@ab--cd.test", []string{
		"ana@ab--cd.test", "Ana@ab--cd.test", "ana@AB--CD.TEST", " ana@ab--cd.test", "ana@ab--cd。test", "ana＠ab--cd.test",
	}},
	{"ana@my_host.test", []string{
		"ana@my_host.test", "ANA@my_host.test", "ana@My_Host.Test", "ana@my_host.test ", "ana@my＿host.test", "ana@my_host．test",
	}},
	{"abc..def.@docomo.test", []string{
		"abc..def.@docomo.test", "ABC..def.@docomo.test", "abc..def.@DOCOMO.test", " abc..def.@docomo.test", "abc..def.@docomo。test", "abc..def.@docomo．test",
	}},
	{"山田@xn--q9jyb4c", []string{
		"山田@xn--q9jyb4c", "山田@XN--Q9JYB4C", "山田@みんな", " 山田@みんな ", "山田＠みんな", "山田＠みんな\u3000",
	}},
	{"ana@xn--strae-oqa.test", []string{
		"ana@xn--strae-oqa.test", "ana@straße.test", "Ana@Straße.test", "ana@straße。test", "ana@XN--STRAE-OQA.TEST", "ana@stra\u00dfe.TEST",
	}},
	{"i\u0307@home.test", []string{ // not the mailbox of i
		"i\u0307@home.test", "İ@home.test", "I\u0307@HOME.TEST", " i\u0307@home.test", "İ@home。test", "i\u0307@ｈｏｍｅ.test",
	}},
}
