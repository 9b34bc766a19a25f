package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// browser is a Chromium without a window. It is steered by the pipe of its debugging protocol, messages of which end in a zero byte.
type browser struct {
	cmd     *exec.Cmd
	profile string
	in, out *os.File
	answers *bufio.Reader
	sent    int
	// session is the page that commands are for, empty for the browser itself.
	session string
}

// openBrowser starts a Chromium with an empty profile. Close it when done.
func openBrowser(ctx context.Context, program string) (*browser, error) {
	profile, err := os.MkdirTemp("", "gatehouse-shot-")
	if err != nil {
		return nil, fmt.Errorf("prepare a browser: %w", err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("prepare a browser: %w", err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("prepare a browser: %w", err)
	}
	b := &browser{profile: profile, in: in, out: out, answers: bufio.NewReader(out)}
	b.cmd = exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(profile, "profile"))
	// Chromium reads from the first file after its standard ones and writes to the second.
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	err = b.cmd.Start()
	if err = errors.Join(err, theirIn.Close(), theirOut.Close()); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return b, nil
}

// close ends the browser. Its profile is in the way of nothing, should some of it be left.
func (b *browser) close() error {
	b.session = ""
	err := b.call("Browser.close", nil, nil)
	if err != nil {
		err = errors.Join(err, b.cmd.Process.Kill())
	}
	err = errors.Join(err, b.in.Close())
	var ended *exec.ExitError
	if waited := b.cmd.Wait(); !errors.As(waited, &ended) {
		err = errors.Join(err, waited)
	}
	_ = os.RemoveAll(b.profile)
	return errors.Join(err, b.out.Close())
}

// call sends a command and reads on to its answer.
func (b *browser) call(method string, params map[string]any, into any) error {
	b.sent++
	message := map[string]any{"id": b.sent, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("browser: %s: %w", method, err)
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		return fmt.Errorf("browser: %s: %w", method, err)
	}
	for {
		data, err := b.answers.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("browser: %s: %w", method, err)
		}
		var answer struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
			Error  *struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal(data[:len(data)-1], &answer); err != nil {
			return fmt.Errorf("browser: %s: %w", method, err)
		}
		switch {
		case answer.ID != b.sent: // An event, which nobody waits for.
		case answer.Error != nil:
			return fmt.Errorf("browser: %s: %s", method, answer.Error.Message)
		case into != nil:
			return json.Unmarshal(answer.Result, into)
		default:
			return nil
		}
	}
}

// open shows an address in a page of its own, in a window of a size.
func (b *browser) open(address string, window image.Point) error {
	b.session = ""
	var target struct {
		ID string `json:"targetId"`
	}
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return err
	}
	var attached struct {
		Session string `json:"sessionId"`
	}
	if err := b.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached); err != nil {
		return err
	}
	b.session = attached.Session
	size := map[string]any{"width": window.X, "height": window.Y, "deviceScaleFactor": 1, "mobile": false}
	return errors.Join(
		b.call("Emulation.setDeviceMetricsOverride", size, nil),
		b.call("Page.navigate", map[string]any{"url": address}, nil))
}

// await asks the page again and again until an expression is true of it.
func (b *browser) await(ctx context.Context, expression string) error {
	return until(ctx, "the page shows "+expression, func(context.Context) (bool, error) {
		var answer struct {
			Result struct {
				Value any `json:"value"`
			} `json:"result"`
		}
		err := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &answer)
		return answer.Result.Value == true, err
	})
}

// picture draws a part of the page as PNG.
func (b *browser) picture(part image.Rectangle) ([]byte, error) {
	var shot struct {
		Data []byte `json:"data"`
	}
	err := b.call("Page.captureScreenshot", map[string]any{"format": "png", "clip": map[string]any{
		"x": part.Min.X, "y": part.Min.Y, "width": part.Dx(), "height": part.Dy(), "scale": 1,
	}}, &shot)
	return shot.Data, err
}

// browsing bounds the work of a browser.
const browsing = 3 * time.Minute
