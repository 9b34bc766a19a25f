package doctor

import (
	"context"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/google"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/internal/standing"
	"gatehouse/policy/system"
)

// systemChecks are about the systems beside OneLogin.
func (d *Doctor) systemChecks() []check {
	return []check{
		{"GH-D40", "systems beside OneLogin", d.systemsAnswer},
		{"GH-D41", "what the policy names in them", d.systemsNamed},
		{"GH-D42", "inventory of the systems", d.systemsRead},
	}
}

// pages are where it stands what to grant in each system.
var pages = map[string]string{google.System: "docs/google-workspace.md", salesforce.System: "docs/salesforce.md", ldap.System: "docs/ldap.md"}

// systemsAnswer asks each system for its first accounts: whether it is there, takes the credential, and shows what they hold.
func (d *Doctor) systemsAnswer(ctx context.Context, r *report) {
	names := d.App.Config.Systems.Names()
	if len(names) == 0 {
		r.fine("none is configured")
		return
	}
	for _, name := range names {
		if !d.App.Config.Systems.Holds(name) {
			r.unknown(elsewhere, "%s: %s", name, noCredential)
			continue
		}
		t, err := d.App.SystemReader(name)
		if err != nil {
			r.failure("correct systems."+name+" in the configuration", "%s: %v", name, err)
			continue
		}
		d.answers(ctx, r, name, t)
	}
}

func (d *Doctor) answers(ctx context.Context, r *report, name string, t target.System) {
	lister, ok := t.(target.Lister)
	if !ok {
		r.unknown("", "%s: it cannot list its accounts", name)
		return
	}
	var page target.ListResponse
	err := bounded(ctx, func(ctx context.Context) (err error) {
		page, err = lister.List(ctx, target.ListRequest{})
		return err
	})
	if err != nil {
		mend := "see that it is up and that systems." + name + " leads there"
		if connectors.IsKind(err, connectors.KindUnauthorized) {
			mend = "grant what " + pages[name] + " names"
		}
		r.failure(mend, "%s: its accounts cannot be read, so that nothing is given or taken there and leavers stay in: %v", name, err)
		return
	}
	if len(page.Accounts) == 0 {
		r.failure("grant what "+pages[name]+" names", "%s: it shows no account at all", name)
		return
	}
	// A list may leave out what accounts hold: one is read by itself.
	var one target.Account
	err = bounded(ctx, func(ctx context.Context) (err error) {
		one, err = t.Read(ctx, target.ReadRequest{ID: page.Accounts[0].Ref.ID})
		return err
	})
	switch {
	case err != nil:
		r.failure("grant what "+pages[name]+" names", "%s: an account cannot be read by itself: %v", name, err)
	case !one.Whole:
		r.warn("grant what "+pages[name]+" names", "%s: what an account holds is not shown whole, so that nothing is taken from it", name)
	default:
		r.fine("%s: it answers, and shows accounts with what they hold; rights to write show only when something is written", name)
	}
}

// systemsNamed compares the groups, roles, licences, containers and profiles of the policy with what each system has.
func (d *Doctor) systemsNamed(ctx context.Context, r *report) {
	if d.policy == nil {
		r.unknown("see GH-D06", "the policy cannot be read")
		return
	}
	if len(d.policy.Systems()) == 0 {
		r.fine("it names none")
		return
	}
	objects := map[string][]system.Object{}
	for _, s := range d.policy.Systems() {
		if !d.App.Config.Systems.Has(s.Name) || !d.App.Config.Systems.Holds(s.Name) {
			r.unknown(elsewhere, "%s: its names were not compared: %s", s.Name, noCredential)
			continue
		}
		found, err := d.App.SystemObjects(ctx, s.Name)
		if err != nil {
			r.unknown("see GH-D40", "%s: its names were not compared: %v", s.Name, err)
			continue
		}
		objects[s.Name] = found
	}
	if err := d.policy.CheckSystems(objects); err != nil {
		r.failure("correct the policy, or create it there", "%v", err)
		return
	}
	if len(r.all) == 0 {
		r.fine("%s have all that it names", strings.Join(d.App.Config.Systems.Names(), ", "))
	}
}

// systemsRead says what Gatehouse itself has read, and what it owes.
func (d *Doctor) systemsRead(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if len(d.App.Config.Systems.Names()) == 0 {
		r.fine("none is configured")
		return
	}
	if d.App.Ledger == nil || d.policy == nil {
		r.unknown("see GH-D02 and GH-D06", "it is not known without a ledger and a policy")
		return
	}
	all, err := standing.Of(ctx, d.App.Ledger, d.policy, d.App.Config.Systems.Names())
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	for _, s := range all {
		trigger := "temporal schedule trigger --schedule-id " + api.SystemSweepID(s.Name)
		switch n := s.Leavers(); {
		case s.ReadAt.IsZero():
			r.failure(trigger, "%s: it was never read completely", s.Name)
		case n > 0:
			r.failure("starter systems; see GH-D40", "%s: %d steps that end somebody's access are owed since %s", s.Name, n, s.Oldest().UTC().Format("2006-01-02 15:04 MST"))
		case s.Stale(d.Now()):
			r.failure(trigger, "%s: it was complete %s, which is too old to give or take anything by", s.Name, s.ReadAt.UTC().Format("2006-01-02 15:04 MST"))
		case s.Policy == nil:
			r.warn("name it in the policy's section systems, or remove it from gatehouse.yaml", "%s: the policy does not name it, so that nothing is done there", s.Name)
		case s.Mode() == system.ModeObserve:
			r.warn("set systems."+s.Name+".mode: enforce when starter plan --system "+s.Name+" shows what you want", "%s is only observed: nobody who leaves is shut out there", s.Name)
		default:
			r.fine("%s: %d accounts, complete %s, %d steps owed", s.Name, s.Seen, s.ReadAt.UTC().Format("2006-01-02 15:04 MST"), len(s.Debts))
		}
	}
}
