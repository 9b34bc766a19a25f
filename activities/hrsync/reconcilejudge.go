package hrsync

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// judgeLeaver is about somebody whom HR wants out. What they still have beside sign-in is work only while their departure is
// open; of one that nobody has carried out because it was long ago it is only recorded.
func (c *comparison) judgeLeaver(v verdictOf) {
	before := c.leftBeforeUs(v.key)
	switch {
	case c.gaps[gapID{v.key, api.GapOrdered}].Key != "":
	case v.plan.Verdict == identity.VerdictUndo:
		c.judgeChange(v)
	case !before && v.changed:
		c.left(v.key) // Whatever the inventory has: their accounts have to be searched for.
	case v.plan.Verdict == identity.VerdictLeave && v.plan.Has(identity.StepSuspend) && !before:
		c.left(v.key)
	case v.plan.Verdict == identity.VerdictLeave && !v.plan.Has(identity.StepSuspend) && c.gaps[gapID{v.key, api.GapLeft}].Key == "":
		c.add(worklist.Gap{Key: v.key, Kind: api.GapDiffers, State: worklist.GapFound, Steps: v.lines})
	}
}

// leftBeforeUs reports that somebody had left before the first reading and that nobody has looked at them since.
func (c *comparison) leftBeforeUs(key string) bool {
	_, batch := c.gaps[gapID{key, api.GapLeftBefore}]
	if batch || c.people[key].Episode > 0 {
		return batch
	}
	for _, link := range c.links[key] {
		h := c.readings[link.Source]
		if h == nil {
			continue
		}
		if last := h.known[link.EmployeeID]; last.active || last.at.After(h.state.BaselinedAt) {
			return false
		}
	}
	return len(c.links[key]) > 0
}

// judgeJoin is about somebody who should have an account that they can use.
func (c *comparison) judgeJoin(v verdictOf) {
	g := worklist.Gap{Key: v.key, Kind: api.GapJoin, Steps: v.lines, Budgets: v.budgets}
	switch {
	case v.account == nil && !c.newcomer(v):
		g.Kind, g.State = api.GapNoAccount, worklist.GapFound
		c.add(g)
		return
	case v.account != nil:
		g.Kind = api.GapChange // Prepared and not activated, or suspended by us and back.
	}
	c.dispatch(v, g)
}

// judgeAttention is about somebody of whom somebody has to decide something. Only a run can ask.
func (c *comparison) judgeAttention(v verdictOf) {
	a, assessed := c.assessed[v.key]
	var codes []string
	for _, n := range v.plan.Notices {
		if n.Blocking {
			codes = append(codes, n.Code)
		}
	}
	slices.Sort(codes)
	g := worklist.Gap{Key: v.key, Kind: api.GapAsked, Steps: slices.Compact(codes)}
	switch {
	case v.changed, assessed && a.Verdict == string(identity.VerdictAttention):
	default:
		g.Kind, g.State = api.GapDiffers, worklist.GapFound
	}
	c.add(g)
}

// judgeChange is about an account that differs from what it should be. What HR has changed is carried out, and what Gatehouse
// gave is given again; what the policy has made is a batch; everything else is only recorded.
func (c *comparison) judgeChange(v verdictOf) {
	a, assessed := c.assessed[v.key]
	cared := assessed && len(a.Holding) == 0 && a.Verdict != string(identity.VerdictAttention)
	unfinished := assessed && !slices.Contains(a.Holding, string(policy.ModeObserve)) && a.Policy == c.pol.Hash() && slices.ContainsFunc(v.lines, func(line string) bool {
		taken := strings.HasPrefix(line, string(identity.StepRemoveRoles))
		return !taken && slices.Contains(a.Steps, line)
	})
	missing := linesOfKind(v.lines, identity.StepAddRoles)
	g := worklist.Gap{Key: v.key, Kind: api.GapChange, Steps: v.lines, Budgets: v.budgets}
	switch {
	case v.changed, c.batchOf(v), unfinished, byOrder(v.plan):
	case cared && len(missing) > 0:
		g.Kind, g.Steps = api.GapMissing, missing
	default:
		g.Kind, g.State = api.GapDiffers, worklist.GapFound
		g.Steps = slices.DeleteFunc(slices.Clone(v.lines), func(line string) bool {
			return strings.HasPrefix(line, string(identity.StepRemoveRoles)) // Recorded with who gave them.
		})
		if len(g.Steps) > 0 {
			c.add(g)
		}
		return
	}
	c.dispatch(v, g)
}

// byOrder reports that a plan carries out what an order in force denies or sets, or the end of that: somebody has decided it, however
// long ago, and nobody else changes it back for good.
func byOrder(plan identity.Plan) bool {
	return slices.ContainsFunc(plan.Steps, func(s identity.Step) bool {
		return len(s.Denies) > 0 || s.Kind == identity.StepSetProfile && len(s.Orders) > 0
	})
}

// dispatch notes a gap that is to be closed, as far as the mode of the template lets it. What a change of the policy or of the mode
// has made is a batch.
func (c *comparison) dispatch(v verdictOf, g worklist.Gap) {
	switch {
	case c.modeOf(v) == policy.ModeObserve:
		g.Kind, g.State = api.GapPlanned, worklist.GapFound
	case c.batchOf(v):
		g.Kind = api.GapPolicy
	}
	c.add(g)
}

// batchOf reports that the policy in force, or its modes, have made a difference: it was only observed until now, or it was not
// there when everybody was compared by another policy. What HR has changed since is carried out.
func (c *comparison) batchOf(v verdictOf) bool {
	if v.changed {
		return false
	}
	if c.wasObserved(v.key, false) {
		return true
	}
	if c.last == "" || c.last == c.pol.Hash() {
		return false
	}
	var before []string
	for _, kind := range []string{api.GapDiffers, api.GapAdded, api.GapMissing, api.GapChange, api.GapNoAccount} {
		before = append(before, c.was[gapID{v.key, kind}].Steps...)
	}
	return slices.ContainsFunc(v.lines, func(line string) bool { return !slices.Contains(before, line) })
}

// surplus records the roles that no rule gives.
func (c *comparison) surplus(v verdictOf) {
	var lines []string
	for _, role := range v.account.Roles {
		if !slices.Contains(v.plan.Desired.Roles, role) {
			lines = append(lines, string(identity.StepRemoveRoles)+" "+role)
		}
	}
	_, moves := c.gaps[gapID{v.key, api.GapChange}]
	_, batch := c.gaps[gapID{v.key, api.GapPolicy}]
	if len(lines) == 0 || v.plan.Verdict == identity.VerdictAttention || moves || batch {
		return
	}
	slices.Sort(lines)
	c.add(worklist.Gap{Key: v.key, Kind: api.GapAdded, State: worklist.GapFound, Steps: lines})
}

// blame finds out who gave the roles that no rule gives, as far as the inventory knows.
func (c *comparison) blame(ctx context.Context) error {
	of := map[string]string{}
	for id, g := range c.gaps {
		if g.Kind == api.GapAdded && c.people[id.key].AccountID != 0 {
			of[identity.OneLoginRef(c.people[id.key].AccountID).ID] = id.key
		}
	}
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, 1000) {
		roles, err := c.Ledger.Inventory().RolesOf(ctx, identity.SystemOneLogin, part)
		if err != nil {
			return err
		}
		for id, held := range roles {
			g := c.gaps[gapID{of[id], api.GapAdded}]
			for _, role := range held {
				if slices.Contains(g.Steps, string(identity.StepRemoveRoles)+" "+role.Name) && role.AddedAt.After(g.AddedAt) {
					g.AddedBy, g.AddedAt = role.AddedBy, role.AddedAt
				}
			}
			c.gaps[gapID{of[id], api.GapAdded}] = g
		}
		if err := c.beat(ctx); err != nil {
			return err
		}
	}
	return nil
}
