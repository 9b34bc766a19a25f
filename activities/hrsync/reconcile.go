package hrsync

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// Reconcile compares people with their accounts, by what HR says now and what the ledger and the inventory know. It reads no
// account at OneLogin and writes to no vendor: whoever is hinted is assessed afresh by their own run.
type Reconcile struct {
	Sync  *Sync
	Holds *Holds
	// Agents looks at whose owner has left, or ends soon; nil where there are none to look at.
	Agents func(context.Context) error
}

const (
	// wholeEvery is how often everybody is compared if nobody says.
	wholeEvery = 24 * time.Hour
	// dueAhead is how far ahead moments are seen to: a run that was lost is there again before the moment, and the next
	// comparison is an hour away.
	dueAhead = 70 * time.Minute
	// dueGrace is how long a waiting run is left to itself when its moment has come.
	dueGrace = 2 * time.Minute
	// urgentAgain and calmAgain are how long nobody is hinted again because of the same gap.
	urgentAgain = 50 * time.Minute
	calmAgain   = 20 * time.Hour
	// patientAgain is how long at most nobody is hinted again who has left and whose gap stays: what it waits for is mostly a
	// person's word, and each hint costs calls of HR and OneLogin.
	patientAgain = 6 * time.Hour
	// seldomAgain is the same of somebody whose accounts are due to be deleted and are kept: they give no access.
	seldomAgain = 7 * 24 * time.Hour
)

// Compare finds who is not where they should be and writes the gaps down.
func (r *Reconcile) Compare(ctx context.Context, in api.ReconcileInput) (api.ReconcileFound, error) {
	c, err := r.begin(ctx, in)
	if err != nil {
		return api.ReconcileFound{}, err
	}
	if err := c.readHR(ctx, r.Sync); err != nil {
		return api.ReconcileFound{}, err
	}
	if err := c.readScope(ctx); err != nil {
		return api.ReconcileFound{}, err
	}
	if err := c.comparePages(ctx); err != nil {
		return api.ReconcileFound{}, err
	}
	c.run.People = c.compared
	for _, u := range c.unread {
		c.run.Unread = append(c.run.Unread, u.Source)
	}
	if err := r.Sync.Ledger.Worklist().ComparedReconcile(ctx, c.run); err != nil {
		return api.ReconcileFound{}, err
	}
	if r.Agents != nil {
		if err := r.Agents(ctx); err != nil {
			step.Log(ctx).Warn("not every agent was looked at; the next comparison tries again", "error", err)
		}
	}
	counts, err := r.Sync.Ledger.Worklist().GapCounts(ctx)
	out := api.ReconcileFound{Whole: c.run.Whole, People: c.compared, Unread: c.unread, Hints: c.hinted}
	for _, n := range counts {
		out.Gaps = append(out.Gaps, api.GapCount{Kind: n.Kind, State: n.State, People: n.People})
	}
	return out, err
}

// comparison is one run of Compare.
type comparison struct {
	*Sync
	pol *policy.Policy
	now time.Time
	run worklist.Reconcile
	// last is the policy of the last comparison of everybody, empty if there was none.
	last     string
	readings map[string]*hrReading
	unread   []api.UnreadSource
	scope
	page
	compared, hinted, beats int
}

type recordID struct{ source, id string }

type gapID struct{ key, kind string }

// begin finds out whom to compare. Whoever has changed the policy is not made to wait for the day's comparison.
func (r *Reconcile) begin(ctx context.Context, in api.ReconcileInput) (*comparison, error) {
	s := r.Sync
	c := &comparison{Sync: s, pol: s.Policy(), now: s.Clock(), readings: map[string]*hrReading{}}
	last, found, err := s.Ledger.Worklist().LastReconcile(ctx, true)
	if err != nil {
		return nil, err
	}
	every := cmp.Or(in.Every, wholeEvery)
	// A schedule does not fire to the second: what is nearly due is due.
	whole := in.Whole || !found || last.Policy != c.pol.Hash() || c.now.Sub(last.StartedAt) >= every-every/20
	c.last = last.Policy
	c.run, err = s.Ledger.Worklist().BeginReconcile(ctx, worklist.Reconcile{Run: in.Run, Whole: whole, Policy: c.pol.Hash(), StartedAt: c.now})
	return c, err
}

// beat tells Temporal now and then that the comparison makes progress.
func (c *comparison) beat(ctx context.Context) error {
	if c.beats++; c.beats%200 == 0 {
		step.Beat(ctx, c.beats)
	}
	return ctx.Err()
}

// add notes a gap, which is work and drawn on the person's own source unless it says otherwise.
func (c *comparison) add(g worklist.Gap) {
	if g.Source == "" {
		g.Source = c.sourceOf(g.Key)
	}
	if g.State == "" {
		g.State = worklist.GapHint
	}
	c.gaps[gapID{g.Key, g.Kind}] = g
}

// sourceOf is the HR source whose budgets a person draws on.
func (c *comparison) sourceOf(key string) string {
	if source, _, err := identity.SplitKey(key); err == nil && source != identity.SourceAccount {
		return source
	}
	if links := c.links[key]; len(links) > 0 {
		return links[0].Source
	}
	return identity.SourceAccount
}

// keep writes down what was found of a page, counts whom to hint, and returns what is not found any more of those who were
// looked at.
func (c *comparison) keep(ctx context.Context) (closed []gapID, err error) {
	var put []worklist.Gap
	people := map[string]bool{}
	for id, g := range c.gaps {
		old, there := c.was[id]
		g.Since, g.HintedAt = c.now, time.Time{}
		if there {
			g.Since, g.HintedAt = old.Since, old.HintedAt
		}
		if g.State != worklist.GapFound && c.hintable(g, old) {
			g.Run = c.run.Run
			people[g.Key] = true
		}
		if !there || !sameGap(g, old) {
			put = append(put, g)
		}
	}
	for id, old := range c.was {
		if _, still := c.gaps[id]; !still && c.settledGap(old) {
			closed = append(closed, id)
		}
	}
	c.hinted += len(people)
	slices.SortFunc(put, func(a, b worklist.Gap) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Kind, b.Kind)) })
	slices.SortFunc(closed, func(a, b gapID) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.kind, b.kind)) })
	if err := c.Ledger.Worklist().PutGaps(ctx, put); err != nil {
		return nil, err
	}
	step.Beat(ctx, len(put))
	return closed, nil
}

// hintable reports that a gap's person is to be hinted by this run, who was not because of it a short while ago.
func (c *comparison) hintable(g, old worklist.Gap) bool {
	if old.Run == c.run.Run {
		return true // An attempt of this run has decided so.
	}
	again := calmAgain
	switch g.Kind {
	case api.GapOrdered, api.GapDue:
		again = urgentAgain
	case api.GapLeft, api.GapLeftBefore, api.GapSystemsLeft, api.GapPolicy:
		again = min(max(urgentAgain, c.now.Sub(old.Since)/4), patientAgain)
	case api.GapDelete:
		again = min(max(calmAgain, c.now.Sub(old.Since)/4), seldomAgain)
	}
	return g.HintedAt.IsZero() || c.now.Sub(g.HintedAt) >= again || !slices.Equal(g.Steps, old.Steps)
}

func sameGap(a, b worklist.Gap) bool {
	return a.Source == b.Source && a.State == b.State && a.Run == b.Run && a.AddedBy == b.AddedBy && a.AddedAt.Equal(b.AddedAt) &&
		slices.Equal(a.Steps, b.Steps) && slices.Equal(a.Budgets, b.Budgets)
}

// settledGap reports that a gap which was not found is closed: its person was looked at, or it is of a kind that is looked for
// each time.
func (c *comparison) settledGap(g worklist.Gap) bool {
	switch g.Kind {
	case api.GapDue, api.GapOrdered, api.GapLeftBefore, api.GapDelete:
		return true
	case api.GapSystems, api.GapSystemsLeft, api.GapSystemsPlanned:
		return c.elsewhere[g.Key] || len(c.systems) == 0
	case api.GapLeft:
		return c.judged[g.Key] || !c.open(g)
	}
	return c.judged[g.Key]
}

// open reports that a source which says that somebody has left was quarantined, so that nothing follows from its silence.
func (c *comparison) open(g worklist.Gap) bool {
	reading := c.readings[g.Source]
	return reading == nil || !reading.believed
}

// budgetsFor are the budgets on which carrying out a plan draws.
func budgetsFor(pol *policy.Policy, plan identity.Plan, account *identity.Account) []string {
	var out []string
	switch plan.Verdict {
	case identity.VerdictLeave, identity.VerdictSuspend:
		if plan.Has(identity.StepSuspend) {
			out = append(out, budgeting.Contain)
		}
	case identity.VerdictJoin:
		if plan.Has(identity.StepActivate) && account != nil && account.SuspendedByUs {
			out = append(out, budgeting.Reactivate)
		}
	case identity.VerdictChange:
		if plan.Has(identity.StepRemoveRoles) {
			out = append(out, budgeting.Remove)
		}
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictLift, identity.VerdictRespond, identity.VerdictUndo,
		identity.VerdictDelete, identity.VerdictAttention:
	}
	if add, _ := plan.Step(identity.StepAddRoles); slices.ContainsFunc(pol.PrivilegedRoles(), func(role string) bool {
		return slices.Contains(add.Names, role)
	}) {
		out = append(out, budgeting.Privileged)
	}
	return out
}

// linesOfKind are the lines about one kind of step.
func linesOfKind(lines []string, kind identity.StepKind) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return line != string(kind) && !strings.HasPrefix(line, string(kind)+" ")
	})
}
