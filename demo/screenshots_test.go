package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPictureIsKeptWithItsUsualColours(t *testing.T) {
	t.Parallel()
	drawn := image.NewRGBA(image.Rect(0, 0, 400, 30))
	for y := range 30 {
		for x := range 400 {
			drawn.Set(x, y, color.White)
			if y == 7 { // More colours than are kept.
				drawn.Set(x, y, color.RGBA{R: uint8(x), G: uint8(x / 2), B: 40, A: 255})
			}
		}
	}
	var data bytes.Buffer
	require.NoError(t, png.Encode(&data, drawn))
	path := filepath.Join(t.TempDir(), "x.png")
	require.NoError(t, keep(data.Bytes(), path))
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	kept, err := png.Decode(bytes.NewReader(written))
	require.NoError(t, err)
	require.Equal(t, drawn.Bounds(), kept.Bounds())
	require.Equal(t, color.RGBA{255, 255, 255, 255}, color.RGBAModel.Convert(kept.At(5, 5)))
	r, g, _, _ := kept.At(200, 7).RGBA()
	require.InDelta(t, 200, r>>8, 8)
	require.InDelta(t, 100, g>>8, 8)
}
