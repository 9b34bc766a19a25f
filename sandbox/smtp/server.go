package smtp

import (
	"net"
	"slices"
	"strings"
	"sync"

	"gatehouse/sandbox/socket"
)

// Options say what server to be.
type Options struct {
	// Username and Password sign in (default "gatehouse" and "sandbox-smtp-password").
	Username, Password string
	// Senders are the addresses that may send; none lets every address.
	Senders []string
	// Implicit is encrypted from the first byte.
	Implicit bool
	// NoStartTLS offers no encryption, as one does whose offer somebody has struck out.
	NoStartTLS bool
	// Login offers AUTH LOGIN and not PLAIN, as Microsoft's servers do.
	Login bool
}

// Default credentials of a server.
const (
	Username = "gatehouse"
	Password = "sandbox-smtp-password"
)

// Server is a mail server in this process.
type Server struct {
	o      Options
	socket *socket.Server
	// CA is the certificate that the server's is to be checked against, in PEM.
	CA []byte

	mu      sync.Mutex
	mails   []Mail
	refused map[string]int
	faults  []*Fault
}

// Fault makes something go wrong.
type Fault struct {
	// Command is the one that is answered with the fault: "EHLO", "AUTH", "MAIL", "RCPT", "DATA", or "." for the end of the text.
	Command string
	// Code is the reply. 0 breaks the connection off.
	Code int
	// After breaks off after the command took effect: the e-mail is there, and nobody is told.
	After bool
	// Times is how often (default 1).
	Times int
	// Then is called when it happens, such as to kill whoever sends.
	Then func()
}

// Start listens on a free port of this machine.
func Start(o Options) (*Server, error) {
	if o.Username == "" {
		o.Username, o.Password = Username, Password
	}
	listening, err := socket.Listen("127.0.0.1:0", "sandbox mail server", o.Implicit)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, socket: listening, CA: listening.CA, refused: map[string]int{}}
	listening.Serve(func(conn net.Conn) { newSession(s, conn).serve() })
	return s, nil
}

// Host and Port are where the server listens.
func (s *Server) Host() string { return "127.0.0.1" }

// Port is the port that the server listens on.
func (s *Server) Port() int {
	address, ok := s.socket.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return address.Port
}

// Close ends all sessions and stops listening.
func (s *Server) Close() { s.socket.Close() }

// Mails are all e-mails that were taken, in the order of their first arrival.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// To are the e-mails to an address.
func (s *Server) To(address string) []Mail {
	return slices.DeleteFunc(s.Mails(), func(m Mail) bool { return !strings.EqualFold(m.To, address) })
}

// Refuse has an address refused with a code, such as 550 for a mailbox that is not there.
func (s *Server) Refuse(address string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[strings.ToLower(address)] = code
}

// Fail makes something go wrong from now on.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(1, f.Times)
	s.faults = append(s.faults, &f)
}

// fault takes the next fault of a command, nil if there is none.
func (s *Server) fault(command string, after bool) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Command == command && f.After == after && f.Times > 0 {
			f.Times--
			return f
		}
	}
	return nil
}

func (s *Server) refusal(address string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[strings.ToLower(address)]
}

// keep keeps an e-mail. One whose Message-ID is there was sent again.
func (s *Server) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.mails, func(known Mail) bool { return known.ID == m.ID && strings.EqualFold(known.To, m.To) })
	if at < 0 {
		m.Arrivals = 1
		s.mails = append(s.mails, m)
		return
	}
	s.mails[at].Arrivals++
}
