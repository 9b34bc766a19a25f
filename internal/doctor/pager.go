package doctor

import (
	"context"

	"gatehouse/connectors/pagerduty"
	"gatehouse/internal/oncall"
)

// pager says what can be said without waking somebody: whether what people do in it is heard.
func (d *Doctor) pager(ctx context.Context, r *report) {
	cfg := d.App.Config.PagerDuty
	if cfg.RoutingKey == "" {
		r.fine("none is configured; GH-D01 says whether anybody can be woken")
		return
	}
	r.fine("a routing key is set. Whether it takes events cannot be told without waking somebody: send a test from PagerDuty's page of the service")
	if cfg.Token == "" {
		r.warn("set pagerduty.token, a read-only REST API key",
			"there is no pagerduty.token: what people do in the pager is not heard of where the service makes alerts, as PagerDuty's do by default")
		return
	}
	var list []pagerduty.Subscription
	err := bounded(ctx, func(ctx context.Context) (err error) {
		list, err = d.App.PagerDuty().Subscriptions(ctx, oncall.Ours)
		return err
	})
	switch {
	case err != nil:
		r.warn("give pagerduty.token read access, and see that PagerDuty can be reached", "the webhook subscriptions cannot be read: %v", err)
	case len(list) == 0:
		r.warn("create a webhook subscription as docs/webhooks.md says",
			"no webhook subscription leads to a gateway: what people do in the pager is heard up to an hour late")
	}
	for _, s := range list {
		if why := oncall.Wrong(s); why != "" {
			r.warn("see in the gateway's log why (webhook refused), mend that, and enable the subscription in PagerDuty", "%s", why)
		}
	}
}
