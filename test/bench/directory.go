package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gatehouse/connectors/ldap"
	"gatehouse/connectors/target"
	"gatehouse/sandbox/socket"
)

const (
	slapdPath   = "/usr/sbin/slapd"
	slapaddPath = "/usr/sbin/slapadd"
	// listEnv tells this program that it is the one that lists, and of what directory.
	listEnv = "GATEHOUSE_BENCH_DIRECTORY"
	// directoryPeople are in the directory; everybody has a manager, and is in a group of fifty and in one of a thousand.
	directoryPeople = 100_000
	directoryRoot   = "dc=acme,dc=example"
	directoryBind   = "cn=gatehouse," + directoryRoot
	directoryWord   = "gatehouse-password"
)

const directoryConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
disallow bind_anon
security tls=128
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
database mdb
suffix ` + directoryRoot + `
rootdn cn=root,` + directoryRoot + `
directory %[1]s
dbnosync
maxsize 4294967296
index objectClass,entryUUID,uid,mail,employeeNumber,member eq
access to * by dn.exact=` + directoryBind + ` write by anonymous auth
limits dn.exact=` + directoryBind + ` size=unlimited
overlay ppolicy
`

// listing is what the process that lists says of it.
type listing struct {
	Accounts, Groups, Managed, Memberships int
	Took                                   time.Duration
	Peak                                   float64
}

// directoryReport lists a large directory of OpenLDAP's server to its end, in a process of its own.
func directoryReport(ctx context.Context, o options) (*report, error) {
	r := &report{engine: engine{name: "OpenLDAP"}}
	people := directoryPeople
	if o.company > 0 {
		people = o.company
	} else if o.quick {
		people = 2000
	}
	for _, path := range []string{slapdPath, slapaddPath} {
		if _, err := os.Stat(path); err != nil {
			fmt.Printf("directory is not measured: there is no %s; apt-get install slapd\n\n", path)
			return nil, nil
		}
	}
	progress("directory: load %d people", people)
	d, err := filepath.Abs(filepath.Join(benchDir, "directory"))
	if err != nil {
		return nil, err
	}
	options, server, err := openDirectory(ctx, d, people)
	if err != nil {
		return nil, err
	}
	progress("directory: list")
	l, err := listApart(ctx, options)
	if stopped := server.stop(syscall.SIGINT); err == nil {
		err = stopped
	}
	if err != nil {
		return nil, err
	}
	if l.Accounts != people || l.Memberships != 2*people || l.Managed != people-1 || l.Groups != people/50+people/1000 {
		return nil, fmt.Errorf("list the directory: it showed %+v of %d people", l, people)
	}
	r.add(figure{key: "ldap_100k_reconcile_s", what: fmt.Sprintf("%d entries with groups and managers read to the end", people), unit: "s", is: l.Took.Seconds(), most: 30})
	r.add(figure{key: "ldap_100k_memory_mb", what: "memory of the process that reads them, at most", unit: "MB", is: l.Peak, most: 300})
	return r, nil
}

// openDirectory loads a server and starts it.
func openDirectory(ctx context.Context, dir string, people int) (ldap.Options, *process, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ldap.Options{}, nil, fmt.Errorf("make a directory for slapd: %w", err)
	}
	pair, ca, err := socket.SelfSigned("localhost")
	if err != nil {
		return ldap.Options{}, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return ldap.Options{}, nil, fmt.Errorf("write slapd's key: %w", err)
	}
	conf := filepath.Join(dir, "slapd.conf")
	for path, text := range map[string][]byte{
		filepath.Join(dir, "cert.pem"): ca, filepath.Join(dir, "key.pem"): pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		conf: fmt.Appendf(nil, directoryConf, dir),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return ldap.Options{}, nil, fmt.Errorf("configure slapd: %w", err)
		}
	}
	load := filepath.Join(dir, "people.ldif")
	if err := writePeople(load, people); err != nil {
		return ldap.Options{}, nil, fmt.Errorf("write people for slapd: %w", err)
	}
	if err := run(ctx, slapaddPath, "-q", "-f", conf, "-l", load); err != nil {
		return ldap.Options{}, nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return ldap.Options{}, nil, err
	}
	server, err := start(spec{name: "slapd", path: slapdPath, args: []string{"-f", conf, "-h", "ldaps://" + address, "-d", "0"}, dir: dir})
	if err != nil {
		return ldap.Options{}, nil, err
	}
	o := ldap.Options{
		Kind: ldap.OpenLDAP, URL: "ldaps://" + strings.Replace(address, "127.0.0.1", "localhost", 1), CA: ca, BindDN: directoryBind, Password: directoryWord,
		People: "ou=people," + directoryRoot, Groups: "ou=groups," + directoryRoot,
	}
	ready := func(ctx context.Context) error {
		c, err := ldap.New(o)
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Containers(ctx, target.ContainersRequest{})
		return err
	}
	return o, server, server.await(ctx, ready)
}

// writePeople writes a company as slapadd reads it.
func writePeople(path string, people int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) } // Flush tells of what failed.
	say("dn: %[1]s\nobjectClass: dcObject\nobjectClass: organization\ndc: acme\no: Acme\n\n", directoryRoot)
	for _, unit := range []string{"people", "groups"} {
		say("dn: ou=%[1]s,%[2]s\nobjectClass: organizationalUnit\nou: %[1]s\n\n", unit, directoryRoot)
	}
	say("dn: %s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: gatehouse\nuserPassword: %s\n\n", directoryBind, directoryWord)
	for n := range people {
		say("dn: uid=p%[1]d,ou=people,%[2]s\nobjectClass: inetOrgPerson\nuid: p%[1]d\ncn: Ada Person %[1]d\nsn: Person\ngivenName: Ada\nmail: p%[1]d@acme.example\n"+
			"employeeNumber: workday-%[1]d\ntitle: Tester\ndepartmentNumber: Engineering\ntelephoneNumber: +1 555 0100\nl: Zurich\n", n, directoryRoot)
		if n > 0 {
			say("manager: uid=p%d,ou=people,%s\n", n/10, directoryRoot)
		}
		say("\n")
	}
	for _, size := range []int{50, 1000} {
		for n := range people / size {
			say("dn: cn=g%[1]d-%[2]d,ou=groups,%[3]s\nobjectClass: groupOfNames\ncn: g%[1]d-%[2]d\n", size, n, directoryRoot)
			for m := range size {
				say("member: uid=p%d,ou=people,%s\n", n*size+m, directoryRoot)
			}
			say("\n")
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// listApart starts this program again, to list and to say what that took.
func listApart(ctx context.Context, o ldap.Options) (l listing, err error) {
	self, err := os.Executable()
	if err != nil {
		return l, err
	}
	described, err := json.Marshal(listed{o.URL, string(o.CA), o.People, o.Groups})
	if err != nil {
		return l, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env, cmd.Stderr = append(os.Environ(), listEnv+"="+string(described)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return l, fmt.Errorf("list the directory in a process of its own: %w", err)
	}
	return l, json.Unmarshal(out, &l)
}

// listed is the directory to list.
type listed struct{ URL, CA, People, Groups string }

// listDirectory is the process that lists.
func listDirectory(ctx context.Context, described string) error {
	var d listed
	if err := json.Unmarshal([]byte(described), &d); err != nil {
		return err
	}
	c, err := ldap.New(ldap.Options{
		Kind: ldap.OpenLDAP, URL: d.URL, CA: []byte(d.CA), BindDN: directoryBind, Password: directoryWord, People: d.People, Groups: d.Groups,
	})
	if err != nil {
		return err
	}
	defer c.Close()
	var l listing
	began := time.Now()
	for in := (target.ListRequest{}); ; {
		page, err := c.List(ctx, in)
		if err != nil {
			return err
		}
		for _, a := range page.Accounts {
			l.Memberships += len(a.Memberships)
			if a.Manager != "" {
				l.Managed++
			}
		}
		l.Accounts += len(page.Accounts)
		if in.Cursor = page.Next; in.Cursor == "" {
			break
		}
	}
	for in := (target.GroupsRequest{}); ; {
		page, err := c.Groups(ctx, in)
		if err != nil {
			return err
		}
		l.Groups += len(page.Groups)
		if in.Cursor = page.Next; in.Cursor == "" {
			break
		}
	}
	l.Took, l.Peak = time.Since(began), megabytes(procFields("/proc/self/status")["VmHWM"])
	return json.NewEncoder(os.Stdout).Encode(l)
}
