package orders

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
	"gatehouse/starter/cmdline"
)

// skew is by how much the clocks of this machine and of a worker may differ.
const skew = 5 * time.Second

// sight is what is known at one moment about the end of somebody's access.
type sight struct {
	// order is the id of the order, since when it was given.
	order string
	since time.Time
	// named is the account that the order is about, if it names one that nobody is behind.
	named identity.Ref
	// accounts are those on record for the person, steps what was done in the present episode.
	accounts []inventory.Account
	steps    []api.StepDone
	// state is what the run says of itself, nil if it could not be asked.
	state *api.State
	// contained is when the ledger has it that access was read back as ended in the present episode.
	contained time.Time
	// read are accounts that this program has read itself, because the run has no more to do with them.
	read map[identity.Ref]reading
}

// reading is the status that an account had at a moment.
type reading struct {
	status string
	at     time.Time
}

// end is what is known of the end of access by one account.
type end struct {
	ref identity.Ref
	// suspended is when a step suspended it, read when an assessment found it suspended already.
	suspended, read time.Time
	// sessions is when its sessions were ended, confirmed when the loss of access was read back.
	sessions, confirmed time.Time
	// gone is when it was found not to exist any more.
	gone time.Time
}

// proven reports that the account is suspended and its sessions have ended, or that it is gone and was not found again.
func (e end) proven() bool {
	if !e.gone.IsZero() {
		return !e.confirmed.IsZero()
	}
	return (!e.suspended.IsZero() || !e.read.IsZero()) && !e.sessions.IsZero()
}

// String says what is known, and nothing else.
func (e end) String() string {
	parts := []string{"not suspended as far as is known"}
	switch {
	case !e.gone.IsZero():
		parts[0] = "no longer existed at " + cmdline.Clock(e.gone)
	case !e.suspended.IsZero():
		parts[0] = "suspended at " + cmdline.Clock(e.suspended)
	case !e.read.IsZero():
		parts[0] = "suspended already when it was read at " + cmdline.Clock(e.read)
	}
	switch {
	case !e.gone.IsZero():
	case !e.sessions.IsZero():
		parts = append(parts, "sessions ended at "+cmdline.Clock(e.sessions))
	case !e.suspended.IsZero():
		parts = append(parts, "its sessions have not ended as far as is known")
	case !e.read.IsZero():
		parts = append(parts, "and nobody is known to have ended its sessions: end them in OneLogin")
	}
	if !e.confirmed.IsZero() {
		parts = append(parts, "read back at "+cmdline.Clock(e.confirmed))
	}
	return e.ref.String() + ": " + strings.Join(parts, ", ")
}

// ends says for each account of the person what is known of its end, in the order of the ledger.
func (s sight) ends() []end {
	var refs []identity.Ref
	add := func(ref identity.Ref) {
		if ref.System == identity.SystemOneLogin && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	contained := map[identity.Ref]time.Time{}
	for _, a := range s.accounts {
		if s.covers(a) {
			add(a.Ref)
			contained[a.Ref] = a.ContainedAt
		}
	}
	if s.fresh() {
		for _, a := range s.state.Seen.Accounts {
			add(a.Ref)
		}
	}
	out := make([]end, len(refs))
	for i, ref := range refs {
		out[i] = s.end(ref, contained[ref])
	}
	return out
}

// covers reports that a containment covers an account: it is the person's own, or the one that the order names. What is
// declared a service, shared or break-glass account gets a new owner instead.
func (s sight) covers(a inventory.Account) bool {
	own := a.Kind == identity.KindPerson || a.Kind == identity.KindUnknown || a.Kind == ""
	return a.Ref == s.named || a.Belongs() && own
}

// end puts together what is known of one account. What was done before the order counts only if an assessment since has
// found it still so.
func (s sight) end(ref identity.Ref, contained time.Time) end {
	e := end{ref: ref}
	suspended, sessions := s.last(ref, "onelogin.suspend", "done"), s.last(ref, "onelogin.log-out", "done")
	confirmed := s.last(ref, "onelogin.read-back", "confirmed")
	seen, at := s.seen(ref)
	if gone := s.last(ref, "onelogin.suspend", api.OutcomeGone); s.recent(gone) && gone.After(suspended) {
		if e.gone = gone; !confirmed.Before(gone) {
			e.confirmed = confirmed
		}
		return e
	}
	switch {
	case seen != "" && seen != identity.AccountSuspended.String() && at.After(suspended.Add(skew)):
		return e // It was found open after whatever was done.
	case s.recent(suspended):
		e.suspended = suspended
	case seen == identity.AccountSuspended.String() || s.recent(confirmed):
		e.suspended = suspended
		if suspended.IsZero() {
			e.read = latest(at, confirmed)
		}
	default:
		return e
	}
	if !sessions.IsZero() && !sessions.Before(suspended) {
		e.sessions = sessions
	}
	if e.sessions.IsZero() && !contained.IsZero() && !contained.Before(suspended) {
		e.sessions = contained
	}
	if !confirmed.Before(suspended) {
		e.confirmed = confirmed
	}
	return e
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// last is when a step last had an outcome about an account, whichever round of it.
func (s sight) last(ref identity.Ref, step, outcome string) time.Time {
	var at time.Time
	for _, d := range s.steps {
		name, _, _ := strings.Cut(d.Step, "@")
		if name, _, _ = strings.Cut(name, ":"); name != step || d.Account == nil || *d.Account != ref {
			continue
		}
		if d.Outcome == outcome {
			at = latest(at, d.At)
		}
	}
	return at
}

// fresh reports that the run has assessed the person since the order was given: it has seen the order, or the clocks say so.
func (s sight) fresh() bool {
	return s.state != nil && s.state.Seen != nil && (s.state.Seen.Contain == s.order || !s.state.Seen.At.Before(s.since.Add(-skew)))
}

// recent reports that something happened since the person was assessed under the order, or at least since it was given.
func (s sight) recent(at time.Time) bool {
	from := s.since
	if s.fresh() {
		from = s.state.Seen.At
	}
	return !at.IsZero() && !at.Before(from.Add(-skew))
}

// seen is the status in which an assessment since the order, or this program itself, found an account.
func (s sight) seen(ref identity.Ref) (status string, at time.Time) {
	if s.fresh() {
		for _, a := range s.state.Seen.Accounts {
			if a.Ref == ref {
				return a.Status, s.state.Seen.At
			}
		}
	}
	own := s.read[ref]
	return own.status, own.at
}

// over reports that access has ended by every account that is known, and that somebody has looked at them since the order:
// an assessment, or a read-back that the ledger has.
func (s sight) over() bool {
	all := s.ends()
	open := func(e end) bool { return !e.proven() || !s.fresh() && !s.recent(e.confirmed) }
	return len(all) > 0 && !slices.ContainsFunc(all, open) && s.searched() && len(s.stuck()) == 0
}

// searched reports that the person's accounts were searched for, so that none is left out. Runs that began with an older
// version of Gatehouse deal with one account.
func (s sight) searched() bool {
	if s.state == nil || s.state.Seen == nil || s.state.Seen.Reach == 0 || s.state.Seen.Searched || !s.contained.IsZero() {
		return true
	}
	return slices.ContainsFunc(s.steps, func(d api.StepDone) bool {
		name, _, _ := strings.Cut(d.Step, ":")
		return name == "person.search" && d.Outcome != "skipped" && d.Outcome != "aborted" && d.Outcome != "retried" && s.recent(d.At)
	})
}

// unread lists accounts on record of which neither a step nor an assessment says anything.
func (s sight) unread() []identity.Ref {
	var refs []identity.Ref
	for _, a := range s.accounts {
		status, _ := s.seen(a.Ref)
		if _, isOneLogin := a.Ref.OneLogin(); isOneLogin && s.covers(a) && status == "" && !s.recent(s.last(a.Ref, "onelogin.suspend", "done")) {
			refs = append(refs, a.Ref)
		}
	}
	return refs
}

// stuck lists what the run waits for a person to decide, as far as access may depend on it. Tickets, messages, sheets and
// the accounts that somebody else has to look after do not.
func (s sight) stuck() []api.Attention {
	if s.state == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.state.Attention), func(a api.Attention) bool {
		system, _, _ := strings.Cut(a.Step, ".")
		return a.Code == api.NoticeNewOwner || a.Code == api.NoticeCredentialOwner || slices.Contains([]string{"slack", "jira", "pagerduty", "gmail", "sheets", "ledger", "orders"}, system)
	})
}

// recorded turns evidence into steps. A row that does not name its account is about the one that the suspension of the
// same run was about, or about the first of the person's.
func recorded(rows []journal.Evidence, episode int, first *identity.Ref) []api.StepDone {
	about := map[string]*identity.Ref{}
	for _, e := range rows {
		var before struct {
			ID int64 `json:"id"`
		}
		if len(e.Before) == 0 || strings.Contains(e.Step, "@") || !strings.HasPrefix(e.Step, "onelogin.") {
			continue
		}
		if err := json.Unmarshal(e.Before, &before); err == nil && before.ID > 0 {
			ref := identity.OneLoginRef(before.ID)
			about[e.RunID] = &ref
		}
	}
	var out []api.StepDone
	for _, e := range rows {
		if e.Episode != episode {
			continue
		}
		var left api.AccountState
		if err := json.Unmarshal(e.After, &left); err != nil {
			left = api.AccountState{} // Other steps leave other things, or nothing.
		}
		done := api.StepDone{Step: e.Step, Outcome: api.Tell(e.Step, e.Outcome, left), At: e.FinishedAt, Account: first}
		if ref := about[e.RunID]; ref != nil {
			done.Account = ref
		}
		if _, named, ok := strings.Cut(e.Step, "@"); ok {
			if ref, err := identity.ParseRef(named); err == nil {
				done.Account = &ref
			}
		}
		out = append(out, done)
	}
	return out
}

// Waits says what the run waits for, one item a line.
func Waits(items []api.Attention) string {
	var b strings.Builder
	for _, a := range items {
		fmt.Fprintf(&b, "\n  %s (%s): %s", a.Step, a.Code, a.Text)
	}
	return b.String()
}
