// Package socket is what the sandbox's servers have in common that speak no HTTP: a certificate of their own, and connections that end
// with the server.
package socket

import (
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
	"sync"
	"time"
)

// Server takes connections.
type Server struct {
	// TLS is what connections are encrypted by, CA the certificate that the server's is to be checked against, in PEM.
	TLS *tls.Config
	CA  []byte

	listener net.Listener
	mu       sync.Mutex
	open     map[net.Conn]bool
	running  sync.WaitGroup
}

// Listen listens, with a certificate in the name of who it is. Implicit is encrypted from the first byte.
func Listen(addr, who string, implicit bool) (*Server, error) {
	certificate, ca, err := SelfSigned(who)
	if err != nil {
		return nil, err
	}
	s := &Server{
		TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, CA: ca, open: map[net.Conn]bool{},
	}
	if s.listener, err = net.Listen("tcp", addr); err != nil {
		return nil, err
	}
	if implicit {
		s.listener = tls.NewListener(s.listener, s.TLS)
	}
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve has each connection served, until the server is closed. It does not wait.
func (s *Server) Serve(each func(net.Conn)) {
	s.running.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return // It was closed.
			}
			s.mu.Lock()
			s.open[conn] = true
			s.mu.Unlock()
			s.running.Go(func() {
				each(conn)
				s.mu.Lock()
				delete(s.open, conn)
				s.mu.Unlock()
			})
		}
	})
}

// Close ends all connections and stops listening.
func (s *Server) Close() {
	_ = s.listener.Close() // Nobody connects any more, whatever it says.
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// SelfSigned is a certificate for this machine, and for further addresses, also in PEM.
func SelfSigned(who string, addresses ...net.IP) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: who}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: append(addresses, net.IPv4(127, 0, 0, 1)), DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("make a certificate: %w", err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca, nil
}
