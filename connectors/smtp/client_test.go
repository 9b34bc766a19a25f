package smtp_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/smtp"
	sandbox "gatehouse/sandbox/smtp"
)

const (
	us   = "gatehouse@acme.example"
	them = "ada.byron@acme.example"
)

// letter is an e-mail with a line that begins with a dot, and one that looks like the end.
func letter() smtp.Mail {
	return smtp.Mail{From: us, To: them, Text: []byte("From: <" + us + ">\r\nTo: <" + them + ">\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n" +
		"Message-ID: <mark@acme.example>\r\nSubject: =?utf-8?q?Z=C3=BCrich?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: 8bit\r\n\r\nHello Zoë\r\n.\r\n.dot\r\n")}
}

func start(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// client is a client of a server; edit may change its settings.
func client(t *testing.T, s *sandbox.Server, edit func(*smtp.Options)) *smtp.Client {
	t.Helper()
	o := smtp.Options{
		Host: s.Host(), Port: s.Port(), Username: sandbox.Username, Password: sandbox.Password, Authorities: s.CA, Timeout: 10 * time.Second,
	}
	if edit != nil {
		edit(&o)
	}
	c, err := smtp.New(o)
	require.NoError(t, err)
	return c
}

func TestEmailsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server sandbox.Options
		tls    string
	}{
		"STARTTLS":          {sandbox.Options{Senders: []string{us}}, smtp.StartTLS},
		"encrypted at once": {sandbox.Options{Implicit: true}, smtp.Implicit},
		"AUTH LOGIN":        {sandbox.Options{Login: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, c.server)
			mailer := client(t, s, func(o *smtp.Options) { o.TLS = c.tls })
			require.NoError(t, mailer.Check(t.Context(), us))
			require.Empty(t, s.Mails(), "a check sends nothing")
			require.NoError(t, mailer.Send(t.Context(), letter()))
			require.NoError(t, mailer.Send(t.Context(), letter()))
			require.Len(t, s.Mails(), 1)
			m := s.Mails()[0]
			require.Equal(t, sandbox.Mail{
				From: us, To: them, ID: "<mark@acme.example>", Arrivals: 2, Subject: "Zürich", Header: m.Header, Text: "Hello Zoë\n.\n.dot\n",
			}, m)
		})
	}
}

// TestRefusalsSayWhoseFaultItIs: what is later, what is never, and what a person repairs; without an address or the password.
func TestRefusalsSayWhoseFaultItIs(t *testing.T) {
	t.Parallel()
	fails := func(f sandbox.Fault) func(*sandbox.Server) { return func(s *sandbox.Server) { s.Fail(f) } }
	for name, c := range map[string]struct {
		server  sandbox.Options
		arrange func(*sandbox.Server)
		edit    func(*smtp.Options)
		kind    connectors.Kind
		code    string
		says    string
	}{
		"busy at the greeting":    {arrange: fails(sandbox.Fault{Command: "EHLO", Code: 421}), kind: connectors.KindUnavailable, says: "421 to the greeting"},
		"busy at the sender":      {arrange: fails(sandbox.Fault{Command: "MAIL", Code: 451}), kind: connectors.KindUnavailable, says: "451 to the sender"},
		"greylisted":              {arrange: func(s *sandbox.Server) { s.Refuse(them, 450) }, kind: connectors.KindUnavailable, says: "450 to the recipient"},
		"no such mailbox":         {arrange: func(s *sandbox.Server) { s.Refuse(them, 550) }, kind: connectors.KindInvalid, code: smtp.CodeRecipient, says: "550"},
		"mailbox full":            {arrange: func(s *sandbox.Server) { s.Refuse(them, 552) }, kind: connectors.KindInvalid, code: smtp.CodeRecipient, says: "552"},
		"busy at the text":        {arrange: fails(sandbox.Fault{Command: ".", Code: 452}), kind: connectors.KindUnavailable, says: "452 to the text"},
		"taken for spam":          {arrange: fails(sandbox.Fault{Command: ".", Code: 554}), kind: connectors.KindInvalid, code: smtp.CodeContent, says: "554"},
		"broken off":              {arrange: fails(sandbox.Fault{Command: "RCPT"}), kind: connectors.KindUnavailable, says: "failed at the recipient"},
		"wrong password":          {edit: func(o *smtp.Options) { o.Password = "planted-secret" }, kind: connectors.KindUnauthorized, code: smtp.CodeSignIn, says: "535"},
		"sign-in busy":            {arrange: fails(sandbox.Fault{Command: "AUTH", Code: 454}), kind: connectors.KindUnavailable, says: "454 to the sign-in"},
		"nobody signed in":        {edit: func(o *smtp.Options) { o.Username = "" }, kind: connectors.KindUnauthorized, code: smtp.CodeSender, says: "530"},
		"may not send as that":    {server: sandbox.Options{Senders: []string{"other@acme.example"}}, kind: connectors.KindUnauthorized, code: smtp.CodeSender, says: "550"},
		"offers no encryption":    {server: sandbox.Options{NoStartTLS: true}, kind: connectors.KindUnavailable, says: "offers no STARTTLS"},
		"an unknown certificate":  {edit: func(o *smtp.Options) { o.Authorities = nil }, kind: connectors.KindUnavailable, says: "mail.smtp.ca_file"},
		"that of another name":    {edit: func(o *smtp.Options) { o.Host = "127.0.0.2" }, kind: connectors.KindUnavailable},
		"STARTTLS to an implicit": {server: sandbox.Options{Implicit: true}, edit: func(o *smtp.Options) { o.Timeout = time.Second }, kind: connectors.KindUnavailable},
		"nobody listens":          {edit: func(o *smtp.Options) { o.Port = closedPort() }, kind: connectors.KindUnavailable, says: "failed at the greeting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, c.server)
			if c.arrange != nil {
				c.arrange(s)
			}
			err := client(t, s, c.edit).Send(t.Context(), letter())
			var e *connectors.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, smtp.System, e.System)
			require.Equal(t, c.kind, e.Kind, "%v", err)
			require.Equal(t, c.code, e.Code)
			require.ErrorContains(t, err, c.says)
			for _, secret := range []string{"acme.example", "ada", "planted", sandbox.Password, "as the test asked"} {
				require.NotContains(t, err.Error(), secret)
			}
			require.Empty(t, s.Mails())
		})
	}
}

// closedPort is a port on which nobody listens.
func closedPort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	port := l.Addr().(*net.TCPAddr).Port
	if l.Close() != nil {
		return 1
	}
	return port
}

// TestALostReplyIsNoNewEmail: handed over again, it is the same e-mail.
func TestALostReplyIsNoNewEmail(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	s.Fail(sandbox.Fault{Command: ".", After: true})
	c := client(t, s, nil)
	require.True(t, connectors.IsKind(c.Send(t.Context(), letter()), connectors.KindUnavailable))
	require.NoError(t, c.Send(t.Context(), letter()))
	require.Len(t, s.Mails(), 1)
	require.Equal(t, 2, s.Mails()[0].Arrivals)
}

// TestNothingWaitsLongerThanItsContext, whatever the server does not say.
func TestNothingWaitsLongerThanItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	c, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := l.Accept(); err == nil {
			defer conn.Close()
			cancel()
			_, _ = conn.Read(make([]byte, 1)) // Until the client gives up.
		}
	}()
	err = c.Send(ctx, letter())
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, connectors.IsKind(err, connectors.KindUnavailable))
}

// TestALineFeedIsNoCommand: neither an address nor a text says anything to the server.
func TestALineFeedIsNoCommand(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	m := letter()
	m.To = them + ">\r\nRCPT TO:<all@acme.example"
	require.Error(t, client(t, s, nil).Send(t.Context(), m))
	m = letter()
	m.Text = append(m.Text, []byte("\n.\nMAIL FROM:<evil@evil.example>\n")...)
	require.NoError(t, client(t, s, nil).Send(t.Context(), m))
	require.Len(t, s.Mails(), 1)
	require.True(t, strings.HasSuffix(s.Mails()[0].Text, "\n.\nMAIL FROM:<evil@evil.example>\n"))
}

func TestSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]smtp.Options{
		"no host": {}, "no such encryption": {Host: "h", TLS: "maybe"}, "no certificates": {Host: "h", Authorities: []byte("planted-secret")},
	} {
		_, err := smtp.New(o)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "planted")
	}
}
