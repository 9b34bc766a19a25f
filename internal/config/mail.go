package config

import (
	"cmp"
	"net"
	"net/mail"
	"strings"
	"time"

	"gatehouse/internal/httpx"
)

// Mail is e-mail: who reads what is for nobody in particular, and by what it is sent. It is sent by SMTP if mail.smtp says how, and by
// Gmail otherwise, if google is configured.
type Mail struct {
	// IT and Security are the addresses that stand for the channels of Slack.
	IT       string `yaml:"it"`
	Security string `yaml:"security"`
	SMTP     SMTP   `yaml:"smtp"`
}

// SMTP is the company's mail server. It is used when host is set.
type SMTP struct {
	Host string `yaml:"host"`
	// Port defaults to 587, 465 with tls implicit and 25 with tls none.
	Port int `yaml:"port"`
	// TLS is starttls (the default), implicit, or none for a server on this machine.
	TLS      string       `yaml:"tls"`
	Username string       `yaml:"username"`
	Password httpx.Secret `yaml:"password"`
	// From is the address that e-mails are sent from, FromName what stands beside it (default "Gatehouse").
	From     string `yaml:"from"`
	FromName string `yaml:"from_name"`
	// CAFile is the path of certificates in PEM that are trusted instead of the machine's, relative to the configuration file.
	CAFile string `yaml:"ca_file"`
	// Timeout of one e-mail (default 30s).
	Timeout time.Duration `yaml:"timeout"`
}

// Configured reports whether e-mails go by SMTP.
func (s SMTP) Configured() bool { return s.Host != "" }

func (s *SMTP) defaults() { s.TLS, s.FromName, s.Timeout = "starttls", "Gatehouse", 30*time.Second }

// begun reports that somebody has begun to fill the section in.
func (s SMTP) begun() bool {
	return s.Port != 0 || s.Username != "" || s.Password != "" || s.From != "" || s.CAFile != ""
}

// Mails reports whether e-mails can be sent, by whatever.
func (c *Config) Mails() bool { return c.Mail.SMTP.Configured() || c.Google.Configured() }

// MailsTeams reports whether IT and security can be told by e-mail.
func (c *Config) MailsTeams() bool { return c.Mails() && c.Mail.IT != "" && c.Mail.Security != "" }

func (c *Config) checkMail(p *problems) {
	m := c.Mail
	c.checkSMTP(p)
	p.address("mail.it", m.IT)
	p.address("mail.security", m.Security)
	if m.IT == "" && m.Security == "" && !m.SMTP.Configured() {
		return
	}
	if !c.Mails() && !m.SMTP.begun() && p.unset["mail.smtp.host"] == "" {
		p.add("mail has addresses, and nothing to send e-mails by: set mail.smtp, or google, or remove the section mail")
	}
	p.text("mail.it", m.IT, "the address that stands for IT's channel")
	p.text("mail.security", m.Security, "the address that stands for security's channel")
}

func (c *Config) checkSMTP(p *problems) {
	s := c.Mail.SMTP
	for _, name := range []string{"username", "from", "ca_file"} {
		p.variable("mail.smtp." + name)
	}
	if !s.Configured() {
		if !p.variable("mail.smtp.host") && s.begun() {
			p.add("mail.smtp.host is missing: the name of the mail server, or remove the section mail.smtp")
		}
		return
	}
	if c.Google.Sender != "" {
		p.add("mail.smtp.host and google.sender are both set, and e-mails go one way: remove google.sender, or the section mail.smtp")
	}
	if strings.ContainsAny(s.Host, ":/ \r\n") {
		p.add("mail.smtp.host is more than a name: write the name alone, and the port into mail.smtp.port")
	}
	if s.Port < 0 || s.Port > 65535 {
		p.add("mail.smtp.port is not a port: write 587 or 465, or leave it out")
	}
	switch s.TLS {
	case "starttls", "implicit":
	case "none":
		if !here(s.Host) {
			p.add("mail.smtp.tls is none, which would send the password and personal data in the clear: write starttls or implicit, unless the server is on this machine")
		}
	default:
		p.add("mail.smtp.tls is none of starttls, implicit and none")
	}
	if s.Username != "" {
		p.text("mail.smtp.password", s.Password.Reveal(), "set SMTP_PASSWORD or use file:/path; without a sign-in remove mail.smtp.username as well")
	} else if s.Password != "" {
		p.add("mail.smtp.password is set and mail.smtp.username is not: nobody would sign in")
	}
	if s.From == "" {
		p.text("mail.smtp.from", s.From, "the address that e-mails are sent from")
	} else if a, err := mail.ParseAddress(s.From); err != nil || a.Address != s.From {
		p.add("mail.smtp.from is not an e-mail address alone: write a name beside it into mail.smtp.from_name")
	}
	p.positive("mail.smtp.timeout", s.Timeout)
}

// here reports whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Configured reports whether messages go to Slack. Whoever has begun to fill the section in wants them to.
func (s Slack) Configured() bool {
	return cmp.Or(s.Token.Reveal(), s.Channels.IT, s.Channels.Security) != ""
}

// checkTold checks who tells people: Slack, or e-mail, or both.
func (c *Config) checkTold(p *problems) {
	c.checkMail(p)
	unset := p.unset["slack.token"] != "" || p.unset["slack.channels.it"] != "" || p.unset["slack.channels.security"] != ""
	if c.Slack.Configured() || unset {
		p.url("slack.base_url", c.Slack.BaseURL, "https://slack.com/api/")
		p.text("slack.token", c.Slack.Token.Reveal(), "set SLACK_TOKEN to the bot token of your own Slack app, or remove the section slack")
		p.text("slack.channels.it", c.Slack.Channels.IT, "the id of the IT channel, C…")
		p.text("slack.channels.security", c.Slack.Channels.Security, "the id of the security channel, C…")
		return
	}
	if !c.Mails() && p.unset["mail.smtp.host"] == "" {
		p.add("nobody could be told anything: set slack, or mail with mail.smtp")
	} else if c.Mail.IT == "" && c.Mail.Security == "" && !c.Mail.SMTP.Configured() {
		p.add("nobody could be told anything: without Slack set mail.it and mail.security, which Gmail writes to")
	}
}
