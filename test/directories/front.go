package directories

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Front listens on loopback with the directory's certificate, and passes everything on to the server: one that speaks by a socket has a URL
// by it like any other.
func (d *Directory) Front(t testing.TB) (url string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{d.Pair}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	f := &front{dial: d.Dial, open: map[net.Conn]bool{}}
	f.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.running.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close() // it is closed or was never open
		f.close()
		f.running.Wait()
	})
	return "ldaps://" + listener.Addr().String()
}

// front passes connections on.
type front struct {
	dial    func() (net.Conn, error)
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
}

func (f *front) keep(conn net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[conn] = true
	return !f.closed
}

func (f *front) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for conn := range f.open {
		_ = conn.Close() // it may be closed already
	}
}

func (f *front) serve(client net.Conn) {
	server, err := f.dial()
	if err != nil {
		_ = client.Close() // nobody is there
		return
	}
	if !f.keep(client) || !f.keep(server) {
		_, _ = client.Close(), server.Close() // it is over
		return
	}
	f.running.Go(func() {
		_, _ = io.Copy(server, client)        // until one of them goes
		_, _ = server.Close(), client.Close() // the other one goes too
	})
	_, _ = io.Copy(client, server)        // until one of them goes
	_, _ = server.Close(), client.Close() // the other one goes too
}
