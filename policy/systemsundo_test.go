package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

// returned is a case of somebody who is here again, of whose account a departure some hours ago is known.
func returned(withdrawn bool, d identity.SystemDeparture) *systemsCase {
	c := inGoogle()
	c.withdrawn = withdrawn
	if d.Done == nil {
		d.Done = map[identity.SystemStepKind]time.Time{}
	}
	c.google().Departure = &d
	return c
}

func steps(at time.Time, kinds ...identity.SystemStepKind) map[identity.SystemStepKind]time.Time {
	all := map[identity.SystemStepKind]time.Time{}
	for _, kind := range kinds {
		all[kind] = at
	}
	return all
}

func groups(names ...string) map[identity.SystemObjectKind][]string {
	return map[identity.SystemObjectKind][]string{identity.ObjectGroup: names}
}

func licences(names ...string) map[identity.SystemObjectKind][]string {
	return map[identity.SystemObjectKind][]string{identity.ObjectLicence: names}
}

// TestWhatADepartureSetIsTakenBack from whoever is here again.
func TestWhatADepartureSetIsTakenBack(t *testing.T) {
	t.Parallel()
	ago := systemsNow.Add(-3 * time.Hour)
	for name, tt := range map[string]struct {
		c      *systemsCase
		change func(*systemsCase)
		want   string
	}{
		"nothing": {c: returned(false, identity.SystemDeparture{})},
		"a reply and two delegations, hired again": {
			c:    returned(false, identity.SystemDeparture{Done: steps(systemsNow.AddDate(-2, 0, 0), identity.SystemAutoReply, identity.SystemDelegate), Delegates: []string{"g1", "g2"}}),
			want: "end_reply undelegate(g1) undelegate(g2)",
		},
		"the mailbox is opened first": {
			c: returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemAutoReply)}),
			change: func(c *systemsCase) {
				c.google().Document.Status, c.google().SuspendedByUs = identity.AccountSuspended, true
			},
			want: "resume end_reply",
		},
		"the mailbox comes before everything else": {
			c: returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemAutoReply), Delegates: []string{"g1"}, Back: groups("chess@acme.example")}),
			change: func(c *systemsCase) {
				c.google().Container = "/Leavers"
			},
			want: "end_reply undelegate(g1) move(/Engineering) add_groups(chess@acme.example)",
		},
		"but for the licence that it may need": {
			c: returned(true, identity.SystemDeparture{Done: steps(systemsNow.AddDate(-2, 0, 0), identity.SystemAutoReply), Delegates: []string{"g1"}, Took: licences("Starter")}),
			change: func(c *systemsCase) {
				c.google().Container, c.google().Licences = "/Leavers", nil
			},
			want: "move(/Engineering) assign_licences(Starter) end_reply undelegate(g1)",
		},
		"all that is done where nothing was read for long": {
			c: returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemAutoReply), Delegates: []string{"g1"}, Back: groups("chess@acme.example")}),
			change: func(c *systemsCase) {
				c.google().Container, c.views["google"].ReadAt = "/Leavers", systemsNow.AddDate(0, 0, -3)
			},
			want: "end_reply undelegate(g1)",
		},
		"once there is the licence that it may need": {
			c: returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemAutoReply), Took: licences("Starter")}),
			change: func(c *systemsCase) {
				c.google().Licences, c.views["google"].ReadAt = nil, systemsNow.AddDate(0, 0, -3)
			},
		},
		"suspended by somebody else it stays as it is": {
			c:      returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemAutoReply)}),
			change: func(c *systemsCase) { c.google().Document.Status = identity.AccountSuspended }, want: "!system_suspended_elsewhere",
		},
		"what cannot be undone is said": {
			c:    returned(true, identity.SystemDeparture{Done: steps(ago, identity.SystemResetPassword, identity.SystemTransfer)}),
			want: "!system_not_undone",
		},
		"long ago it is no news": {
			c: returned(false, identity.SystemDeparture{Done: steps(systemsNow.AddDate(0, 0, -31), identity.SystemResetPassword, identity.SystemTransfer)}),
		},
		"no departure is withdrawn, and rules alone give":        {c: returned(false, identity.SystemDeparture{Took: groups("chess@acme.example")})},
		"what a withdrawn one took comes back":                   {c: returned(true, identity.SystemDeparture{Took: groups("chess@acme.example", "bees@acme.example")}), want: "add_groups(bees@acme.example chess@acme.example)"},
		"however long that takes":                                {c: returned(false, identity.SystemDeparture{Back: groups("chess@acme.example")}), want: "add_groups(chess@acme.example)"},
		"what rules manage is for them":                          {c: returned(true, identity.SystemDeparture{Took: groups("sales@acme.example")})},
		"what the system has no more is gone":                    {c: returned(true, identity.SystemDeparture{Took: groups("#id:g17")})},
		"what is held by now is not given":                       {c: returned(true, identity.SystemDeparture{Took: groups("eng@acme.example")})},
		"released licences are not assigned, and that is said":   {c: returned(true, identity.SystemDeparture{Took: licences("Starter", "Vault")}), want: "!system_licences_gone"},
		"however long ago, and whatever became of the departure": {c: returned(false, identity.SystemDeparture{Back: licences("Starter", "Vault", "Voice")}), want: "!system_licences_gone"},
		"until they are back": {
			c: returned(false, identity.SystemDeparture{Took: licences("Starter", "Vault")}), change: func(c *systemsCase) { c.google().Licences = []string{"Starter", "Vault"} },
		},
		"or others in their place": {
			c: returned(false, identity.SystemDeparture{Took: licences("Starter", "Vault")}), change: func(c *systemsCase) { c.google().Licences = []string{"Starter", "Voice"} },
		},
		"what rules give is no news": {
			c: returned(false, identity.SystemDeparture{Took: licences("Starter")}), change: func(c *systemsCase) { c.google().Licences = nil }, want: "assign_licences(Starter)",
		},
		"whoever is on leave needs none": {
			c: returned(false, identity.SystemDeparture{Took: licences("Starter", "Vault")}), change: func(c *systemsCase) { c.engagement.Status = identity.StatusOnLeave },
		},
		"nobody on leave gets anything": {
			c:      returned(true, identity.SystemDeparture{Took: groups("chess@acme.example")}),
			change: func(c *systemsCase) { c.engagement.Status = identity.StatusOnLeave },
		},
		"what a withdrawn departure has yet to take stays": {
			c: returned(true, identity.SystemDeparture{}),
			change: func(c *systemsCase) {
				holds("eng@acme.example", "chess@acme.example")(c)
				c.google().Taking = groups("chess@acme.example", "eng@acme.example")
			},
		},
		"back to where it was, if no rule says where": {
			c: returned(true, identity.SystemDeparture{Place: "/Old"}),
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Container, c.google().Groups = "/Leavers", nil
			},
			want: "move(/Old)",
		},
		"from where leavers were": {
			c: returned(true, identity.SystemDeparture{Place: "/Old", MovedTo: "/Former"}),
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Container, c.google().Groups = "/Former", nil
			},
			want: "move(/Old)",
		},
		"hired again where leavers were, which is said": {
			c: returned(false, identity.SystemDeparture{Done: steps(systemsNow.AddDate(-2, 0, 0), identity.SystemMove), Place: "/Old", MovedTo: "/Former"}),
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Container, c.google().Groups = "/Former", nil
			},
			want: "!system_stays_aside",
		},
		"to where it was, however long that takes": {
			c: returned(false, identity.SystemDeparture{Place: "/Old", PlaceBack: true}),
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Container, c.google().Groups = "/Leavers", nil
			},
			want: "move(/Old)",
		},
		"hired again it stays": {
			c: returned(false, identity.SystemDeparture{Place: "/Old"}),
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Container, c.google().Groups = "/Leavers", nil
			},
		},
		"to where a rule says": {
			c:      returned(true, identity.SystemDeparture{Place: "/Old"}),
			change: func(c *systemsCase) { c.google().Container = "/Leavers" },
			want:   "move(/Engineering)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.change != nil {
				tt.change(tt.c)
			}
			require.Equal(t, tt.want, told(tt.c.in(t, strings.TrimSuffix(everySystem, "attributes:\n"), "google")))
		})
	}
}

// TestNothingPrivilegedComesBackByItself, which is said.
func TestNothingPrivilegedComesBackByItself(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(replace(t, everySystem, "    carried_by: [Workspace]\n", "    carried_by: [Workspace]\n    privileged: [admins@acme.example]\n"), "attributes:\n")
	c := returned(true, identity.SystemDeparture{
		Done: steps(systemsNow.Add(-time.Hour), identity.SystemResetPassword, identity.SystemDemote), Took: groups("admins@acme.example", "chess@acme.example"),
	})
	plans := c.in(t, text, "google")
	require.Equal(t, "add_groups(chess@acme.example) !system_not_undone", told(plans))
	require.True(t, plans[0].Steps[0].Back)
	said := plans[0].Notices[0].Text
	require.Contains(t, said, "the password; administrator roles, if any; membership in a privileged group")
	require.NotContains(t, said, "admins")

	c.google().Departure.TookAs = map[identity.SystemObjectKind]map[string]string{identity.ObjectGroup: {"chess@acme.example": "admins@acme.example"}}
	require.Equal(t, "!system_not_undone", told(c.in(t, text, "google")), "it was privileged when it was taken")
	c.google().Departure.Took, c.google().Departure.TookAs = groups("chess@acme.example"), nil
	c.views["google"].Unclear = []identity.SystemObject{{System: "google", Kind: identity.ObjectGroup, Name: "admins@acme.example"}}
	plans = c.in(t, text, "google")
	require.Equal(t, "!system_not_undone", told(plans), "it may be what the name means")
	require.Contains(t, plans[0].Notices[0].Text, "membership in each group, for as long as a name in privileged is not there")
}

// TestALicenceThatNoRuleGives goes only if Gatehouse gave it.
func TestALicenceThatNoRuleGives(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	given := map[identity.SystemObjectKind][]string{identity.ObjectLicence: {"Vault"}}
	for name, tt := range map[string]struct {
		change func(*systemsCase)
		want   string
	}{
		"given by somebody else":             {change: func(c *systemsCase) { c.moved = true }},
		"decided to be taken at a departure": {change: func(c *systemsCase) { c.google().Taking = given }},
		"given by us":                        {change: func(c *systemsCase) { c.google().Given = given }, want: "release_licences(Vault)"},
		"an order holds what there is": {change: func(c *systemsCase) {
			c.google().Given = given
			ordered(identity.OrderHold)(c)
		}},
		"the record is incomplete": {change: func(c *systemsCase) {
			c.google().Given, c.engagement.Missing = given, []string{"title"}
		}},
		"one replaces the other": {
			change: func(c *systemsCase) {
				c.google().Given, c.google().Licences = given, []string{"Vault"}
			},
			want: "release_licences(Vault) assign_licences(Starter)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			c.google().Licences = []string{"Starter", "Vault"}
			tt.change(c)
			require.Equal(t, tt.want, told(c.in(t, text, "google")))
		})
	}
}

// TestALicenceStaysAsLongAsOldAccessDoes.
func TestALicenceStaysAsLongAsOldAccessDoes(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(replace(t, everySystem, "{google: {org_unit: /Engineering}", "{google: {org_unit: /Engineering, licences: [Vault]}"), "attributes:\n")
	c := inGoogle()
	c.google().Licences, c.google().Container = []string{"Starter", "Vault"}, "/"
	c.google().Given = map[identity.SystemObjectKind][]string{identity.ObjectLicence: {"Vault"}}
	c.engagement.Department = "IT"
	c.google().Groups = nil
	stay := func(until time.Time) {
		c.plan = func(p *identity.Plan) {
			p.Steps = []identity.Step{{Kind: identity.StepKeepRoles, Names: []string{"Engineering"}, Until: until}}
		}
	}
	stay(systemsNow.Add(48 * time.Hour))
	plans := c.in(t, text, "google")
	require.Empty(t, told(plans))
	require.Equal(t, systemsNow.Add(48*time.Hour), plans[0].Due)
	stay(systemsNow.Add(-time.Hour))
	require.Equal(t, "release_licences(Vault)", told(c.in(t, text, "google")))
	policytest.Parse(t, text)
}

// TestTheMailOfAFurtherAccountIsTakenBack from whoever is here again, and nothing else is done about it.
func TestTheMailOfAFurtherAccountIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*systemsCase, *identity.SystemAccount)
		want   string
	}{
		"whatever it lacks or holds": {want: "end_reply undelegate(g1)"},
		"nothing was set":            {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Departure = nil }},
		"of an administrator":        {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Use = identity.UseAdmin }, want: "end_reply undelegate(g1)"},
		"no rule gives an account": {change: func(c *systemsCase, _ *identity.SystemAccount) {
			c.engagement.Department, c.google().Container, c.google().Groups = "IT", "/", nil
		}, want: "end_reply undelegate(g1)"},
		"closed it answers nothing": {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Document.Status = identity.AccountSuspended }},
		"nobody's":                  {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Kind = identity.KindShared }},
		"disputed":                  {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Disputed = true }, want: "!system_disputed"},
		"nobody has to decide about what is not theirs to undo": {change: func(_ *systemsCase, a *identity.SystemAccount) {
			a.Disputed, a.Departure = true, nil
		}},
		"on leave": {
			change: func(c *systemsCase, _ *identity.SystemAccount) { c.engagement.Status = identity.StatusOnLeave }, want: "end_reply undelegate(g1)",
		},
		"an order forbids changes": {change: func(c *systemsCase, _ *identity.SystemAccount) {
			ordered(identity.OrderFreeze)(c)
		}},
		"not read for long": {change: func(c *systemsCase, _ *identity.SystemAccount) {
			c.views["google"].ReadAt = systemsNow.AddDate(0, 0, -3)
		}, want: "end_reply undelegate(g1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			second := *c.google()
			second.ID, second.Use, second.Groups, second.Container = "g8", identity.UseSecondary, []string{"chess@acme.example"}, "/"
			second.Departure = &identity.SystemDeparture{
				Done: steps(systemsNow.Add(-time.Hour), identity.SystemResetPassword, identity.SystemAutoReply, identity.SystemDelegate),
				Took: groups("bees@acme.example"), Place: "/Old", Delegates: []string{"g1"},
			}
			if tt.change != nil {
				tt.change(c, &second)
			}
			c.views["google"].Accounts = append(c.views["google"].Accounts, second)
			require.Equal(t, tt.want, told(c.in(t, strings.TrimSuffix(everySystem, "attributes:\n"), "google")))
		})
	}
}

// TestWhatADepartureHadYetToTake is taken from whoever starts from the rules, and decided about once.
func TestWhatADepartureHadYetToTake(t *testing.T) {
	t.Parallel()
	const chess = "chess@acme.example"
	recent, before := systemsNow.Add(-3*time.Hour), time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		decided     time.Time
		change      func(*systemsCase)
		want        string
		taken, kept bool
	}{
		"hired anew since":                       {decided: before, want: "remove_groups(chess@acme.example)", taken: true},
		"on the day itself":                      {decided: time.Date(2024, 2, 1, 9, 0, 0, 0, time.UTC), want: "remove_groups(chess@acme.example)", taken: true},
		"the same employment, not withdrawn":     {decided: recent, kept: true},
		"the same employment, long ago":          {decided: systemsNow.AddDate(0, 0, -31), want: "remove_groups(chess@acme.example)", taken: true},
		"withdrawn":                              {decided: before, change: func(c *systemsCase) { c.withdrawn = true }, kept: true},
		"somebody else has taken it":             {decided: before, change: holds("eng@acme.example"), kept: true},
		"nobody knows, the reading is too old":   {decided: before, change: func(c *systemsCase) { c.views["google"].ReadAt = systemsNow.AddDate(0, 0, -3) }, taken: true},
		"an order holds what there is":           {decided: before, change: ordered(identity.OrderHold), taken: true},
		"a person has to decide first":           {decided: before, change: func(c *systemsCase) { c.plan = func(p *identity.Plan) { p.Verdict = identity.VerdictAttention } }},
		"what is no person's has no departure":   {decided: before, change: func(c *systemsCase) { c.google().Kind = identity.KindShared }},
		"the record is incomplete, and may tell": {decided: before, change: func(c *systemsCase) { c.engagement.Missing = []string{"title"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := returned(false, identity.SystemDeparture{Untaken: groups(chess), Decided: tt.decided})
			holds("eng@acme.example", chess)(c)
			if tt.change != nil {
				tt.change(c)
			}
			text := strings.TrimSuffix(everySystem, "attributes:\n")
			require.Equal(t, tt.want, told(c.in(t, text, "google")))
			p := policytest.Parse(t, text)
			var taken, kept []string
			for _, d := range p.DecideSystems(c.input(p)) {
				taken, kept = append(taken, d.Taken[identity.ObjectGroup]...), append(kept, d.Kept[identity.ObjectGroup]...)
			}
			require.Equal(t, tt.taken, len(taken) == 1, "%v", taken)
			require.Equal(t, tt.kept, len(kept) == 1, "%v", kept)
		})
	}
}
