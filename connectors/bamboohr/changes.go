package bamboohr

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Changes are the employees that changed, oldest change first.
type Changes struct {
	// Latest is where to go on from next time.
	Latest    time.Time
	Employees []Change
}

// Change is one employee that changed. Action is "Inserted", "Updated" or "Deleted"; a termination is an update, and
// deletion is that of the record.
type Change struct {
	ID          string
	Action      string
	LastChanged time.Time
}

// Deleted reports that the record is gone.
func (c Change) Deleted() bool { return strings.EqualFold(c.Action, "deleted") }

// ChangedSince lists who changed in any field since an instant. Source: BambooHR's OpenAPI file, get-changed-employee-ids.
func (c *Client) ChangedSince(ctx context.Context, since time.Time) (Changes, error) {
	const op = "list changed employees"
	if since.IsZero() {
		return Changes{}, &connectors.Error{
			System: system, Op: op, Kind: connectors.KindInvalid, Err: errors.New("the instant to start from is not set"),
		}
	}
	var wire struct {
		Latest    httpx.Time      `json:"latest"`
		Employees json.RawMessage `json:"employees"`
	}
	query := url.Values{"since": {since.UTC().Format(time.RFC3339)}, "type": {"all"}}
	if err := c.get(ctx, op, []string{"employees", "changed"}, query, &wire); err != nil {
		return Changes{}, err
	}
	list, err := decodeChanges(wire.Employees)
	if err != nil {
		return Changes{}, connectors.Malformed(system, op, http.StatusOK, err)
	}
	changes := Changes{Latest: wire.Latest.Time, Employees: list}
	if changes.Latest.Before(since) {
		// Without a usable cursor the next call asks for the same again, so that nobody is lost.
		changes.Latest = since
	}
	return changes, nil
}

// decodeChanges reads a map keyed by id. An empty one may come as an empty list.
func decodeChanges(raw json.RawMessage) ([]Change, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if raw[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil || len(list) > 0 {
			return nil, fmt.Errorf("the changed employees are a list of %d, not a map", len(list))
		}
		return nil, nil
	}
	var byID map[string]struct {
		Action      httpx.Text `json:"action"`
		LastChanged httpx.Time `json:"lastChanged"`
	}
	if err := json.Unmarshal(raw, &byID); err != nil {
		return nil, errors.New("the changed employees are not as expected")
	}
	list := make([]Change, 0, len(byID))
	for id, w := range byID {
		list = append(list, Change{ID: id, Action: string(w.Action), LastChanged: w.LastChanged.Time})
	}
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(a.LastChanged.Compare(b.LastChanged), compareIDs(a.ID, b.ID))
	})
	return list, nil
}
