package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// roomier is by how much a budget may grow at once before somebody has to accept it.
const roomier = 2

// budget is a limit by its name in the file.
type budget struct {
	name  string
	limit Limit
}

func (s Safety) budgets() []budget {
	var all []budget
	for _, l := range limitSettings() {
		all = append(all, budget{l.key, *l.of(&s)})
	}
	return all
}

// WeakerThan lists what this policy protects less than another one: accounts that are no longer protected, budgets that
// let more than twice as many through, roles that are no longer privileged, roles that are no longer kept apart. Modes are
// not protection: a template that may do more, or less, is what somebody wrote there.
func (p *Policy) WeakerThan(before *Policy) []string {
	lost := p.Unprotects(before)
	now := p.safety.budgets()
	for i, was := range before.safety.budgets() {
		lost = append(lost, p.roomierThan(before, "safety."+was.name, was.limit, now[i].limit)...)
	}
	for _, was := range before.Systems() {
		is, there := p.systems.Named(was.Name)
		for _, key := range slices.Sorted(maps.Keys(was.Limits)) {
			if there && is.Ours() && was.Ours() {
				lost = append(lost, p.roomierThan(before, "systems."+was.Name+".limits."+key, Limit(was.Limits[key]), Limit(is.Limits[key]))...)
			}
		}
	}
	for _, c := range before.conflicts {
		for i, a := range c.Roles {
			for _, b := range c.Roles[i+1:] {
				if len(p.ConflictsOf([]string{a, b})) == 0 {
					lost = append(lost, fmt.Sprintf("roles %q and %q are no longer kept apart", a, b))
				}
			}
		}
	}
	return lost
}

// roomierThan says where a budget lets more than twice as many through as it did.
func (p *Policy) roomierThan(before *Policy, path string, was, is Limit) (lost []string) {
	if more(float64(was.Count), float64(is.Count), before.safety.Window, p.safety.Window) {
		lost = append(lost, fmt.Sprintf("%s.count lets through %s, and let through %s before", path, count(is.Count, p.safety.Window), count(was.Count, before.safety.Window)))
	}
	if more(was.Percent, is.Percent, before.safety.Window, p.safety.Window) {
		lost = append(lost, fmt.Sprintf("%s.percent lets through %s, and let through %s before", path, percent(is.Percent, p.safety.Window), percent(was.Percent, before.safety.Window)))
	}
	return lost
}

// Unprotects lists the part of WeakerThan that two people have to accept: accounts that are no longer protected, and roles that are
// no longer privileged.
func (p *Policy) Unprotects(before *Policy) []string {
	var lost []string
	for _, text := range before.safety.Protected {
		if !slices.ContainsFunc(p.safety.Protected, func(t string) bool { return strings.TrimSpace(t) == strings.TrimSpace(text) }) {
			lost = append(lost, "safety.protected no longer has "+text)
		}
	}
	for _, role := range before.PrivilegedRoles() {
		if !p.privileged[role] {
			lost = append(lost, fmt.Sprintf("role %q is no longer privileged", role))
		}
	}
	for _, was := range before.Systems() {
		is, there := p.systems.Named(was.Name)
		for _, name := range was.Privileged {
			if there && is.Ours() && !slices.Contains(is.Privileged, name) {
				lost = append(lost, fmt.Sprintf("%q in %s is no longer privileged", name, was.Name))
			}
		}
	}
	return lost
}

// more reports that a half of a budget lets more than twice as many through in the same time. 0 is no limit.
func more(was, is float64, window, windowNow time.Duration) bool {
	switch {
	case was == 0:
		return false
	case is == 0:
		return true
	}
	return is/windowNow.Hours() > roomier*was/window.Hours()
}

func count(n int, window time.Duration) string {
	if n == 0 {
		return "any number"
	}
	return fmt.Sprintf("%d in %s", n, window)
}

func percent(share float64, window time.Duration) string {
	if share == 0 {
		return "any share"
	}
	return fmt.Sprintf("%g percent in %s", share, window)
}
