package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/control"
)

// stays holds the accounts of somebody who works here, or will.
func (j *judge) stays(p *human, now tenant) {
	for _, a := range now.owned[p.id] {
		before, known := j.s.accounts[a.ID]
		if !known || p.returns > 0 || a.Kind != "person" {
			continue
		}
		j.others++
		if before.Status == 1 && a.Status != 1 {
			j.fail(now.at, p, fmt.Sprint("status ", a.ID), "account %d of somebody who works here had status 1 and has %d", a.ID, a.Status)
		}
		for _, role := range before.Roles {
			if !p.moved && !slices.Contains(a.Roles, role) {
				j.fail(now.at, p, fmt.Sprint("role ", a.ID, role), "account %d of somebody who works here and never moved has lost the role %s", a.ID, role)
			}
		}
	}
}

// joinedWithin is how soon somebody who has begun has an account, or a question about them is open.
const joinedWithin = 24 * time.Hour

// joiner holds that nobody who begins is forgotten.
func (j *judge) joiner(_ context.Context, p *human, now tenant, open openItems) {
	r := p.records[0]
	if !p.fresh || r.HireDate > now.at.Add(-joinedWithin).Format(time.DateOnly) || r.known.IsZero() || len(now.owned[p.id]) > 0 {
		return
	}
	since, unfinished := j.s.quietSince(r.known, joinedWithin)
	if unfinished || since.Add(joinedWithin).After(now.at) || open.about(p) {
		return
	}
	j.fail(now.at, p, "joiner "+r.key(), "%s began on %s, has no account, and nothing that is open is about them", r.key(), r.HireDate)
}

// nobodyElse holds each suspension against who was out when it came.
func (j *judge) nobodyElse(journal []control.Entry, now tenant) {
	owners := map[int64]*control.Person{}
	for i := range now.accounts {
		owners[now.accounts[i].ID] = &now.accounts[i]
	}
	for _, e := range journal {
		var id int64
		if _, err := fmt.Sscanf(e.Subject, "user:%d", &id); err != nil || !strings.Contains(e.Effect, "-> 2") {
			continue
		}
		a := owners[id]
		if a == nil {
			continue
		}
		j.s.mu.Lock()
		p := j.s.byID[a.Owner]
		wrong := a.Kind != "person" || p == nil || !p.wasOut(e.At)
		j.s.mu.Unlock()
		if wrong {
			j.fail(e.At, p, fmt.Sprint("suspended ", id, e.At), "account %d (%s) was suspended at %s, and its owner had not left", id, a.Kind, e.At.Format(time.DateTime))
		}
	}
}

// once holds that no ticket, message, account or invitation was made twice.
func (j *judge) once(now tenant) {
	seen := map[string]string{}
	for _, t := range now.tickets {
		for _, label := range t.Labels {
			if !strings.HasPrefix(label, "gatehouse-") {
				continue
			}
			if other, twice := seen[label]; twice {
				j.fail(now.at, nil, "ticket "+label, "tickets %s and %s are one effect", other, t.Key)
			}
			seen[label] = t.Key
		}
	}
	said := map[string]bool{}
	for _, m := range now.messages {
		var meta struct {
			Payload map[string]any `json:"event_payload"`
		}
		if len(m.Metadata) == 0 || json.Unmarshal(m.Metadata, &meta) != nil {
			continue
		}
		mark, _ := meta.Payload["k"].(string)
		if mark == "" {
			continue
		}
		if said[mark] {
			j.fail(now.at, nil, "message "+mark, "a message in %s was sent twice: %.200s", m.Channel, m.Text)
		}
		said[mark] = true
	}
	j.accountsOnce(now)
}

// accountsOnce holds that nobody was given a second account, or invited twice.
func (j *judge) accountsOnce(now tenant) {
	made := map[string]int64{}
	for i := range now.accounts {
		a := &now.accounts[i]
		if _, before := j.s.accounts[a.ID]; before || a.ExternalID == "" {
			continue
		}
		j.s.mu.Lock()
		p := j.s.byID[a.Owner]
		j.s.mu.Unlock()
		if p == nil {
			continue
		}
		if other, twice := made[a.Owner]; twice {
			j.fail(now.at, p, fmt.Sprint("account ", a.ID), "accounts %d and %d were made for one human", other, a.ID)
		}
		if had := j.s.ofHuman[a.Owner]; len(had) > 0 && p.dirt == "" && p.returns == 0 {
			j.fail(now.at, p, fmt.Sprint("second account ", a.ID), "account %d was made for somebody who has account %d", a.ID, had[0].ID)
		}
		if j.invited[a.ID] > 1+p.returns {
			j.fail(now.at, p, fmt.Sprint("invited ", a.ID), "account %d was invited %d times", a.ID, j.invited[a.ID])
		}
		made[a.Owner] = a.ID
	}
}
