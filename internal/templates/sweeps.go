package templates

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
	"gatehouse/policy"
	"gatehouse/workflows/agentread"
	"gatehouse/workflows/hrsync"
	"gatehouse/workflows/inventory"
	"gatehouse/workflows/mfa"
	"gatehouse/workflows/review"
	"gatehouse/workflows/step"
)

// sweeps is the queue of runs about many people, which keep none about one waiting.
var sweeps = []string{api.QueueSweep}

// syncCatchup is how far back missed polls are made up for: a poll compares with now, so one is as good as ten.
const syncCatchup = 10 * time.Minute

// pollID is the beginning of the id of each schedule that polls an HR source.
const pollID = "hr-sync-"

func hrSync() Template {
	return Template{
		Name: "HR poll", Does: "compares an HR source with the ledger, and hints whom a difference concerns; holds what is too much at once",
		Fired: "a schedule for each source", Machinery: true,
		Runs: []Run{
			{api.TypeHRSync, hrsync.HRSync, sweeps, []Group{activities.Set.HR, activities.Set.Telling}},
			{api.TypeHold, hrsync.Hold, sweeps, []Group{activities.Set.Batches, activities.Set.Telling}},
			{api.TypeTell, step.Tell, sweeps, []Group{activities.Set.Telling}},
		},
		Schedules: func(c *config.Config) []schedule.Schedule {
			return []schedule.Schedule{
				poll(identity.SourceWorkday, c.Schedules.Workday, c.Workday.BaseURL),
				poll(identity.SourceBambooHR, c.Schedules.BambooHR, c.BambooHR.BaseURL),
				pollSponsored(c.Schedules.Sponsored),
			}
		},
		Stories: []string{"baseline"},
	}
}

// poll is the net under the webhooks of one HR source. A poll that failed does not stop the next one.
func poll(source string, every time.Duration, at string) schedule.Schedule {
	s := schedule.Every(pollID+source, every, syncCatchup).
		Starting(api.TypeHRSync, api.SyncRequest{Source: source, Every: every}, "compare "+source+" with the ledger")
	s.Source, s.Off = source, at == ""
	return s
}

// pollSponsored looks after those whom HR does not have, where there may be some.
func pollSponsored(every time.Duration) schedule.Schedule {
	s := poll(identity.SourceSponsored, max(every, time.Minute), "the ledger")
	s.Off = every == 0
	return s
}

func reconcile() Template {
	return Template{
		Name: "Reconcile", Does: "compares people with their accounts, and hints whoever was forgotten",
		Fired: "a schedule: who has left or is due every hour, everybody every day", Machinery: true,
		Runs: []Run{{api.TypeReconcile, hrsync.Reconcile, sweeps, []Group{activities.Set.Comparing, activities.Set.HR, activities.Set.Telling}}},
		// One that was missed is made up for by the next.
		Schedules: func(c *config.Config) []schedule.Schedule {
			return []schedule.Schedule{schedule.Every(api.ReconcileID, c.Schedules.Reconcile, c.Schedules.Reconcile/4).
				Starting(api.TypeReconcile, api.ReconcileRequest{Every: c.Schedules.Everybody}, "compare people with their accounts")}
		},
	}
}

// accountsEach is how often what was changed of the accounts is read.
const accountsEach = time.Hour

func accountSweep() Template {
	return Template{
		Name: "Account sweep", Does: "reads every account of OneLogin, and finds whose it is",
		Fired: "a schedule", Machinery: true,
		Runs: []Run{{api.TypeAccountSweep, inventory.AccountSweep, sweeps, []Group{activities.Set.Inventory, activities.Set.Telling}}},
		// A sweep that was missed is made up for by the next.
		Schedules: func(c *config.Config) []schedule.Schedule {
			every := c.Schedules.Accounts
			each := min(accountsEach, every)
			return []schedule.Schedule{schedule.Every(api.AccountSweepID, each, each/4).
				Starting(api.TypeAccountSweep, api.AccountSweepRequest{Every: every, Each: each}, "read OneLogin's accounts")}
		},
		Stories: []string{"beforehand"},
	}
}

func systemSweep() Template {
	return Template{
		Name: "System sweep", Does: "reads every account of a system beside OneLogin and what it holds, and finds whose it is",
		Fired: "a schedule for each system", Machinery: true,
		Runs: []Run{{api.TypeSystemSweep, inventory.SystemSweep, sweeps, []Group{activities.Set.SystemSweeping, activities.Set.Telling}}},
		// A reading that was missed is made up for by the next.
		Schedules: func(c *config.Config) []schedule.Schedule {
			var all []schedule.Schedule
			for _, system := range config.SystemNames() {
				every := max(c.Schedules.Systems, time.Minute)
				s := schedule.Every(api.SystemSweepID(system), every, every/4).
					Starting(api.TypeSystemSweep, api.SystemSweepRequest{System: system, Every: c.Schedules.SystemsWhole()}, "read the accounts of "+system)
				s.Off = !c.Systems.Has(system)
				all = append(all, s)
			}
			return all
		},
	}
}

func agentRead() Template {
	return Template{
		Name: "Agent read", Does: "reads anew what an agent asked about, into the inventory",
		Fired: "an agent, with `fresh: true`", Machinery: true,
		Runs: []Run{{api.TypeAgentRead, agentread.AgentRead, sweeps, []Group{activities.Set.ReadingAnew}}},
	}
}

func authorised() Template {
	return Template{
		Name: "Authorised list", Does: "waits for the moment of a list that two people have approved, and carries it out",
		Fired: "`starter authorise`", Machinery: true,
		Runs: []Run{{api.TypeAuthorised, hrsync.Authorised, sweeps, []Group{activities.Set.Batches, activities.Set.Ordering, activities.Set.Telling}}},
	}
}

func accessReview() Template {
	return Template{
		Name: "Access review", Does: "everybody's access and what is wrong with it, in Google Sheets, mailed to compliance and managers",
		Fired: "monthly schedule",
		Runs:  []Run{{api.TypeAccessReview, review.AccessReview, sweeps, []Group{activities.Set.Reviewing, activities.Set.Telling}}},
		// A month that was missed is made up for, and one that has to wait for the last is not dropped: an auditor asks for every
		// one of them.
		Schedules: func(c *config.Config) []schedule.Schedule {
			at := c.Schedules.Review
			s := schedule.Monthly("access-review", at.Day, clock(at.At, c.Schedules.Zone), 28*24*time.Hour).
				Starting(api.TypeAccessReview, api.ReviewRequest{Zone: c.Schedules.Zone}, "review who has access to what")
			s.Overlap = enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE
			// The process that writes schedules need not hold the credential.
			s.Off = c.Google.Subject == ""
			return []schedule.Schedule{s}
		},
		Stories: []string{"accessReview"},
	}
}

func mfaCompliance() Template {
	return Template{
		Name: "MFA compliance", Does: "a grace period for everybody without a second factor: reminders, their manager, a restriction",
		Fired: "weekly schedule",
		Runs: []Run{
			{api.TypeMFACompliance, mfa.Compliance, sweeps, []Group{activities.Set.SecondFactors, activities.Set.Telling}},
			// A grace period records what operators decide, and orders the restriction.
			{api.TypeMFAGrace, mfa.Grace, sweeps, []Group{activities.Set.SecondFactors, activities.Set.Ordering, activities.Set.Record, activities.Set.Telling}},
		},
		Mode: func(m policy.Modes) policy.Mode { return m.MFA },
		// It leads to restrictions, so that a scan which failed stops the next until somebody has looked.
		Schedules: func(c *config.Config) []schedule.Schedule {
			day, _ := c.Schedules.MFA.Day()
			s := schedule.Weekly("mfa-compliance", day, clock(c.Schedules.MFA.At, c.Schedules.Zone), 3*24*time.Hour).
				Starting(api.TypeMFACompliance, api.ScanRequest{}, "find who has no second factor")
			s.PauseOnFailure = true
			return []schedule.Schedule{s}
		},
		Stories: []string{"secondFactor"},
	}
}

// clock is a time of day, which was checked when the configuration was read.
func clock(at, zone string) schedule.Clock {
	hour, minute, _ := config.TimeOfDay(at)
	return schedule.Clock{Hour: hour, Minute: minute, Zone: zone}
}
