package pagerduty

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Subscription is a webhook subscription.
type Subscription struct {
	ID, URL string
	// Active is false where somebody has switched it off.
	Active bool
	// Disabled says that PagerDuty has disabled it for a day, because deliveries were refused.
	Disabled bool
}

// subscription is a webhook subscription as PagerDuty has it. A list leaves out whether one is disabled.
type subscription struct {
	ID             string `json:"id"`
	Active         bool   `json:"active"`
	DeliveryMethod struct {
		URL                 string `json:"url"`
		TemporarilyDisabled bool   `json:"temporarily_disabled"`
	} `json:"delivery_method"`
}

// Subscriptions lists the webhook subscriptions whose address is wanted, and says of each whether it is at work.
// Source: developer.pagerduty.com, REST API, list and get webhook subscriptions.
func (c *Client) Subscriptions(ctx context.Context, wanted func(address string) bool) ([]Subscription, error) {
	var found []Subscription
	for offset := 0; ; offset += pageSize {
		var page struct {
			Subscriptions []subscription `json:"webhook_subscriptions"`
			More          bool           `json:"more"`
		}
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}
		if err := c.get(ctx, "list the webhook subscriptions", "/webhook_subscriptions?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		for _, listed := range page.Subscriptions {
			if !wanted(listed.DeliveryMethod.URL) {
				continue
			}
			var one struct {
				Subscription subscription `json:"webhook_subscription"`
			}
			if err := c.get(ctx, "read a webhook subscription", "/webhook_subscriptions/"+url.PathEscape(listed.ID), &one); err != nil {
				return nil, err
			}
			found = append(found, Subscription{
				ID: listed.ID, URL: listed.DeliveryMethod.URL, Active: one.Subscription.Active,
				Disabled: one.Subscription.DeliveryMethod.TemporarilyDisabled,
			})
		}
		if !page.More || len(page.Subscriptions) == 0 {
			return found, nil
		}
	}
}

// get reads what the library knows nothing of.
func (c *Client) get(ctx context.Context, op, path string, into any) error {
	_, e := c.call(ctx, op, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
		if err != nil {
			return err
		}
		resp, err := c.api.Do(req, true)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }() // The library has read it to its end.
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("answered with %d", resp.StatusCode)
		}
		return json.NewDecoder(resp.Body).Decode(into)
	})
	if e != nil {
		return e
	}
	return nil
}
