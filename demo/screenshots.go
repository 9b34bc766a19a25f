package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gatehouse/activities/api"
)

// shot is a picture of the documentation: a page in a window of a size, what is true of it once it is drawn, and the part that is shown.
type shot struct {
	name, url string
	ready     string
	window    image.Point
	part      image.Rectangle
}

const (
	pageReady  = `document.querySelectorAll("#people tr").length > 0 && document.fonts.ready.then(() => true)`
	sheetReady = `document.querySelectorAll("#sheets .grid tr").length > 3 && document.fonts.ready.then(() => true)`
	// The UI puts the details into a frame that is lower than they are; a person would scroll in it.
	runReady = `(() => {
		const frames = [...document.querySelectorAll("iframe")].map(f => [f, f.contentDocument && f.contentDocument.documentElement]);
		if (!frames.some(([, d]) => d && d.innerText.includes("Needs a decision"))) return false;
		for (const [f, d] of frames) f.style.height = d.scrollHeight + "px";
		return document.fonts.ready.then(() => frames.every(([f, d]) => d.scrollHeight <= f.clientHeight));
	})()`
)

// photograph makes the pictures of docs/images from what the stories have left behind. A machine without Chromium makes none.
func (h *house) photograph(ctx context.Context, dir string) error {
	program, err := exec.LookPath("chromium")
	if err != nil {
		fmt.Println("screenshots: there is no chromium on this machine, so that none were made; on Debian: apt-get install chromium")
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("prepare %s: %w", dir, err)
	}
	review, err := h.reviewPage(ctx)
	if err != nil {
		return err
	}
	run, err := h.runPage(ctx, parked)
	if err != nil {
		return err
	}
	return take(ctx, program, dir, []shot{
		{"page", h.sandbox.URL(), pageReady, image.Pt(1400, 1000), image.Rect(0, 0, 1400, 1000)},
		{"review-sheet", review, sheetReady, image.Pt(1100, 420), image.Rect(0, 0, 1100, 420)},
		{"parked-run", run, runReady, image.Pt(1400, 900), image.Rect(64, 50, 1400, 780)},
	})
}

// reviewPage is where the page shows the findings of the review.
func (h *house) reviewPage(ctx context.Context) (string, error) {
	books, err := h.sandbox.Spreadsheets(ctx)
	if err != nil {
		return "", err
	}
	for _, book := range books {
		for _, tab := range book.Tabs {
			if strings.HasSuffix(tab.Title, " Findings") {
				return fmt.Sprintf("%s/?spreadsheet=%s#gid=%d", h.sandbox.URL(), url.QueryEscape(book.ID), tab.ID), nil
			}
		}
	}
	return "", errors.New("no spreadsheet has a tab of findings: did the story of the review end as it should?")
}

// runPage is where the Temporal UI shows what the run of a person says of itself.
func (h *house) runPage(ctx context.Context, key string) (string, error) {
	run, err := h.app.Temporal.DescribeWorkflowExecution(ctx, api.PersonID(key), "")
	if err != nil {
		return "", fmt.Errorf("find the run that waits for a person: %w", err)
	}
	return h.link(api.PersonID(key)) + "/" + run.GetWorkflowExecutionInfo().GetExecution().GetRunId() + "/user-metadata", nil
}

// take draws the pictures with one browser and keeps them.
func take(ctx context.Context, program, dir string, shots []shot) (err error) {
	ctx, cancel := context.WithTimeout(ctx, browsing)
	defer cancel()
	b, err := openBrowser(ctx, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	for _, s := range shots {
		if err := b.open(s.url, s.window); err != nil {
			return fmt.Errorf("draw %s: %w", s.name, err)
		}
		if err := b.await(ctx, s.ready); err != nil {
			return fmt.Errorf("draw %s: %w", s.name, err)
		}
		data, err := b.picture(s.part)
		if err != nil {
			return fmt.Errorf("draw %s: %w", s.name, err)
		}
		path := filepath.Join(dir, s.name+".png")
		if err := keep(data, path); err != nil {
			return fmt.Errorf("keep %s: %w", path, err)
		}
		fmt.Println(path)
	}
	return nil
}

// keep writes a picture with the 256 colours that it has most of: a screen has few, and a repository keeps every picture for good.
func keep(data []byte, path string) error {
	all, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	at := all.Bounds()
	seen := map[color.RGBA]int{}
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			seen[color.RGBAModel.Convert(all.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(seen))
	for c := range seen {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int { return seen[b] - seen[a] })
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(at, palette)
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			small.SetColorIndex(x, y, index[color.RGBAModel.Convert(all.At(x, y)).(color.RGBA)])
		}
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, small), out.Close())
}
