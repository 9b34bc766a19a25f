package smtp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"
)

const (
	// maxLine is how long a line may be without its end. Source: RFC 5321, section 4.5.3.1.6.
	maxLine = 998
	// maxText is how large an e-mail may be.
	maxText = 10 << 20
	// idle is how long a session may say nothing.
	idle = time.Minute
)

// session is one connection.
type session struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader

	greeted, encrypted, signedIn bool
	from, to                     string
}

// errOver ends a session.
var errOver = errors.New("the session is over")

func newSession(s *Server, conn net.Conn) *session {
	return &session{server: s, conn: conn, in: bufio.NewReader(conn), encrypted: s.o.Implicit}
}

func (s *session) serve() {
	defer func() { s.conn.Close() }()
	if s.reply(220, "sandbox.example ESMTP") != nil {
		return
	}
	for {
		line, err := s.line()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(string(line), " ")
		verb = strings.ToUpper(verb)
		if f := s.server.fault(verb, false); f != nil {
			if s.fail(f) != nil {
				return
			}
			continue
		}
		if s.command(verb, rest) != nil {
			return
		}
	}
}

// fail answers with a fault.
func (s *session) fail(f *Fault) error {
	if f.Then != nil {
		f.Then()
	}
	if f.Code == 0 {
		return errOver
	}
	return s.reply(f.Code, "as the test asked")
}

// line reads a line and takes its end off. A line feed alone ends nothing.
func (s *session) line() ([]byte, error) {
	if err := s.conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return nil, err
	}
	line, err := s.in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	text, whole := bytes.CutSuffix(line, []byte("\r\n"))
	if !whole || len(text) > maxLine {
		_ = s.reply(500, "5.5.2 line without CRLF, or too long") // It ends here either way.
		return nil, errOver
	}
	return text, nil
}

func (s *session) reply(code int, text string) error {
	_, err := fmt.Fprintf(s.conn, "%d %s\r\n", code, text)
	return err
}

func (s *session) command(verb, rest string) error {
	switch verb {
	case "QUIT":
		return errors.Join(s.reply(221, "2.0.0 bye"), errOver)
	case "NOOP":
		return s.reply(250, "2.0.0 ok")
	case "RSET":
		s.from, s.to = "", ""
		return s.reply(250, "2.0.0 ok")
	case "EHLO":
		return s.hello(rest)
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		return s.auth(rest)
	case "MAIL":
		return s.mail(rest)
	case "RCPT":
		return s.rcpt(rest)
	case "DATA":
		return s.data(rest)
	}
	return s.reply(502, "5.5.1 command not implemented")
}

func (s *session) hello(name string) error {
	if name == "" || strings.ContainsAny(name, " \t") {
		return s.reply(501, "5.5.4 EHLO wants a name")
	}
	s.greeted = true
	offers := []string{"sandbox.example", "8BITMIME", "ENHANCEDSTATUSCODES", fmt.Sprintf("SIZE %d", maxText)}
	if !s.encrypted && !s.server.o.NoStartTLS {
		offers = append(offers, "STARTTLS")
	}
	if s.encrypted {
		offers = append(offers, "AUTH "+s.mechanism())
	}
	for _, offer := range offers[:len(offers)-1] {
		if _, err := fmt.Fprintf(s.conn, "250-%s\r\n", offer); err != nil {
			return err
		}
	}
	return s.reply(250, offers[len(offers)-1])
}

func (s *session) mechanism() string {
	if s.server.o.Login {
		return "LOGIN"
	}
	return "PLAIN"
}

func (s *session) startTLS() error {
	if s.encrypted || s.server.o.NoStartTLS {
		return s.reply(503, "5.5.1 not now")
	}
	if s.in.Buffered() > 0 {
		// What was said in the clear behind the command must count for nothing. Source: RFC 3207, section 4.2.
		return errOver
	}
	if err := s.reply(220, "2.0.0 go ahead"); err != nil {
		return err
	}
	conn := tls.Server(s.conn, s.server.socket.TLS)
	if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return err
	}
	if err := conn.HandshakeContext(context.Background()); err != nil {
		return err
	}
	s.conn, s.in, s.encrypted, s.greeted = conn, bufio.NewReader(conn), true, false
	return nil
}

func (s *session) auth(rest string) error {
	mechanism, initial, _ := strings.Cut(rest, " ")
	switch {
	case !s.encrypted:
		return s.reply(538, "5.7.11 encryption required")
	case !s.greeted || s.signedIn:
		return s.reply(503, "5.5.1 not now")
	case !strings.EqualFold(mechanism, s.mechanism()):
		return s.reply(504, "5.5.4 mechanism not offered")
	}
	var name, password string
	if s.server.o.Login {
		var err error
		if name, err = s.ask("Username:"); err != nil {
			return err
		}
		if password, err = s.ask("Password:"); err != nil {
			return err
		}
	} else {
		decoded, err := base64.StdEncoding.DecodeString(initial)
		parts := strings.Split(string(decoded), "\x00")
		if err != nil || len(parts) != 3 {
			return s.reply(501, "5.5.2 not PLAIN")
		}
		name, password = parts[1], parts[2]
	}
	good := subtle.ConstantTimeCompare([]byte(name+"\x00"+password), []byte(s.server.o.Username+"\x00"+s.server.o.Password))
	if good != 1 {
		return s.reply(535, "5.7.8 authentication failed for "+name)
	}
	s.signedIn = true
	return s.reply(235, "2.7.0 signed in")
}

// ask is one question of AUTH LOGIN.
func (s *session) ask(what string) (string, error) {
	if err := s.reply(334, base64.StdEncoding.EncodeToString([]byte(what))); err != nil {
		return "", err
	}
	line, err := s.line()
	if err != nil {
		return "", err
	}
	decoded, err := base64.StdEncoding.DecodeString(string(line))
	return string(decoded), err
}

func (s *session) mail(rest string) error {
	address, ok := path(rest, "FROM:")
	switch {
	case !s.encrypted:
		return s.reply(530, "5.7.0 issue STARTTLS first")
	case !s.signedIn:
		return s.reply(530, "5.7.0 authentication required")
	case !s.greeted || s.from != "":
		return s.reply(503, "5.5.1 not now")
	case !ok:
		return s.reply(501, "5.1.7 bad address")
	case len(s.server.o.Senders) > 0 && !slices.Contains(s.server.o.Senders, address):
		return s.reply(550, "5.7.60 "+address+" may not send")
	}
	s.from = address
	return s.reply(250, "2.1.0 ok")
}

func (s *session) rcpt(rest string) error {
	address, ok := path(rest, "TO:")
	switch code := s.server.refusal(address); {
	case s.from == "":
		return s.reply(503, "5.5.1 not now")
	case !ok:
		return s.reply(501, "5.1.3 bad address")
	case code != 0:
		return s.reply(code, address+": refused")
	case s.to != "":
		return s.reply(452, "4.5.3 one recipient at a time")
	}
	s.to = address
	return s.reply(250, "2.1.5 ok")
}

// path is the address of MAIL and RCPT, between angle brackets. Parameters of MAIL that were not offered are no address.
func path(rest, word string) (string, bool) {
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return "", false
	}
	address, parameters, found := strings.Cut(rest[len(word):], ">")
	address, opened := strings.CutPrefix(address, "<")
	for _, p := range strings.Fields(parameters) {
		if word != "FROM:" || !strings.EqualFold(p, "BODY=8BITMIME") {
			return "", false
		}
	}
	parsed, err := mail.ParseAddress(address)
	return address, found && opened && err == nil && parsed.Address == address
}

func (s *session) data(rest string) error {
	if s.to == "" || rest != "" {
		return s.reply(503, "5.5.1 no recipient")
	}
	if err := s.reply(354, "end with a dot"); err != nil {
		return err
	}
	var text bytes.Buffer
	for {
		line, err := s.line()
		if err != nil {
			return err
		}
		if string(line) == "." {
			break
		}
		text.Write(bytes.TrimPrefix(line, []byte(".")))
		text.WriteString("\r\n")
		if text.Len() > maxText {
			return errors.Join(s.reply(552, "5.3.4 too large"), errOver)
		}
	}
	from, to := s.from, s.to
	s.from, s.to = "", ""
	if f := s.server.fault(".", false); f != nil {
		return s.fail(f)
	}
	m, err := read(from, to, text.Bytes())
	if err != nil {
		return s.reply(554, "5.6.0 "+err.Error())
	}
	s.server.keep(m)
	if f := s.server.fault(".", true); f != nil {
		return s.fail(f)
	}
	return s.reply(250, "2.0.0 taken")
}
