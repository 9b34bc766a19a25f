package gsuite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"google.golang.org/api/sheets/v4"

	"gatehouse/activities/step"
)

// maxPayload is how many bytes of values one write carries. Source: Google, "Usage limits" of the Sheets API, which
// recommends 2 MB at most.
const maxPayload = 1_900_000

// Range is a block of values at an absolute place. What may stand in a value: string, number, bool, and nil, which
// leaves the cell as it is; "" empties it.
type Range struct {
	// At is the block in A1 notation, such as 'Access'!A2; only its first cell matters. See [At].
	At     string
	Values [][]any
}

// At names the cell of a tab, rows and columns counted from 0.
func At(tab string, row, column int64) string {
	return "'" + strings.ReplaceAll(tab, "'", "''") + "'!" + ColumnName(column) + strconv.FormatInt(row+1, 10)
}

// ColumnName is the letters of a column counted from 0.
func ColumnName(column int64) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// Write writes all ranges. They are taken as text (RAW): a name that begins with "=" stays a name. Writing the same again
// changes nothing. Beyond what one call can carry it takes several, each of which uses up a write of the quota.
func (s *Sheets) Write(ctx context.Context, spreadsheet string, ranges ...Range) error {
	_, err := s.WriteSome(ctx, spreadsheet, ranges)
	return err
}

// WriteSome writes ranges in their order and says how many of them are written, also when one fails.
func (s *Sheets) WriteSome(ctx context.Context, spreadsheet string, ranges []Range) (written int, err error) {
	if s.Client == nil {
		return 0, NotConfigured()
	}
	for written < len(ranges) {
		batch, err := payload(ranges[written:])
		if err != nil {
			return written, err
		}
		body := &sheets.BatchUpdateValuesRequest{ValueInputOption: "RAW"}
		for _, r := range ranges[written : written+batch] {
			body.Data = append(body.Data, &sheets.ValueRange{Range: r.At, MajorDimension: "ROWS", Values: fittingRows(r.Values)})
		}
		_, err = ask(ctx, s.Client, "write values", func(ctx context.Context) (*sheets.BatchUpdateValuesResponse, error) {
			return s.Client.Sheets.Spreadsheets.Values.BatchUpdate(spreadsheet, body).Fields("totalUpdatedCells").Context(ctx).Do()
		})
		if err != nil {
			return written, err
		}
		written += batch
	}
	return written, nil
}

// MaxCell is how many characters Google takes in one cell, in its own way of counting, and one call with more is refused as a whole.
// Source: Google, "Files you can store in Google Drive".
const MaxCell = 50_000

// fitting is a value as far as a cell holds it. One that is cut says how much is left out.
func fitting(text string) string {
	if len(text) <= MaxCell || len(utf16.Encode([]rune(text))) <= MaxCell {
		return text
	}
	// A character takes two of Google's at most.
	runes := []rune(text)
	most := MaxCell
	for len(utf16.Encode(runes[:min(most, len(runes))])) > MaxCell {
		most -= max(1, (len(utf16.Encode(runes[:min(most, len(runes))]))-MaxCell)/2)
	}
	return step.Shorten(text, most)
}

// fittingRows is fitting for each cell. Rows in which everything fits are what they were.
func fittingRows(rows [][]any) [][]any {
	out := rows
	for i, row := range rows {
		for j, v := range row {
			text, ok := v.(string)
			if !ok || len(text) <= MaxCell {
				continue
			}
			if &out[0] == &rows[0] {
				out = slices.Clone(rows)
			}
			if &out[i][0] == &row[0] {
				out[i] = slices.Clone(row)
			}
			out[i][j] = fitting(text)
		}
	}
	return out
}

// payload says how many of the ranges fit into one call, at least one.
func payload(ranges []Range) (int, error) {
	total := 0
	for i, r := range ranges {
		n, err := PayloadSize(r)
		if err != nil {
			return 0, err
		}
		if total += n; total > maxPayload && i > 0 {
			return i, nil
		}
	}
	return len(ranges), nil
}

// PayloadSize is the number of bytes that a range takes in a call, for cutting rows into ranges of a good size.
func PayloadSize(r Range) (int, error) {
	data, err := json.Marshal(r.Values)
	if err != nil {
		return 0, fmt.Errorf("encode the values of %s: %w", r.At, err)
	}
	return len(data) + len(r.At) + 40, nil
}

// Blocks cuts rows that begin at a row of a tab into ranges of which each fits into one call.
func Blocks(tab string, row int64, rows [][]any) ([]Range, error) {
	var out []Range
	begin, total := 0, 0
	for i := range rows {
		n, err := PayloadSize(Range{Values: rows[i : i+1]})
		if err != nil {
			return nil, err
		}
		if total += n; total > maxPayload && i > begin {
			out = append(out, Range{At: At(tab, row+int64(begin), 0), Values: rows[begin:i]})
			begin, total = i, n
		}
	}
	if begin < len(rows) {
		out = append(out, Range{At: At(tab, row+int64(begin), 0), Values: rows[begin:]})
	}
	return out, nil
}

// Read returns the values of a range as they are stored; rows and cells that are empty at the end are left out, as
// Google does.
func (s *Sheets) Read(ctx context.Context, spreadsheet, at string) ([][]any, error) {
	if s.Client == nil {
		return nil, NotConfigured()
	}
	got, err := ask(ctx, s.Client, "read values", func(ctx context.Context) (*sheets.ValueRange, error) {
		return s.Client.Sheets.Spreadsheets.Values.Get(spreadsheet, at).MajorDimension("ROWS").
			ValueRenderOption("UNFORMATTED_VALUE").Fields("values").Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	return got.Values, nil
}
