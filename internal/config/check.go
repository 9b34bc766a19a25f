package config

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/httpx"
	"gatehouse/internal/yamlfile"
)

// check reports every setting that is missing or cannot work, each with what to do.
func (c *Config) check(needs Needs) []string {
	p := &problems{unset: c.unset}
	p.text("policy", c.Policy, "the path of policy.yaml")
	p.ledger("ledger.url", c.Ledger.URL.Reveal())
	p.variable("ledger.digest_key")
	p.listen("gateway.listen", c.Gateway.Listen)
	c.checkEncryption(p)
	c.checkSchedules(p)
	c.checkDeciders(p)
	if needs.Agents {
		c.checkAgents(p)
	}
	if needs.Vendors || needs.Gateway {
		c.checkAlerts(p)
	}
	switch {
	case needs.Vendors:
		c.checkVendors(p)
		c.checkGoogle(p)
		c.checkSystems(p)
	case needs.Directory:
		c.checkDirectory(p, false)
	}
	if needs.Gateway {
		c.checkGateway(p)
	}
	return p.list
}

func (c *Config) checkDeciders(p *problems) {
	d := c.Deciders
	if d.Issuer == "" && d.ClientID == "" {
		return
	}
	p.url("deciders.issuer", d.Issuer, "https://<subdomain>.onelogin.com/oidc/2, or the issuer of another provider")
	p.text("deciders.client_id", d.ClientID, "the id of a public client that may use the device flow")
}

// checkAgents checks the MCP server, and says what agents reach it as where nothing else does.
func (c *Config) checkAgents(p *problems) {
	if _, _, err := net.SplitHostPort(c.Agents.Listen); err != nil {
		p.add("agents.listen is not host:port: write 127.0.0.1:8485")
	}
	if c.Agents.URL == "" {
		c.Agents.URL = "http://" + c.Agents.Listen + AgentsPath
	}
	p.url("agents.url", c.Agents.URL, "what agents reach the server as, such as https://agents.example.com"+AgentsPath)
	if !strings.HasSuffix(c.Agents.URL, AgentsPath) {
		p.add("agents.url does not end in " + AgentsPath + ": the server answers there")
	}
	if c.Agents.Issuer != "" {
		p.url("agents.issuer", c.Agents.Issuer, "the issuer of agents' tokens, such as https://acme.onelogin.com/oidc/2")
	}
}

func (c *Config) checkGateway(p *problems) {
	g := c.Gateway
	if len(g.BambooHRKeys)+len(g.WorkdayKeys) == 0 {
		p.add("gateway: no webhook key; set gateway.bamboohr_keys or gateway.workday_keys, or every webhook is refused")
	}
	for _, list := range []struct {
		name   string
		keys   []httpx.Secret
		advice string
	}{
		{"bamboohr_keys", g.BambooHRKeys, "the webhook's private key, or remove the entry"},
		{"workday_keys", g.WorkdayKeys, "the key that the callback is signed with, or remove the entry"},
		{"onelogin_secrets", g.OneLoginSecrets, "what the event webhook sends in its header, or remove the entry"},
		{"pagerduty_secrets", g.PagerDutySecrets, "the secret that the webhook subscription was created with, or remove the entry"},
	} {
		for i, key := range list.keys {
			p.text(fmt.Sprintf("gateway.%s[%d]", list.name, i), key.Reveal(), list.advice)
		}
	}
	p.variable("gateway.slack_signing_secret")
	if len(g.OneLoginSecrets) > 0 {
		p.text("gateway.onelogin_header", g.OneLoginHeader, "the name of the header that the event webhook sends its secret in")
	}
}

// checkDirectory checks how OneLogin and HR are read. Acts says that OneLogin is changed as well.
func (c *Config) checkDirectory(p *problems, acts bool) {
	p.url("onelogin.base_url", c.OneLogin.BaseURL, "https://<subdomain>.onelogin.com")
	p.text("onelogin.client_id", c.OneLogin.ClientID, "create an API credential with scope Manage All in OneLogin")
	p.text("onelogin.client_secret", c.OneLogin.ClientSecret.Reveal(), "set ONELOGIN_CLIENT_SECRET or use file:/path")
	p.positive("onelogin.timeout", c.OneLogin.Timeout)
	if acts {
		c.checkOwners(p)
	}
	if c.Workday.BaseURL == "" && c.BambooHR.BaseURL == "" {
		p.add("no HR source: set workday.base_url or bamboohr.base_url")
	}
	if c.Workday.BaseURL != "" {
		c.checkWorkday(p)
	}
	if c.BambooHR.BaseURL != "" {
		p.url("bamboohr.base_url", c.BambooHR.BaseURL, "https://<company>.bamboohr.com")
		p.text("bamboohr.api_key", c.BambooHR.APIKey.Reveal(), "set BAMBOOHR_API_KEY or use file:/path")
		p.positive("bamboohr.timeout", c.BambooHR.Timeout)
		p.positive("schedules.bamboohr", c.Schedules.BambooHR)
	}
}

func (c *Config) checkVendors(p *problems) {
	c.checkDirectory(p, true)
	c.checkTold(p)
	c.checkJira(p)
	c.checkPagerDuty(p)
}

// checkOwners checks who owns API credentials. Nobody can find that out for an operator: OneLogin does not tell.
func (c *Config) checkOwners(p *problems) {
	const name = "onelogin.credential_owners"
	if c.OneLogin.CredentialOwners == nil {
		p.add("%s is missing: list the OneLogin users that made API credentials, by id or username, this program's own among "+
			"them: a credential dies with its user. Write [] if no person's account owns one", name)
	}
	for i, owner := range c.OneLogin.CredentialOwners {
		if owner == "" {
			p.variable(yamlfile.Item(name, i))
		}
	}
	for _, owner := range c.OneLogin.Owners() {
		if strings.ContainsAny(owner, "*\n") || strings.HasPrefix(owner, "-") {
			p.add("%s: one of the entries is neither the id nor the username of a user", name)
		}
	}
}

// checkPagerDuty checks a part that a deployment may go without.
func (c *Config) checkPagerDuty(p *problems) {
	p.variable("pagerduty.token")
	if p.variable("pagerduty.routing_key") {
		return
	}
	if c.PagerDuty.RoutingKey == "" {
		if c.PagerDuty.Token != "" {
			p.add("pagerduty.token is set and pagerduty.routing_key is not: nobody would be paged")
		}
		return
	}
	if len(c.PagerDuty.RoutingKey.Reveal()) != routingKeyLength {
		p.add("pagerduty.routing_key does not have %d characters: copy the integration key of an Events API v2 integration", routingKeyLength)
	}
	p.url("pagerduty.events_url", c.PagerDuty.EventsURL, "https://events.pagerduty.com")
	if c.PagerDuty.Token != "" {
		p.url("pagerduty.base_url", c.PagerDuty.BaseURL, "https://api.pagerduty.com")
	}
}

// routingKeyLength is how long every integration key is. Source: developer.pagerduty.com, Events API v2.
const routingKeyLength = 32

func (c *Config) checkWorkday(p *problems) {
	p.url("workday.base_url", c.Workday.BaseURL, "https://<host>.workday.com")
	p.text("workday.tenant", c.Workday.Tenant, "the tenant's name in its URLs")
	p.text("workday.client_id", c.Workday.ClientID, "register an API client for integrations in Workday")
	p.text("workday.client_secret", c.Workday.ClientSecret.Reveal(), "set WORKDAY_CLIENT_SECRET or use file:/path")
	p.text("workday.refresh_token", c.Workday.RefreshToken.Reveal(), "generate one for the integration system user")
	p.text("workday.report_owner", c.Workday.ReportOwner, "the account that owns the reports, as in their URLs")
	p.text("workday.roster_report", c.Workday.RosterReport, "the web-service report that lists everybody")
	p.text("workday.worker_report", c.Workday.WorkerReport, "the web-service report that takes one worker as a prompt")
	for _, column := range slices.Sorted(maps.Keys(c.Workday.Columns)) {
		p.variable("workday.columns." + column)
	}
	p.positive("workday.timeout", c.Workday.Timeout)
	p.positive("schedules.workday", c.Schedules.Workday)
}

func (c *Config) checkEncryption(p *problems) {
	if c.Encryption.Active == "" && len(c.Encryption.Keys) == 0 {
		p.variable("encryption.active")
		return
	}
	if _, ok := c.Encryption.Keys[c.Encryption.Active]; !ok {
		p.add("encryption.active is not the name of one of encryption.keys")
	}
	for _, id := range slices.Sorted(maps.Keys(c.Encryption.Keys)) {
		name := "encryption.keys." + id
		raw, err := base64.StdEncoding.DecodeString(c.Encryption.Keys[id].Reveal())
		if !p.variable(name) && (err != nil || len(raw) != 32) {
			p.add("%s: not 32 bytes in base64; make one with: openssl rand -base64 32", name)
		}
	}
}

// problems collects what is wrong.
type problems struct {
	list []string
	// unset names the environment variables that settings were to be taken from and that are not there.
	unset map[string]string
}

func (p *problems) add(format string, args ...any) {
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

// variable reports a setting whose environment variable is not there.
func (p *problems) variable(name string) (reported bool) {
	env, unset := p.unset[name]
	if unset {
		p.add("%s is missing: the environment variable %s is not set", name, env)
	}
	return unset
}

func (p *problems) text(name, value, advice string) {
	if strings.TrimSpace(value) == "" && !p.variable(name) {
		p.add("%s is missing: %s", name, advice)
	}
}

// optional checks a text that may be left out, but not be blank.
func (p *problems) optional(name, value string) {
	if !p.variable(name) && value != "" && strings.TrimSpace(value) == "" {
		p.add("%s is blank: give it a value, or remove the key", name)
	}
}

func (p *problems) positive(name string, d time.Duration) {
	if d <= 0 {
		p.add("%s must be longer than 0: write a duration such as 30s or 15m", name)
	}
}

// url checks where credentials are sent: over TLS, unless it stays on this machine.
func (p *problems) url(name, value, example string) {
	if value == "" && p.variable(name) {
		return
	}
	u, err := httpx.ParseBase(value)
	switch {
	case value == "":
		p.add("%s is missing: write it as %s", name, example)
	case err != nil:
		p.add("%s %v: write it as %s", name, err, example)
	case u.Scheme == "http" && !loopback(u):
		p.add("%s is plain http, which would send credentials and personal data in the clear: write it as %s", name, example)
	}
}

// loopback reports whether a URL leads back to this machine.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}
