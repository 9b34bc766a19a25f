package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
)

const (
	workspaceSettings  = "systems: {google: {credentials: s3cr3t, subject: gatehouse-admin@example.com"
	salesforceSettings = "systems: {salesforce: {base_url: 'https://acme.my.salesforce.com', client_id: id"
	ldapSettings       = "systems: {ldap: {kind: openldap, url: 'ldaps://ldap.example.com', bind_dn: 'cn=gatehouse,dc=example,dc=com', password: s3cr3t, people: 'ou=people,dc=example,dc=com'"
)

func TestSystemSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"none":         {"systems: {}\n", nil},
		"Google alone": {workspaceSettings + "}}\n", nil},
		"all of Google": {workspaceSettings + ", domain: example.com, external_id_type: organization, licences: [Google-Apps/1010020020], handover: true, " +
			"base_url: 'http://127.0.0.1:8484/google', token_url: 'http://127.0.0.1:8484/google/token', timeout: 5s}}\n", nil},
		"Salesforce by a secret": {salesforceSettings + ", client_secret: s3cr3t}}\n", nil},
		"Salesforce by a key": {salesforceSettings + ", key: s3cr3t, username: gatehouse@acme.example, version: v61.0, external_id_field: Gatehouse_Id__c, " +
			"new: {profile_id: 00e000000000001AAA, time_zone: Europe/Berlin, locale: de_DE, language: de, encoding: UTF-8, username_suffix: .acme}, timeout: 5s}}\n", nil},
		"a directory": {ldapSettings + "}}\n", nil},
		"all of a directory": {ldapSettings + ", ca_file: ca.pem, groups: 'ou=groups,dc=example,dc=com', create_in: 'ou=new,dc=example,dc=com', external_id: employeeNumber, " +
			"empty_member: 'cn=nobody,dc=example,dc=com', timeout: 5s}}\n", nil},
		"another system": {"systems: {okta: {token: s3cr3t}}\n", []string{
			`19:11: unknown key "okta" in systems; known keys: google, salesforce, ldap`,
		}},
		"a hand-over that is neither": {"systems: {google: {handover: s3cr3t}}\n", []string{"19:30: systems.google.handover must be true or false, not a text"}},
		"half of Google": {"systems: {google: {credentials: s3cr3t}}\n", []string{
			"systems.google.subject is missing: the address of the administrator that the service account acts for, or remove the section",
		}},
		"Google half filled in": {"systems: {google: {subject: s3cr3t, licences: [s3cr3t], domain: ' ', base_url: 'http://google.example', timeout: 0s}}\n", []string{
			"systems.google.credentials is missing: write file:/path of a service account's JSON key, or remove the section",
			"systems.google.subject is not an e-mail address",
			"systems.google.domain is blank: give it a value, or remove the key",
			"systems.google.licences[0] is not the id of a licence: write product/sku, such as Google-Apps/1010020020",
			"systems.google.base_url is plain http, which would send credentials and personal data in the clear: write it as https://www.googleapis.com, or leave it out",
			"systems.google.timeout must be longer than 0: write a duration such as 30s or 15m",
		}},
		"half of Salesforce": {"systems: {salesforce: {client_secret: s3cr3t}}\n", []string{
			"systems.salesforce.base_url is missing: write it as https://<company>.my.salesforce.com, or remove the section",
		}},
		"Salesforce half filled in": {"systems: {salesforce: {base_url: 'http://acme.example', version: s3cr3t, external_id_field: 's3cr3t!', new: {profile_id: s3cr3t}, timeout: 0s}}\n", []string{
			"systems.salesforce.base_url is plain http, which would send credentials and personal data in the clear: write it as https://<company>.my.salesforce.com",
			"systems.salesforce.client_id is missing: the consumer key of the app in Salesforce",
			"systems.salesforce.client_secret is missing: set SALESFORCE_CLIENT_SECRET or use file:/path, or set systems.salesforce.key and systems.salesforce.username",
			"systems.salesforce.version is no version of the API: write one such as v60.0",
			"systems.salesforce.external_id_field is no field's API name: write one such as Gatehouse_Id__c",
			"systems.salesforce.new.profile_id is no id of a profile: it begins with 00e",
			"systems.salesforce.timeout must be longer than 0: write a duration such as 30s or 15m",
		}},
		"two ways to sign in": {salesforceSettings + ", client_secret: s3cr3t, key: s3cr3t}}\n", []string{
			"systems.salesforce.client_secret and systems.salesforce.key are both set, and the app signs in by one: remove the other",
		}},
		"a key of nobody": {salesforceSettings + ", key: s3cr3t}}\n", []string{"systems.salesforce.username is missing: the user that the key signs in as"}},
		"a username that does nothing": {salesforceSettings + ", client_secret: s3cr3t, username: s3cr3t}}\n", []string{
			"systems.salesforce.username is set and systems.salesforce.key is not: with a client secret the app says who it runs as",
		}},
		"a secret of a variable": {salesforceSettings + ", client_secret: '${GATEHOUSE_TEST_NOT_SET}'}}\n", []string{
			"systems.salesforce.client_secret is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set",
		}},
		"half of a directory": {"systems: {ldap: {password: s3cr3t}}\n", []string{"systems.ldap.url is missing: write it as ldaps://ldap.example.com, or remove the section"}},
		"a directory half filled in": {"systems: {ldap: {kind: s3cr3t, url: 'https://s3cr3t', groups: s3cr3t, external_id: 's3cr3t!', timeout: 0s}}\n", []string{
			"systems.ldap.kind is none of openldap, 389ds and ad",
			"systems.ldap.url is not the URL of a directory: write it as ldaps://host or, for StartTLS, ldap://host",
			"systems.ldap.bind_dn is missing: the DN of an account of Gatehouse's own: a directory is not read anonymously",
			"systems.ldap.password is missing: set LDAP_PASSWORD or use file:/path",
			"systems.ldap.people is missing: the DN below which accounts are, such as ou=people,dc=example,dc=com",
			"systems.ldap.groups is not a DN such as ou=people,dc=example,dc=com",
			"systems.ldap.external_id is not the name of an attribute: write one such as employeeNumber",
			"systems.ldap.timeout must be longer than 0: write a duration such as 30s or 15m",
		}},
		"a directory with a password in its URL": {strings.Replace(ldapSettings, "ldaps://", "ldaps://u:s3cr3t@", 1) + "}}\n", []string{
			"systems.ldap.url holds more than a host and a port: write it as ldaps://host or, for StartTLS, ldap://host",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.TrimSuffix(worker, "\n") + "\n\n\n" + tt.text
			if tt.want == nil {
				_, err := config.Load(write(t, text), everything)
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, problems(t, text, everything))
		})
	}
}

// TestSystemsAreNamed: the process that writes schedules has no credential, and knows by what the file says that a system is read.
func TestSystemsAreNamed(t *testing.T) {
	t.Parallel()
	text := "systems:\n  google: {subject: gatehouse-admin@example.com, credentials: '${GATEHOUSE_TEST_NOT_SET}'}\n" +
		"  ldap: {url: 'ldaps://ldap.example.com', ca_file: certs/ca.pem}\n  salesforce: {base_url: 'https://acme.my.salesforce.com'}\n"
	path := write(t, text)
	c, err := config.Load(path, config.Needs{})
	require.NoError(t, err)
	require.Equal(t, []string{"google", "salesforce", "ldap"}, c.Systems.Names())
	require.Equal(t, filepath.Join(filepath.Dir(path), "certs", "ca.pem"), c.Systems.LDAP.CAFile, "relative to the file")
	require.Equal(t, 15*time.Minute, c.Schedules.Systems)
	require.NoError(t, os.WriteFile(path, []byte("policy: p.yaml\n"), 0o600))
	c, err = config.Load(path, config.Needs{})
	require.NoError(t, err)
	require.Empty(t, c.Systems.Names())
}
