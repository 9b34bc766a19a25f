package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/sandbox/smtp"
	"gatehouse/test/kit"
)

// says has the policy of a process say something more.
func says(t *testing.T, text string) func(*config.Config) {
	return func(c *config.Config) {
		data, err := os.ReadFile(c.Policy)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(c.Policy, []byte(strings.Replace(string(data), "\nmodes:", "\n"+text+"\nmodes:", 1)), 0o600))
	}
}

// TestAChannelThatIsNotThereStopsTheStart, with where the policy asks for it.
func TestAChannelThatIsNotThereStopsTheStart(t *testing.T) {
	t.Parallel()
	start := func(edits ...func(*config.Config)) error {
		v, err := newBench(t, edits...).app.Vendors()
		require.NoError(t, err)
		return v.CheckTenant(t.Context())
	}
	alone := kit.MailOnly(t, kit.MailServer(t, smtp.Options{}))
	require.NoError(t, start(alone))
	require.NoError(t, start(alone, says(t, "messages: {default: mail}")))
	require.ErrorContains(t, start(alone, says(t, "messages: {kinds: {joiner_it: slack}}")),
		"messages.kinds.joiner_it is slack, and this company has no Slack: write mail, or set slack in gatehouse.yaml")
	require.ErrorContains(t, start(says(t, "messages: {default: both}")), "messages.default is both, and nothing can be sent by e-mail")
	require.NoError(t, start(says(t, "messages: {default: slack}")))
}

// TestWhatIsDoneInstead of each system that a company goes without.
func TestWhatIsDoneInstead(t *testing.T) {
	t.Parallel()
	missing := func(c *config.Config) (all []string) {
		for _, i := range app.InsteadOf(c) {
			require.NotEmpty(t, i.Does)
			all = append(all, i.Missing)
		}
		return all
	}
	c := kit.Config("http://127.0.0.1:1")
	require.Empty(t, missing(c))
	kit.MailOnly(t, kit.MailServer(t, smtp.Options{}))(c)
	require.Equal(t, []string{"Slack", "Jira", "PagerDuty", "Google"}, missing(c))
	c = kit.Config("http://127.0.0.1:1")
	c.Google = config.Google{}
	require.Equal(t, []string{"e-mail", "Google"}, missing(c))
}

// TestAFileOfCertificatesThatIsNone stops the start and not an e-mail.
func TestAFileOfCertificatesThatIsNone(t *testing.T) {
	t.Parallel()
	mails := kit.MailServer(t, smtp.Options{})
	for name, text := range map[string]string{"is empty": " ", "is not there": ""} {
		b := newBench(t, kit.MailOnly(t, mails), func(c *config.Config) {
			if text == "" {
				require.NoError(t, os.Remove(c.Mail.SMTP.CAFile))
				return
			}
			require.NoError(t, os.WriteFile(c.Mail.SMTP.CAFile, []byte(text), 0o600))
		})
		_, err := b.app.Vendors()
		require.Error(t, err, name)
	}
}
