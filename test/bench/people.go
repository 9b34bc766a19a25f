package main

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/sandbox/control"
)

// The two HR sources of the sandbox.
const (
	sourceWorkday  = "workday"
	sourceBambooHR = "bamboohr"
)

// employee is somebody who works there and has an active account.
type employee struct {
	source, id string
	account    control.Person
}

// key is the person's key in Gatehouse.
func (e employee) key() string { return e.source + "-" + e.id }

// subject is the account as the sandbox's journal names it.
func (e employee) subject() string { return fmt.Sprintf("user:%d", e.account.ID) }

// roster is who can still be made to leave, in the tenant's order.
type roster struct{ bySource map[string][]employee }

// readRoster lists everybody who is employed and whose account Gatehouse may write to.
func readRoster(ctx context.Context, sandbox *control.Client) (*roster, error) {
	var state struct {
		HR map[string][]struct {
			EmployeeID string `json:"employee_id"`
			Standing   string `json:"standing"`
		} `json:"hr"`
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
	}
	if err := sandbox.State(ctx, &state); err != nil {
		return nil, err
	}
	accounts := map[string]control.Person{}
	for _, u := range state.OneLogin.Users {
		// The policy protects administrators; their leaving is a question for a person and cannot be measured.
		if u.ExternalID != "" && u.Status == 1 && !slices.Contains(u.Roles, "Super admin") {
			accounts[u.ExternalID] = u
		}
	}
	r := &roster{bySource: map[string][]employee{}}
	for source, records := range state.HR {
		for _, rec := range records {
			e := employee{source: source, id: rec.EmployeeID}
			var ok bool
			if e.account, ok = accounts[e.key()]; ok && rec.Standing == "active" {
				r.bySource[source] = append(r.bySource[source], e)
			}
		}
	}
	return r, nil
}

// take takes n people, of the sources in the order given.
func (r *roster) take(n int, sources ...string) ([]employee, error) {
	var taken []employee
	for _, source := range sources {
		k := min(n-len(taken), len(r.bySource[source]))
		taken = append(taken, r.bySource[source][:k]...)
		r.bySource[source] = r.bySource[source][k:]
	}
	if len(taken) < n {
		return nil, fmt.Errorf("the tenant has only %d people left in %v where %d are needed", len(taken), sources, n)
	}
	return taken, nil
}

// takeWhere takes the first person of a source for whom a condition holds.
func (r *roster) takeWhere(source string, ok func(employee) bool) (employee, error) {
	i := slices.IndexFunc(r.bySource[source], ok)
	if i < 0 {
		return employee{}, fmt.Errorf("the tenant has nobody in %s who fits", source)
	}
	e := r.bySource[source][i]
	r.bySource[source] = slices.Delete(r.bySource[source], i, i+1)
	return e, nil
}

// sources counts people by source, for the output.
func sources(people []employee) string {
	n := map[string]int{}
	for _, e := range people {
		n[e.source]++
	}
	return fmt.Sprintf("%d BambooHR, %d Workday", n[sourceBambooHR], n[sourceWorkday])
}
