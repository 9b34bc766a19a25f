package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/jira"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
)

// wordChecks are about those who tell people, and about clocks.
func (d *Doctor) wordChecks() []check {
	return []check{
		{"GH-D30", "Slack's token", d.slackToken},
		{"GH-D31", "Slack's channels", d.channels},
		{"GH-D32", "Jira", d.jira},
		{"GH-D33", "clocks", d.clocks},
		{"GH-D34", "pager", d.pager},
		{"GH-D35", "e-mail", d.mail},
		{"GH-D36", "what is not configured", d.missing},
	}
}

func (d *Doctor) slackToken(ctx context.Context, r *report) {
	if d.withoutSlack() {
		r.fine("none is configured; GH-D36 says what is done instead")
		return
	}
	if d.App.Config.Slack.Token == "" {
		r.unknown(elsewhere, noCredential)
		return
	}
	err := bounded(ctx, func(ctx context.Context) error {
		_, err := d.App.Slack().WhoAmI(ctx)
		return err
	})
	if err != nil {
		r.failure("install the app in the workspace again and put its bot token into slack.token", "Slack does not take it: %v", err)
		return
	}
	err = bounded(ctx, func(ctx context.Context) error {
		owner := "postmaster@localhost.invalid" // Nobody has it: what counts is whether the question is allowed.
		_, _, err := d.App.Slack().UserByEmail(ctx, owner)
		return err
	})
	if slackCode(err) == "missing_scope" {
		r.failure("give the app the scopes users:read and users:read.email, and install it again", "missing_scope: nobody can be found by their address, so that managers and owners are not told")
		return
	}
	r.fine("Slack takes it, and people can be found by their address")
}

// channels asks for each channel whether messages can be posted there, and found again.
func (d *Doctor) channels(ctx context.Context, r *report) {
	cfg := d.App.Config.Slack
	if d.withoutSlack() {
		r.fine("none are configured; GH-D36 says what is done instead")
		return
	}
	if cfg.Token == "" {
		r.unknown(elsewhere, noCredential)
		return
	}
	for _, c := range []struct{ name, id string }{{"it", cfg.Channels.IT}, {"security", cfg.Channels.Security}} {
		if c.id == "" {
			r.unknown(elsewhere, "slack.channels.%s is not set on this machine", c.name)
			continue
		}
		err := bounded(ctx, func(ctx context.Context) error { return d.channel(ctx, r, c.name, c.id) })
		if err != nil {
			mend, why := channelTrouble(err, c.name)
			r.failure(mend, "slack.channels.%s: %s", c.name, why)
		}
	}
}

func (d *Doctor) channel(ctx context.Context, r *report, name, id string) error {
	client := d.App.Slack()
	info, err := client.Channel(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case info.Archived:
		r.failure("unarchive the channel, or name another one in slack.channels."+name, "slack.channels.%s is archived: nothing can be posted there", name)
		return nil
	case !info.Member:
		r.failure("in the channel, write /invite and the name of the app", "slack.channels.%s: the app is not in the channel", name)
		return nil
	}
	if err := client.Readable(ctx, id); err != nil {
		return err
	}
	r.fine("slack.channels.%s: messages can be posted and found", name)
	return nil
}

// slackCode is Slack's own name of an error, "" if it has none.
func slackCode(err error) string {
	var refused *connectors.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// channelTrouble says what Slack's answer may mean. It hides private channels from whoever is not in them.
func channelTrouble(err error, name string) (mend, why string) {
	switch slackCode(err) {
	case "channel_not_found":
		return "in the channel, write /invite and the name of the app; or correct slack.channels." + name,
			"channel_not_found: either the id is wrong, or the channel is private and the app is not in it, which Slack does not tell apart"
	case "missing_scope":
		return "give the app the scopes channels:read, channels:history, groups:read and groups:history, and install it again",
			"missing_scope: the app may not see the channel or its messages, so that a message could be posted twice"
	case "not_in_channel":
		return "in the channel, write /invite and the name of the app", "not_in_channel: the app is not in the channel"
	}
	return "try again", err.Error()
}

func (d *Doctor) jira(ctx context.Context, r *report) {
	cfg := d.App.Config.Jira
	if !cfg.Configured() && !d.holdsNothing() {
		r.fine("none is configured; GH-D36 says what is done instead")
		return
	}
	if cfg.BaseURL == "" || cfg.Token == "" {
		r.unknown(elsewhere, noCredential)
		return
	}
	client, err := d.App.Jira()
	if err != nil {
		r.failure("correct jira in the configuration", "%v", err)
		return
	}
	err = bounded(ctx, func(ctx context.Context) error {
		if err := client.Myself(ctx); err != nil {
			return fmt.Errorf("it does not take the token (HTTP %d)", statusOf(err))
		}
		if err := client.Searchable(ctx, cfg.Project); err != nil {
			return fmt.Errorf("the project in jira.project cannot be searched (HTTP %d)", statusOf(err))
		}
		return nil
	})
	if err != nil {
		r.failure("see that jira.token, jira.user and jira.project are right", "tickets are not made: %v", err)
		return
	}
	d.jiraFields(ctx, client, r)
}

// jiraFields compares what the project demands of a ticket with what tickets have.
func (d *Doctor) jiraFields(ctx context.Context, client *jira.Client, r *report) {
	cfg := d.App.Config.Jira
	var wrong, idle []string
	err := bounded(ctx, func(ctx context.Context) (err error) {
		wrong, idle, err = client.Check(ctx, d.App.Issue(), slices.Sorted(maps.Values(cfg.Priorities)))
		return err
	})
	if err != nil {
		r.warn("give the account of jira.token the permission to create issues in jira.project, and see that jira.issue_type is one of its types",
			"it takes the token, and the project can be searched; whether it takes tickets is not known: %v", err)
		return
	}
	for _, why := range wrong {
		r.failure("correct the setting in the configuration, or the field at Jira", "a ticket would be refused. %s", why)
	}
	if len(idle) > 0 {
		r.warn("correct jira.priorities, or set it to {} to send none", "the project has no priority %s, so that tickets have none of these", strings.Join(idle, ", "))
	}
	unused := d.unusedPriorities()
	if len(unused) > 0 {
		r.warn("write the words of events.severities in the policy", "jira.priorities has %s, which is no severity of the policy", strings.Join(unused, ", "))
	}
	if len(wrong)+len(idle)+len(unused) == 0 {
		r.fine("it takes the token, the project can be searched, and tickets have every field that it demands")
	}
}

// unusedPriorities are the severities of jira.priorities that the policy does not have.
func (d *Doctor) unusedPriorities() []string {
	if d.policy == nil {
		return nil
	}
	given, usual, known := d.App.Config.Jira.Priorities, config.DefaultJira().Priorities, d.policy.Detection().Severities()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(given)), func(severity string) bool {
		return slices.Contains(known, severity) || usual[severity] == given[severity]
	})
}

// statusOf is the HTTP status that a vendor answered with, 0 if it did not.
func statusOf(err error) int {
	var e *connectors.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

const (
	// skewed is how far clocks may be apart before signatures and expiry dates are judged wrongly; Slack refuses what is five
	// minutes old.
	skewed = 30 * time.Second
	broken = 4 * time.Minute
)

// clocks compares this machine's clock with the vendors', by the Date of any answer.
func (d *Doctor) clocks(ctx context.Context, r *report) {
	cfg := d.App.Config
	client := httpx.NewClient(httpx.ClientOptions{})
	asked := 0
	slack := cfg.Slack.BaseURL
	if !cfg.Slack.Configured() {
		slack = ""
	}
	for _, v := range []struct{ name, base string }{
		{"OneLogin", cfg.OneLogin.BaseURL},
		{"Workday", cfg.Workday.BaseURL},
		{"BambooHR", cfg.BambooHR.BaseURL},
		{"Slack", slack},
		{"Jira", cfg.Jira.BaseURL},
	} {
		if v.base == "" {
			continue
		}
		asked++
		var apart time.Duration
		err := bounded(ctx, func(ctx context.Context) (err error) {
			apart, err = d.apart(ctx, client, v.base)
			return err
		})
		switch size := apart.Abs(); {
		case err != nil:
			r.unknown("try again", "%s's is not known: %v", v.name, err)
		case size > broken:
			r.failure("set this machine's clock by NTP: timedatectl set-ntp true", "%s's clock is %s from this machine's: signatures are refused", v.name, apart.Round(time.Second))
		case size > skewed:
			r.warn("set this machine's clock by NTP: timedatectl set-ntp true", "%s's clock is %s from this machine's", v.name, apart.Round(time.Second))
		}
	}
	if len(r.all) == 0 && asked > 0 {
		r.fine("within %s of %d vendors'", skewed, asked)
	}
}

// apart is how far a vendor's clock is ahead of this machine's.
func (d *Doctor) apart(ctx context.Context, client *http.Client, base string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimSuffix(base, "/")+"/", nil)
	if err != nil {
		return 0, err
	}
	sent := d.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, errors.New("no answer")
	}
	if err := resp.Body.Close(); err != nil {
		return 0, err
	}
	received := d.Now()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, errors.New("its answer has no date")
	}
	// The date is of the second that had begun.
	middle := sent.Add(received.Sub(sent) / 2)
	apart := at.Add(time.Second / 2).Sub(middle)
	if apart.Abs() <= time.Second {
		return 0, nil
	}
	return apart, nil
}
