// Package config reads gatehouse.yaml: where the systems are and how to sign in to them. What people should have is in
// policy.yaml and is none of its business.
//
// A value may be written as ${NAME} and is then taken from the environment; a secret may also be written as
// file:/path and is then read from that file. Every relative path is relative to the configuration file, wherever the
// program was started. All problems are reported at once.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/httpx"
	"gatehouse/internal/yamlfile"
)

// Config is gatehouse.yaml.
type Config struct {
	// Policy is the path of policy.yaml, relative to the configuration file.
	Policy   string   `yaml:"policy"`
	Ledger   Ledger   `yaml:"ledger"`
	Temporal Temporal `yaml:"temporal"`
	Gateway  Gateway  `yaml:"gateway"`
	OneLogin OneLogin `yaml:"onelogin"`
	Workday  Workday  `yaml:"workday"`
	BambooHR BambooHR `yaml:"bamboohr"`
	// Slack, Mail or both carry messages.
	Slack Slack `yaml:"slack"`
	Mail  Mail  `yaml:"mail"`
	// Jira is used when it is filled in. Tickets are messages to IT otherwise.
	Jira   Jira   `yaml:"jira"`
	Google Google `yaml:"google"`
	// Systems are where people have access beside OneLogin.
	Systems Systems `yaml:"systems"`
	// PagerDuty is used when routing_key is set.
	PagerDuty PagerDuty `yaml:"pagerduty"`
	Events    Events    `yaml:"events"`
	// Encryption seals payloads in Temporal and personal fields in the ledger. Empty: nothing is sealed.
	Encryption Encryption `yaml:"encryption"`
	// Schedules says when what runs by itself.
	Schedules Schedules `yaml:"schedules"`
	// Alerts says whom to tell when nothing else works.
	Alerts Alerts `yaml:"alerts"`
	// Deciders says where those who decide sign in. Who may decide what is in the policy.
	Deciders Deciders `yaml:"deciders"`
	// Agents is the MCP server. Which agents there are is in the policy.
	Agents Agents `yaml:"agents"`

	// unset names the environment variables that settings were to be taken from and that are not there.
	unset map[string]string
}

// Ledger says where the ledger is kept.
type Ledger struct {
	// URL is a path for SQLite, relative to the configuration file (default var/ledger.db), or a postgres:// URL.
	URL httpx.Secret `yaml:"url"`
	// DigestKey keys the digests of e-mail addresses that match records of one human.
	DigestKey httpx.Secret `yaml:"digest_key"`

	// written is the relative path that the file has, empty for everything else.
	written string
}

// Astray returns the file of the working directory that the ledger's path named while relative paths were relative to
// where a program was started. It is empty if there is none, or if it is the ledger itself.
func (l Ledger) Astray() string {
	if l.written == "" {
		return ""
	}
	there, err := os.Stat(l.written)
	if err != nil {
		return ""
	}
	if here, err := os.Stat(strings.TrimPrefix(l.URL.Reveal(), sqliteScheme)); err == nil && os.SameFile(here, there) {
		return ""
	}
	return l.written
}

const sqliteScheme = "sqlite://"

// Deciders is the identity provider of those who decide, for `starter login`. Without it they have keys of their own.
type Deciders struct {
	// Issuer is the provider's OpenID Connect issuer. ClientID is a public client that may use the device flow.
	Issuer   string `yaml:"issuer"`
	ClientID string `yaml:"client_id"`
}

// Agents is the MCP server through which agents ask and act.
type Agents struct {
	// Listen is the address to bind (default 127.0.0.1:8485).
	Listen string `yaml:"listen"`
	// URL is what agents reach the server as, and the audience of their tokens (default http://<listen>/mcp).
	URL string `yaml:"url"`
	// Issuer is the OpenID Connect issuer of agents' tokens. Without it only tokens of `starter agents token` count.
	Issuer string `yaml:"issuer"`
}

// Temporal holds what is ours about the connection; the connection itself comes from TEMPORAL_* variables and the
// profiles of the temporal CLI.
type Temporal struct {
	// UI is the base URL of the Temporal UI, for links in messages.
	UI string `yaml:"ui"`
	// Namespace is used where TEMPORAL_NAMESPACE is not set (default "default").
	Namespace string `yaml:"namespace"`
}

// Gateway is the HTTP front door.
type Gateway struct {
	// Listen is the address to bind (default 127.0.0.1:8480).
	Listen string `yaml:"listen"`
	// BambooHRKeys are the webhook's private keys; two are valid while one is rotated out.
	BambooHRKeys []httpx.Secret `yaml:"bamboohr_keys"`
	// WorkdayKeys sign the callbacks of a Workday business process.
	WorkdayKeys []httpx.Secret `yaml:"workday_keys"`
	// OneLoginSecrets are what OneLogin's event webhook sends in OneLoginHeader (default X-OneLogin-Token).
	OneLoginSecrets []httpx.Secret `yaml:"onelogin_secrets"`
	OneLoginHeader  string         `yaml:"onelogin_header"`
	// PagerDutySecrets sign PagerDuty's webhooks.
	PagerDutySecrets []httpx.Secret `yaml:"pagerduty_secrets"`
	// SlackSigningSecret signs what Slack sends when somebody presses a button. SlackTeam and SlackApp, if they are set,
	// are the only workspace and app whose presses count.
	SlackSigningSecret httpx.Secret `yaml:"slack_signing_secret"`
	SlackTeam          string       `yaml:"slack_team"`
	SlackApp           string       `yaml:"slack_app"`
}

// OneLogin is the directory that access is kept in.
type OneLogin struct {
	BaseURL      string        `yaml:"base_url"`
	ClientID     string        `yaml:"client_id"`
	ClientSecret httpx.Secret  `yaml:"client_secret"`
	Timeout      time.Duration `yaml:"timeout"`
	// CredentialOwners are the OneLogin users that own API credentials, by id or username: an API credential dies with the
	// user that made it. An entry may name several, with commas between them. An empty list says that there are none.
	CredentialOwners []string `yaml:"credential_owners"`
}

// Owners lists the owners of API credentials one by one.
func (o OneLogin) Owners() []string {
	var owners []string
	for _, entry := range o.CredentialOwners {
		for _, owner := range strings.Split(entry, ",") {
			if owner = strings.TrimSpace(owner); owner != "" {
				owners = append(owners, owner)
			}
		}
	}
	return owners
}

// Events says what is needed to judge OneLogin's events, besides the policy.
type Events struct {
	// GeoIP is the path of a MaxMind City database (.mmdb), relative to the configuration file. It says where addresses
	// are; none means that only the policy's events.networks do.
	GeoIP string `yaml:"geoip"`
}

// Workday is an HR source. It is used when base_url is set.
type Workday struct {
	BaseURL      string            `yaml:"base_url"`
	Tenant       string            `yaml:"tenant"`
	ClientID     string            `yaml:"client_id"`
	ClientSecret httpx.Secret      `yaml:"client_secret"`
	RefreshToken httpx.Secret      `yaml:"refresh_token"`
	ReportOwner  string            `yaml:"report_owner"`
	RosterReport string            `yaml:"roster_report"`
	WorkerReport string            `yaml:"worker_report"`
	WorkerPrompt string            `yaml:"worker_prompt"`
	Columns      map[string]string `yaml:"columns"`
	Timeout      time.Duration     `yaml:"timeout"`

	refreshTokenFile string
}

// RefreshTokenFile is the file the refresh token was read from, where a rotated one belongs; "" if it has none.
func (w Workday) RefreshTokenFile() string { return w.refreshTokenFile }

// BambooHR is an HR source. It is used when base_url is set.
type BambooHR struct {
	BaseURL string        `yaml:"base_url"`
	APIKey  httpx.Secret  `yaml:"api_key"`
	Timeout time.Duration `yaml:"timeout"`
}

// Sources names the HR sources that are configured.
func (c *Config) Sources() []string {
	var sources []string
	if c.Workday.BaseURL != "" {
		sources = append(sources, identity.SourceWorkday)
	}
	if c.BambooHR.BaseURL != "" {
		sources = append(sources, identity.SourceBambooHR)
	}
	if c.Schedules.Sponsored > 0 {
		sources = append(sources, identity.SourceSponsored)
	}
	return sources
}

// Slack carries messages. Channels are ids, because names can be changed by anybody.
type Slack struct {
	// BaseURL is for tests; default https://slack.com/api/.
	BaseURL  string       `yaml:"base_url"`
	Token    httpx.Secret `yaml:"token"`
	Channels struct {
		IT       string `yaml:"it"`
		Security string `yaml:"security"`
	} `yaml:"channels"`
}

// PagerDuty wakes people up when an incident does not wait.
type PagerDuty struct {
	// BaseURL is the REST API (default https://api.pagerduty.com), EventsURL the Events API
	// (default https://events.pagerduty.com). Both differ in the EU region.
	BaseURL   string `yaml:"base_url"`
	EventsURL string `yaml:"events_url"`
	// RoutingKey is the integration key of the service that is paged.
	RoutingKey httpx.Secret `yaml:"routing_key"`
	// Token is a read-only REST key. With it a late retry finds out that an incident is over instead of paging again.
	Token httpx.Secret `yaml:"token"`
}

// Encryption is a keyring: the active key seals, all of them open. Keys are 32 bytes in base64.
type Encryption struct {
	Active string                  `yaml:"active"`
	Keys   map[string]httpx.Secret `yaml:"keys"`
}

// Needs says which parts of the configuration a process uses, so that a gateway without a worker can run without any
// vendor credential.
type Needs struct {
	Vendors bool
	Gateway bool
	// Directory is for a process that only reads OneLogin and HR.
	Directory bool
	// Agents is for the MCP server.
	Agents bool
}

// AgentsPath is where the MCP server answers.
const AgentsPath = "/mcp"

// Load reads and checks a configuration file.
func Load(path string, needs Needs) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w; copy gatehouse.example.yaml and edit it", err)
	}
	c := defaults()
	places, err := decode(path, data, c)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("find the directory of %s: %w", path, err)
	}
	problems := c.expand(dir)
	problems = append(problems, c.check(needs)...)
	for i, problem := range problems {
		problems[i] = places.Before(problem)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s:\n  - %s", path, strings.Join(problems, "\n  - "))
	}
	c.anchor(dir)
	return c, nil
}

// anchor makes paths relative to the configuration file, and not to whoever starts the program.
func (c *Config) anchor(dir string) {
	c.Policy = within(dir, c.Policy)
	for _, file := range []*string{&c.Events.GeoIP, &c.Mail.SMTP.CAFile, &c.Systems.LDAP.CAFile} {
		if *file != "" {
			*file = within(dir, *file)
		}
	}
	url := c.Ledger.URL.Reveal()
	file, named := strings.CutPrefix(url, sqliteScheme)
	if filepath.IsAbs(file) || !named && strings.Contains(url, "://") || strings.Contains(file, ":memory:") {
		return
	}
	c.Ledger.written, c.Ledger.URL = file, httpx.Secret(within(dir, file))
	if named {
		c.Ledger.URL = sqliteScheme + c.Ledger.URL
	}
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func defaults() *Config {
	c := &Config{Policy: "policy.yaml"}
	c.Ledger.URL = "var/ledger.db"
	c.Temporal.UI = "http://127.0.0.1:8233"
	c.Temporal.Namespace = "default"
	c.Gateway.Listen = "127.0.0.1:8480"
	c.Agents.Listen = "127.0.0.1:8485"
	c.OneLogin.Timeout = 10 * time.Second
	c.Workday.Timeout = 30 * time.Second
	c.BambooHR.Timeout = 10 * time.Second
	c.Slack.BaseURL = "https://slack.com/api/"
	c.PagerDuty.BaseURL, c.PagerDuty.EventsURL = "https://api.pagerduty.com", "https://events.pagerduty.com"
	c.Gateway.OneLoginHeader = "X-OneLogin-Token"
	c.Jira = DefaultJira()
	c.Schedules = DefaultSchedules()
	c.Alerts = DefaultAlerts()
	c.Google.defaults()
	c.Systems.defaults()
	c.Mail.SMTP.defaults()
	return c
}

// style is how gatehouse.yaml is read: a line of it may hold a secret.
func style() yamlfile.Style {
	return yamlfile.Style{Name: "the configuration", Empty: "the file is empty: copy gatehouse.example.yaml and edit it", Secret: true}
}

// decode reads one YAML document strictly. Its errors say where, what and what to do, and quote no value of the file. Places
// are where the settings are.
func decode(path string, data []byte, into *Config) (yamlfile.Places, error) {
	r := yamlfile.New(path, style())
	if body, ok := r.Parse(data); ok {
		r.Decode(body, into)
	}
	return r.Places(), r.Err()
}

// expand fills in environment variables and secret files.
func (c *Config) expand(dir string) []string {
	var problems []string
	c.unset = map[string]string{}
	yamlfile.EachText(c, func(name string, v reflect.Value, set func(string)) {
		text := v.String()
		if strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") {
			variable := text[2 : len(text)-1]
			found, ok := os.LookupEnv(variable)
			if !ok {
				// Reported where the process needs it: a gateway runs without the variables of a worker.
				c.unset[name] = variable
			}
			set(found)
			text = found
		}
		written, file := strings.CutPrefix(text, "file:")
		if !file || v.Type() != reflect.TypeFor[httpx.Secret]() {
			return
		}
		path := within(dir, written)
		data, err := os.ReadFile(path)
		if err != nil {
			problem := fmt.Sprintf("%s: the secret file cannot be read: %v", name, errors.Unwrap(err))
			if path != written {
				problem += "; its path is relative to the directory of this file"
			}
			problems = append(problems, problem)
			return
		}
		set(strings.TrimSpace(string(data)))
		if name == "workday.refresh_token" {
			c.Workday.refreshTokenFile = path
		}
	})
	return problems
}
