package ldap

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/socket"
)

// The company's directory.
const (
	Suffix   = "dc=acme,dc=example"
	People   = "ou=people," + Suffix
	Groups   = "ou=groups," + Suffix
	BindDN   = "cn=gatehouse," + Suffix
	Password = "sandbox-ldap-password"
)

// sizeLimit is how many entries a search shows that does not ask for pages.
const sizeLimit = 500

// Options say what server to be.
type Options struct {
	// Addr is where to listen (default a free port of this machine).
	Addr string
	// Implicit is encrypted from the first byte; otherwise StartTLS is demanded.
	Implicit bool
	// Clock is the server's time, the machine's if nil.
	Clock func() time.Time
	// TokenLength refuses a password that has so many characters which stand together in a name of its entry, as 389 Directory
	// Server's passwordMinTokenLength and check modules of ppolicy do (default: any is taken).
	TokenLength int
}

// Server is a directory in this process.
type Server struct {
	o      Options
	socket *socket.Server
	// CA is the certificate that the server's is to be checked against, in PEM.
	CA []byte

	mu      sync.Mutex
	tree    *tree
	lie     Lie
	stale   *tree
	faults  []*Fault
	journal []Entry
}

// Entry is a line of the journal: what was asked, of which entry, what came of it, and whether anything was changed. It names
// entries by entryUUID, and by nothing where there is no entry.
type Entry struct {
	At     time.Time `json:"at"`
	Op     string    `json:"op"`
	ID     string    `json:"id,omitempty"`
	Code   int       `json:"code"`
	Effect bool      `json:"effect,omitempty"`
	// Attributes are those that were to be modified.
	Attributes []string `json:"attributes,omitempty"`
}

// Lie is a way of answering wrongly with success.
type Lie string

// The lies.
const (
	// Honest ends a lie.
	Honest Lie = ""
	// Empty shows no entry at all.
	Empty Lie = "empty"
	// FirstPage ends every list after one page.
	FirstPage Lie = "first page"
	// NoGroups shows no group.
	NoGroups Lie = "no groups"
	// LostRights lets the service account in, and shows it nothing.
	LostRights Lie = "lost rights"
	// Yesterday shows everything as it is when the lie begins, and takes writes all the same.
	Yesterday Lie = "yesterday"
	// Doubled shows every page twice.
	Doubled Lie = "doubled"
)

// Fault makes something go wrong.
type Fault struct {
	// Op is the operation: "bind", "search", "add", "modify", "delete", "rename" or "password"; "" is each of them.
	Op string `json:"op"`
	// Code is the result. 0 breaks the connection off.
	Code int `json:"code"`
	// After lets it take effect first: nobody is told.
	After bool `json:"after,omitempty"`
	// Hang answers nothing, until the client goes.
	Hang bool `json:"hang,omitempty"`
	// Times is how often (default 1), after the first that Skip lets pass.
	Times int `json:"times,omitempty"`
	Skip  int `json:"skip,omitempty"`
	// Then is called when it happens, such as to kill whoever asks.
	Then func() `json:"-"`
}

// Start listens, with an empty company.
func Start(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{o: o}
	err := s.Reset()
	if err != nil {
		return nil, err
	}
	if s.socket, err = socket.Listen(o.Addr, "sandbox directory", o.Implicit); err != nil {
		return nil, err
	}
	s.CA = s.socket.CA
	s.socket.Serve(func(conn net.Conn) { (&session{server: s, conn: conn, encrypted: o.Implicit}).serve() })
	return s, nil
}

// Reset leaves nothing but the suffix, two empty units and the service account. Faults and lies end.
func (s *Server) Reset() error {
	suffix, _ := parseDN(Suffix)
	s.mu.Lock()
	s.tree = &tree{suffix: suffix, entries: map[string]*entry{}, now: s.o.Clock, token: s.o.TokenLength}
	s.lie, s.stale, s.faults = Honest, nil, nil
	s.mu.Unlock()
	for _, made := range [][]string{
		{Suffix, "objectClass: dcObject", "objectClass: organization", "dc: acme", "o: Acme"},
		{People, "objectClass: organizationalUnit", "ou: people"},
		{Groups, "objectClass: organizationalUnit", "ou: groups"},
		{BindDN, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: gatehouse", "userPassword: " + Password},
	} {
		if err := s.Add(made[0], made[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// URL is where the server listens.
func (s *Server) URL() string {
	if s.o.Implicit {
		return "ldaps://" + s.socket.Addr().String()
	}
	return "ldap://" + s.socket.Addr().String()
}

// Close ends all connections and stops listening.
func (s *Server) Close() { s.socket.Close() }

// Add makes an entry by hand, from lines such as "cn: Somebody".
func (s *Server) Add(name string, lines ...string) error {
	d, ok := parseDN(name)
	if !ok || len(d) == 0 {
		return fmt.Errorf("add an entry: its name is no DN")
	}
	attrs := map[string][]string{}
	for _, line := range lines {
		attribute, value, _ := strings.Cut(line, ": ")
		attrs[strings.ToLower(attribute)] = append(attrs[strings.ToLower(attribute)], value)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.tree.add(d, attrs, "cn=root,"+Suffix); r != nil {
		return fmt.Errorf("add an entry: result %d: %s", r.code, r.text)
	}
	return nil
}

// Change replaces an attribute's values by hand; none deletes it. It takes those too that only the server sets.
func (s *Server) Change(name, attribute string, values ...string) error {
	d, ok := parseDN(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tree.get(d)
	if !ok || e == nil {
		return fmt.Errorf("change an entry: there is none of this name")
	}
	e.attrs[strings.ToLower(attribute)] = values
	s.tree.touch(e, "cn=root,"+Suffix)
	return nil
}

// Remove deletes an entry by hand.
func (s *Server) Remove(name string) error {
	d, _ := parseDN(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.tree.remove(d); r != nil {
		return fmt.Errorf("delete an entry: result %d: %s", r.code, r.text)
	}
	return nil
}

// Look shows an entry: its attributes by their names in lower case. Ok is false if there is none.
func (s *Server) Look(name string) (attrs map[string][]string, ok bool) {
	d, _ := parseDN(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tree.get(d)
	if e == nil {
		return nil, false
	}
	return e.clone().attrs, true
}

// Names are the DNs of all entries, in the order in which they were made.
func (s *Server) Names() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.tree.sorted() {
		names = append(names, e.dn.String())
	}
	return names
}

// Lie has the server answer wrongly from now on.
func (s *Server) Lie(l Lie) error {
	if !slices.Contains([]Lie{Honest, Empty, FirstPage, NoGroups, LostRights, Yesterday, Doubled}, l) {
		return fmt.Errorf("lie: the server does not know how to: one of empty, first page, no groups, lost rights, yesterday, doubled, or nothing for the truth")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lie, s.stale = l, nil
	if l == Yesterday {
		s.stale = s.tree.clone()
	}
	return nil
}

// Fail makes something go wrong from now on.
func (s *Server) Fail(f Fault) error {
	if f.Op != "" && !slices.Contains(slices.Collect(maps.Values(names)), f.Op) {
		return fmt.Errorf("fail: there is no operation %q: one of bind, search, add, modify, delete, rename, password", f.Op)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(1, f.Times)
	s.faults = append(s.faults, &f)
	return nil
}

// fault takes the next fault of an operation, nil if there is none.
func (s *Server) fault(op string, after bool) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Op != "" && f.Op != op || f.After != after || f.Times <= 0 {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Times--
		return f
	}
	return nil
}

// Mend ends every fault.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Journal is what was asked and changed.
func (s *Server) Journal() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal)
}

// journalLimit is how many lines are kept.
const journalLimit = 10_000

func (s *Server) note(op, id string, code int, effect bool, attributes ...string) {
	if len(s.journal) >= journalLimit {
		s.journal = slices.Delete(s.journal, 0, journalLimit/10)
	}
	s.journal = append(s.journal, Entry{At: s.o.Clock(), Op: op, ID: id, Code: code, Effect: effect, Attributes: attributes})
}
