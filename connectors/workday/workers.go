package workday

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strconv"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// workersPage is the largest page that the REST services allow. Source: Workday staffing v6 Swagger.
const workersPage = 100

// WorkerSummary is what the staffing service says about a worker: enough to find out who is missing from a report. It has
// no hire date, termination date, status or manager.
type WorkerSummary struct {
	// WID is Workday's own id of the profile, WorkerID the employee or contingent worker id.
	WID           string
	WorkerID      string
	WorkerType    string
	Email         string
	BusinessTitle string
}

// Workers walks all workers, terminated ones included: the service leaves those out unless asked. An error that each
// returns ends the walk and is returned as it is. Source: Workday staffing v6 Swagger.
func (c *Client) Workers(ctx context.Context, each func(WorkerSummary) error) error {
	for offset := 0; ; {
		page, err := c.workersPage(ctx, offset)
		if err != nil {
			return err
		}
		for _, w := range page.Data {
			if err := each(w.summary()); err != nil {
				return err
			}
		}
		offset += len(page.Data)
		// A reply without a total is followed until a page is empty, so that nobody is left out.
		if len(page.Data) == 0 || page.Total.Sent && int64(offset) >= page.Total.Value {
			return nil
		}
	}
}

type reference struct {
	ID         httpx.Text `json:"id"`
	Descriptor httpx.Text `json:"descriptor"`
}

type wireWorker struct {
	reference
	WorkerID   httpx.Text `json:"workerId"`
	WorkerType reference  `json:"workerType"`
	Person     struct {
		Email httpx.Text `json:"email"`
	} `json:"person"`
	PrimaryJob struct {
		BusinessTitle httpx.Text `json:"businessTitle"`
	} `json:"primaryJob"`
}

func (w wireWorker) summary() WorkerSummary {
	return WorkerSummary{
		WID: string(w.ID), WorkerID: string(w.WorkerID), WorkerType: string(w.WorkerType.Descriptor),
		Email: string(w.Person.Email), BusinessTitle: string(w.PrimaryJob.BusinessTitle),
	}
}

type workersReply struct {
	Total httpx.Int    `json:"total"`
	Data  []wireWorker `json:"data"`
}

func (c *Client) workersPage(ctx context.Context, offset int) (workersReply, error) {
	const op = "list workers"
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	u := c.base.JoinPath("ccx", "api", "staffing", url.PathEscape(c.o.StaffingVersion), url.PathEscape(c.o.Tenant), "workers")
	u.RawQuery = url.Values{
		"includeTerminatedWorkers": {"true"}, "limit": {strconv.Itoa(workersPage)}, "offset": {strconv.Itoa(offset)},
	}.Encode()
	resp, err := c.open(ctx, op, u)
	if err != nil {
		return workersReply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(httpx.Limited(resp.Body, c.o.MaxBody))
	if err != nil {
		return workersReply{}, connectors.FromTransport(system, op, err)
	}
	var page workersReply
	if err := json.Unmarshal(body, &page); err != nil {
		return workersReply{}, connectors.Malformed(system, op, resp.StatusCode, err)
	}
	return page, nil
}
