package home

import (
	"context"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
)

// mayLeave reports whether to ask for a personal address: the only one looks like that of a job or a school, which
// people leave, and they have not said that they know.
func (as *accountSettings) mayLeave(ctx context.Context, who *web.Person) (bool, error) {
	if len(who.Addresses) != 1 || who.Sandbox || personalMail(who.Addresses[0]) {
		return false, nil
	}
	dismissed, err := as.accounts.Ways.Dismissed(ctx, who.ID, earner.LeavingHint)
	return !dismissed, err
}

// personalMail reports whether an address is at a house that gives mail to everybody. The others are asked about, which
// may be wrong: it is a question.
func personalMail(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	first, _, _ := strings.Cut(domain, ".")
	return slices.Contains(mailHouses, domain) || slices.Contains(mailHousesAnywhere, first)
}

var (
	mailHouses = []string{
		"gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io",
		"fastmail.com", "hey.com", "zoho.com", "mail.com", "mail.ru", "yandex.ru", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
		"orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "bbox.fr", "neuf.fr", "terra.es", "telefonica.net", "movistar.es", "ono.com",
		"libero.it", "virgilio.it", "uol.com.br", "bol.com.br", "qq.com", "163.com", "126.com", "naver.com", "comcast.net", "verizon.net", "att.net",
	}
	mailHousesAnywhere = []string{"outlook", "hotmail", "live", "msn", "yahoo", "ymail", "gmx"} // under any ending
)
