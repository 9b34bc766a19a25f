package activities_test

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// slackUser is the sandbox's Slack id of the person with an account in OneLogin.
func slackUser(accountID int64) string { return fmt.Sprintf("U%08d", accountID) }

// asked posts a message with buttons and returns it with where it is.
func asked(r *rig) (api.Message, api.Posted) {
	r.t.Helper()
	in := api.Message{
		OnceKey: "incident/rule-1/ask", Kind: api.MessageAttention, Audience: api.AudienceSecurity, Key: "workday-21002",
		Text: "Somebody has to decide.", WorkflowID: "incident/rule-1", Step: "incident.answer", Approval: "a-7f3c",
		Buttons: []api.Button{
			{Action: "allow", Label: "Suspend", Style: "danger", Confirm: "The account can no longer sign in."},
			{Action: "reject", Label: "It was fine"},
		},
	}
	var at api.Posted
	require.NoError(r.t, r.must(api.SlackPost, in).Get(&at))
	return in, at
}

func slackUpdates() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			in, at := asked(r)
			in.Buttons = nil
			return api.MessageUpdate{Channel: at.Channel, Timestamp: at.Timestamp, Message: in, Outcome: "allow, by workday-21001"}
		},
		ops:     []string{"slack.chat.update"},
		effects: []string{"slack.chat.update: message updated"},
		check: func(r *rig) {
			list := r.messages()
			require.Len(r.t, list, 1)
			texts := list[0].texts()
			require.Equal(r.t, "allow, by workday-21001", texts[len(texts)-1].Text)
			for _, b := range list[0].Blocks {
				require.NotEqual(r.t, "actions", b.Type, "the buttons are taken away")
			}
		},
	}}
}

// ticket makes a ticket and returns its key.
func newTicket(r *rig) string {
	r.t.Helper()
	var made api.Ticket
	require.NoError(r.t, r.must(api.JiraTicket, api.TicketInput{
		OnceKey: "incident/rule-1/ticket", Kind: api.TicketIncident, Key: "workday-21002", WorkflowID: "incident/rule-1",
		Summary: "Many failed sign-ins", Lines: []string{"Person: workday-21002"},
	}).Get(&made))
	return made.Key
}

func jiraComments() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			return api.CommentInput{OnceKey: "incident/rule-1/comment-2", Ticket: newTicket(r), Lines: []string{"Resolved in the pager."}}
		},
		ops:     []string{"jira.add_comment"},
		effects: []string{"jira.add_comment: comment added"},
		check:   func(r *rig) { require.Len(r.t, r.issues()[0].Comments, 1) },
	}}
}

func jiraTransitions() []writer {
	return []writer{
		{
			name:    "by name",
			arrange: func(r *rig) any { return api.TransitionInput{Ticket: newTicket(r), Status: "in progress"} },
			ops:     []string{"jira.transition"},
			effects: []string{"jira.transition: status To Do -> In Progress"},
		},
		{
			name:    "to done",
			arrange: func(r *rig) any { return api.TransitionInput{Ticket: newTicket(r)} },
			ops:     []string{"jira.transition"},
			effects: []string{"jira.transition: status To Do -> Done"},
		},
	}
}

func conclusions() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			return api.ConcludeInput{CommentInput: api.CommentInput{OnceKey: "k/3/undone", Ticket: newTicket(r), Lines: []string{"Withdrawn."}}, Close: true}
		},
		ops:     []string{"jira.add_comment", "jira.transition"},
		effects: []string{"jira.add_comment: comment added", "jira.transition: status To Do -> Done"},
		check:   func(r *rig) { require.Len(r.t, r.issues()[0].Comments, 1) },
	}}
}

func pagerEvents() []writer {
	trigger := api.PagerEvent{
		Action: api.PagerTrigger, DedupKey: "gatehouse/7f3c/1", Summary: "Many failed sign-ins, then one that worked",
		Severity: api.SeverityCritical, Source: "workday-21002", WorkflowID: "incident/rule-1",
		Details: map[string]string{"events": "12", "person": "workday-21002"},
	}
	one := func(status string) func(r *rig) {
		return func(r *rig) {
			list, err := r.sandbox.Incidents(r.t.Context())
			require.NoError(r.t, err)
			require.Len(r.t, list, 1)
			require.Equal(r.t, status, list[0].Status)
		}
	}
	after := func(action string) func(r *rig) any {
		return func(r *rig) any {
			r.must(api.PagerDutyEvent, trigger)
			return api.PagerEvent{Action: action, DedupKey: trigger.DedupKey}
		}
	}
	return []writer{
		{
			name:    "trigger",
			arrange: func(*rig) any { return trigger },
			ops:     []string{"pagerduty.enqueue"},
			effects: []string{"pagerduty.enqueue: incident opened"},
			check:   one(api.PagerTriggered),
		},
		{
			name:    "acknowledge",
			arrange: after(api.PagerAcknowledge),
			ops:     []string{"pagerduty.enqueue"},
			effects: []string{"pagerduty.enqueue: incident acknowledged"},
			check:   one(api.PagerAcknowledged),
		},
		{
			name:    "resolve",
			arrange: after(api.PagerResolve),
			ops:     []string{"pagerduty.enqueue"},
			effects: []string{"pagerduty.enqueue: incident resolved"},
			check:   one(api.PagerResolved),
		},
	}
}
