package workday

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"gatehouse/connectors"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// Roster says what a roster report held.
type Roster struct {
	// Records is how many records were passed on, one for each employee id.
	Records int
	// WithoutID is how many rows had no employee id, or were no rows at all, and were left out.
	WithoutID int
	// MissingColumns are required columns that no row had a value in: a right was lost or the report was changed. Then
	// nothing in the roster may be believed. An empty roster misses all of them.
	MissingColumns []string
}

// Worker reads one worker by employee id. found is false when the report is empty, which says that the credential cannot
// see such a worker, not that somebody has left.
func (c *Client) Worker(ctx context.Context, employeeID string) (rec identity.Record, found bool, err error) {
	op := "read worker report"
	if employeeID == "" {
		return identity.Record{}, false, &connectors.Error{
			System: system, Op: op, Kind: connectors.KindInvalid, Err: errors.New("the employee id is empty"),
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	u := c.reportURL(c.o.WorkerReport, url.Values{c.o.WorkerPrompt: {employeeID}})
	read, rows, nameless, own := c.reader(), 0, 0, profiles{}
	err = c.entries(ctx, op, u, c.o.MaxBody, func(in row) {
		rows++
		switch candidate := read.record(in); candidate.EmployeeID {
		case employeeID:
			own.add(candidate)
		case "":
			nameless++
		}
	})
	if err != nil {
		return identity.Record{}, false, err
	}
	if len(own.order) > 0 {
		return own.merged(employeeID), true, nil
	}
	if rows > 0 && nameless == rows {
		return identity.Record{}, false, &connectors.Error{
			System: system, Op: op, Kind: connectors.KindInvalid, Code: "no_employee_id",
			Err: errors.New("the record came without an employee id: enter it in Workday, or show the employee_id column of the worker report to " +
				"Gatehouse's account; it is read again by itself"),
		}
	}
	if rows > 0 {
		return identity.Record{}, false, &connectors.Error{
			System: system, Op: op, Kind: connectors.KindInvalid, Code: "prompt_ignored",
			Err: errors.New("the report answered with other workers; check worker_prompt and the employee_id column"),
		}
	}
	return identity.Record{}, false, nil
}

// Roster reads everybody and passes each employee id on once, after the whole report has arrived: a report that breaks
// off half-way passes on nobody, and two profiles of one employee id are merged wherever they stand. An error that each
// returns ends the walk and is returned as it is.
func (c *Client) Roster(ctx context.Context, each func(identity.Record) error) (Roster, error) {
	records, roster, err := c.readRoster(ctx)
	if err != nil {
		return Roster{}, err
	}
	for _, rec := range records {
		if err := each(rec); err != nil {
			return roster, err
		}
		roster.Records++
	}
	return roster, nil
}

func (c *Client) readRoster(ctx context.Context) ([]identity.Record, Roster, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.RosterTimeout)
	defer cancel()
	var roster Roster
	var all profiles
	read, absent := c.reader(), slices.Clone(c.o.RequiredColumns)
	err := c.entries(ctx, "read roster report", c.reportURL(c.o.RosterReport, url.Values{}), c.o.MaxReport, func(in row) {
		absent = slices.DeleteFunc(absent, func(field string) bool { return read.value(in, field) != "" })
		if rec := read.record(in); rec.EmployeeID == "" {
			roster.WithoutID++
		} else {
			all.add(rec)
		}
	})
	records := make([]identity.Record, len(all.order))
	for i, id := range all.order {
		records[i] = all.merged(id)
	}
	roster.MissingColumns = absent
	return records, roster, err
}

func (c *Client) reportURL(report string, query url.Values) *url.URL {
	u := c.base.JoinPath("ccx", "service", "customreport2",
		url.PathEscape(c.o.Tenant), url.PathEscape(c.o.ReportOwner), url.PathEscape(report))
	query.Set("format", "json")
	u.RawQuery = query.Encode()
	return u
}

// entries streams the rows of a report.
func (c *Client) entries(ctx context.Context, op string, u *url.URL, limit int64, each func(row)) error {
	resp, err := c.open(ctx, op, u)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body := httpx.Limited(resp.Body, limit)
	dec := json.NewDecoder(asUTF8(body))
	dec.UseNumber()
	if err := decodeReport(dec, each); err != nil {
		if cut := body.Err(); cut != nil {
			return connectors.FromTransport(system, op, fmt.Errorf("read report: %w", cut))
		}
		return connectors.Malformed(system, op, resp.StatusCode, err)
	}
	return nil
}

var errNotReport = errors.New("the reply is not a report: it has no Report_Entry")

// decodeReport reads {"Report_Entry": [...]} row by row. A lone row may stand without the list, and a report without
// rows may be an empty object.
func decodeReport(dec *json.Decoder, each func(row)) error {
	if err := expect(dec, '{'); err != nil {
		return err
	}
	found, others := false, false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if key != "Report_Entry" {
			others = true
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		found = true
		if err := decodeEntries(dec, each); err != nil {
			return err
		}
	}
	if others && !found {
		return errNotReport
	}
	return expect(dec, '}')
}

func decodeEntries(dec *json.Decoder, each func(row)) error {
	start, err := dec.Token()
	switch {
	case err != nil:
		return err
	case start == nil:
		return nil
	case start == json.Delim('['):
		return decodeRows(dec, each)
	case start == json.Delim('{'):
		in := row{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string) // The decoder only lets texts stand there.
			var value any
			if err := dec.Decode(&value); err != nil {
				return err
			}
			in[name] = value
		}
		each(in)
		return expect(dec, '}')
	}
	return errNotReport
}

// decodeRows reads the rows of a list. One that is none is empty, because it loses nobody else's; where all are, this is
// no report.
func decodeRows(dec *json.Decoder, each func(row)) error {
	rows, none := 0, 0
	for ; dec.More(); rows++ {
		var entry json.RawMessage
		if err := dec.Decode(&entry); err != nil {
			return err
		}
		in := row{}
		one := json.NewDecoder(bytes.NewReader(entry))
		one.UseNumber()
		if err := one.Decode(&in); err != nil || in == nil {
			none++
			in = row{}
		}
		each(in)
	}
	if rows > 0 && none == rows {
		return errNotReport
	}
	return expect(dec, ']')
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	if got != want {
		return errNotReport
	}
	return nil
}
