package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
)

// withoutWords is a worker's configuration without Slack and Jira.
func withoutWords(t *testing.T) string {
	t.Helper()
	var kept []string
	for _, line := range strings.SplitAfter(worker, "\n") {
		if !strings.HasPrefix(line, "slack:") && !strings.HasPrefix(line, "jira:") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestMailSettings(t *testing.T) {
	t.Parallel()
	const google = "google: {credentials: s3cr3t, subject: robot@example.com, folder_id: f"
	smtp := func(settings string) string {
		return "mail: {it: it@example.com, security: sec@example.com, smtp: {host: smtp.example.com, from: gatehouse@example.com" + settings + "}}\n"
	}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"e-mail alone":                {smtp(""), nil},
		"all of it":                   {smtp(", port: 465, tls: implicit, username: u, password: s3cr3t, from_name: Access, ca_file: ca.pem, timeout: 5s"), nil},
		"a server on this machine":    {strings.Replace(smtp(", tls: none"), "smtp.example.com", "127.0.0.1", 1), nil},
		"Gmail alone":                 {google + "}\nmail: {it: it@example.com, security: sec@example.com}\n", nil},
		"sheets by Google, not Gmail": {google + "}\n" + smtp(""), nil},
		"Slack and e-mail":            {"slack: {token: s3cr3t, channels: {it: C1, security: C2}}\n" + smtp(""), nil},
		"nobody to tell anything":     {"", []string{"nobody could be told anything: set slack, or mail with mail.smtp"}},
		"Gmail without addresses":     {google + "}\n", []string{"nobody could be told anything: without Slack set mail.it and mail.security, which Gmail writes to"}},
		"addresses and no server": {"mail: {it: it@example.com, security: sec@example.com}\n", []string{
			"mail has addresses, and nothing to send e-mails by: set mail.smtp, or google, or remove the section mail",
			"nobody could be told anything: set slack, or mail with mail.smtp",
		}},
		"one address": {strings.Replace(smtp(""), "it: it@example.com, ", "", 1), []string{"mail.it is missing: the address that stands for IT's channel"}},
		"no address":  {strings.Replace(smtp(""), "sec@example.com", "s3cr3t", 1), []string{"mail.security is not an e-mail address"}},
		"both ways": {google + ", sender: robot@example.com}\n" + smtp(""), []string{
			"mail.smtp.host and google.sender are both set, and e-mails go one way: remove google.sender, or the section mail.smtp",
		}},
		"half a server": {"mail: {smtp: {from: gatehouse@example.com}}\n", []string{
			"mail.smtp.host is missing: the name of the mail server, or remove the section mail.smtp",
			"nobody could be told anything: set slack, or mail with mail.smtp",
		}},
		"a server of a variable": {strings.Replace(smtp(""), "smtp.example.com", "'${GATEHOUSE_TEST_NOT_SET}'", 1), []string{
			"mail.smtp.host is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set",
		}},
		"a server that is a URL": {strings.Replace(smtp(""), "smtp.example.com", "'smtp://s3cr3t:587'", 1), []string{
			"mail.smtp.host is more than a name: write the name alone, and the port into mail.smtp.port",
		}},
		"a port that is none":        {smtp(", port: 70000"), []string{"mail.smtp.port is not a port: write 587 or 465, or leave it out"}},
		"an encryption that is none": {smtp(", tls: s3cr3t"), []string{"mail.smtp.tls is none of starttls, implicit and none"}},
		"in clear to another host": {smtp(", tls: none"), []string{
			"mail.smtp.tls is none, which would send the password and personal data in the clear: write starttls or implicit, unless the server is on this machine",
		}},
		"no password":            {smtp(", username: u"), []string{"mail.smtp.password is missing: set SMTP_PASSWORD or use file:/path; without a sign-in remove mail.smtp.username as well"}},
		"a password of nobody":   {smtp(", password: s3cr3t"), []string{"mail.smtp.password is set and mail.smtp.username is not: nobody would sign in"}},
		"a password of no value": {smtp(", username: u, password: '${GATEHOUSE_TEST_NOT_SET}'"), []string{"mail.smtp.password is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set"}},
		"no sender":              {strings.Replace(smtp(""), "from: gatehouse@example.com", "timeout: 1s", 1), []string{"mail.smtp.from is missing: the address that e-mails are sent from"}},
		"a sender with a name":   {strings.Replace(smtp(""), "from: gatehouse@example.com", "from: 'G <s3cr3t@example.com>'", 1), []string{"mail.smtp.from is not an e-mail address alone: write a name beside it into mail.smtp.from_name"}},
		"no time":                {smtp(", timeout: 0s"), []string{"mail.smtp.timeout must be longer than 0: write a duration such as 30s or 15m"}},
		"half of Slack": {"slack: {channels: {it: C1}}\n", []string{
			"slack.token is missing: set SLACK_TOKEN to the bot token of your own Slack app, or remove the section slack",
			"slack.channels.security is missing: the id of the security channel, C…",
		}},
		"half of Jira": {"jira: {user: u}\n" + smtp(""), []string{
			"jira.base_url is missing: write it as https://<site>.atlassian.net",
			"jira.token is missing: set JIRA_TOKEN to an API token, or remove the section jira",
			"jira.project is missing: the key of the project for IT's tickets",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := withoutWords(t) + tt.text
			if tt.want == nil {
				_, err := config.Load(write(t, text), everything)
				require.NoError(t, err)
				return
			}
			got := problems(t, text, everything)
			require.Equal(t, tt.want, got)
			require.NotContains(t, strings.Join(got, "\n"), "s3cr3t")
		})
	}
}
