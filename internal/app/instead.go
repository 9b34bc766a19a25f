package app

import (
	"context"

	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
)

// Instead is what is done for want of a system.
type Instead struct{ Missing, Does string }

// InsteadOf says of each system that a company goes without what is done instead.
func InsteadOf(c *config.Config) []Instead {
	var all []Instead
	add := func(missing, does string) { all = append(all, Instead{missing, does}) }
	if !c.Slack.Configured() {
		add("Slack", "messages go by e-mail to mail.it, mail.security and the people concerned; questions are answered with starter decide")
	}
	if !c.Mails() {
		add("e-mail", "whom Slack does not reach is told nothing themselves: their manager or IT is")
	}
	if !c.Jira.Configured() {
		add("Jira", "tickets go to IT as messages, each with an item that is open until somebody takes it (starter attention take)")
	}
	if c.PagerDuty.RoutingKey == "" {
		if c.Alerts.URL != "" {
			add("PagerDuty", "what is urgent is posted to alerts.url, and security reads of incidents in messages")
		} else {
			add("PagerDuty", "nobody is woken: security reads of incidents in messages")
		}
	}
	if !c.Google.Configured() {
		add("Google", "no access review is made and its schedule is off, and the MFA programme keeps no sheet: starter mfa status shows it")
	}
	return all
}

// The fingerprint of the item that says that reviews are wanted and not made.
const (
	itemNoReviews = "access_review_off"
	itemReviewsOf = "google"
)

// sayWhatIsMissing logs what is done instead, and lists reviews that the policy wants and that cannot be made.
func (a *App) sayWhatIsMissing(ctx context.Context, v *Vendors) error {
	for _, i := range InsteadOf(a.Config) {
		a.Log.Info("not configured", "system", i.Missing, "instead", i.Does)
	}
	if a.Config.Google.Configured() || v.Policy.Current().Review().Compliance == "" {
		return a.Ledger.Worklist().ClearItem(ctx, itemReviewsOf, itemNoReviews, "")
	}
	return a.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: itemReviewsOf, Class: itemNoReviews, Severity: worklist.SeverityInfo, Owner: "it",
		Text: "The policy names review.compliance, and no access review is made: Google, whose spreadsheets it writes, is not configured. Its schedule is off.",
		Next: "set google in gatehouse.yaml, restart the worker and run schedules apply; or remove review.compliance from the policy and restart the worker",
	})
}
