package gsuite

import (
	"google.golang.org/api/sheets/v4"
)

// rows and columns are the size of the tab's grid.
func (t Tab) size() (rows, columns int64) {
	rows, columns = t.Rows, t.Columns
	for _, line := range t.Content {
		columns = max(columns, int64(len(line)))
	}
	return max(rows, int64(len(t.Content)), t.FrozenRows+1, 1), max(columns, t.FrozenColumns+1, 1)
}

func (t Tab) cells() int64 {
	rows, columns := t.size()
	return rows * columns
}

// requests are everything that makes the tab, in the order in which Google has to carry it out.
func (t Tab) requests() []*sheets.Request {
	rows, columns := t.size()
	properties := &sheets.SheetProperties{
		SheetId: t.ID, Title: t.Title,
		GridProperties: &sheets.GridProperties{
			RowCount: rows, ColumnCount: columns, FrozenRowCount: t.FrozenRows, FrozenColumnCount: t.FrozenColumns,
		},
	}
	if t.First {
		properties.ForceSendFields = []string{"Index"}
	}
	out := []*sheets.Request{{AddSheet: &sheets.AddSheetRequest{Properties: properties}}}
	if len(t.Content) > 0 {
		out = append(out, &sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
			Start: &sheets.GridCoordinate{SheetId: t.ID}, Rows: cellRows(t.Content), Fields: "userEnteredValue",
		}})
	}
	if t.FrozenRows > 0 {
		out = append(out, t.format(Area{Rows: t.FrozenRows}, &sheets.CellFormat{
			BackgroundColor: colours["header"], TextFormat: &sheets.TextFormat{Bold: true}, WrapStrategy: "WRAP", VerticalAlignment: "MIDDLE",
		}, "userEnteredFormat(backgroundColor,textFormat.bold,wrapStrategy,verticalAlignment)"))
	}
	for _, area := range t.Bold {
		out = append(out, t.format(area, &sheets.CellFormat{TextFormat: &sheets.TextFormat{Bold: true}}, "userEnteredFormat.textFormat.bold"))
	}
	for i, width := range t.Widths {
		if width > 0 {
			out = append(out, t.width(int64(i), width))
		}
	}
	if t.Filter {
		out = append(out, &sheets.Request{SetBasicFilter: &sheets.SetBasicFilterRequest{
			Filter: &sheets.BasicFilter{Range: t.grid(Area{FirstRow: max(0, t.FrozenRows-1)})},
		}})
	}
	for _, p := range t.Protected {
		out = append(out, t.protect(p))
	}
	for _, c := range t.Choices {
		out = append(out, t.choice(c))
	}
	for i, h := range t.Highlights {
		out = append(out, t.highlight(int64(i), h))
	}
	for _, c := range t.Charts {
		out = append(out, t.chart(c))
	}
	return append(out, t.Requests...)
}

// grid turns an area into Google's half-open range. A start of 0 is Google's default and may be left out.
func (t Tab) grid(a Area) *sheets.GridRange {
	g := &sheets.GridRange{SheetId: t.ID, StartRowIndex: a.FirstRow, StartColumnIndex: a.FirstColumn}
	if a.Rows > 0 {
		g.EndRowIndex = a.FirstRow + a.Rows
	}
	if a.Columns > 0 {
		g.EndColumnIndex = a.FirstColumn + a.Columns
	}
	return g
}

// cellRows turns values into cells, each of which says by its field what it is: nothing is ever parsed.
func cellRows(values [][]any) []*sheets.RowData {
	out := make([]*sheets.RowData, 0, len(values))
	for _, line := range values {
		row := &sheets.RowData{}
		for _, v := range line {
			row.Values = append(row.Values, &sheets.CellData{UserEnteredValue: extended(v)})
		}
		out = append(out, row)
	}
	return out
}

func extended(v any) *sheets.ExtendedValue {
	number := func(f float64) *sheets.ExtendedValue { return &sheets.ExtendedValue{NumberValue: &f} }
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		v = fitting(v)
		return &sheets.ExtendedValue{StringValue: &v}
	case bool:
		return &sheets.ExtendedValue{BoolValue: &v}
	case int:
		return number(float64(v))
	case int64:
		return number(float64(v))
	case float64:
		return number(v)
	}
	text := "unsupported value"
	return &sheets.ExtendedValue{StringValue: &text}
}

func (t Tab) format(area Area, format *sheets.CellFormat, fields string) *sheets.Request {
	return &sheets.Request{RepeatCell: &sheets.RepeatCellRequest{
		Range: t.grid(area), Cell: &sheets.CellData{UserEnteredFormat: format}, Fields: fields,
	}}
}

func (t Tab) width(column, pixels int64) *sheets.Request {
	return &sheets.Request{UpdateDimensionProperties: &sheets.UpdateDimensionPropertiesRequest{
		Range: &sheets.DimensionRange{
			SheetId: t.ID, Dimension: "COLUMNS", StartIndex: column, EndIndex: column + 1, ForceSendFields: []string{"StartIndex"},
		},
		Properties: &sheets.DimensionProperties{PixelSize: pixels}, Fields: "pixelSize",
	}}
}

// protect leaves the editors out: then they are the robot alone.
func (t Tab) protect(p Protection) *sheets.Request {
	protected := &sheets.ProtectedRange{
		Range: t.grid(p.Area), Description: inOneLine(p.Note), Editors: &sheets.Editors{},
	}
	for _, area := range p.Except {
		protected.UnprotectedRanges = append(protected.UnprotectedRanges, t.grid(area))
	}
	return &sheets.Request{AddProtectedRange: &sheets.AddProtectedRangeRequest{ProtectedRange: protected}}
}

func (t Tab) choice(c Choice) *sheets.Request {
	condition := &sheets.BooleanCondition{Type: "ONE_OF_LIST"}
	for _, v := range c.Values {
		condition.Values = append(condition.Values, &sheets.ConditionValue{UserEnteredValue: v})
	}
	return &sheets.Request{SetDataValidation: &sheets.SetDataValidationRequest{
		Range: t.grid(c.Area), Rule: &sheets.DataValidationRule{Condition: condition, Strict: true, ShowCustomUi: true},
	}}
}

func (t Tab) highlight(index int64, h Highlight) *sheets.Request {
	return &sheets.Request{AddConditionalFormatRule: &sheets.AddConditionalFormatRuleRequest{
		Index: index,
		Rule: &sheets.ConditionalFormatRule{
			Ranges: []*sheets.GridRange{t.grid(h.Area)},
			BooleanRule: &sheets.BooleanRule{
				Condition: &sheets.BooleanCondition{Type: "TEXT_EQ", Values: []*sheets.ConditionValue{{UserEnteredValue: h.Text}}},
				Format:    &sheets.CellFormat{BackgroundColor: colours[h.Colour]},
			},
		},
	}}
}

func (t Tab) chart(c Chart) *sheets.Request {
	source := func(a Area) *sheets.ChartData {
		return &sheets.ChartData{SourceRange: &sheets.ChartSourceRange{Sources: []*sheets.GridRange{t.grid(a)}}}
	}
	spec := &sheets.ChartSpec{Title: c.Title}
	if c.Kind == "PIE" {
		spec.PieChart = &sheets.PieChartSpec{Domain: source(c.Names), Series: source(c.Values), LegendPosition: "RIGHT_LEGEND"}
	} else {
		axis := "LEFT_AXIS"
		if c.Kind == "BAR" {
			axis = "BOTTOM_AXIS"
		}
		spec.BasicChart = &sheets.BasicChartSpec{
			ChartType: c.Kind, LegendPosition: "NO_LEGEND",
			Domains: []*sheets.BasicChartDomain{{Domain: source(c.Names)}},
			Series:  []*sheets.BasicChartSeries{{Series: source(c.Values), TargetAxis: axis}},
		}
	}
	return &sheets.Request{AddChart: &sheets.AddChartRequest{Chart: &sheets.EmbeddedChart{
		Spec: spec,
		Position: &sheets.EmbeddedObjectPosition{OverlayPosition: &sheets.OverlayPosition{
			AnchorCell: &sheets.GridCoordinate{SheetId: t.ID, RowIndex: c.Row, ColumnIndex: c.Column},
		}},
	}}}
}

// colours are light enough for black text.
var colours = map[string]*sheets.Color{
	"header": {Red: 0.90, Green: 0.92, Blue: 0.96},
	"red":    {Red: 0.98, Green: 0.86, Blue: 0.85},
	"yellow": {Red: 1.00, Green: 0.95, Blue: 0.80},
	"green":  {Red: 0.86, Green: 0.95, Blue: 0.87},
}
