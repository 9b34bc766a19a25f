package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// undoneKey names the claim that a withdrawn departure is dealt with. The episode is that of the employment that goes on.
func undoneKey(key string, episode int) string { return fmt.Sprintf("%s/%d/undone", key, episode) }

// Undone writes down that a withdrawn departure is dealt with: nobody is asked about it again.
func (p *Person) Undone(ctx context.Context, in api.UndoneInput) error {
	return p.Ledger.Journal().Done(ctx, undoneKey(in.Key, in.Episode), []byte(in.Outcome))
}

// withdrawal is what is known of departures that HR has taken back.
type withdrawal struct {
	// at is when access ended by the first of them.
	at, backAt time.Time
	// held are the roles of the account before, known only if the evidence says so.
	held    []string
	unknown bool
	tickets []string
	further []identity.Ref
}

// withdrawn looks up what Gatehouse did because of a termination that HR has taken back since, nil if there is nothing to undo.
// The same record goes on, as it was before: whoever is hired again has a first day behind the departure. One departure may not be
// dealt with when the next begins, so that the search goes on behind those before.
func (p *Person) withdrawn(ctx context.Context, pol *policy.Policy, row persons.Person, person identity.Person, engagements []identity.Engagement, account *identity.Account, bare bool, seen *outcome.Notes) (*withdrawal, error) {
	within := pol.Leaver().UndoWithin
	if bare || within == 0 || account == nil || !row.Employed || row.Episode < 2 || !person.Belongs() || person.Standing == identity.StandingUpcoming {
		return nil, nil
	}
	settled, err := p.dealtWith(ctx, row.Key, row.Episode)
	if err != nil || settled {
		return nil, err
	}
	evidence, err := p.Ledger.Journal().EvidenceOf(ctx, row.Key)
	if err != nil {
		return nil, err
	}
	evidence = slices.DeleteFunc(evidence, func(e journal.Evidence) bool { return e.PersonKey != row.Key })
	if account.SuspendedByUs && !slices.ContainsFunc(evidence, func(e journal.Evidence) bool { return e.Episode == row.Episode-1 }) {
		// What the run has done is not written down yet. It looks again once the account is open.
		return &withdrawal{}, nil
	}
	var w withdrawal
	for left := row.Episode - 1; left > 0; left -= 2 {
		one, err := p.departed(ctx, row.Key, left, account.ID, evidence)
		if err != nil {
			return nil, err
		}
		if one == nil || person.AsOf.Sub(one.at) > within || !goesOnFrom(person, engagements, one.at) {
			break
		}
		w.join(*one)
		if settled, err := p.dealtWith(ctx, row.Key, left-1); err != nil || settled {
			break
		}
	}
	if w.at.IsZero() {
		if account.Status != identity.AccountSuspended {
			// Nothing was done that could be undone, or they were hired again.
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
				return l.Journal().Done(ctx, undoneKey(row.Key, row.Episode), nil)
			})
		}
		return nil, nil
	}
	w.backAt = openedAt(evidence, row.Episode, person.AsOf)
	return &w, nil
}

func (p *Person) dealtWith(ctx context.Context, key string, episode int) (bool, error) {
	_, _, done, err := p.Ledger.Journal().Completed(ctx, undoneKey(key, episode))
	return done, err
}

// join adds an earlier departure.
func (w *withdrawal) join(earlier withdrawal) {
	w.at = earlier.at
	w.unknown = w.unknown || earlier.unknown
	for _, role := range earlier.held {
		if !slices.Contains(w.held, role) {
			w.held = append(w.held, role)
		}
	}
	for _, ref := range earlier.further {
		if !slices.Contains(w.further, ref) {
			w.further = append(w.further, ref)
		}
	}
	w.tickets = append(w.tickets, earlier.tickets...)
}

// goesOnFrom reports that the employment which a departure ended is the one that a person is in: the record was known then, and
// its first day is before it.
func goesOnFrom(person identity.Person, engagements []identity.Engagement, at time.Time) bool {
	if first := person.Record.HireDate; first == "" || first >= person.DayOf(at) {
		return false
	}
	return slices.ContainsFunc(engagements, func(e identity.Engagement) bool {
		return e.Source == person.Record.Source && e.EmployeeID == person.Record.EmployeeID && e.FirstSeen.Before(at)
	})
}

// departed is what was done at one departure of HR's, nil if nothing is known of one. What an order has ended is not HR's to take
// back.
func (p *Person) departed(ctx context.Context, key string, episode int, account int64, evidence []journal.Evidence) (*withdrawal, error) {
	w := withdrawal{unknown: true}
	for _, e := range evidence {
		if e.Episode != episode {
			continue
		}
		stepName, ref, further := strings.Cut(e.Step, "@")
		suspended := strings.HasPrefix(stepName, "onelogin.suspend")
		if !suspended && !slices.Contains([]string{"onelogin.log-out", "onelogin.remove-roles", "onelogin.scramble-password"}, stepName) {
			continue
		}
		if suspended && strings.HasPrefix(e.Cause, "order ") {
			return nil, nil
		}
		if w.at.IsZero() || e.StartedAt.Before(w.at) && !e.StartedAt.IsZero() {
			w.at = e.StartedAt
		}
		switch other, err := identity.ParseRef(ref); {
		case further && err == nil:
			if !slices.Contains(w.further, other) && other != identity.OneLoginRef(account) {
				w.further = append(w.further, other)
			}
		case suspended && len(e.Before) > 0 && w.unknown:
			var before identity.Account
			if err := json.Unmarshal(e.Before, &before); err == nil && before.ID == account {
				w.held, w.unknown = before.Roles, false
			}
		}
	}
	stored, at, opened, err := p.Ledger.Journal().Completed(ctx, fmt.Sprintf("%s/%d/ticket", key, episode))
	if err != nil {
		return nil, err
	}
	if opened {
		var made api.Ticket
		if err := json.Unmarshal(stored, &made); err == nil && made.Key != "" {
			w.tickets = append(w.tickets, made.Key)
		}
		if w.at.IsZero() {
			w.at = at // All the evidence there is.
		}
	}
	if w.at.IsZero() {
		return nil, nil
	}
	return &w, nil
}

// openedAt is when the account was opened again, now if nothing says so.
func openedAt(evidence []journal.Evidence, episode int, now time.Time) time.Time {
	for _, e := range evidence {
		if e.Episode == episode && e.Step == "onelogin.activate" && e.Outcome == "done" {
			return e.FinishedAt
		}
	}
	return now
}

// toUndo is what is left to undo of an account that is open again. Where onboarding only observes nothing is.
func (p *Person) toUndo(ctx context.Context, pol *policy.Policy, a *api.Assessment, w *withdrawal) (*api.Undo, error) {
	settled := a.Plan.Verdict == identity.VerdictNone || a.Plan.Verdict == identity.VerdictWait
	if w == nil || w.at.IsZero() || a.Account == nil || !settled || !a.Plan.Desired.SignIn || a.Account.Status == identity.AccountSuspended ||
		pol.Modes().Onboarding == policy.ModeObserve {
		return nil, nil
	}
	there, gone, err := p.Catalog.Today(ctx, w.held)
	if err != nil {
		return nil, err
	}
	u := api.Undo{At: w.at, BackAt: w.backAt, Tickets: w.tickets, Unknown: w.unknown, Further: w.further, Gone: gone}
	managed, privileged := pol.ManagedRoles(), pol.PrivilegedRoles()
	for _, role := range there {
		if slices.Contains(managed, role) || slices.Contains(a.Account.Roles, role) {
			continue
		}
		u.Roles = append(u.Roles, role)
		u.Privileged = u.Privileged || slices.Contains(privileged, role) ||
			pol.Protected(identity.Account{ID: a.Account.ID, Username: a.Account.Username, Roles: []string{role}}) != ""
	}
	slices.Sort(u.Roles)
	sum := sha256.Sum256([]byte(fmt.Sprint(a.Key, "\x00", a.Episode, "\x00", strings.Join(u.Roles, "\x00"))))
	u.Hash = hex.EncodeToString(sum[:8])
	return &u, nil
}

// broughtBackByHR says why an account is opened again that was closed by a termination which HR has withdrawn.
func broughtBackByHR(person identity.Person, account *identity.Account) []identity.Notice {
	if account == nil || !account.SuspendedByUs || !person.Withdrawn {
		return nil
	}
	return []identity.Notice{{Code: policy.NoticeTerminationWithdrawn, Text: words.Sure("termination_withdrawn", view{})}}
}
