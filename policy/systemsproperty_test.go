package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// world is one person with accounts in each system, and what the ledger remembers of them.
type world struct {
	c *systemsCase
	// cuts are attributes, by system and name, of which the system keeps three characters.
	cuts map[string]bool
}

var drawnNames = []string{"google", "salesforce", "ldap"}

// drawnValues are values of attributes. No notice may hold one of them.
var drawnValues = []string{"", "§one", "§two", "§Three", "§ONE"}

func drawValue(t *rapid.T, label string) string { return rapid.SampledFrom(drawnValues).Draw(t, label) }

func drawNames(t *rapid.T, label string, from ...string) []string {
	names := rapid.SliceOfDistinct(rapid.SampledFrom(from), func(s string) string { return s }).Draw(t, label)
	slices.Sort(names)
	return names
}

// drawSystems is a policy whose attributes have any owners and manners.
func drawSystems(t *rapid.T) string {
	owners := map[string][]string{
		"title": {"hr", "google", "salesforce", "ldap"}, "phone": {"hr", "google", "ldap"}, "department": {"hr", "salesforce", "ldap"},
		"location": {"hr", "google"}, "email": {"hr", "onelogin"},
	}
	var b strings.Builder
	b.WriteString(everySystem)
	for _, name := range []string{"title", "phone", "department", "location", "email"} {
		empty := rapid.SampledFrom([]string{"keep", "{default: §none}", "clear"}).Draw(t, name+" empty")
		if name == "email" {
			empty = "keep"
		}
		fmt.Fprintf(&b, "  %s: {owner: %s, when: %s, on_empty: %s}\n", name, rapid.SampledFrom(owners[name]).Draw(t, name+" owner"),
			rapid.SampledFrom([]string{"change", "always", "create_only"}).Draw(t, name+" when"), empty)
	}
	b.WriteString("  manager: {}\n")
	text := b.String()
	if rapid.Bool().Draw(t, "suspends") {
		text = strings.Replace(text, "sign_in: lock", "sign_in: suspend", 1)
		for _, line := range strings.Split(everySystem, "\n") {
			if strings.HasPrefix(line, "      auto_reply") || strings.HasPrefix(line, "      delegate_to") {
				text = strings.Replace(text, line+"\n", "", 1)
			}
		}
	}
	return text
}

func drawSystemAccount(t *rapid.T, system string) identity.SystemAccount {
	a := identity.SystemAccount{
		ID: system + "-7", Use: identity.UsePrimary, Kind: identity.KindPerson, ObservedAt: systemsNow,
		Disputed:  rapid.IntRange(0, 9).Draw(t, "disputed") == 0,
		Container: rapid.SampledFrom([]string{"/", "/Sales", "/Leavers", "ou=eng,dc=acme"}).Draw(t, "container"),
		Given:     map[identity.SystemObjectKind][]string{}, Taking: map[identity.SystemObjectKind][]string{},
		Values: map[string]identity.SystemValue{}, Done: map[identity.SystemStepKind]time.Time{},
	}
	edit(t, &a)
	a.Document.Status = rapid.SampledFrom([]identity.AccountStatus{identity.AccountActive, identity.AccountActive, identity.AccountSuspended}).Draw(t, "status")
	a.SuspendedByUs = rapid.Bool().Draw(t, "by us")
	groups := map[string][]string{"google": {"eng@acme.example", "sales@acme.example", "chess@acme.example"}, "ldap": {"eng", "sales", "chess"}, "salesforce": {}}[system]
	if len(groups) > 0 {
		a.Groups = drawNames(t, "groups", groups...)
		a.Given[identity.ObjectGroup] = drawNames(t, "given", groups...)
		a.Taking[identity.ObjectGroup] = drawNames(t, "taking", groups...)
	} else {
		a.Roles = drawNames(t, "roles", "Sales_Ops", "Other")
		a.Given[identity.ObjectRole] = drawNames(t, "given", "Sales_Ops", "Other")
	}
	return a
}

// edit has somebody write any values into an account.
func edit(t *rapid.T, a *identity.SystemAccount) {
	d := &a.Document
	for _, field := range []*string{&d.Title, &d.Phone, &d.Department, &d.Location, &d.Email} {
		if rapid.Bool().Draw(t, "edited") {
			*field = drawValue(t, "value")
		}
	}
}

func drawWorld(t *rapid.T) *world {
	c := inGoogle()
	c.engagement.Department = rapid.SampledFrom([]string{"Engineering", "Sales"}).Draw(t, "department")
	c.engagement.Title, c.engagement.WorkPhone, c.engagement.WorkEmail = drawValue(t, "title"), drawValue(t, "phone"), drawValue(t, "address")
	c.engagement.Status = rapid.SampledFrom([]identity.Status{identity.StatusActive, identity.StatusActive, identity.StatusOnLeave}).Draw(t, "status")
	c.moved = rapid.Bool().Draw(t, "moved")
	if rapid.IntRange(0, 3).Draw(t, "left") == 0 {
		left(c)
	}
	if rapid.IntRange(0, 5).Draw(t, "held") == 0 {
		ordered(identity.OrderHold)(c)
	}
	c.plan = func(p *identity.Plan) { p.Verdict, p.Notices = identity.VerdictNone, nil } // What blocks is another test's.
	for _, name := range drawnNames {
		v := c.views[name]
		v.Accounts, v.Manager = nil, rapid.SampledFrom([]string{"", name + "-1"}).Draw(t, "manager")
		if rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			v.Accounts = []identity.SystemAccount{drawSystemAccount(t, name)}
		}
	}
	w := &world{c: c, cuts: map[string]bool{}}
	for _, name := range drawnNames {
		for _, attribute := range []string{"title", "phone"} {
			w.cuts[name+"/"+attribute] = rapid.IntRange(0, 4).Draw(t, "cut") == 0
		}
	}
	return w
}

// carryOut does to the world what a plan says, as activities and vendors would.
func (w *world) carryOut(p identity.SystemPlan, norm func(system, attribute, value string) string) {
	view := w.c.views[p.System]
	a := &identity.SystemAccount{}
	for i := range view.Accounts {
		if view.Accounts[i].ID == p.Account {
			a = &view.Accounts[i]
		}
	}
	for _, s := range p.Steps {
		switch s.Kind {
		case identity.SystemCreate:
			view.Accounts = append(view.Accounts, identity.SystemAccount{
				ID: p.System + "-8", Use: identity.UsePrimary, Kind: identity.KindPerson,
				Document: *s.Account, ObservedAt: w.c.at, Given: map[identity.SystemObjectKind][]string{}, Values: map[string]identity.SystemValue{},
				Done: map[identity.SystemStepKind]time.Time{},
			})
			a = &view.Accounts[len(view.Accounts)-1]
			a.Document.Status = identity.AccountActive
		case identity.SystemResume:
			a.Document.Status, a.SuspendedByUs = identity.AccountActive, false
		case identity.SystemSuspend:
			a.Document.Status, a.SuspendedByUs = identity.AccountSuspended, true
		case identity.SystemWriteProfile:
			for _, change := range s.Changes {
				w.write(a, p.System, change, norm)
			}
		case identity.SystemMove:
			a.Container = s.To
		case identity.SystemAddGroups:
			a.Groups = append(a.Groups, s.Names...)
			a.Given[identity.ObjectGroup] = append(a.Given[identity.ObjectGroup], s.Names...)
		case identity.SystemAddRoles:
			a.Roles = append(a.Roles, s.Names...)
			a.Given[identity.ObjectRole] = append(a.Given[identity.ObjectRole], s.Names...)
		case identity.SystemRemoveGroups:
			a.Groups = slices.DeleteFunc(a.Groups, func(n string) bool { return slices.Contains(s.Names, n) })
		case identity.SystemRemoveRoles:
			a.Roles = slices.DeleteFunc(a.Roles, func(n string) bool { return slices.Contains(s.Names, n) })
		case identity.SystemAssignLicences:
			a.Licences = append(a.Licences, s.Names...)
		case identity.SystemReleaseLicences:
			a.Licences = nil
		case identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote, identity.SystemAutoReply,
			identity.SystemDelegate, identity.SystemTransfer:
			a.Done[s.Kind] = w.c.at
		}
	}
}

func (w *world) write(a *identity.SystemAccount, system string, change identity.SystemChange, norm func(system, attribute, value string) string) {
	kept := change.To
	if runes := []rune(kept); w.cuts[system+"/"+change.Attribute] && len(runes) > 3 {
		kept = string(runes[:3])
	}
	for name, at := range map[string]*string{
		"title": &a.Document.Title, "phone": &a.Document.Phone, "department": &a.Document.Department, "location": &a.Document.Location,
		"email": &a.Document.Email, "manager": &a.Manager,
	} {
		if name == change.Attribute {
			*at = kept
		}
	}
	a.ObservedAt = w.c.at
	a.Values[change.Attribute] = identity.SystemValue{Written: digestOf(change.Normal), Seen: digestOf(norm(system, change.Attribute, kept)), At: w.c.at}
}

// pass plans once and carries everything out, OneLogin's profile as well. It returns the plans.
func (w *world) pass(p *policy.Policy) []identity.SystemPlan {
	in := w.c.input(p)
	plans := p.PlanSystems(in)
	for _, sp := range plans {
		w.carryOut(sp, func(system, attribute, value string) string {
			normal, _ := p.NormalForm(system, attribute, value)
			return normal
		})
	}
	want := in.Plan.Desired.Profile
	for field, at := range map[identity.FieldName]*string{
		identity.FieldTitle: &w.c.account.Title, identity.FieldPhone: &w.c.account.Phone, identity.FieldDepartment: &w.c.account.Department,
	} {
		if text := want.Value(field); text != "" || slices.Contains(want.Clear, field) {
			*at = text
		}
	}
	return plans
}

func stepsOf(plans []identity.SystemPlan) (out []string) {
	for _, p := range plans {
		for _, s := range p.Steps {
			out = append(out, fmt.Sprintf("%s %s %+v", p.System, s.Kind, s))
		}
	}
	return out
}

// TestSystemsSettle holds that whatever anybody has edited, two passes leave nothing to do, no owner's value is overwritten, and nothing is
// taken that neither Gatehouse gave nor rules manage.
func TestSystemsSettle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawSystems(t)
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(policytest.Smallest+text)))
		if err != nil {
			t.Fatal(err)
		}
		w := drawWorld(t)
		for round := range 3 {
			for pass := range 3 {
				before := w.c.input(p)
				plans := w.pass(p)
				if pass == 2 && len(stepsOf(plans)) > 0 {
					t.Fatalf("round %d: the third pass still has to do something: %v", round, stepsOf(plans))
				}
				noOwnerIsOverwritten(t, text, plans)
				nothingIsTakenThatWasNotGiven(t, before, plans)
				for _, sp := range plans {
					for _, n := range sp.Notices {
						if strings.Contains(n.Text, "§") {
							t.Fatalf("a notice has a value in it: %s", n.Text)
						}
					}
				}
			}
			w.c.at = w.c.at.Add(time.Minute)
			for _, name := range drawnNames {
				w.c.views[name].ReadAt = w.c.at
				for i := range w.c.views[name].Accounts {
					w.c.views[name].Accounts[i].ObservedAt = w.c.at
					edit(t, &w.c.views[name].Accounts[i])
				}
			}
			w.c.engagement.Title, w.c.moved = drawValue(t, "title"), rapid.Bool().Draw(t, "moved")
			w.c.engagement.Department = rapid.SampledFrom([]string{"Engineering", "Sales"}).Draw(t, "department")
		}
	})
}

func noOwnerIsOverwritten(t *rapid.T, text string, plans []identity.SystemPlan) {
	for _, sp := range plans {
		for _, s := range sp.Steps {
			for _, change := range s.Changes {
				if strings.Contains(text, "  "+change.Attribute+": {owner: "+sp.System+",") {
					t.Fatalf("%s owns %s, and it would be written there", sp.System, change.Attribute)
				}
			}
		}
	}
}

func nothingIsTakenThatWasNotGiven(t *rapid.T, in policy.SystemsInput, plans []identity.SystemPlan) {
	for _, sp := range plans {
		if sp.Leaving {
			continue
		}
		for _, v := range in.Views {
			for _, a := range v.Accounts {
				for _, s := range sp.Steps {
					if v.System != sp.System || s.Kind != identity.SystemRemoveGroups {
						continue
					}
					for _, name := range s.Names {
						ours := slices.Concat(a.Given[identity.ObjectGroup], a.Taking[identity.ObjectGroup])
						managed := in.Person.Moved && !strings.HasPrefix(name, "chess")
						if !slices.Contains(ours, name) && !managed {
							t.Fatalf("%s: %s would be taken, which nobody gave", sp.System, name)
						}
					}
				}
			}
		}
	}
}

// TestAnOldReadingGivesAndTakesNothing holds that a system which was not read in time has no part in anything: no step is planned there,
// and whatever it says changes no step elsewhere.
func TestAnOldReadingGivesAndTakesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(policytest.Smallest+drawSystems(t))))
		if err != nil {
			t.Fatal(err)
		}
		w := drawWorld(t)
		w.c.engagement.LastDay, w.c.engagement.LeaverFirstSeen = "", time.Time{}
		stale := rapid.SampledFrom(drawnNames).Draw(t, "stale")
		w.c.views[stale].ReadAt = rapid.SampledFrom([]time.Time{{}, w.c.at.Add(-24*time.Hour - time.Second)}).Draw(t, "read at")
		one := w.c.input(p)
		plans := p.PlanSystems(one)
		for _, sp := range plans {
			if sp.System == stale {
				t.Fatalf("%s was not read in time, and something is planned there: %s", stale, told([]identity.SystemPlan{sp}))
			}
		}
		w.c.views[stale].Accounts = []identity.SystemAccount{drawSystemAccount(t, stale)}
		other := w.c.input(p)
		if diff := cmp.Diff(plans, p.PlanSystems(other)); diff != "" {
			t.Fatalf("what %s said long ago changes a plan:\n%s", stale, diff)
		}
		if diff := cmp.Diff(one.Plan, other.Plan); diff != "" {
			t.Fatalf("what %s said long ago changes the plan for OneLogin:\n%s", stale, diff)
		}
	})
}
