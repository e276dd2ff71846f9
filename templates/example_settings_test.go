package templates_test

import (
	"time"

	"github.com/open-insignia/insignia/templates"
)

func settingsExamples(lang string) []example {
	at := time.Date(2026, time.March, 4, 10, 42, 0, 0, time.UTC)
	accounts := &templates.AccountSettings{
		Action: "/me/settings?section=accounts",
		Addresses: []templates.AccountAddress{
			{Address: "ana@home.test", Primary: true, ConfirmedOn: earned},
			{Address: "ana.maria.ruiz.de.la.fuente@department.faculty.university.example", ConfirmedOn: earned},
		},
		Sessions: []templates.AccountSession{
			{ID: "a1", Device: "Firefox, Windows", Since: at, Seen: at, Here: true},
			{ID: "a2", Since: at, Seen: at},
		},
	}
	whole := templates.Settings{Page: signedIn(lang, "/me/settings"), Note: "primary", Accounts: accounts}
	return []example{
		{"settings", whole},
	}
}
