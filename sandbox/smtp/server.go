package smtp

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
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
	o        Options
	listener net.Listener
	tls      *tls.Config
	// CA is the certificate that the server's is to be checked against, in PEM.
	CA []byte

	mu      sync.Mutex
	mails   []Mail
	refused map[string]int
	faults  []*Fault
	open    map[net.Conn]bool
	running sync.WaitGroup
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
	certificate, ca, err := selfSigned()
	if err != nil {
		return nil, err
	}
	s := &Server{
		o: o, CA: ca, refused: map[string]int{}, open: map[net.Conn]bool{},
		tls: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if o.Implicit {
		s.listener = tls.NewListener(s.listener, s.tls)
	}
	s.running.Go(s.accept)
	return s, nil
}

// Host and Port are where the server listens.
func (s *Server) Host() string { return "127.0.0.1" }

// Port is the port that the server listens on.
func (s *Server) Port() int {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return address.Port
}

// Close ends all sessions and stops listening.
func (s *Server) Close() {
	_ = s.listener.Close() // Nobody connects any more, whatever it says.
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // It was closed.
		}
		s.mu.Lock()
		s.open[conn] = true
		s.mu.Unlock()
		s.running.Go(func() {
			newSession(s, conn).serve()
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		})
	}
}

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

// selfSigned is a certificate for this machine.
func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sandbox mail server"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("make a certificate: %w", err)
	}
	var out bytes.Buffer
	if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, out.Bytes(), nil
}
