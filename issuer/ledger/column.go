package ledger

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Day is a programme.Date as a column: TEXT, empty for none.
type Day struct{ programme.Date }

// IDList and DayList are short lists as a column: a JSON array, empty for none.
type (
	IDList  []string
	DayList []programme.Date
)

// Value writes the day as text.
func (d Day) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads what Value wrote.
func (d *Day) Scan(src any) (err error) {
	text, err := scanText(src)
	if err != nil || text == "" {
		d.Date = programme.Date{}
		return err
	}
	d.Date, err = programme.ParseDate(text)
	return err
}

// Value writes the list as a JSON array.
func (l IDList) Value() (driver.Value, error) { return listText([]string(l)) }

// Scan reads what Value wrote.
func (l *IDList) Scan(src any) error { return scanList(src, (*[]string)(l)) }

// Value writes the list as a JSON array.
func (l DayList) Value() (driver.Value, error) { return listText([]programme.Date(l)) }

// Scan reads what Value wrote.
func (l *DayList) Scan(src any) error { return scanList(src, (*[]programme.Date)(l)) }

func listText[T any](list []T) (driver.Value, error) {
	if len(list) == 0 {
		return "", nil
	}
	data, err := json.Marshal(list)
	return string(data), err
}

func scanList[T any](src any, list *[]T) error {
	*list = nil
	text, err := scanText(src)
	if err != nil || text == "" {
		return err
	}
	return json.Unmarshal([]byte(text), list)
}

func scanText(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("column of type %T where text was expected", src)
}

// NewAwardColumns are the columns of a new award, in the order in which they are inserted.
const NewAwardColumns = `id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on, renewed,
	identity_checked, salt, state, visibility, holder, scores, version, signed, revision, kept, revocation, reason, superseded_by,
	created_at, issued_at, decided_at, revoked_at, suspended_at, public_reason, valid_from, disputed_at, dispute, owner_email, owner_name, result_partner, inherits`

// AwardColumns are what an Award is read from, and QualifiedAwardColumns the same of an award table that a statement
// calls a.
var AwardColumns, QualifiedAwardColumns = awardColumns("award"), awardColumns("a")

func awardColumns(table string) string {
	list := strings.FieldsFunc(NewAwardColumns, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	for n, column := range list {
		if list[n] = table + "." + column; column == "supports" {
			list[n] = fmt.Sprintf(supportsColumn, table)
		}
	}
	return strings.Join(list, ", ")
}

// ResultColumns are the columns that a Result is read from.
const ResultColumns = `partner_id, id, candidate_id, exam, outcome, score, max_score, identity_method, identity_matched,
	state, digest, decisions, awards, taken_at, recorded_at, candidate_email, candidate_name, candidate_locale`
