package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// figure is one line of the report.
type figure struct {
	// key names it in bench.json; empty leaves it out.
	key  string
	what string
	unit string
	is   float64
	// most or least is the target; both zero means that there is none.
	most, least float64
	// note is printed beside it.
	note string
}

// report collects the figures of one engine.
type report struct {
	engine  engine
	figures []figure
}

func (r *report) add(f figure) { r.figures = append(r.figures, f) }

func (f figure) target() string {
	switch {
	case f.most > 0:
		return fmt.Sprintf("at most %s %s", number(f.most), f.unit)
	case f.least > 0:
		return fmt.Sprintf("at least %s %s", number(f.least), f.unit)
	}
	return ""
}

func (f figure) verdict() string {
	switch {
	case f.most == 0 && f.least == 0:
		return ""
	case f.most > 0 && f.is > f.most, f.least > 0 && f.is < f.least:
		return "MISSED"
	}
	return "ok"
}

// number prints whole numbers as such and others with one digit.
func number(x float64) string {
	if x == float64(int64(x)) {
		return fmt.Sprintf("%d", int64(x))
	}
	return fmt.Sprintf("%.1f", x)
}

// print writes the report as an aligned table.
func (r *report) print(w io.Writer) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.SetTitle("%s", r.engine.name)
	t.AppendHeader(table.Row{"figure", "measured", "target", "", "remark"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 5, WidthMax: 64, WidthMaxEnforcer: text.WrapSoft}})
	for _, f := range r.figures {
		t.AppendRow(table.Row{f.what, number(f.is) + " " + f.unit, f.target(), f.verdict(), f.note})
	}
	t.Render()
}

// peers are what the same machine size gives with what people would self-host instead.
func peers(w io.Writer) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.SetTitle("for comparison: n8n 2.41, measured on 2 cores")
	t.AppendRows([]table.Row{
		{"webhook to suspended, p50 / p95 / p99", "29.6 / 45 / 76 ms"},
		{"complete offboardings at concurrency 32", "20 to 24 per second"},
		{"memory", "0.7 to 1.7 GB"},
		{"after kill -9 with 200 accepted terminations", "20 leavers never suspended"},
	})
	t.Render()
}

// write writes the figures of all reports as one flat object.
func write(path string, reports []*report) error {
	flat := map[string]float64{}
	for _, r := range reports {
		for _, f := range r.figures {
			if f.key != "" {
				flat[r.engine.prefix+f.key] = f.is
			}
		}
	}
	data, err := json.MarshalIndent(flat, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make a directory for the figures: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}
