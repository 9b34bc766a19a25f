package policyfile

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
)

// namedBy writes down whom a policy names to decide, for those who have to know without its file.
func namedBy(p *policy.Policy) string {
	people := p.Deciders()
	if people == nil {
		people = []policy.Decider{}
	}
	text, err := json.Marshal(people)
	if err != nil {
		return "" // Texts can always be written; who reads nothing reads the file.
	}
	return string(text)
}

// Deciding are those who may decide, by the policy that workers have in force or, where none has said so, by the file here.
// A machine that has neither takes everybody's word, unverified.
func Deciding(ctx context.Context, l *ledger.Ledger, path string) ([]policy.Decider, error) {
	said, err := l.Policies().States(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	var latest policies.PolicyState
	for _, s := range said {
		if s.Deciders != "" && s.SeenAt.After(latest.SeenAt) {
			latest = s
		}
	}
	if latest.Deciders != "" {
		var people []policy.Decider
		if err := json.Unmarshal([]byte(latest.Deciders), &people); err != nil {
			return nil, fmt.Errorf("read who may decide by the policy in force: %w", err)
		}
		return people, nil
	}
	pol, err := policy.Load(path)
	if err != nil {
		return nil, nil //nolint:nilerr // Without the file the worker is who knows, and refuses.
	}
	return pol.Deciders(), nil
}
