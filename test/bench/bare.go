package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors/bamboohr"
	"gatehouse/sandbox/control"
)

// bareClient makes the vendors' calls with nothing around them.
type bareClient struct {
	sandbox *control.Client
	http    *http.Client
	token   string
	fields  string
}

func newBareClient(ctx context.Context, sandbox *control.Client) (*bareClient, error) {
	fields := slices.Sorted(maps.Values(bamboohr.DefaultFields()))
	b := &bareClient{
		sandbox: sandbox, http: &http.Client{Timeout: 10 * time.Second},
		fields: strings.Join(slices.Compact(slices.DeleteFunc(fields, func(f string) bool { return f == "" })), ","),
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sandbox.URL()+"/onelogin/auth/oauth2/v2/token",
		strings.NewReader(`{"grant_type":"client_credentials"}`))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("sandbox-onelogin", "sandbox-onelogin-secret")
	req.Header.Set("Content-Type", "application/json")
	var out struct {
		Token string `json:"access_token"`
	}
	if err := b.do(req, &out); err != nil {
		return nil, err
	}
	b.token = out.Token
	return b, nil
}

// measure makes the calls of a path for one person after the other, as often as asked. The accounts are opened again
// in between, so a few people are enough.
func (b *bareClient) measure(ctx context.Context, people []employee, path []string, times int) (durations, error) {
	var all durations
	for i := range times {
		e := people[i%len(people)]
		j, err := follow(ctx, b.sandbox, true)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		for _, op := range path {
			if err := b.call(ctx, op, e); err != nil {
				return nil, fmt.Errorf("bare %s: %w", op, err)
			}
		}
		entries, err := j.next(ctx)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(entries, func(x control.Entry) bool { return suspends(x) && x.Subject == e.subject() })
		if at < 0 {
			return nil, fmt.Errorf("the bare calls did not suspend %s", e.subject())
		}
		all = append(all, entries[at].At.Sub(began))
		if err := b.sandbox.SetStatus(ctx, e.account.Username, 1); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// call makes one call by the name the sandbox gives it.
func (b *bareClient) call(ctx context.Context, op string, e employee) error {
	user := fmt.Sprintf("/onelogin/api/2/users/%d", e.account.ID)
	switch op {
	case "bamboohr.get_employee":
		return b.get(ctx, "/bamboohr/api/v1/employees/"+e.id, url.Values{"fields": {b.fields}, "onlyCurrent": {"true"}})
	case "bamboohr.get_table":
		return b.get(ctx, "/bamboohr/api/v1/employees/"+e.id+"/tables/employmentStatus", nil)
	case "onelogin.list_users":
		return b.get(ctx, "/onelogin/api/2/users", url.Values{"external_id": {e.key()}, "limit": {"50"}})
	case "onelogin.get_user":
		return b.get(ctx, user, nil)
	case opSuspend:
		req, err := http.NewRequestWithContext(ctx, http.MethodPut,
			b.sandbox.URL()+user+"?mappings=disabled&validate_policy=true", strings.NewReader(`{"status":2}`))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		return b.send(req)
	}
	return errors.New("the path to the suspension makes a call that the bench cannot make by itself yet: add it to bareClient.call")
}

func (b *bareClient) get(ctx context.Context, path string, query url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.sandbox.URL()+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	return b.send(req)
}

// send signs a call in as its vendor wants it and decodes the answer, as any client would have to.
func (b *bareClient) send(req *http.Request) error {
	if strings.HasPrefix(req.URL.Path, "/bamboohr/") {
		req.SetBasicAuth("sandbox-bamboohr-key", "x")
	} else {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	req.Header.Set("Accept", "application/json")
	var out any
	return b.do(req, &out)
}

func (b *bareClient) do(req *http.Request, out any) error {
	resp, err := b.http.Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return json.Unmarshal(body, out)
}

// ops are the names of calls in their order.
func ops(calls []control.Entry) []string {
	var names []string
	for _, c := range calls {
		names = append(names, c.Op)
	}
	return names
}
