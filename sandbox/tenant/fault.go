package tenant

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// The styles of a fault.
const (
	StyleDrop      = "drop"
	StyleStatus    = "status"
	StyleRateLimit = "rate_limit"
	StyleDelay     = "delay"
	StyleTruncate  = "truncate"
	StyleMalformed = "malformed"
	StyleCallback  = "callback"
)

// Fault makes matching calls go wrong on purpose.
type Fault struct {
	ID int `json:"id"`
	// System, Method, Path and Op select the calls; an empty one matches every call. Path is a glob below the vendor's
	// prefix: "*" stays within one segment, a final "/**" takes in everything below.
	System string `json:"system,omitempty"`
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Op     string `json:"op,omitempty"`
	// Query is a piece of the query string as it reads unescaped, such as Employee_ID=21005.
	Query string `json:"query,omitempty"`
	// When is "before" (the handler does not run) or "after" (its effect is committed). The default is "before",
	// but "after" for truncate and malformed, which need a reply to spoil.
	When  string `json:"when"`
	Style string `json:"style"`
	// Status is for status (default 503) and rate_limit (default: the vendor's usual one).
	Status int `json:"status,omitempty"`
	// Body takes the place of the vendor's own words in a status fault, sent as ContentType (default text/html): what a
	// gateway in between answers.
	Body        string `json:"body,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	// RetryAfter in seconds is sent where positive.
	RetryAfter int `json:"retry_after,omitempty"`
	DelayMS    int `json:"delay_ms,omitempty"`
	// URL is where callback POSTs and waits for a reply, whatever it is.
	URL string `json:"url,omitempty"`
	// Times is how many calls are hit: 0 means 1, -1 means every one until the faults are cleared.
	Times int `json:"times"`
	// Skip lets the first so many matching calls pass.
	Skip int `json:"skip,omitempty"`
	// Hits counts the calls hit so far.
	Hits int `json:"hits"`
	// Error is why the last callback could not be made.
	Error string `json:"error,omitempty"`
}

// check validates a fault and fills in its defaults.
func (f *Fault) check() error {
	if f.Style == "" {
		f.Style = StyleStatus
	}
	if f.When == "" {
		f.When = "before"
		if f.Style == StyleTruncate || f.Style == StyleMalformed {
			f.When = "after"
		}
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Style == StyleStatus && f.Status == 0 {
		f.Status = http.StatusServiceUnavailable
	}
	if f.Body != "" && f.Style != StyleStatus || f.ContentType != "" && f.Body == "" {
		return errors.New("body is for style status, and content_type for a body")
	}
	if f.When != "before" && f.When != "after" {
		return fmt.Errorf("when is %q; it can be before or after", f.When)
	}
	styles := []string{StyleDrop, StyleStatus, StyleRateLimit, StyleDelay, StyleTruncate, StyleMalformed, StyleCallback}
	if !slices.Contains(styles, f.Style) {
		return fmt.Errorf("style is %q; it can be one of %s", f.Style, strings.Join(styles, ", "))
	}
	if f.Status != 0 && (f.Status < 100 || f.Status > 599) {
		return fmt.Errorf("status %d is not an HTTP status", f.Status)
	}
	if f.Times < -1 || f.Skip < 0 || f.DelayMS < 0 || f.RetryAfter < 0 {
		return errors.New("times, skip, delay_ms and retry_after cannot be negative, except times -1 for no limit")
	}
	if f.Style == StyleCallback {
		if u, err := url.Parse(f.URL); err != nil || u.Host == "" {
			return errors.New("style callback needs an absolute url")
		}
	}
	if _, err := path.Match(f.Path, "/"); err != nil {
		return fmt.Errorf("path %q is not a glob: %w", f.Path, err)
	}
	return nil
}

func (f *Fault) matches(system string, c *Call) bool {
	if f.System != "" && f.System != system || f.Method != "" && !strings.EqualFold(f.Method, c.Request.Method) {
		return false
	}
	if f.Op != "" && f.Op != c.entry.Op {
		return false
	}
	if text, err := url.QueryUnescape(c.Request.URL.RawQuery); f.Query != "" && (err != nil || !strings.Contains(text, f.Query)) {
		return false
	}
	if f.Path == "" {
		return true
	}
	if below, ok := strings.CutSuffix(f.Path, "/**"); ok {
		return c.Path == below || strings.HasPrefix(c.Path, below+"/")
	}
	ok, err := path.Match(f.Path, c.Path)
	return err == nil && ok
}

// Faults is the list of faults in force.
type Faults struct {
	armed atomic.Bool
	mu    sync.Mutex
	next  int
	list  []*Fault
}

// NewFaults returns an empty list.
func NewFaults() *Faults { return &Faults{} }

// Add puts a fault in force and returns it with its defaults filled in.
func (fs *Faults) Add(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return Fault{}, fmt.Errorf("fault: %w", err)
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.next++
	f.ID, f.Hits, f.Error = fs.next, 0, ""
	fs.list = append(fs.list, &f)
	fs.armed.Store(true)
	return f, nil
}

// List returns all faults, those already spent among them.
func (fs *Faults) List() []Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	out := make([]Fault, 0, len(fs.list))
	for _, f := range fs.list {
		out = append(out, *f)
	}
	return out
}

// Clear removes all faults.
func (fs *Faults) Clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = nil
	fs.armed.Store(false)
}

// note keeps what went wrong with a fault itself.
func (fs *Faults) note(id int, err error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.list {
		if f.ID == id {
			f.Error = err.Error()
		}
	}
}

// take returns the faults that hit this call at this moment, and counts them.
func (fs *Faults) take(system, when string, c *Call) []Fault {
	if !fs.armed.Load() {
		return nil
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var hit []Fault
	for _, f := range fs.list {
		if f.When != when || f.Times >= 0 && f.Hits >= f.Times || !f.matches(system, c) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Hits++
		hit = append(hit, *f)
	}
	return hit
}
