package ldap

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// The tags of messages (RFC 4511 4.2 to 4.14).
const (
	tagBindRequest = iota
	tagBindResponse
	tagUnbind
	tagSearchRequest
	tagSearchEntry
	tagSearchDone
	tagModifyRequest
	tagModifyResponse
	tagAddRequest
	tagAddResponse
	tagDeleteRequest
	tagDeleteResponse
	tagRenameRequest
	tagRenameResponse
	tagCompareRequest
	tagCompareResponse
	tagAbandon
	tagExtendedRequest  = 23
	tagExtendedResponse = 24
)

// The names of extended operations and controls.
const (
	oidStartTLS = "1.3.6.1.4.1.1466.20037"
	oidPassword = "1.3.6.1.4.1.4203.1.11.1"
	oidPaging   = "1.2.840.113556.1.4.319"
)

// session is one connection.
type session struct {
	server    *Server
	conn      net.Conn
	encrypted bool
	// bound is who has signed in, nil for nobody.
	bound dn
	// cookie and rest are what a search in pages has left: one at a time, as with slapd.
	cookie string
	rest   []*entry
	pages  int
}

// request is a message of the client's.
type request struct {
	id       *ber.Packet
	op       *ber.Packet
	controls []control
}

// control is a wish beside a request (RFC 4511 4.1.11).
type control struct {
	oid      string
	critical bool
	value    string
}

func (s *session) serve() {
	defer func() { _ = s.conn.Close() }() // The client is gone, or is to be.
	in := bufio.NewReader(s.conn)
	for {
		packet, err := ber.ReadPacket(in)
		if err != nil {
			return
		}
		req, ok := readRequest(packet)
		if !ok || req.op.Tag == tagUnbind {
			return
		}
		encrypt, goOn := s.handle(req)
		if !goOn {
			return
		}
		if encrypt {
			encrypted := tls.Server(s.conn, s.server.socket.TLS)
			s.conn, s.encrypted, in = encrypted, true, bufio.NewReader(encrypted)
		}
	}
}

func readRequest(p *ber.Packet) (request, bool) {
	if len(p.Children) < 2 || p.Children[1].ClassType != ber.ClassApplication {
		return request{}, false
	}
	r := request{id: p.Children[0], op: p.Children[1]}
	if len(p.Children) > 2 {
		for _, c := range p.Children[2].Children {
			if len(c.Children) == 0 {
				return request{}, false
			}
			one := control{oid: text(c.Children[0])}
			for _, part := range c.Children[1:] {
				if critical, ok := part.Value.(bool); ok {
					one.critical = critical
				} else {
					one.value = text(part)
				}
			}
			r.controls = append(r.controls, one)
		}
	}
	return r, true
}

// names of operations in faults and in the journal.
var names = map[ber.Tag]string{
	tagBindRequest: "bind", tagSearchRequest: "search", tagModifyRequest: "modify", tagAddRequest: "add", tagDeleteRequest: "delete",
	tagRenameRequest: "rename", tagExtendedRequest: "password", tagCompareRequest: "compare",
}

// handle answers a request. Encrypt says that the connection is to be encrypted from here, goOn that it stays.
func (s *session) handle(req request) (encrypt, goOn bool) {
	op := names[req.op.Tag]
	startTLS := req.op.Tag == tagExtendedRequest && len(req.op.Children) > 0 && text(req.op.Children[0]) == oidStartTLS
	if startTLS {
		return s.startTLS(req)
	}
	if f := s.server.fault(op, false); f != nil {
		return false, s.fail(req, f)
	}
	var answer func() bool
	switch req.op.Tag {
	case tagAbandon:
		return false, true
	case tagBindRequest:
		answer = s.bind(req)
	case tagSearchRequest:
		answer = s.search(req)
	case tagAddRequest, tagModifyRequest, tagDeleteRequest, tagRenameRequest, tagExtendedRequest:
		answer = s.write(req)
	default:
		answer = s.result(req, refuse(protocolError, "this is not simulated"), nil)
	}
	if f := s.server.fault(op, true); f != nil {
		return false, s.fail(req, f)
	}
	return false, answer()
}

func (s *session) startTLS(req request) (encrypt, goOn bool) {
	if s.encrypted {
		return false, s.result(req, refuse(1, "TLS already started"), nil)()
	}
	return true, s.result(req, nil, nil)()
}

// fail does what a fault says.
func (s *session) fail(req request, f *Fault) (goOn bool) {
	if f.Then != nil {
		f.Then()
	}
	if f.Hang {
		_, _ = io.Copy(io.Discard, s.conn) // Until the client goes.
		return false
	}
	if f.Code == 0 {
		return false
	}
	return s.result(req, refuse(f.Code, "as it was told to"), nil)()
}

// result prepares the end of an operation.
func (s *session) result(req request, r *refusal, more func(*ber.Packet)) func() bool {
	if r == nil {
		r = &refusal{}
	}
	tag := map[ber.Tag]ber.Tag{tagExtendedRequest: tagExtendedResponse}[req.op.Tag]
	if tag == 0 {
		tag = req.op.Tag + 1
	}
	if req.op.Tag == tagSearchRequest {
		tag = tagSearchDone
	}
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(r.code), ""))
	op.AppendChild(octetString(r.matched))
	op.AppendChild(octetString(r.text))
	return func() bool { return s.send(req, op, more) }
}

func octetString(value string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, value, "")
}

func (s *session) send(req request, op *ber.Packet, more func(*ber.Packet)) bool {
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(req.id)
	m.AppendChild(op)
	if more != nil {
		more(m)
	}
	_, err := s.conn.Write(m.Bytes())
	return err == nil
}

// bind signs somebody in.
func (s *session) bind(req request) func() bool {
	s.bound = nil
	if len(req.op.Children) != 3 {
		return s.result(req, refuse(protocolError, ""), nil)
	}
	name, method := text(req.op.Children[1]), req.op.Children[2]
	version, _ := req.op.Children[0].Value.(int64)
	d, ok := parseDN(name)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	r := func() *refusal {
		switch {
		case version != 3:
			return refuse(protocolError, "requested protocol version not supported")
		case method.Tag != 0 || method.ClassType != ber.ClassContext:
			return refuse(authMethodNotSupported, "SASL is not simulated")
		case name == "" && text(method) == "":
			return refuse(inappropriateAuth, "anonymous bind disallowed")
		case !s.encrypted:
			return refuse(confidentialityRequired, "TLS confidentiality required")
		case !ok:
			return refuse(invalidDNSyntax, "invalid DN")
		case len(d) == 0:
			return refuse(invalidCredentials, "")
		case text(method) == "":
			return refuse(unwillingToPerform, "unauthenticated bind (DN with no password) disallowed")
		case !s.server.tree.signIn(d, text(method)):
			return refuse(invalidCredentials, "")
		}
		s.bound = d
		return nil
	}()
	s.server.note("bind", "", codeOf(r), false)
	return s.result(req, r, nil)
}

func codeOf(r *refusal) int {
	if r == nil {
		return success
	}
	return r.code
}

// mayRead reports whether the session's account sees and changes everything, which only the service account does.
func (s *session) mayRead() bool {
	return s.encrypted && s.bound != nil && strings.EqualFold(s.bound.String(), BindDN) && s.server.lie != LostRights
}

// unsupported is the first critical control that the operation does not know.
func (req request) unsupported(known ...string) *refusal {
	for _, c := range req.controls {
		if c.critical && !strings.Contains(" "+strings.Join(known, " ")+" ", " "+c.oid+" ") {
			return refuse(unavailableCritical, "critical extension is not recognized")
		}
	}
	return nil
}
