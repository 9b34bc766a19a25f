package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/activities/api"
)

// shot is a picture of the documentation: a page in a window of a size, and the part of it that is shown.
type shot struct {
	name, url string
	window    image.Point
	part      image.Rectangle
}

// photograph makes the pictures of docs/images from what the stories have left behind. A machine without Chromium makes none.
func (h *house) photograph(ctx context.Context, dir string) error {
	browser, err := exec.LookPath("chromium")
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
	for _, s := range []shot{
		{"page", h.sandbox.URL(), image.Pt(1400, 1000), image.Rect(0, 0, 1400, 1000)},
		{"review-sheet", review, image.Pt(1000, 420), image.Rect(0, 0, 1000, 420)},
		{"parked-run", run, image.Pt(1400, 1000), image.Rect(60, 50, 1400, 900)},
	} {
		if err := s.take(ctx, browser, dir); err != nil {
			return err
		}
	}
	return nil
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

// take has a browser without a window draw the page, and keeps the part that is shown.
func (s shot) take(ctx context.Context, browser, dir string) error {
	work, err := os.MkdirTemp("", "gatehouse-shot-")
	if err != nil {
		return fmt.Errorf("prepare a picture of %s: %w", s.name, err)
	}
	defer func() { _ = os.RemoveAll(work) }() // What is left of it is in the way of nothing.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	whole := filepath.Join(work, "whole.png")
	out, err := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(work, "profile"), fmt.Sprintf("--window-size=%d,%d", s.window.X, s.window.Y),
		"--virtual-time-budget=15000", "--screenshot="+whole, s.url).CombinedOutput()
	if err != nil {
		return fmt.Errorf("draw %s with %s: %w (%d bytes of its output are not shown)", s.name, browser, err, len(out))
	}
	return s.keep(whole, filepath.Join(dir, s.name+".png"))
}

func (s shot) keep(whole, path string) error {
	in, err := os.Open(whole)
	if err != nil {
		return fmt.Errorf("the browser drew no %s: %w", s.name, err)
	}
	defer func() { _ = in.Close() }() // What was only read has nothing left to report.
	all, err := png.Decode(in)
	if err != nil {
		return fmt.Errorf("read the picture of %s: %w", s.name, err)
	}
	part := image.NewRGBA(image.Rectangle{Max: s.part.Size()})
	draw.Draw(part, part.Bounds(), all, s.part.Min, draw.Src)
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("keep the picture of %s: %w", s.name, err)
	}
	err = errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, part), out.Close())
	if err != nil {
		return fmt.Errorf("keep the picture of %s: %w", s.name, err)
	}
	fmt.Println(path)
	return nil
}
