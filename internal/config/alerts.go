package config

import (
	"net/url"
	"time"

	"gatehouse/internal/alerts"
	"gatehouse/internal/httpx"
)

// Alerts is the channel for what somebody has to know when everything else may be down, and the watch behind it. Every
// program that has the ledger watches; without an address it only logs.
type Alerts struct {
	// URL is where alerts are posted to: a receiver of your own, an alerting service, or an incoming webhook of Slack.
	URL httpx.Secret `yaml:"url"`
	// Secret keys the signature of each post.
	Secret httpx.Secret `yaml:"secret"`
	// Format is json or slack; empty goes by the address.
	Format string `yaml:"format"`
	// CheckEvery is how often a program looks (default 30s), Grace how long a departure may be late beyond the policy's
	// contain_within (default 1m), RepeatEvery how long it is silent about what it has announced (default 4h).
	CheckEvery  time.Duration `yaml:"check_every"`
	Grace       time.Duration `yaml:"grace"`
	RepeatEvery time.Duration `yaml:"repeat_every"`
	// PingURL is called every PingEvery (default 5m) while all is well, so that a service outside notices when it is not.
	PingURL   httpx.Secret  `yaml:"ping_url"`
	PingEvery time.Duration `yaml:"ping_every"`
}

// DefaultAlerts are the settings of a file that names none.
func DefaultAlerts() Alerts {
	return Alerts{CheckEvery: 30 * time.Second, Grace: time.Minute, RepeatEvery: 4 * time.Hour, PingEvery: 5 * time.Minute}
}

// checkAlerts is for processes that watch over deadlines: those that work, and the gateway.
func (c *Config) checkAlerts(p *problems) {
	a := &c.Alerts
	p.variable("alerts.secret")
	p.hook("alerts.url", a.URL.Reveal())
	p.hook("alerts.ping_url", a.PingURL.Reveal())
	if a.URL == "" && a.Secret != "" && p.unset["alerts.url"] == "" {
		p.add("alerts.secret is set and alerts.url is not: nobody would be alerted")
	}
	if a.Format == "" {
		a.Format = alerts.FormatOf(a.URL.Reveal())
	}
	switch a.Format {
	case alerts.FormatSlack:
	case alerts.FormatJSON:
		if a.URL != "" {
			p.text("alerts.secret", a.Secret.Reveal(), "what the receiver checks signatures with; make one with: openssl rand -hex 32")
		}
	default:
		p.add("alerts.format is neither json nor slack")
	}
	p.positive("alerts.check_every", a.CheckEvery)
	p.positive("alerts.repeat_every", a.RepeatEvery)
	p.positive("alerts.ping_every", a.PingEvery)
	if a.Grace < 0 {
		p.add("alerts.grace is negative: write how long a departure may be late before it is announced, such as 1m")
	}
	if a.PingURL != "" && a.PingEvery < a.CheckEvery {
		p.add("alerts.ping_every is shorter than alerts.check_every, which is how often there is anything to say: make it longer")
	}
}

// hook checks where something is posted or called, if it is set: over TLS, unless it stays on this machine. Unlike
// that of an API, such an address may have a query.
func (p *problems) hook(name, value string) {
	if value == "" {
		p.variable(name)
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		p.add("%s is not an absolute http or https URL", name)
	case u.Port() != "" && !portExists(u.Port()):
		p.add("%s has a port that there is not: write one from 1 to 65535", name)
	case u.User != nil || u.Fragment != "":
		p.add("%s must not hold a user or a fragment", name)
	case u.Scheme == "http" && !loopback(u):
		p.add("%s is plain http, where others can read and forge what is sent: use https", name)
	}
}
