package ledger

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/roster"
)

// StandingAccess is what Gatehouse knows of how somebody came by what they hold.
type StandingAccess struct {
	// Position digests the position for which their access was last in step, empty if that is not known.
	Position string
	// Rules digests what the rules gave then, and Policy is the hash of that policy; empty if not known.
	Rules, Policy string
	// Given are the roles that Gatehouse gave to the account in this employment.
	Given []string
	// Found reports that access beyond the policy is written down about them, Waits that they wait for another policy.
	Found, Waits bool
}

// Access returns what is known of how somebody came by what an account of theirs holds.
func (l *Ledger) Access(ctx context.Context, key string, ref identity.Ref, episode int, source string) (a StandingAccess, err error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT 0, digest FROM positions WHERE person_key = $1
		UNION ALL SELECT 1, role FROM given_roles WHERE system = $2 AND account_id = $3 AND person_key = $1 AND episode = $4
		UNION ALL SELECT 2, '' FROM source_findings WHERE source = $5 AND kind = $6 AND subject = $1
		UNION ALL SELECT 3, '' FROM policy_waits WHERE person_key = $1
		UNION ALL SELECT 4, rules FROM positions WHERE person_key = $1
		UNION ALL SELECT 5, policy FROM positions WHERE person_key = $1`,
		key, ref.System, ref.ID, episode, source, roster.FindingBeyondPolicy)
	if err != nil {
		return a, fmt.Errorf("read how %s came by their access: %w", key, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		var what int
		var text string
		if err := rows.Scan(&what, &text); err != nil {
			return a, fmt.Errorf("read how %s came by their access: %w", key, err)
		}
		switch what {
		case 0:
			a.Position = text
		case 1:
			a.Given = append(a.Given, text)
		case 2:
			a.Found = true
		case 3:
			a.Waits = true
		case 4:
			a.Rules = text
		default:
			a.Policy = text
		}
	}
	slices.Sort(a.Given)
	return a, engine.Wrapf(rows.Err(), "read how %s came by their access", key)
}
