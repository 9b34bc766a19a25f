package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

func trigger() api.PagerEvent {
	return api.PagerEvent{
		Action: api.PagerTrigger, DedupKey: "gatehouse/7f3c/1", Summary: "Many failed sign-ins", Severity: api.SeverityCritical,
		Source: "workday-21002", WorkflowID: "incident/brute/7/1",
	}
}

// TestDealtWithIsNotPagedAgain: the reply to a page is lost, somebody deals with the incident, and the retry comes late.
func TestDealtWithIsNotPagedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token     string
		gap       time.Duration
		status    string
		found     bool
		incidents int
	}{
		"resolved, looked up":          {"sandbox-pagerduty-read-only", time.Hour, "resolved", true, 1},
		"acknowledged, looked up":      {"sandbox-pagerduty-read-only", time.Hour, "acknowledged", true, 1},
		"resolved, no token to look":   {"", time.Hour, "resolved", false, 2},
		"resolved, the token is wrong": {"wrong", time.Hour, "resolved", false, 2},
		"acknowledged, no token":       {"", time.Hour, "acknowledged", false, 1},
		"at once":                      {"sandbox-pagerduty-read-only", time.Second, "acknowledged", false, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{config: func(c *config.Config) { c.PagerDuty.Token = httpx.Secret(tt.token) }})
			r.fault(control.Fault{Op: "pagerduty.enqueue", When: "after", Style: "drop", Times: 1})
			_, err := r.run(api.PagerDutyEvent, trigger())
			require.Error(t, err)
			require.NoError(t, r.sandbox.PagerAct(t.Context(), trigger().DedupKey, tt.status))
			r.clock.Advance(tt.gap)
			r.restart()
			var sent api.PagerSent
			require.NoError(t, r.must(api.PagerDutyEvent, trigger()).Get(&sent))
			require.Equal(t, tt.found, sent.Found)
			list, err := r.sandbox.Incidents(t.Context())
			require.NoError(t, err)
			require.Len(t, list, tt.incidents)
		})
	}
}

// TestStatusIsTheLatestIncidents: a webhook was lost, so the run asks.
func TestStatusIsTheLatestIncidents(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	status := func(key string) api.PagerUpdate {
		var out api.PagerUpdate
		require.NoError(t, r.must(api.PagerDutyStatus, api.PagerQuery{DedupKey: key}).Get(&out))
		return out
	}
	require.Empty(t, status(trigger().DedupKey))
	require.Empty(t, status(""), "which would list everybody's")
	r.must(api.PagerDutyEvent, trigger())
	require.Equal(t, api.PagerTriggered, status(trigger().DedupKey).Status)
	r.clock.Advance(time.Minute)
	require.NoError(t, r.sandbox.PagerAct(t.Context(), trigger().DedupKey, api.PagerResolved))
	first := status(trigger().DedupKey)
	require.Equal(t, api.PagerResolved, first.Status)
	require.Equal(t, monday.Add(time.Minute), first.At.UTC())
	require.NotEmpty(t, first.By)
	r.clock.Advance(time.Minute)
	again := trigger()
	again.OnceKey = "again"
	r.must(api.PagerDutyEvent, again)
	require.Equal(t, api.PagerTriggered, status(trigger().DedupKey).Status)

	r.fault(control.Fault{Op: "pagerduty.list_incidents", Style: "status", Status: 503, Times: 1})
	_, err := r.run(api.PagerDutyStatus, api.PagerQuery{DedupKey: trigger().DedupKey})
	require.Equal(t, api.ErrUnavailable, application(t, err).Type())
}

// TestStatusGoesOnInTheOtherIncident: after a merge what people do there counts, with alerts that moved and without any. Which
// incident that is is known afterwards, for its webhooks.
func TestStatusGoesOnInTheOtherIncident(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]bool{"the alerts move": false, "there are no alerts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			require.NoError(t, r.sandbox.PagerWithoutAlerts(t.Context(), without))
			other := trigger()
			other.DedupKey = "gatehouse/other/1"
			r.must(api.PagerDutyEvent, trigger())
			r.must(api.PagerDutyEvent, other)
			r.clock.Advance(time.Minute)
			require.NoError(t, r.sandbox.PagerMerge(t.Context(), trigger().DedupKey, other.DedupKey))
			var out api.PagerUpdate
			for range 2 {
				require.NoError(t, r.must(api.PagerDutyStatus, api.PagerQuery{DedupKey: trigger().DedupKey}).Get(&out))
				require.Equal(t, api.PagerTriggered, out.Status, "it is not over")
			}
			r.clock.Advance(time.Minute)
			require.NoError(t, r.sandbox.PagerAct(t.Context(), other.DedupKey, api.PagerResolved))
			require.NoError(t, r.must(api.PagerDutyStatus, api.PagerQuery{DedupKey: trigger().DedupKey}).Get(&out))
			require.Equal(t, api.PagerResolved, out.Status)
			require.Equal(t, monday.Add(2*time.Minute), out.At.UTC())

			list, err := r.sandbox.Incidents(t.Context())
			require.NoError(t, err)
			require.Equal(t, list[1].ID, out.IncidentID)
			known, err := r.app.Ledger.Incidents().PagerIncident(t.Context(), out.IncidentID)
			require.NoError(t, err)
			require.Equal(t, []string{trigger().DedupKey}, known.Keys)
			require.True(t, known.LearnedAt.IsZero(), "nobody has asked what else it is about")
		})
	}
}

// TestOtherIncidentsAreNotOurs: while others are open, an event that never arrived is sent all the same.
func TestOtherIncidentsAreNotOurs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	other := trigger()
	other.DedupKey = "gatehouse/other/1"
	r.must(api.PagerDutyEvent, other)
	r.fault(control.Fault{Op: "pagerduty.enqueue", When: "before", Style: "drop", Times: 1})
	_, err := r.run(api.PagerDutyEvent, trigger())
	require.Error(t, err)
	r.clock.Advance(time.Hour)
	r.must(api.PagerDutyEvent, trigger())
	list, err := r.sandbox.Incidents(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 2)
}

func TestPagerRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config func(*config.Config)
		change func(*api.PagerEvent)
		fault  *control.Fault
		kind   string
		text   string
		wait   time.Duration
		final  bool
	}{
		"no pager": {
			config: func(c *config.Config) { c.PagerDuty = config.PagerDuty{} }, kind: api.ErrInvalid, final: true,
			text: "pagerduty: no pager is configured: set pagerduty.routing_key, or page by hand and skip this step",
		},
		"no dedup key":                       {change: func(e *api.PagerEvent) { e.DedupKey = "" }, kind: api.ErrInvalid, final: true, text: "no_dedup_key"},
		"a long key":                         {change: func(e *api.PagerEvent) { e.DedupKey = strings.Repeat("k", 256) }, kind: api.ErrInvalid, final: true, text: "dedup_key_too_long"},
		"no summary":                         {change: func(e *api.PagerEvent) { e.Summary = "" }, kind: api.ErrInvalid, final: true, text: "no_summary"},
		"a bad word":                         {change: func(e *api.PagerEvent) { e.Severity = "Byron" }, kind: api.ErrInvalid, final: true, text: "(HTTP 400, payload.severity)"},
		"a wrong key":                        {config: func(c *config.Config) { c.PagerDuty.RoutingKey = httpx.Secret(strings.Repeat("0", 32)) }, kind: api.ErrInvalid, final: true, text: "(HTTP 400, routing_key)"},
		"too many":                           {fault: &control.Fault{Op: "pagerduty.enqueue", Style: "rate_limit", RetryAfter: 42}, kind: api.ErrRateLimited, wait: 42 * time.Second},
		"too many, and nobody says how long": {fault: &control.Fault{Op: "pagerduty.enqueue", Style: "rate_limit"}, kind: api.ErrRateLimited, wait: 30 * time.Second},
		"the pager is down":                  {fault: &control.Fault{Op: "pagerduty.enqueue", When: "before", Style: "status", Status: 503}, kind: api.ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{config: tt.config})
			if tt.fault != nil {
				r.fault(*tt.fault)
			}
			in := trigger()
			if tt.change != nil {
				tt.change(&in)
			}
			_, err := r.run(api.PagerDutyEvent, in)
			failed := application(t, err)
			require.Equal(t, tt.kind, failed.Type())
			require.Equal(t, tt.final, failed.NonRetryable())
			require.Equal(t, tt.wait, failed.NextRetryDelay())
			require.Contains(t, failed.Error(), tt.text)
			require.NotContains(t, failed.Error(), "Byron")
		})
	}
}

// TestLongSummariesAreCut, because PagerDuty refuses them and a page must go out.
func TestLongSummariesAreCut(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := trigger()
	in.Summary = strings.Repeat("ä", 3000)
	r.must(api.PagerDutyEvent, in)
	list, err := r.sandbox.Incidents(t.Context())
	require.NoError(t, err)
	require.Len(t, []rune(list[0].Summary), 1024)
	require.Equal(t, "http://127.0.0.1:8233/namespaces/test/workflows/incident%2Fbrute%2F7%2F1", list[0].Link)
}

func TestWhoPressed(t *testing.T) {
	t.Parallel()
	const who = "workday-21001"
	tests := map[string]struct {
		arrange func(r *rig, email string)
		user    string
		team    string
		want    api.SlackPerson
	}{
		"a member":          {team: "T0ACME", want: api.SlackPerson{Key: who}},
		"from no team":      {want: api.SlackPerson{Key: who}},
		"nobody":            {user: "U0NOBODY", want: api.SlackPerson{Unfit: api.UnfitUnknown}},
		"a bot":             {user: "U0GATEHOUSE", want: api.SlackPerson{Unfit: api.UnfitBot}},
		"another team":      {team: "T0OTHER", want: api.SlackPerson{Unfit: api.UnfitForeign}},
		"a member who left": {arrange: func(r *rig, email string) { require.NoError(r.t, r.sandbox.SlackDeactivate(r.t.Context(), email)) }, want: api.SlackPerson{Unfit: api.UnfitDeleted}},
		"a guest":           {arrange: func(r *rig, email string) { require.NoError(r.t, r.sandbox.SlackKind(r.t.Context(), email, true, "")) }, want: api.SlackPerson{Unfit: api.UnfitGuest}},
		"a stranger": {arrange: func(r *rig, email string) {
			require.NoError(r.t, r.sandbox.SlackKind(r.t.Context(), email, false, "T0OTHER"))
		}, want: api.SlackPerson{Unfit: api.UnfitForeign}},
		"a suspended account": {arrange: func(r *rig, _ string) {
			require.NoError(r.t, r.sandbox.SetStatus(r.t.Context(), r.account(who).Username, 2))
		}, team: "T0ACME"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			account := known(r, who)
			email := r.account(who).Email
			if tt.arrange != nil {
				tt.arrange(r, email)
			}
			if tt.user == "" {
				tt.user = slackUser(account.AccountID)
			}
			var got api.SlackPerson
			require.NoError(t, r.must(api.SlackWhoIs, api.WhoIsInput{UserID: tt.user, TeamID: tt.team}).Get(&got))
			require.Equal(t, tt.want.Key, got.Key)
			require.Equal(t, tt.want.Unfit, got.Unfit)
			require.Equal(t, tt.user, got.UserID)
			if tt.want.Key != "" {
				require.Equal(t, email, got.Email)
				require.Equal(t, account.AccountID, got.AccountID)
			}
		})
	}
}

// TestButtonsCarryAnIDAndNothingElse, and the ledger knows what it means before anybody can press one.
func TestButtonsCarryAnIDAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in, at := asked(r)
	var state struct {
		Slack struct {
			Channels []struct {
				ID       string `json:"id"`
				Messages []struct {
					TS     string           `json:"ts"`
					Blocks []map[string]any `json:"blocks"`
				} `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	require.NoError(t, r.sandbox.State(t.Context(), &state))
	seen := 0
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			for _, b := range m.Blocks {
				if b["type"] != "actions" {
					continue
				}
				require.Equal(t, at.Timestamp, m.TS)
				for _, e := range b["elements"].([]any) {
					require.Equal(t, in.Approval, e.(map[string]any)["value"])
					seen++
				}
			}
		}
	}
	require.Equal(t, len(in.Buttons), seen)
	got, found, err := r.app.Ledger.Worklist().Approval(t.Context(), in.Approval)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, worklist.Approval{ID: in.Approval, WorkflowID: in.WorkflowID, Step: in.Step, CreatedAt: monday}, got)

	in.OnceKey, in.Step = "incident/rule-1/again", ""
	_, err = r.run(api.SlackPost, in)
	require.True(t, application(t, err).NonRetryable(), "buttons about nothing are not posted")
}

// TestMessageThatIsGone: somebody deleted it, so there is nothing to correct and nothing to wait for.
func TestMessageThatIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in, at := asked(r)
	var got api.Updated
	require.NoError(t, r.must(api.SlackUpdate, api.MessageUpdate{Channel: at.Channel, Timestamp: "1700000000.000001", Message: in}).Get(&got))
	require.True(t, got.Closed)
}

// TestTicketsOfIncidents carry neutral text in a block where markup has no effect.
func TestTicketsOfIncidents(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.must(api.JiraTicket, api.TicketInput{
		OnceKey: "i/ticket", Kind: api.TicketIncident, Key: "workday-21002", WorkflowID: "incident/brute/7/1",
		Summary: "Many\nfailed sign-ins " + strings.Repeat("x", 400), Lines: []string{"{noformat}h1. Loud", "second\nline"},
	})
	got := r.issues()[0]
	require.True(t, strings.HasPrefix(got.Summary, "Many failed sign-ins"))
	require.LessOrEqual(t, len([]rune(got.Summary)), 255)
	require.Equal(t, "{noformat}\n(noformat}h1. Loud\nsecond line\n{noformat}\n{noformat}\nRun: incident/brute/7/1\n{noformat}\n"+
		"http://127.0.0.1:8233/namespaces/test/workflows/incident%2Fbrute%2F7%2F1\n", got.Description)

	_, err := r.run(api.JiraTransition, api.TransitionInput{Ticket: got.Key, Status: "Frozen"})
	require.Contains(t, application(t, err).Error(), "no_such_transition")
	_, err = r.run(api.JiraComment, api.CommentInput{OnceKey: "i/c", Ticket: "IT-999", Lines: []string{"x"}})
	require.Equal(t, api.ErrNotFound, application(t, err).Type())
}
