package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// coordinate is one cell.
type coordinate struct {
	SheetID int64 `json:"sheetId"`
	Row     int64 `json:"rowIndex"`
	Column  int64 `json:"columnIndex"`
}

// cellData is a cell in a request.
type cellData struct {
	Value *struct {
		Number  *json.Number `json:"numberValue"`
		String  *string      `json:"stringValue"`
		Bool    *bool        `json:"boolValue"`
		Formula *string      `json:"formulaValue"`
	} `json:"userEnteredValue"`
	Format     map[string]json.RawMessage `json:"userEnteredFormat"`
	Note       string                     `json:"note"`
	Validation json.RawMessage            `json:"dataValidation"`
	TextRuns   json.RawMessage            `json:"textFormatRuns"`
}

// formatFields are what a cell's format has.
var formatFields = []string{
	"numberFormat", "backgroundColor", "backgroundColorStyle", "borders", "padding", "horizontalAlignment",
	"verticalAlignment", "wrapStrategy", "textDirection", "textFormat", "hyperlinkDisplayType", "textRotation",
}

func (d cellData) cell() (cell, error) {
	for name := range d.Format {
		if !slices.Contains(formatFields, name) {
			return cell{}, fmt.Errorf("Unknown name %q at 'userEnteredFormat': Cannot find field.", name)
		}
	}
	if d.Value == nil {
		return cell{}, nil
	}
	var out []cell
	if v := d.Value.Number; v != nil {
		out = append(out, cell{number, v.String()})
	}
	if v := d.Value.String; v != nil {
		out = append(out, cell{text, *v})
	}
	if v := d.Value.Bool; v != nil {
		out = append(out, cell{truth, map[bool]string{true: "TRUE", false: "FALSE"}[*v]})
	}
	if v := d.Value.Formula; v != nil {
		out = append(out, cell{formula, *v})
	}
	if len(out) != 1 {
		return cell{}, errors.New("exactly one kind of value must be set")
	}
	return out[0], out[0].fits()
}

// cellFields are the fields of a cell that may be written.
var cellFields = []string{"userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns"}

func (b *batch) updateCells(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Rows []struct {
			Values []cellData `json:"values"`
		} `json:"rows"`
		Fields string      `json:"fields"`
		Start  *coordinate `json:"start"`
		Range  *gridRange  `json:"range"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	fields, err := fieldsOf(body.Fields, cellFields...)
	if err != nil {
		return nil, err
	}
	if (body.Start == nil) == (body.Range == nil) {
		return nil, errors.New("exactly one of start and range must be set")
	}
	start := coordinate{}
	var within *area
	if body.Start != nil {
		start = *body.Start
	} else {
		_, a, err := b.area(body.Range)
		if err != nil {
			return nil, err
		}
		start, within = coordinate{body.Range.SheetID, a.r0, a.c0}, &a
	}
	s := b.book.sheet(start.SheetID)
	if s == nil {
		return nil, noGrid(start.SheetID)
	}
	written := slices.Contains(fields, "userEnteredValue") || slices.Contains(fields, "*")
	changed := 0
	for i, row := range body.Rows {
		for j, data := range row.Values {
			r, c := start.Row+int64(i), start.Column+int64(j)
			if r < 0 || c < 0 || r >= s.rows || c >= s.cols || within != nil && !within.contains(r, c) {
				return nil, fmt.Errorf("Attempting to write column: %d, beyond the last requested row or column of: %d x %d", c, s.rows, s.cols)
			}
			v, err := data.cell()
			if err != nil {
				return nil, err
			}
			if written && s.get(r, c) != v {
				s.set(r, c, v)
				changed++
			}
		}
	}
	if changed > 0 {
		b.did("%d cells of %q changed", changed, s.title)
	}
	return nil, nil
}

func (b *batch) repeatCell(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Range  *gridRange `json:"range"`
		Cell   cellData   `json:"cell"`
		Fields string     `json:"fields"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	fields, err := fieldsOf(body.Fields, cellFields...)
	if err != nil {
		return nil, err
	}
	s, a, err := b.area(body.Range)
	if err != nil {
		return nil, err
	}
	v, err := body.Cell.cell()
	if err != nil {
		return nil, err
	}
	if slices.Contains(fields, "userEnteredValue") {
		for r := a.r0; r < min(a.r1, s.rows); r++ {
			for c := a.c0; c < min(a.c1, s.cols); c++ {
				s.set(r, c, v)
			}
		}
	}
	form, err := json.Marshal(body.Cell.Format)
	if err != nil {
		return nil, err
	}
	s.formats = append(s.formats, format{a, body.Fields, form})
	return nil, nil
}

// dimension is a run of rows or columns.
type dimension struct {
	SheetID   int64  `json:"sheetId"`
	Dimension string `json:"dimension"`
	Start     int64  `json:"startIndex"`
	End       *int64 `json:"endIndex"`
}

func (b *batch) dimension(d *dimension) (*sheet, int64, error) {
	if d == nil {
		return nil, 0, errors.New("No range specified")
	}
	s := b.book.sheet(d.SheetID)
	if s == nil {
		return nil, 0, noGrid(d.SheetID)
	}
	limit := map[string]int64{"ROWS": s.rows, "COLUMNS": s.cols}[d.Dimension]
	end := limit
	if d.End != nil {
		end = *d.End
	}
	if limit == 0 || d.Start < 0 || d.Start >= end || end > limit {
		return nil, 0, fmt.Errorf("the range %d to %d of %q is not within the sheet", d.Start, end, d.Dimension)
	}
	return s, end, nil
}

func (b *batch) width(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Range      *dimension `json:"range"`
		Properties struct {
			PixelSize    int64 `json:"pixelSize"`
			HiddenByUser bool  `json:"hiddenByUser"`
		} `json:"properties"`
		Fields string `json:"fields"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	if _, err := fieldsOf(body.Fields, "pixelSize", "hiddenByUser"); err != nil {
		return nil, err
	}
	s, end, err := b.dimension(body.Range)
	if err != nil {
		return nil, err
	}
	if body.Range.Dimension == "COLUMNS" {
		if s.widths == nil {
			s.widths = map[int64]int64{}
		}
		for c := body.Range.Start; c < end; c++ {
			s.widths[c] = body.Properties.PixelSize
		}
	}
	return nil, nil
}

func (b *batch) autoResize(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Dimensions *dimension `json:"dimensions"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	_, _, err := b.dimension(body.Dimensions)
	return nil, err
}

func (b *batch) appendDimension(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		SheetID   int64  `json:"sheetId"`
		Dimension string `json:"dimension"`
		Length    int64  `json:"length"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s := b.book.sheet(body.SheetID)
	if s == nil {
		return nil, noGrid(body.SheetID)
	}
	switch {
	case body.Length < 1 || body.Length > mostRows:
		return nil, errors.New("length must be greater than 0, and not more than a spreadsheet has cells")
	case body.Dimension == "ROWS":
		s.rows += body.Length
	case body.Dimension == "COLUMNS":
		s.cols += body.Length
	default:
		return nil, errors.New("dimension must be ROWS or COLUMNS")
	}
	b.did("%s %s appended to %q", strconv.FormatInt(body.Length, 10), body.Dimension, s.title)
	return nil, nil
}
