package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
)

// prefixes are what the benches put before the names of an engine's figures.
var prefixes = map[string]string{"sqlite": "", "postgresql": "pg_"}

// lines are the figures that are compared.
var lines = []struct{ key, what string }{
	{"suspend_p50_ms", "webhook to suspended, p50"},
	{"suspend_p99_ms", "webhook to suspended, p99"},
	{"suspend_loaded_p99_ms", "with other runs open, p99"},
	{"temporal_p50_ms", "Temporal alone, p50"},
	{"bare_p50_ms", "the same HTTP calls alone, p50"},
	{"leaver_calls_before_suspension", "calls before the suspension"},
}

// report prints one engine. The spread of one binary is how far two runs of the build before are from each other: each
// round's against the next one's.
func report(w io.Writer, engine, against string, rounds []round) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.SetTitle("%s: this tree against %s, %d rounds in turn", engine, against, len(rounds))
	t.AppendHeader(table.Row{"figure", "before", "after", "after / before", "its interval", "one binary against itself", ""})
	for _, line := range lines {
		var before, after, ratios, itself []float64
		for i, r := range rounds {
			b, a := r.Before[line.key], r.After[line.key]
			before, after = append(before, b), append(after, a)
			if b > 0 {
				ratios = append(ratios, a/b)
			}
			if next := rounds[(i+1)%len(rounds)].Before[line.key]; b > 0 && next > 0 {
				itself = append(itself, next/b)
			}
		}
		if len(ratios) == 0 {
			continue
		}
		low, high := interval(ratios)
		least, most := slices.Min(itself), slices.Max(itself)
		t.AppendRow(table.Row{
			line.what, fmt.Sprintf("%.1f", median(before)), fmt.Sprintf("%.1f", median(after)), fmt.Sprintf("%.2f", median(ratios)),
			fmt.Sprintf("%.2f to %.2f", low, high), fmt.Sprintf("%.2f to %.2f", least, most), verdict(low, high, least, most, median(ratios)),
		})
	}
	t.Render()
}

// verdict says whether a median ratio is one that two runs of one binary differ by as well.
func verdict(low, high, least, most, ratio float64) string {
	switch {
	case low <= 1 && high >= 1:
		return "no difference seen"
	case ratio >= least && ratio <= most:
		return "within the spread of one binary"
	case ratio < 1:
		return "faster"
	}
	return "SLOWER"
}

func median(xs []float64) float64 {
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// interval is where the median lies with 95 % confidence at least: the order statistics that a sign test leaves.
func interval(xs []float64) (low, high float64) {
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	n := len(sorted)
	// outside is the probability that fewer than k+1 of n values lie below the median.
	k, outside, term := 0, 0.0, 1.0
	for range n {
		term /= 2
	}
	for i := 0; i < n/2; i++ {
		outside += term
		if outside > 0.025 {
			break
		}
		k = i
		term = term * float64(n-i) / float64(i+1)
	}
	return sorted[k], sorted[n-1-k]
}
