package google

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Looks are what a person sees of a tab besides its values.
type Looks struct {
	// Paints are the formats of areas, in the order in which they were set. Rules are looked at one after the other: the first that holds
	// of a cell paints it.
	Paints []Paint `json:"paints"`
	Rules  []Rule  `json:"rules"`
	// Filter is the area of the filter, whose first row has its buttons.
	Filter *Block  `json:"filter"`
	Charts []Chart `json:"charts"`
}

// Block is a half-open area of rows and columns.
type Block struct {
	Row       int64 `json:"row"`
	EndRow    int64 `json:"end_row"`
	Column    int64 `json:"column"`
	EndColumn int64 `json:"end_column"`
}

// Paint is the colour of an area such as "#fcdbd9", empty if it has none, and whether its text is bold.
type Paint struct {
	Block
	Colour string `json:"colour,omitempty"`
	Bold   bool   `json:"bold,omitempty"`
}

// Rule paints the cells of its areas of which a condition holds.
type Rule struct {
	Blocks []Block  `json:"blocks"`
	Type   string   `json:"type"`
	Values []string `json:"values"`
	Colour string   `json:"colour,omitempty"`
	Bold   bool     `json:"bold,omitempty"`
}

// Chart is a chart with what it shows.
type Chart struct {
	Title  string    `json:"title"`
	Kind   string    `json:"kind"`
	Names  []string  `json:"names"`
	Values []float64 `json:"values"`
}

// looks never fails: what was taken once can be read, and what cannot be read has no looks.
func (s *sheet) looks(b *book) Looks {
	out := Looks{Paints: []Paint{}, Rules: []Rule{}, Charts: []Chart{}}
	for _, f := range s.formats {
		colour, bold := painted(f.format)
		if colour != "" || bold {
			out.Paints = append(out.Paints, Paint{Block: f.area.block(), Colour: colour, Bold: bold})
		}
	}
	for _, raw := range s.conditions {
		if r, ok := ruleOf(raw); ok {
			out.Rules = append(out.Rules, r)
		}
	}
	if s.filter != nil {
		at := s.filter.block()
		out.Filter = &at
	}
	for _, c := range s.charts {
		out.Charts = append(out.Charts, b.drawn(c))
	}
	return out
}

func (a area) block() Block { return Block{a.r0, a.r1, a.c0, a.c1} }

// painted reads the colour and the weight of a format.
func painted(raw json.RawMessage) (colour string, bold bool) {
	type rgb struct {
		Red   float64 `json:"red"`
		Green float64 `json:"green"`
		Blue  float64 `json:"blue"`
	}
	var f struct {
		Background *rgb `json:"backgroundColor"`
		Style      *struct {
			RGB *rgb `json:"rgbColor"`
		} `json:"backgroundColorStyle"`
		Text struct {
			Bold bool `json:"bold"`
		} `json:"textFormat"`
	}
	if json.Unmarshal(raw, &f) != nil {
		return "", false
	}
	c := f.Background
	if f.Style != nil && f.Style.RGB != nil {
		c = f.Style.RGB
	}
	if c != nil {
		part := func(v float64) int { return int(math.Round(255 * min(1, max(0, v)))) }
		colour = fmt.Sprintf("#%02x%02x%02x", part(c.Red), part(c.Green), part(c.Blue))
	}
	return colour, f.Text.Bold
}

// ruleOf reads a rule that was added; a gradient is none.
func ruleOf(raw json.RawMessage) (Rule, bool) {
	var body struct {
		Rule struct {
			Ranges  []gridRange `json:"ranges"`
			Boolean *struct {
				Condition rule            `json:"condition"`
				Format    json.RawMessage `json:"format"`
			} `json:"booleanRule"`
		} `json:"rule"`
	}
	if json.Unmarshal(raw, &body) != nil || body.Rule.Boolean == nil {
		return Rule{}, false
	}
	out := Rule{Type: body.Rule.Boolean.Condition.Type, Blocks: []Block{}, Values: []string{}}
	out.Colour, out.Bold = painted(body.Rule.Boolean.Format)
	for _, v := range body.Rule.Boolean.Condition.Values {
		out.Values = append(out.Values, v.Value)
	}
	for _, r := range body.Rule.Ranges {
		out.Blocks = append(out.Blocks, r.block())
	}
	return out, true
}

// block is the range; without an end it goes on for ever.
func (g gridRange) block() Block {
	out := Block{g.R0, math.MaxInt32, g.C0, math.MaxInt32}
	if g.R1 != nil {
		out.EndRow = *g.R1
	}
	if g.C1 != nil {
		out.EndColumn = *g.C1
	}
	return out
}

// maxPoints is how much of a chart is shown.
const maxPoints = 60

// drawn reads what a chart shows: its domain, and the first of its series.
func (b *book) drawn(c chart) Chart {
	out := Chart{Title: c.title, Kind: c.kind, Names: []string{}, Values: []float64{}}
	var spec struct {
		Basic *struct {
			Domains []struct {
				Domain series `json:"domain"`
			} `json:"domains"`
			Series []struct {
				Series series `json:"series"`
			} `json:"series"`
		} `json:"basicChart"`
		Pie *struct {
			Domain series `json:"domain"`
			Series series `json:"series"`
		} `json:"pieChart"`
	}
	if json.Unmarshal(c.spec, &spec) != nil {
		return out
	}
	var names, values series
	switch {
	case spec.Pie != nil:
		names, values = spec.Pie.Domain, spec.Pie.Series
	case spec.Basic != nil && len(spec.Basic.Domains) > 0 && len(spec.Basic.Series) > 0:
		names, values = spec.Basic.Domains[0].Domain, spec.Basic.Series[0].Series
	}
	labels := b.along(names)
	for i, v := range b.along(values) {
		n, err := strconv.ParseFloat(v.text, 64)
		if v.kind != number || err != nil {
			continue // A head, or an empty cell.
		}
		label := ""
		if i < len(labels) {
			label = labels[i].text
		}
		out.Names, out.Values = append(out.Names, label), append(out.Values, n)
	}
	return out
}

// along are the cells of a series, which is one row or one column wide.
func (b *book) along(s series) []cell {
	if s.Source == nil || len(s.Source.Sources) == 0 || s.Source.Sources[0] == nil {
		return nil
	}
	r := s.Source.Sources[0]
	on := b.sheet(r.SheetID)
	if on == nil {
		return nil
	}
	at := r.block()
	var out []cell
	for row := at.Row; row < min(at.EndRow, on.rows); row++ {
		for column := at.Column; column < min(at.EndColumn, on.cols); column++ {
			if len(out) == maxPoints {
				return out
			}
			out = append(out, on.get(row, column))
		}
	}
	return out
}
