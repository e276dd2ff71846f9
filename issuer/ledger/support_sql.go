package ledger

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Supports are the results that an award rests on, the oldest first. They are rows of award_support, each with the
// partner whose result it is. The column supports of the award holds their ids alone, for the program before, which
// may run beside this one and reads and writes nothing else; it goes with the release after this one.
type Supports []programme.ResultKey

// IDs are the partners' own ids of the results, never nil.
func (s Supports) IDs() []string {
	ids := make([]string, len(s))
	for n, k := range s {
		ids[n] = k.ID
	}
	return ids
}

// IDsOf are those of one partner's results alone, which is told of no others; never nil.
func (s Supports) IDsOf(partner string) []string {
	return slices.DeleteFunc(slices.Clone(s), func(k programme.ResultKey) bool { return k.Partner != partner }).IDs()
}

// Value writes the ids into the column.
func (s Supports) Value() (driver.Value, error) { return IDList(s.IDs()).Value() }

// supportsColumn reads the partner, the column and the rows, one line each: no id of ours or a partner's has a line
// break, and JSON escapes those within texts. Within a line of a row are tabs, which ids do not have either.
const supportsColumn = `%[1]s.partner_id || '
' || %[1]s.supports || COALESCE((
		SELECT string_agg('
' || s.position || '	' || s.partner_id || '	' || s.result_id, '')
		FROM award_support s
		WHERE s.award_id = %[1]s.id), '') AS supports`

// Scan reads what supportsColumn tells. Where column and rows name other results, the program before has written the
// column since, and all results are of the award's partner.
func (s *Supports) Scan(src any) error {
	text, err := scanText(src)
	if err != nil {
		return err
	}
	partner, text, _ := strings.Cut(text, "\n")
	column, text, _ := strings.Cut(text, "\n")
	var ids IDList
	if err := ids.Scan(column); err != nil {
		return err
	}
	if *s, err = supportRows(text, len(ids)); err != nil || slices.Equal(s.IDs(), ids) {
		return err
	}
	*s = nil
	for _, id := range ids {
		*s = append(*s, programme.ResultKey{Partner: partner, ID: id})
	}
	return nil
}

// supportRows are those of a list of rows, which is in no particular order.
func supportRows(text string, most int) (Supports, error) {
	type row struct {
		position int
		programme.ResultKey
	}
	rows := make([]row, 0, most)
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			continue
		}
		place, key, _ := strings.Cut(line, "\t")
		position, err := strconv.Atoi(place)
		if err != nil {
			return nil, fmt.Errorf("read what an award rests on: %w", err)
		}
		partner, id, _ := strings.Cut(key, "\t")
		rows = append(rows, row{position, programme.ResultKey{Partner: partner, ID: id}})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.position, b.position) })
	var list Supports
	for _, r := range rows {
		list = append(list, r.ResultKey)
	}
	return list, nil
}
