package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

func (b *batch) setFilter(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Filter struct {
			Range       *gridRange      `json:"range"`
			SortSpecs   json.RawMessage `json:"sortSpecs"`
			FilterSpecs json.RawMessage `json:"filterSpecs"`
			Criteria    json.RawMessage `json:"criteria"`
		} `json:"filter"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s, a, err := b.area(body.Filter.Range)
	if err == nil {
		s.filter = &a
	}
	return nil, err
}

func (b *batch) clearFilter(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		SheetID int64 `json:"sheetId"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s := b.book.sheet(body.SheetID)
	if s == nil {
		return nil, noGrid(body.SheetID)
	}
	s.filter = nil
	return nil, nil
}

func (b *batch) protect(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Range struct {
			ID      *int64       `json:"protectedRangeId"`
			Range   *gridRange   `json:"range"`
			Note    string       `json:"description"`
			Warning bool         `json:"warningOnly"`
			Except  []*gridRange `json:"unprotectedRanges"`
			CanEdit *bool        `json:"requestingUserCanEdit"`
			NamedID string       `json:"namedRangeId"`
			Editors *struct {
				Users  []string `json:"users"`
				Groups []string `json:"groups"`
				Domain bool     `json:"domainUsersCanEdit"`
			} `json:"editors"`
		} `json:"protectedRange"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	p := body.Range
	s, a, err := b.area(p.Range)
	if err != nil {
		return nil, err
	}
	made := protection{area: a, note: p.Note, warning: p.Warning, id: 5_000_000 + b.g.series.Next()}
	if p.ID != nil {
		made.id = *p.ID
	}
	whole := p.Range.R0 == 0 && p.Range.C0 == 0 && p.Range.R1 == nil && p.Range.C1 == nil
	if len(p.Except) > 0 && !whole {
		return nil, errors.New("Unprotected ranges are only supported on protected sheets")
	}
	for _, r := range p.Except {
		_, free, err := b.area(r)
		if err != nil {
			return nil, err
		}
		made.except = append(made.except, free)
	}
	for _, other := range b.book.sheets {
		if slices.ContainsFunc(other.protected, func(x protection) bool { return x.id == made.id }) {
			return nil, fmt.Errorf("a protected range with the id %d already exists", made.id)
		}
	}
	if p.Editors != nil {
		made.editors = slices.Concat(p.Editors.Users, p.Editors.Groups)
	}
	// Whoever asks is always among the editors.
	made.editors = append(made.editors, b.user)
	s.protected = append(s.protected, made)
	return map[string]any{"addProtectedRange": map[string]any{"protectedRange": map[string]any{"protectedRangeId": made.id}}}, nil
}

func (b *batch) unprotect(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		ID int64 `json:"protectedRangeId"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	for _, s := range b.book.sheets {
		if i := slices.IndexFunc(s.protected, func(p protection) bool { return p.id == body.ID }); i >= 0 {
			s.protected = slices.Delete(s.protected, i, i+1)
			return nil, nil
		}
	}
	return nil, fmt.Errorf("No protected range with id: %d", body.ID)
}

// rule is a condition on cells.
type rule struct {
	Type   string `json:"type"`
	Values []struct {
		Value    string `json:"userEnteredValue"`
		Relative string `json:"relativeDate"`
	} `json:"values"`
}

// conditionTypes are those that the sandbox knows.
var conditionTypes = []string{
	"ONE_OF_LIST", "TEXT_EQ", "TEXT_CONTAINS", "NUMBER_GREATER", "NUMBER_LESS", "NUMBER_EQ", "BOOLEAN", "NOT_BLANK",
	"BLANK", "DATE_IS_VALID", "CUSTOM_FORMULA",
}

func (r *rule) check() error {
	if r == nil || !slices.Contains(conditionTypes, r.Type) {
		return errors.New("condition.type is missing or unknown")
	}
	if r.Type == "ONE_OF_LIST" && len(r.Values) == 0 {
		return errors.New("ONE_OF_LIST needs at least one value")
	}
	return nil
}

func (b *batch) validation(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Range *gridRange `json:"range"`
		Rule  *struct {
			Condition *rule  `json:"condition"`
			Message   string `json:"inputMessage"`
			Strict    bool   `json:"strict"`
			Custom    bool   `json:"showCustomUi"`
		} `json:"rule"`
		Filtered bool `json:"filteredRowsIncluded"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s, a, err := b.area(body.Range)
	if err != nil || body.Rule == nil {
		return nil, err
	}
	if err := body.Rule.Condition.check(); err != nil {
		return nil, err
	}
	c := choice{area: a, strict: body.Rule.Strict}
	for _, v := range body.Rule.Condition.Values {
		c.values = append(c.values, v.Value)
	}
	if body.Rule.Condition.Type == "ONE_OF_LIST" {
		s.choices = append(s.choices, c)
	}
	return nil, nil
}

func (b *batch) condition(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Index int `json:"index"`
		Rule  struct {
			Ranges  []*gridRange `json:"ranges"`
			Boolean *struct {
				Condition *rule                      `json:"condition"`
				Format    map[string]json.RawMessage `json:"format"`
			} `json:"booleanRule"`
			Gradient json.RawMessage `json:"gradientRule"`
		} `json:"rule"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	if len(body.Rule.Ranges) == 0 || (body.Rule.Boolean == nil) == (body.Rule.Gradient == nil) {
		return nil, errors.New("a rule needs ranges, and exactly one of booleanRule and gradientRule")
	}
	var on *sheet
	for _, r := range body.Rule.Ranges {
		s, _, err := b.area(r)
		if err != nil {
			return nil, err
		}
		if on != nil && on != s {
			return nil, errors.New("all ranges must be on the same sheet")
		}
		on = s
	}
	if body.Rule.Boolean != nil {
		if err := body.Rule.Boolean.Condition.check(); err != nil {
			return nil, err
		}
	}
	if body.Index < 0 || body.Index > len(on.conditions) {
		return nil, fmt.Errorf("the index %d is beyond the %d rules of the sheet", body.Index, len(on.conditions))
	}
	on.conditions = slices.Insert(on.conditions, body.Index, raw)
	return nil, nil
}

// series is data of a chart.
type series struct {
	Source *struct {
		Sources []*gridRange `json:"sources"`
	} `json:"sourceRange"`
}

func (b *batch) sources(all ...*series) error {
	for _, one := range all {
		if one == nil || one.Source == nil || len(one.Source.Sources) == 0 {
			return errors.New("a chart needs a source range for its domain and each of its series")
		}
		for _, r := range one.Source.Sources {
			if _, a, err := b.area(r); err != nil {
				return err
			} else if a.r1-a.r0 > 1 && a.c1-a.c0 > 1 {
				return errors.New("each source must be one row or one column wide")
			}
		}
	}
	return nil
}

func (b *batch) addChart(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Chart struct {
			ID       *int64          `json:"chartId"`
			Spec     json.RawMessage `json:"spec"`
			Border   json.RawMessage `json:"border"`
			Position *struct {
				NewSheet bool `json:"newSheet"`
				Overlay  *struct {
					Anchor  *coordinate `json:"anchorCell"`
					OffsetX int64       `json:"offsetXPixels"`
					OffsetY int64       `json:"offsetYPixels"`
					Width   int64       `json:"widthPixels"`
					Height  int64       `json:"heightPixels"`
				} `json:"overlayPosition"`
			} `json:"position"`
		} `json:"chart"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	made, err := b.spec(body.Chart.Spec)
	if err != nil {
		return nil, err
	}
	at := body.Chart.Position
	if at == nil || at.Overlay == nil || at.Overlay.Anchor == nil {
		return nil, errors.New("the sandbox needs a position with an anchor cell")
	}
	s := b.book.sheet(at.Overlay.Anchor.SheetID)
	if s == nil {
		return nil, noGrid(at.Overlay.Anchor.SheetID)
	}
	if at.Overlay.Anchor.Row >= s.rows || at.Overlay.Anchor.Column >= s.cols {
		return nil, errors.New("the anchor cell is beyond the grid")
	}
	made.id = 9_000_000 + b.g.series.Next()
	if body.Chart.ID != nil {
		made.id = *body.Chart.ID
	}
	s.charts = append(s.charts, made)
	b.did("chart %q added to %q", made.title, s.title)
	return map[string]any{"addChart": map[string]any{"chart": map[string]any{"chartId": made.id}}}, nil
}

// spec checks what a chart shows.
func (b *batch) spec(raw json.RawMessage) (chart, error) {
	var spec struct {
		Title    string `json:"title"`
		Subtitle string `json:"subtitle"`
		AltText  string `json:"altText"`
		Basic    *struct {
			Type    string          `json:"chartType"`
			Legend  string          `json:"legendPosition"`
			Stacked string          `json:"stackedType"`
			Headers int             `json:"headerCount"`
			Axis    json.RawMessage `json:"axis"`
			Domains []struct {
				Domain *series `json:"domain"`
			} `json:"domains"`
			Series []struct {
				Series *series         `json:"series"`
				Axis   string          `json:"targetAxis"`
				Color  json.RawMessage `json:"color"`
				Style  json.RawMessage `json:"colorStyle"`
			} `json:"series"`
		} `json:"basicChart"`
		Pie *struct {
			Legend string  `json:"legendPosition"`
			Domain *series `json:"domain"`
			Series *series `json:"series"`
			Hole   float64 `json:"pieHole"`
		} `json:"pieChart"`
	}
	if err := strict(raw, &spec); err != nil {
		return chart{}, err
	}
	if (spec.Basic == nil) == (spec.Pie == nil) {
		return chart{}, errors.New("exactly one kind of chart must be set; the sandbox knows basicChart and pieChart")
	}
	if spec.Pie != nil {
		return chart{title: spec.Title, kind: "PIE", spec: raw}, b.sources(spec.Pie.Domain, spec.Pie.Series)
	}
	if !slices.Contains([]string{"BAR", "COLUMN", "LINE", "AREA", "SCATTER"}, spec.Basic.Type) || len(spec.Basic.Series) == 0 {
		return chart{}, errors.New("basicChart needs a chartType and series")
	}
	axis := "LEFT_AXIS"
	if spec.Basic.Type == "BAR" {
		axis = "BOTTOM_AXIS"
	}
	var all []*series
	for _, d := range spec.Basic.Domains {
		all = append(all, d.Domain)
	}
	for _, s := range spec.Basic.Series {
		if s.Axis != axis {
			return chart{}, fmt.Errorf("the series of a %s chart belong to %s, not %q", spec.Basic.Type, axis, s.Axis)
		}
		all = append(all, s.Series)
	}
	return chart{title: spec.Title, kind: spec.Basic.Type, spec: raw}, b.sources(all...)
}
