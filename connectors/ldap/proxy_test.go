package ldap_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between the connector and a directory, and understands LDAP. It counts what is asked and what is changed, loses
// replies and lies, which no real directory does on demand.
type proxy struct {
	listener net.Listener
	dial     func() (net.Conn, error)

	mu               sync.Mutex
	requests, writes int
	// loseReply cuts the connection in place of the next reply to a write. empty answers this many searches with success and
	// no entries.
	loseReply bool
	empty     int
	open      map[net.Conn]bool
}

// The tags of LDAP's messages (RFC 4511 4.2 to 4.14).
const (
	tagBind       = 0x60
	tagUnbind     = 0x42
	tagSearch     = 0x63
	tagDone       = 0x65
	tagModified   = 0x67
	tagAdded      = 0x69
	tagDeleted    = 0x6b
	tagRenamed    = 0x6d
	tagExtendedRe = 0x78
)

func startProxy(t *testing.T, certificate tls.Certificate, dial func() (net.Conn, error)) *proxy {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	p := &proxy{listener: listener, dial: dial, open: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		for c := range p.open {
			c.Close()
		}
		p.mu.Unlock()
		running.Wait()
	})
	return p
}

func (p *proxy) serve(client net.Conn) {
	server, err := p.dial()
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.open[client], p.open[server] = true, true
	p.mu.Unlock()
	defer func() {
		client.Close()
		server.Close()
		p.mu.Lock()
		delete(p.open, client)
		delete(p.open, server)
		p.mu.Unlock()
	}()
	go func() {
		p.replies(client, server)
		client.Close()
		server.Close()
	}()
	in := bufio.NewReader(client)
	for {
		m, err := readMessage(in)
		if err != nil {
			return
		}
		if p.asked(m, client) {
			continue
		}
		if _, err := server.Write(m.raw); err != nil {
			return
		}
	}
}

// asked notes a request, and answers it where that was ordered.
func (p *proxy) asked(m message, client net.Conn) (answered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.op != tagBind && m.op != tagUnbind {
		p.requests++
	}
	if m.op != tagSearch || p.empty == 0 {
		return false
	}
	p.empty--
	body := append([]byte{}, m.id...)
	body = append(body, tagDone, 7, 0x0a, 1, 0, 0x04, 0, 0x04, 0)
	_, err := client.Write(append([]byte{0x30, byte(len(body))}, body...))
	return err == nil
}

func (p *proxy) replies(client, server net.Conn) {
	in := bufio.NewReader(server)
	for {
		m, err := readMessage(in)
		if err != nil {
			return
		}
		p.mu.Lock()
		if m.write() && m.success() {
			p.writes++
		}
		lost := p.loseReply && m.write()
		if lost {
			p.loseReply = false
		}
		p.mu.Unlock()
		if lost {
			return
		}
		if _, err := client.Write(m.raw); err != nil {
			return
		}
	}
}

func (p *proxy) order(change func(*proxy)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *proxy) counted() (requests, writes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests, p.writes
}

// message is one of LDAP's, with its id as it is encoded.
type message struct {
	raw, id []byte
	op      byte
	body    []byte
}

// write is the reply to a write. An extended one is that of a password: the connection is encrypted from the start.
func (m message) write() bool {
	switch m.op {
	case tagModified, tagAdded, tagDeleted, tagRenamed, tagExtendedRe:
		return true
	}
	return false
}

func (m message) success() bool { return len(m.body) >= 3 && m.body[0] == 0x0a && m.body[2] == 0 }

func readMessage(in *bufio.Reader) (message, error) {
	raw, start, err := readElement(in)
	if err != nil || len(raw) < start+2 {
		return message{}, err
	}
	rest := raw[start:]
	idEnd := 2 + int(rest[1])
	m := message{raw: raw, id: rest[:idEnd], op: rest[idEnd]}
	n, used := lengthOf(rest[idEnd+1:])
	m.body = rest[idEnd+1+used : idEnd+1+used+n]
	return m, nil
}

func lengthOf(b []byte) (n, used int) {
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	for _, c := range b[1 : 1+b[0]&0x7f] {
		n = n<<8 | int(c)
	}
	return n, 1 + int(b[0]&0x7f)
}

// readElement reads one element of BER, and says where its content starts.
func readElement(in *bufio.Reader) (raw []byte, start int, err error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, 0, err
	}
	start = 2
	if head[1] >= 0x80 {
		start += int(head[1] & 0x7f)
	}
	if head, err = in.Peek(start); err != nil {
		return nil, 0, err
	}
	n, _ := lengthOf(head[1:])
	raw = make([]byte, start+n)
	_, err = io.ReadFull(in, raw)
	return raw, start, err
}
