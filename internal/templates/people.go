package templates

import (
	"slices"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
	"gatehouse/policy"
	"gatehouse/workflows/eventwatch"
	"gatehouse/workflows/incident"
	"gatehouse/workflows/lifecycle"
)

// chain are the queues of runs about one person: the look at them and what ends sign-in come first, the work that follows second.
var chain = []string{api.QueuePeople, api.QueueTemplates}

// aboutPeople is what runs about one person use.
var aboutPeople = []Group{
	activities.Set.People, activities.Set.Access, activities.Set.Ordering, activities.Set.Closing, activities.Set.Record,
	activities.Set.Telling, activities.Set.Following, activities.Set.Suspending, activities.Set.Beside,
}

func people() Template {
	return Template{
		Name: "Person", Does: "compares one person with their accounts, contains a leaver at once, and hands over to a template",
		Fired: "whatever hints that something may have changed", Machinery: true,
		Runs: []Run{{api.TypePerson, lifecycle.Person, chain, aboutPeople}},
	}
}

func onboarding() Template {
	return Template{
		Name: "Onboarding", Does: "account, group, roles, activation on the first day",
		Fired:   "Workday, BambooHR: webhook or poll",
		Runs:    []Run{{api.TypeOnboarding, lifecycle.Onboarding, chain, aboutPeople}},
		Mode:    func(m policy.Modes) policy.Mode { return m.Onboarding },
		Stories: []string{"hire", "movedHire", "rescinded", "rehire", "collision", "conversion"},
	}
}

func offboarding() Template {
	return Template{
		Name: "Offboarding", Does: "sign-in ended first; then roles, password, factors, ticket; read back later; accounts deleted after a while, if you say so",
		Fired:   "the same, or `starter offboard --now`",
		Runs:    []Run{{api.TypeOffboarding, lifecycle.Offboarding, chain, aboutPeople}},
		Mode:    func(m policy.Modes) policy.Mode { return m.Offboarding },
		Stories: []string{"termination", "duplicates", "overtaken", "urgent", "outEverywhere"},
	}
}

func roleChange() Template {
	return Template{
		Name: "Role change", Does: "group and roles of the new position, old access kept for a handover, people told",
		Fired:   "the same, now or on HR's date",
		Runs:    []Run{{api.TypeRoleChange, lifecycle.RoleChange, chain, aboutPeople}},
		Mode:    func(m policy.Modes) policy.Mode { return m.RoleChange },
		Stories: []string{"roleChange", "everywhere"},
	}
}

// securityEvent has runs on two floors: the watch goes through all events, and an incident, which may end somebody's sign-in, is
// worked on where people are.
func securityEvent() Template {
	return Template{
		Name: "Security event", Does: "OneLogin's events by rule to one PagerDuty incident and one Jira ticket; responses after approval in Slack",
		Fired: "OneLogin's webhook, or poll",
		Runs: []Run{
			{api.TypeEventWatch, eventwatch.EventWatch, sweeps, []Group{activities.Set.Watching, activities.Set.Telling}},
			{api.TypeIncident, incident.Incident, chain, slices.Concat(aboutPeople, []Group{activities.Set.Cases})},
		},
		// The cursor makes up for whatever was missed, so that no firing has to be.
		Schedules: func(c *config.Config) []schedule.Schedule {
			return []schedule.Schedule{schedule.Every("event-watch", c.Schedules.Events, c.Schedules.Events).
				Starting(api.TypeEventWatch, api.WatchInput{Scheduled: true}, "read OneLogin's events")}
		},
		Stories: []string{"securityEvent"},
	}
}
