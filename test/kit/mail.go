package kit

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/smtp"
)

// The addresses of a company that is told by e-mail.
const (
	MailIT       = "it@acme.example"
	MailSecurity = "security@acme.example"
	MailFrom     = "gatehouse@acme.example"
)

// MailServer starts a mail server for a test.
func MailServer(t testing.TB, o smtp.Options) *smtp.Server {
	t.Helper()
	o.Senders = append(o.Senders, MailFrom)
	s, err := smtp.Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// Mail is the configuration of e-mail by a server.
func Mail(t testing.TB, s *smtp.Server) config.Mail {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, s.CA, 0o600))
	return config.Mail{IT: MailIT, Security: MailSecurity, SMTP: config.SMTP{
		Host: s.Host(), Port: s.Port(), TLS: "starttls", Username: smtp.Username, Password: httpx.Secret(smtp.Password),
		From: MailFrom, FromName: "Gatehouse", CAFile: ca, Timeout: 10 * time.Second,
	}}
}

// MailOnly has a company with BambooHR, OneLogin and e-mail, and nothing else.
func MailOnly(t testing.TB, s *smtp.Server) func(*config.Config) {
	mail := Mail(t, s)
	return func(c *config.Config) {
		c.Workday, c.Slack, c.Jira, c.Google, c.PagerDuty = config.Workday{}, config.Slack{}, config.Jira{}, config.Google{}, config.PagerDuty{}
		c.Gateway.WorkdayKeys, c.Gateway.PagerDutySecrets, c.Gateway.SlackSigningSecret = nil, nil, ""
		c.Mail = mail
	}
}
