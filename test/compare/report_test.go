package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInterval(t *testing.T) {
	t.Parallel()
	low, high := interval([]float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5})
	require.Equal(t, []float64{2, 9}, []float64{low, high}, "the second and the ninth of ten hold the median in 97.9 of 100 cases")
	low, high = interval([]float64{3, 1, 2})
	require.Equal(t, []float64{1, 3}, []float64{low, high})
}

func TestReportTellsASlowerBuild(t *testing.T) {
	t.Parallel()
	var same, slower []round
	for i := range 10 {
		x := 20 + float64(i%3)
		same = append(same, round{Before: figures{"suspend_p50_ms": x}, After: figures{"suspend_p50_ms": 20 + float64((i+1)%3)}})
		slower = append(slower, round{Before: figures{"suspend_p50_ms": x}, After: figures{"suspend_p50_ms": 1.5 * x}})
	}
	var out bytes.Buffer
	report(&out, "sqlite", "abc", same)
	require.Contains(t, out.String(), "no difference seen")
	out.Reset()
	report(&out, "sqlite", "abc", slower)
	require.Contains(t, out.String(), "SLOWER")
	require.Contains(t, out.String(), "1.50")
}
