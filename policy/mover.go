package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// old is how long each role that a mover loses stays with them. The rest is taken at once.
type old struct {
	role string
	stay time.Duration
}

// overlap divides the roles that a mover loses into those that go now and those that stay for a while, because the rule
// that gave them says so. A role that has stayed its time, or that may not be held together with what the person has
// from now on, goes now.
func (pl *planner) overlap(removed, desired []string) (now []string, kept []old) {
	holds := slices.Clone(desired)
	for _, role := range removed {
		stay := pl.keepFor(role)
		if stay <= 0 || pl.wasGiven(role) || pl.clashes(holds, role) {
			now = append(now, role)
			continue
		}
		holds = append(holds, role)
		kept = append(kept, old{role: role, stay: stay})
	}
	return now, kept
}

// keepFor is how long a role stays with somebody who loses it: the longest that a rule which gives it says. A role that
// no rule gives any more does not stay.
func (p *Policy) keepFor(role string) time.Duration {
	var longest time.Duration
	for _, r := range p.rules {
		if !slices.Contains(r.roles, role) {
			continue
		}
		keep := p.mover.KeepOldAccess
		if r.keep != nil {
			keep = *r.keep
		}
		longest = max(longest, keep)
	}
	return longest
}

// clashes reports whether a role may not be held beside others.
func (p *Policy) clashes(holds []string, role string) bool {
	return slices.ContainsFunc(p.ConflictsOf(append(slices.Clone(holds), role)), func(c Conflict) bool {
		return slices.Contains(c.Roles, role)
	})
}

// keepSteps are one step for each length of time that old roles stay.
func (pl *planner) keepSteps(kept []old) []identity.Step {
	byStay := map[time.Duration][]string{}
	for _, k := range kept {
		byStay[k.stay] = append(byStay[k.stay], k.role)
	}
	var out []identity.Step
	for stay, roles := range byStay {
		out = append(out, identity.Step{Kind: identity.StepKeepRoles, Names: roles, Until: pl.person.AsOf.Add(stay).Truncate(time.Second)})
	}
	slices.SortFunc(out, func(a, b identity.Step) int { return a.Until.Compare(b.Until) })
	return out
}

// forbidden refuses a plan that would have one account hold what is kept apart. Access that the person has and that
// nobody takes counts too; a pair that is there already, without anything new, is left to reviews.
func (pl *planner) forbidden(stays, added []string) bool {
	var pairs []string
	for _, c := range pl.ConflictsOf(slices.Concat(stays, added)) {
		if slices.ContainsFunc(c.Roles, func(role string) bool { return slices.Contains(added, role) }) {
			pairs = append(pairs, describeConflict(c))
		}
	}
	if len(pairs) == 0 {
		return false
	}
	pl.notices = append(pl.notices, pl.block(NoticeConflict, fmt.Sprintf("the plan would give %s: correct the rules or the position, "+
		"or take one of the roles away, then retry", strings.Join(pairs, ", and "))))
	return true
}

// unmapped holds back a move into a department that no rule is for: a department that was renamed in HR would otherwise
// take everybody's access, or put them all into the group of everybody. A rule that fits and gives nothing is for it.
func (pl *planner) unmapped(phase phase, specific bool, removed []string, group string) bool {
	mapped := slices.ContainsFunc(pl.rules, func(r rule) bool { return !r.always() })
	if specific || !mapped || phase != phaseInUse || len(removed) == 0 && group == "" || pl.person.Record.Department == "" {
		return false
	}
	var would []string
	if len(removed) > 0 {
		would = append(would, "lose "+strings.Join(removed, ", "))
	}
	if group != "" {
		would = append(would, "move to the group "+group)
	}
	pl.notices = append(pl.notices, pl.block(NoticeDepartmentUnmapped, fmt.Sprintf("no rule is for this person's department, and they would "+
		"%s: add a rule for the department, or correct it in the source. Until then they keep what they have", strings.Join(would, " and "))))
	return true
}

// renamed decides what a new name in HR does to an account that exists, and reports whether it waits for a person.
func (pl *planner) renamed(desired *identity.Desired) (asks bool) {
	if pl.account == nil {
		return false
	}
	want := &desired.Profile
	if pl.person.Record.NameDoubted {
		want.FirstName, want.LastName = "", ""
		return false
	}
	differs := func(want, have string) bool { return want != "" && have != "" && want != have }
	if !differs(want.FirstName, pl.account.FirstName) && !differs(want.LastName, pl.account.LastName) {
		return false
	}
	switch pl.mover.Rename {
	case RenameAttention:
		want.FirstName, want.LastName = "", ""
		return true
	case RenameAccount:
		local, domain, addressed := strings.Cut(strings.ToLower(pl.account.Username), "@")
		candidates, fallback := pl.usernames(pl.person.Record, allUsernames)
		// A username in another domain was set apart by somebody.
		if (!addressed || domain == pl.Domain()) && !fallback && len(candidates) > 0 && !slices.Contains(candidates, local) {
			want.Usernames = candidates
		}
	}
	return false
}

const textNameChanged = "HR has another name for this person than the account. Change the account by hand, or set mover.rename in the policy, then retry"

// askOnceDone parks a person once nothing else is left to do for them.
func (pl *planner) askOnceDone(plan identity.Plan, code, text string) identity.Plan {
	if len(plan.Steps) > 0 {
		pl.notices = append(pl.notices, pl.note(code, text))
		return plan
	}
	pl.notices = append(pl.notices, pl.block(code, text))
	return attention(plan.Desired)
}
