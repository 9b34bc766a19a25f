package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"gatehouse/internal/httpx"
)

// System is the name of this connector in errors.
const System = "smtp"

// How a connection is encrypted.
const (
	// StartTLS begins in the clear and says nothing before it is encrypted; port 587 by custom.
	StartTLS = "starttls"
	// Implicit is encrypted from the first byte; port 465 by custom.
	Implicit = "implicit"
	// Plain is not encrypted. It is for a server on this machine.
	Plain = "none"
)

// Options are the settings of a client.
type Options struct {
	Host string
	// Port defaults to 587, 465 with Implicit and 25 with Plain.
	Port int
	// TLS is StartTLS (the default), Implicit or Plain.
	TLS string
	// Username and Password sign in; without a username nobody does.
	Username string
	Password httpx.Secret
	// Authorities are certificates in PEM that are trusted instead of the machine's.
	Authorities []byte
	// Timeout bounds one e-mail (default 30s).
	Timeout time.Duration
}

// Client sends e-mails, each over a connection of its own.
type Client struct {
	o     Options
	roots *x509.CertPool
	helo  string
}

// New makes a client. It connects to nothing yet.
func New(o Options) (*Client, error) {
	o.TLS = cmp.Or(o.TLS, StartTLS)
	c := &Client{o: o, helo: "localhost"}
	switch {
	case o.Host == "":
		return nil, errors.New("smtp: no host to send e-mails by")
	case o.TLS != StartTLS && o.TLS != Implicit && o.TLS != Plain:
		return nil, errors.New("smtp: the connection is to be encrypted in a way that is none of starttls, implicit and none")
	}
	if len(o.Authorities) > 0 {
		c.roots = x509.NewCertPool()
		if !c.roots.AppendCertsFromPEM(o.Authorities) {
			return nil, errors.New("smtp: the file of trusted certificates holds none in PEM")
		}
	}
	if c.o.Port == 0 {
		c.o.Port = map[string]int{StartTLS: 587, Implicit: 465, Plain: 25}[o.TLS]
	}
	c.o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	// A server may refuse whoever greets it by a name that is no host's.
	if name, err := os.Hostname(); err == nil && name != "" && !strings.ContainsAny(name, " _\r\n") {
		c.helo = name
	}
	return c, nil
}

// Mail is one e-mail to one recipient, written out: headers, a blank line, the text.
type Mail struct {
	From, To string
	Text     []byte
}

// Send hands an e-mail over. The same e-mail may arrive twice if the reply to the first try was lost.
func (c *Client) Send(ctx context.Context, m Mail) error {
	return c.connected(ctx, "send an e-mail", func(s *smtp.Client) error {
		// Asked for without need, it has servers on the way refuse the e-mail that do not know it.
		s.SkipSMTPUTF8(plainASCII(m.From + m.To))
		if err := s.Mail("<" + m.From + ">"); err != nil {
			return at{sender, err}
		}
		if err := s.Rcpt("<" + m.To + ">"); err != nil {
			return at{recipient, err}
		}
		w, err := s.Data()
		if err != nil {
			return at{content, err}
		}
		if _, err := w.Write(m.Text); err != nil {
			return at{content, err}
		}
		if err := w.Close(); err != nil {
			return at{content, err}
		}
		return nil
	})
}

// Check connects, signs in and says that e-mails of a sender are to come, without sending one.
func (c *Client) Check(ctx context.Context, from string) error {
	return c.connected(ctx, "sign in", func(s *smtp.Client) error {
		if err := s.Mail("<" + from + ">"); err != nil {
			return at{sender, err}
		}
		if err := s.Reset(); err != nil {
			return at{sender, err}
		}
		return nil
	})
}

// connected does something over a connection that is encrypted and signed in.
func (c *Client) connected(ctx context.Context, op string, do func(*smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return failed(ctx, op, at{greeting, err})
	}
	defer func() { _ = conn.Close() }() // What is to be known of it was said by then.
	// A connection that is closed ends whatever waits for it.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s, err := c.greet(conn)
	if err == nil {
		err = do(s)
	}
	if err != nil {
		return failed(ctx, op, err)
	}
	_ = s.Quit() // The server has taken it already, or was asked for nothing.
	return nil
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(c.o.Host, strconv.Itoa(c.o.Port))
	if c.o.TLS == Implicit {
		return (&tls.Dialer{Config: c.tls()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (c *Client) tls() *tls.Config {
	return &tls.Config{ServerName: c.o.Host, RootCAs: c.roots, MinVersion: tls.VersionTLS12}
}

// greet begins a session: nothing that is anybody's is said before it is encrypted.
func (c *Client) greet(conn net.Conn) (*smtp.Client, error) {
	s, err := smtp.NewClient(conn, c.o.Host)
	if err != nil {
		return nil, at{greeting, err}
	}
	if err := s.Hello(c.helo); err != nil {
		return nil, at{greeting, err}
	}
	if c.o.TLS == StartTLS {
		if offered, _ := s.Extension("STARTTLS"); !offered {
			return nil, at{encryption, errNoStartTLS}
		}
		if err := s.StartTLS(c.tls()); err != nil {
			return nil, at{encryption, err}
		}
	}
	if c.o.Username == "" {
		return s, nil
	}
	auth, err := c.auth(s)
	if err != nil {
		return nil, at{signIn, err}
	}
	if err := s.Auth(auth); err != nil {
		return nil, at{signIn, err}
	}
	return s, nil
}

// auth is how the server lets somebody sign in: Microsoft's offers LOGIN and not PLAIN. Neither is used in the clear, except on this
// machine.
func (c *Client) auth(s *smtp.Client) (smtp.Auth, error) {
	_, offered := s.Extension("AUTH")
	clear, password := c.o.TLS == Plain, c.o.Password.Reveal()
	for _, mechanism := range strings.Fields(strings.ToUpper(offered)) {
		switch mechanism {
		case "PLAIN":
			return smtp.PlainAuth("", c.o.Username, password, c.o.Host, clear), nil
		case "LOGIN":
			return smtp.LoginAuth(c.o.Username, password, c.o.Host, clear), nil
		}
	}
	return nil, errNoAuth
}

func plainASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > 127 }) < 0
}
