package accounts

import (
	"fmt"
	"io"

	"gatehouse/starter/cmdline"
)

// row is what was said about one account, as it was typed.
type row struct {
	// line is where it stands in a file, 0 for flags.
	line                                                     int
	account, person, use, kind, owner, purpose, ends, reason string
}

func (r *row) set(column, value string) {
	switch column {
	case "account":
		r.account = value
	case "person":
		r.person = value
	case "use":
		r.use = value
	case "kind":
		r.kind = value
	case "owner":
		r.owner = value
	case "purpose":
		r.purpose = value
	case "ends":
		r.ends = value
	case "reason":
		r.reason = value
	}
}

// readRows reads a CSV with a head. The error says where, and quotes nothing: rows hold personal data.
func readRows(in io.Reader, columns []string, reason string) ([]row, error) {
	records, err := cmdline.ReadRecords(in, columns, []string{"account"})
	if err != nil {
		return nil, err
	}
	if len(records) > cmdline.MaxRows {
		return nil, fmt.Errorf("the CSV has more than %d rows: is it the right file?", cmdline.MaxRows)
	}
	rows := make([]row, len(records))
	for i, rec := range records {
		rows[i] = row{line: rec.Line, reason: reason}
		for column, value := range rec.Cells {
			rows[i].set(column, value)
		}
	}
	return rows, nil
}
