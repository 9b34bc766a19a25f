package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"gatehouse/connectors/google"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/internal/httpx"
)

// Systems are where people have access beside OneLogin. What Gatehouse does there is in the policy.
type Systems struct {
	Google     Workspace  `yaml:"google"`
	Salesforce Salesforce `yaml:"salesforce"`
	LDAP       LDAP       `yaml:"ldap"`
}

// Workspace is Google Workspace as a system in which people have access: users, groups, licences. It is used when subject is set.
type Workspace struct {
	// Credentials is the JSON key of a service account with domain-wide delegation.
	Credentials httpx.Secret `yaml:"credentials"`
	// Subject is the administrator that the service account acts for.
	Subject string `yaml:"subject"`
	// Domain is the primary domain (default: the subject's).
	Domain string `yaml:"domain"`
	// ExternalIDType is the type of the external id that is Gatehouse's (default organization).
	ExternalIDType string `yaml:"external_id_type"`
	// Licences are those that people may have, as product/sku.
	Licences []string `yaml:"licences"`
	// Handover says that the service account was granted the mailboxes' settings and the transfer of files too. The policy may have
	// auto-replies, delegates and transfers only then.
	Handover bool `yaml:"handover"`
	// BaseURL and TokenURL replace Google's addresses; for tests.
	BaseURL  string `yaml:"base_url"`
	TokenURL string `yaml:"token_url"`
	// Timeout of one call (default 60s).
	Timeout time.Duration `yaml:"timeout"`
}

// Configured reports whether people's access to Google Workspace is Gatehouse's business.
func (w Workspace) Configured() bool { return w.Subject != "" }

// Salesforce is one org. It is used when base_url is set.
type Salesforce struct {
	// BaseURL is the org's My Domain.
	BaseURL string `yaml:"base_url"`
	// ClientID is the app's consumer key. It signs in by ClientSecret as the app's run-as user, or by Key as Username.
	ClientID     string       `yaml:"client_id"`
	ClientSecret httpx.Secret `yaml:"client_secret"`
	Key          httpx.Secret `yaml:"key"`
	Username     string       `yaml:"username"`
	// Version is that of the API (default v60.0).
	Version string `yaml:"version"`
	// ExternalIDField is the field of users that holds Gatehouse's id of a person (default Gatehouse_Id__c).
	ExternalIDField string `yaml:"external_id_field"`
	// New is what a new user has besides what is said of the person.
	New SalesforceUser `yaml:"new"`
	// Timeout of one call (default 20s).
	Timeout time.Duration `yaml:"timeout"`
}

// SalesforceUser is what Salesforce wants to know of a new user that HR does not say.
type SalesforceUser struct {
	// ProfileID is the profile of new users for whom no rule names one.
	ProfileID string `yaml:"profile_id"`
	// TimeZone, Locale, Language and Encoding are Salesforce's names (default Europe/London, en_GB, en_US, UTF-8).
	TimeZone string `yaml:"time_zone"`
	Locale   string `yaml:"locale"`
	Language string `yaml:"language"`
	Encoding string `yaml:"encoding"`
	// UsernameSuffix is put behind the username of a new user, where another org has it.
	UsernameSuffix string `yaml:"username_suffix"`
}

// Configured reports whether people's access to Salesforce is Gatehouse's business.
func (s Salesforce) Configured() bool { return s.BaseURL != "" }

// LDAP is a directory. It is used when url is set.
type LDAP struct {
	// Kind is openldap, 389ds or ad.
	Kind string `yaml:"kind"`
	// URL is ldaps://host, or ldap://host for a connection that StartTLS encrypts.
	URL string `yaml:"url"`
	// CAFile is the path of certificates in PEM that are trusted instead of the machine's, relative to the configuration file.
	CAFile   string       `yaml:"ca_file"`
	BindDN   string       `yaml:"bind_dn"`
	Password httpx.Secret `yaml:"password"`
	// People and Groups are the DNs below which accounts and groups are (Groups: the same as People).
	People string `yaml:"people"`
	Groups string `yaml:"groups"`
	// CreateIn is the DN below which accounts are made (default: People).
	CreateIn string `yaml:"create_in"`
	// ExternalID is the attribute that has HR's id (default employeeNumber, in Active Directory employeeID).
	ExternalID string `yaml:"external_id"`
	// EmptyMember is the DN that stands in a group whose last member goes.
	EmptyMember string `yaml:"empty_member"`
	// Timeout of one request (default 20s).
	Timeout time.Duration `yaml:"timeout"`
}

// Configured reports whether people's access to the directory is Gatehouse's business.
func (l LDAP) Configured() bool { return l.URL != "" }

func (s *Systems) defaults() {
	s.Google.Timeout, s.Salesforce.Timeout, s.LDAP.Timeout = time.Minute, 20*time.Second, 20*time.Second
}

// SystemNames are the systems that can be configured.
func SystemNames() []string { return []string{google.System, salesforce.System, ldap.System} }

// Has reports that a system is configured.
func (s Systems) Has(name string) bool {
	switch name {
	case google.System:
		return s.Google.Configured()
	case salesforce.System:
		return s.Salesforce.Configured()
	case ldap.System:
		return s.LDAP.Configured()
	}
	return false
}

// Holds reports that this machine has the credential of a system.
func (s Systems) Holds(name string) bool {
	switch name {
	case google.System:
		return s.Google.Credentials != ""
	case salesforce.System:
		return s.Salesforce.ClientSecret != "" || s.Salesforce.Key != ""
	case ldap.System:
		return s.LDAP.Password != ""
	}
	return false
}

// Names are the systems that are configured.
func (s Systems) Names() []string {
	return slices.DeleteFunc(SystemNames(), func(name string) bool { return !s.Has(name) })
}

func (c *Config) checkSystems(p *problems) {
	c.checkWorkspace(p)
	c.checkSalesforce(p)
	c.checkLDAP(p)
}

// licenceForm is the id of a licence: Google-Apps/1010020020.
var licenceForm = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9-]+$`)

func (c *Config) checkWorkspace(p *problems) {
	const at = "systems.google."
	w := c.Systems.Google
	if !w.Configured() {
		begun := w.Credentials != "" || w.Domain != "" || w.ExternalIDType != "" || len(w.Licences) > 0 || w.Handover || w.BaseURL != "" || w.TokenURL != ""
		if !p.variable(at+"subject") && begun {
			p.add("%ssubject is missing: the address of the administrator that the service account acts for, or remove the section", at)
		}
		return
	}
	p.text(at+"credentials", w.Credentials.Reveal(), "write file:/path of a service account's JSON key, or remove the section")
	p.address(at+"subject", w.Subject)
	p.optional(at+"domain", w.Domain)
	p.optional(at+"external_id_type", w.ExternalIDType)
	for i, licence := range w.Licences {
		if !licenceForm.MatchString(licence) {
			p.add("%slicences[%d] is not the id of a licence: write product/sku, such as Google-Apps/1010020020", at, i)
		}
	}
	if w.BaseURL != "" || p.unset[at+"base_url"] != "" {
		p.url(at+"base_url", w.BaseURL, "https://www.googleapis.com, or leave it out")
	}
	if w.TokenURL != "" || p.unset[at+"token_url"] != "" {
		p.url(at+"token_url", w.TokenURL, "https://oauth2.googleapis.com/token, or leave it out")
	}
	p.positive(at+"timeout", w.Timeout)
}

var (
	salesforceVersion = regexp.MustCompile(`^v[1-9][0-9]\.0$`)
	salesforceField   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	// profileForm is the id of a profile, of 15 or 18 characters.
	profileForm = regexp.MustCompile(`^00e[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$`)
)

func (c *Config) checkSalesforce(p *problems) {
	const at = "systems.salesforce."
	s := c.Systems.Salesforce
	if !s.Configured() {
		begun := s.ClientID != "" || s.ClientSecret != "" || s.Key != "" || s.Username != "" || s.Version != "" || s.ExternalIDField != "" || s.New != SalesforceUser{}
		if !p.variable(at+"base_url") && begun {
			p.add("%sbase_url is missing: write it as https://<company>.my.salesforce.com, or remove the section", at)
		}
		return
	}
	p.url(at+"base_url", s.BaseURL, "https://<company>.my.salesforce.com")
	p.text(at+"client_id", s.ClientID, "the consumer key of the app in Salesforce")
	c.checkSalesforceSignIn(p)
	if s.Version != "" && !salesforceVersion.MatchString(s.Version) || p.unset[at+"version"] != "" {
		p.add("%sversion is no version of the API: write one such as v60.0", at)
	}
	if s.ExternalIDField != "" && !salesforceField.MatchString(s.ExternalIDField) {
		p.add("%sexternal_id_field is no field's API name: write one such as Gatehouse_Id__c", at)
	}
	if s.New.ProfileID != "" && !profileForm.MatchString(s.New.ProfileID) {
		p.add("%snew.profile_id is no id of a profile: it begins with 00e", at)
	}
	for _, name := range []string{"external_id_field", "new.profile_id", "new.time_zone", "new.locale", "new.language", "new.encoding", "new.username_suffix"} {
		p.variable(at + name)
	}
	p.positive(at+"timeout", s.Timeout)
}

// checkSalesforceSignIn checks that there is one way to sign in.
func (c *Config) checkSalesforceSignIn(p *problems) {
	const at = "systems.salesforce."
	s := c.Systems.Salesforce
	switch {
	case p.unset[at+"client_secret"] != "" || p.unset[at+"key"] != "":
		p.variable(at + "client_secret")
		p.variable(at + "key")
	case s.Key == "" && s.ClientSecret == "":
		p.add("%sclient_secret is missing: set SALESFORCE_CLIENT_SECRET or use file:/path, or set %skey and %susername", at, at, at)
	case s.Key != "" && s.ClientSecret != "":
		p.add("%sclient_secret and %skey are both set, and the app signs in by one: remove the other", at, at)
	case s.Key != "":
		p.text(at+"username", s.Username, "the user that the key signs in as")
	case s.Username != "":
		p.add("%susername is set and %skey is not: with a client secret the app says who it runs as", at, at)
	}
}

func (c *Config) checkLDAP(p *problems) {
	const at = "systems.ldap."
	l := c.Systems.LDAP
	if !l.Configured() {
		begun := l.Kind != "" || l.CAFile != "" || l.BindDN != "" || l.Password != "" || l.People != "" || l.Groups != "" || l.CreateIn != "" || l.ExternalID != "" || l.EmptyMember != ""
		if !p.variable(at+"url") && begun {
			p.add("%surl is missing: write it as ldaps://ldap.example.com, or remove the section", at)
		}
		return
	}
	switch ldap.Kind(l.Kind) {
	case ldap.OpenLDAP, ldap.DirectoryServer, ldap.ActiveDirectory:
	default:
		if !p.variable(at + "kind") {
			p.add("%skind is none of openldap, 389ds and ad", at)
		}
	}
	p.directory(at+"url", l.URL)
	p.text(at+"bind_dn", l.BindDN, "the DN of an account of Gatehouse's own: a directory is not read anonymously")
	p.text(at+"password", l.Password.Reveal(), "set LDAP_PASSWORD or use file:/path")
	p.text(at+"people", l.People, "the DN below which accounts are, such as ou=people,dc=example,dc=com")
	for _, each := range []struct{ name, dn string }{
		{"bind_dn", l.BindDN}, {"people", l.People}, {"groups", l.Groups}, {"create_in", l.CreateIn}, {"empty_member", l.EmptyMember},
	} {
		p.dn(at+each.name, each.dn)
	}
	if l.ExternalID != "" && !salesforceField.MatchString(l.ExternalID) {
		p.add("%sexternal_id is not the name of an attribute: write one such as employeeNumber", at)
	}
	for _, name := range []string{"ca_file", "groups", "create_in", "external_id", "empty_member"} {
		p.variable(at + name)
	}
	p.positive(at+"timeout", l.Timeout)
}

// directory checks where a directory is.
func (p *problems) directory(name, value string) {
	const example = "write it as ldaps://host or, for StartTLS, ldap://host"
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "ldaps" && u.Scheme != "ldap":
		p.add("%s is not the URL of a directory: %s", name, example)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		p.add("%s holds more than a host and a port: %s", name, example)
	}
}

// dn checks a name in a directory that may be left out.
func (p *problems) dn(name, value string) {
	if value != "" && !ldap.IsDN(value) {
		p.add("%s is not a DN such as ou=people,dc=example,dc=com", name)
	}
}
