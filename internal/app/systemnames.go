package app

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatehouse/activities/systems"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/policy/system"
)

// comparedWithin bounds the reading of what a system has that a policy may name. Nobody's departure waits for a system that hangs.
const comparedWithin = 8 * time.Second

// itemNotCompared is the class of the item that says that the policy's names were not looked up in a system.
const itemNotCompared = "policy_not_compared"

// checkSystems compares the groups, roles, licences, containers and profiles of a policy with what each system has. A name that a system
// does not know is an error with file and line. A system that does not answer is none: what was read of it before is taken, and an item
// says so until it answers.
func (v *Vendors) checkSystems(ctx context.Context, p *policy.Policy) error {
	objects, err := v.compared(ctx, p)
	if err != nil {
		return err
	}
	return p.CheckSystems(objects)
}

// tellNames has an item say which names of the policy in force a system does not know. Nobody's departure may wait for a group that was
// renamed, nor for a list that passes over some: what the last reading that is believed had counts as well.
func (v *Vendors) tellNames(ctx context.Context) error {
	if v.ledger == nil {
		return nil
	}
	objects, err := v.compared(ctx, v.Policy.Current())
	if err != nil {
		return err
	}
	for _, name := range config.SystemNames() {
		shown := with(objects[name], v.known(ctx, name))
		for _, u := range v.Policy.Current().UnknownIn(name, shown) {
			v.log.Error("the policy names what a system does not have; everything else is at work", "system", name, "line", u.Line, "error", u.Text)
		}
		if err := v.Activities.Systems.TellNames(ctx, name, shown); err != nil {
			return err
		}
	}
	return nil
}

// compared is what the systems of a policy have, by the systems.
func (v *Vendors) compared(ctx context.Context, p *policy.Policy) (map[string][]system.Object, error) {
	var named []string
	for _, s := range p.Systems() {
		named = append(named, s.Name)
	}
	objects, silent := objectsOf(ctx, v.targets, named)
	for _, name := range named {
		err, quiet := silent[name]
		if quiet {
			v.log.Warn("the policy could not be compared with a system; its names are checked when they are used", "system", name, "error", fmt.Sprint(err))
			if known := v.known(ctx, name); len(known) > 0 {
				objects[name] = known
			}
		} else {
			recall(objects[name], v.known(ctx, name))
		}
		if err := v.noteCompared(ctx, name, quiet); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// recall adds to what a system shows what it was called before.
func recall(shown, known []system.Object) {
	type same struct {
		kind identity.SystemObjectKind
		id   string
	}
	before := make(map[same]system.Object, len(known))
	for _, o := range known {
		before[same{o.Kind, o.ID}] = o
	}
	for i, o := range shown {
		was, found := before[same{o.Kind, o.ID}]
		if shown[i].Formerly = was.Formerly; found && was.Name != o.Name {
			shown[i].Formerly = append([]string{was.Name}, was.Formerly...)
		}
	}
}

// with adds to what a system shows what is known of it by other names.
func with(shown, known []system.Object) []system.Object {
	type named struct {
		kind identity.SystemObjectKind
		name string
	}
	has := make(map[named]bool, len(shown))
	for _, o := range shown {
		has[named{o.Kind, o.Name}] = true
	}
	all := slices.Clone(shown)
	for _, o := range known {
		if !has[named{o.Kind, o.Name}] {
			all = append(all, o)
		}
	}
	return all
}

// known is what the last sweep found that a system has.
func (v *Vendors) known(ctx context.Context, name string) []system.Object {
	if v.ledger == nil {
		return nil
	}
	known, err := systems.ObjectsOf(ctx, v.ledger, name)
	if err != nil {
		v.log.Warn("what a system has could not be looked up", "system", name, "error", fmt.Sprint(err))
	}
	return known
}

// noteCompared keeps the item about a system that did not answer.
func (v *Vendors) noteCompared(ctx context.Context, name string, quiet bool) error {
	if v.ledger == nil {
		return nil
	}
	if !quiet {
		return v.ledger.Worklist().ClearItem(ctx, name, itemNotCompared, "")
	}
	return v.ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: name, Class: itemNotCompared, Severity: worklist.SeverityWarning, Owner: "it",
		Text: "The groups and roles that the policy names in " + name + " were not compared with what it has, because it did not answer. " +
			"A name that it does not know is found only when somebody is to have it.",
		Next: "starter doctor", Deadline: v.clock().Add(comparedBy),
	})
}

// comparedBy is how long whoever owns that item has: a system that does not answer for a day is down.
const comparedBy = 24 * time.Hour

// objectsOf reads what systems have that a policy may name, side by side. Those that do not answer are left out, with what kept them.
func objectsOf(ctx context.Context, targets map[string]target.System, names []string) (objects map[string][]system.Object, silent map[string]error) {
	objects, silent = map[string][]system.Object{}, map[string]error{}
	var mu sync.Mutex
	var reading sync.WaitGroup
	for _, name := range names {
		t := targets[name]
		if t == nil {
			continue // policyfile says that it is not configured.
		}
		reading.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, comparedWithin)
			defer cancel()
			found, err := objectsIn(ctx, t)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				silent[name] = err
				return
			}
			objects[name] = found
		})
	}
	reading.Wait()
	return objects, silent
}

// objectsIn reads everything that a system has that a policy may name.
func objectsIn(ctx context.Context, t target.System) (all []system.Object, err error) {
	add := func(kind identity.SystemObjectKind, id, name string) {
		all = append(all, system.Object{Kind: kind, ID: id, Name: name})
	}
	if s, ok := t.(target.GroupManager); ok {
		in := target.GroupsRequest{}
		for {
			page, err := s.Groups(ctx, in)
			if err != nil {
				return nil, err
			}
			for _, g := range page.Groups {
				add(identity.ObjectGroup, g.ID, g.Name)
			}
			if in.Cursor = page.Next; in.Cursor == "" {
				break
			}
		}
	}
	if s, ok := t.(target.RoleManager); ok {
		found, err := s.Roles(ctx, target.RolesRequest{})
		if err != nil {
			return nil, err
		}
		for _, r := range found.Roles {
			add(identity.ObjectRole, r.ID, r.Name)
		}
	}
	if s, ok := t.(target.LicenceAssigner); ok {
		found, err := s.Licences(ctx, target.LicencesRequest{})
		if err != nil {
			return nil, err
		}
		for _, l := range found.Licences {
			add(identity.ObjectLicence, l.ID, l.Name)
		}
	}
	return all, placesIn(ctx, t, add)
}

// placesIn reads where accounts can be, and what kinds of user there are.
func placesIn(ctx context.Context, t target.System, add func(kind identity.SystemObjectKind, id, name string)) error {
	if s, ok := t.(target.Placer); ok {
		found, err := s.Containers(ctx, target.ContainersRequest{})
		if err != nil {
			return err
		}
		for _, c := range found.Containers {
			add(identity.ObjectContainer, c.ID, c.Name)
		}
	}
	if s, ok := t.(target.Profiler); ok {
		found, err := s.Profiles(ctx, target.ProfilesRequest{})
		if err != nil {
			return err
		}
		for _, p := range found.Profiles {
			add(identity.ObjectProfile, p.ID, p.Name)
		}
	}
	return nil
}
