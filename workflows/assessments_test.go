package workflows_test

import (
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// person is an active employee with an account, about whom nothing has to be done.
func person() api.Assessment {
	return api.Assessment{
		Key: key, Episode: 1, Source: identity.SourceWorkday, Mode: api.ModeEnforce, FallbackOwner: "it@acme.example", Beside: true,
		Person: identity.Person{Key: key, Standing: identity.StandingActive},
		Account: &identity.Account{
			ID: accountID, Username: "ada.byron@acme.example", Email: "ada.byron@acme.example",
			Status: identity.AccountActive, Roles: []string{"Engineering", "Everyone"},
		},
		Plan: identity.Plan{Verdict: identity.VerdictNone, Reason: "nothing to do before the next check", PolicyHash: "p1"},
	}
}

// waiting is person with a moment ahead at which the plan changes by itself.
func waiting(due time.Time) api.Assessment {
	a := person()
	a.Plan.Verdict, a.Plan.Due = identity.VerdictWait, due
	return a
}

// leaver is person who has left and still has everything.
func leaver() api.Assessment {
	a := person()
	a.Episode = 2
	a.Person.Standing = identity.StandingLeft
	a.ContainBy = start.Add(15 * time.Minute)
	a.VerifyAfter = []time.Duration{time.Minute, 15 * time.Minute, 24 * time.Hour}
	a.Plan = identity.Plan{
		Verdict: identity.VerdictLeave, Reason: "sign-in has to end", PolicyHash: "p1",
		Steps: []identity.Step{
			{Kind: identity.StepSuspend},
			{Kind: identity.StepLogOut},
			{Kind: identity.StepRemoveRoles, Names: []string{"Engineering", "Everyone"}},
			{Kind: identity.StepScramblePassword},
			{Kind: identity.StepRemoveFactors},
		},
	}
	return a
}

// left is leaver after the work is done.
func left() api.Assessment {
	a := leaver()
	a.Account.Status, a.Account.Roles = identity.AccountSuspended, nil
	a.Plan.Verdict, a.Plan.Steps = identity.VerdictNone, nil
	return a
}

// joiner is somebody whose first day is today and who has no account yet.
func joiner() api.Assessment {
	a := person()
	a.Account, a.ManagerKey = nil, "workday-20001"
	a.Plan = identity.Plan{
		Verdict: identity.VerdictJoin, Reason: "an account is due", PolicyHash: "p1",
		Desired: identity.Desired{
			Exists: true, SignIn: true, Group: "Engineering", Roles: []string{"Engineering", "Everyone"},
			Profile: identity.Profile{Usernames: []string{"ada.byron@acme.example"}, PersonalEmail: "ada@home.example"},
		},
		Steps: []identity.Step{
			{Kind: identity.StepCreate, Names: []string{"Engineering"}},
			{Kind: identity.StepAddRoles, Names: []string{"Engineering", "Everyone"}},
			{Kind: identity.StepActivate},
			{Kind: identity.StepInvite},
		},
	}
	return a
}

// attention is person with a plan that somebody has to decide about.
func attention(code string) api.Assessment {
	a := person()
	a.Plan.Verdict, a.Plan.Reason = identity.VerdictAttention, "A person has to decide first"
	a.Plan.Notices = []identity.Notice{{Code: code, Text: "see the record", Owner: "owner@acme.example", Blocking: true}}
	return a
}
