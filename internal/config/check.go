package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
)

// check reports every setting that is missing or cannot work, each with what to do.
func (c *Config) check(needs Needs) []string {
	p := &problems{}
	if _, _, err := net.SplitHostPort(c.Gateway.Listen); err != nil {
		p.add("gateway.listen: %q is not host:port; write 127.0.0.1:8480", c.Gateway.Listen)
	}
	c.checkEncryption(p)
	if needs.Vendors {
		c.checkVendors(p)
	}
	if needs.Gateway && len(c.Gateway.BambooHRKeys)+len(c.Gateway.WorkdayKeys) == 0 {
		p.add("gateway: no webhook key; set gateway.bamboohr_keys or gateway.workday_keys, or every webhook is refused")
	}
	if needs.Gateway {
		for i, k := range append(c.Gateway.BambooHRKeys, c.Gateway.WorkdayKeys...) {
			if k.Reveal() == "" {
				p.add("gateway: webhook key %d is empty; is its environment variable set?", i+1)
			}
		}
	}
	return p.list
}

func (c *Config) checkVendors(p *problems) {
	p.url("onelogin.base_url", c.OneLogin.BaseURL, "https://<subdomain>.onelogin.com")
	p.text("onelogin.client_id", c.OneLogin.ClientID, "create an API credential with scope Manage All in OneLogin")
	p.text("onelogin.client_secret", c.OneLogin.ClientSecret.Reveal(), "set ONELOGIN_CLIENT_SECRET or use file:/path")
	if c.Workday.BaseURL == "" && c.BambooHR.BaseURL == "" {
		p.add("no HR source: set workday.base_url or bamboohr.base_url")
	}
	if c.Workday.BaseURL != "" {
		p.url("workday.base_url", c.Workday.BaseURL, "https://<host>.workday.com")
		p.text("workday.tenant", c.Workday.Tenant, "the tenant's name in its URLs")
		p.text("workday.client_id", c.Workday.ClientID, "register an API client for integrations in Workday")
		p.text("workday.client_secret", c.Workday.ClientSecret.Reveal(), "set WORKDAY_CLIENT_SECRET or use file:/path")
		p.text("workday.refresh_token", c.Workday.RefreshToken.Reveal(), "generate one for the integration system user")
		p.text("workday.roster_report", c.Workday.RosterReport, "the web-service report that lists everybody")
		p.text("workday.worker_report", c.Workday.WorkerReport, "the web-service report that takes one worker as a prompt")
	}
	if c.BambooHR.BaseURL != "" {
		p.url("bamboohr.base_url", c.BambooHR.BaseURL, "https://<company>.bamboohr.com")
		p.text("bamboohr.api_key", c.BambooHR.APIKey.Reveal(), "set BAMBOOHR_API_KEY or use file:/path")
	}
	p.url("slack.base_url", c.Slack.BaseURL, "https://slack.com/api/")
	p.text("slack.token", c.Slack.Token.Reveal(), "set SLACK_TOKEN to the bot token of your own Slack app")
	p.text("slack.channels.it", c.Slack.Channels.IT, "the id of the IT channel, C…")
	p.text("slack.channels.security", c.Slack.Channels.Security, "the id of the security channel, C…")
	p.url("jira.base_url", c.Jira.BaseURL, "https://<site>.atlassian.net")
	p.text("jira.token", c.Jira.Token.Reveal(), "set JIRA_TOKEN to an API token")
	p.text("jira.project", c.Jira.Project, "the key of the project for IT's tickets")
	switch c.Jira.Deployment {
	case "cloud":
		p.text("jira.user", c.Jira.User, "the e-mail address the API token belongs to")
	case "datacenter":
	default:
		p.add("jira.deployment: %q is neither cloud nor datacenter", c.Jira.Deployment)
	}
}

func (c *Config) checkEncryption(p *problems) {
	if c.Encryption.Active == "" && len(c.Encryption.Keys) == 0 {
		return
	}
	if _, ok := c.Encryption.Keys[c.Encryption.Active]; !ok {
		p.add("encryption.active: %q is not among encryption.keys", c.Encryption.Active)
	}
	for id, key := range c.Encryption.Keys {
		if raw, err := base64.StdEncoding.DecodeString(key.Reveal()); err != nil || len(raw) != 32 {
			p.add("encryption.keys.%s: not 32 bytes in base64; make one with: openssl rand -base64 32", id)
		}
	}
}

// problems collects what is wrong.
type problems struct{ list []string }

func (p *problems) add(format string, args ...any) {
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

func (p *problems) text(name, value, advice string) {
	if value == "" {
		p.add("%s is missing: %s", name, advice)
	}
}

func (p *problems) url(name, value, example string) {
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		p.add("%s is not a URL: write it as %s", name, example)
	}
}
