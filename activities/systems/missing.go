package systems

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// seenCause is what a hint about an account says that is there after all.
const seenCause = "seen again"

// seenAgain notes that an account is there which was taken for missing. Its person is looked at anew: steps that came before have found
// nothing. The hint comes first, so that an attempt that is repeated gives it again rather than never.
func (s *Systems) seenAgain(ctx context.Context, key string, row inventory.Account, at time.Time, a target.Account) error {
	if row.MissingSince.IsZero() {
		return nil
	}
	if s.Launch != nil {
		if _, err := s.Launch.Send(ctx, key, api.Hint{Source: hintSource, Cause: seenCause}); err != nil {
			return fmt.Errorf("hint %s: %w", key, err)
		}
	}
	return s.noteRead(ctx, at, a, nil)
}

// withoutMissing leaves out what a departure plans about accounts that are missing, what takes back what one has set in a mailbox, and all
// about those that are not the primary one: nothing can be done about them until they are seen again, of which the reading that sees them
// tells their person.
func withoutMissing(a *api.Assessment, plans []identity.SystemPlan) []identity.SystemPlan {
	return slices.DeleteFunc(plans, func(p identity.SystemPlan) bool {
		account := accountIn(a, p)
		return account != nil && account.Missing && (p.Leaving || mailOnly(p) || account.Use != identity.UsePrimary)
	})
}

// mailOnly reports that a plan does nothing but take back what a departure has set in a mailbox.
func mailOnly(p identity.SystemPlan) bool {
	return len(p.Steps) > 0 && !slices.ContainsFunc(p.Steps, func(s identity.SystemStep) bool { return !s.Kind.ReturnsMailbox() })
}
