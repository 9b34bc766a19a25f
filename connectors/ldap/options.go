package ldap

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors/target"
)

// System is the connector's name in refs and errors.
const System = "ldap"

// Kind is the kind of server.
type Kind string

// The kinds of server.
const (
	OpenLDAP        Kind = "openldap"
	DirectoryServer Kind = "389ds"
	ActiveDirectory Kind = "ad"
)

// Options are the settings of a directory.
type Options struct {
	Kind Kind
	// URL is ldaps://host[:636], or ldap://host[:389] for a connection that StartTLS encrypts before anything is said.
	URL string
	// CA are the certificates, in PEM, that the server's is checked against (default: those of the machine).
	CA []byte
	// BindDN and Password sign in.
	BindDN, Password string
	// People and Groups are the DNs below which accounts and groups are (Groups default: People).
	People, Groups string
	// CreateIn is the DN below which accounts are made (default: People).
	CreateIn string
	// ExternalID is the attribute that has HR's id (default: employeeNumber, in Active Directory employeeID).
	ExternalID string
	// EmptyMember is the DN that stands in a group whose last member goes, where the schema demands one; "" leaves the last
	// member to a person.
	EmptyMember string
	// Timeout bounds the connection and each request (default 20s).
	Timeout time.Duration
	// PageSize is how many entries are asked for at a time (default 200).
	PageSize int
	// Protected says by which setting an account is protected, "" if it is not.
	Protected func(target.Account) string
	Clock     func() time.Time
}

// Defaults of the options.
const (
	defaultTimeout  = 20 * time.Second
	defaultPageSize = 200
)

// complete checks the options and fills in what they leave out. It names all that is wrong.
func (o *Options) complete() error {
	var wrong []error
	if _, ok := flavours[o.Kind]; !ok {
		wrong = append(wrong, fmt.Errorf("kind %q is not known: write openldap, 389ds or ad", o.Kind))
	}
	if o.BindDN == "" || o.Password == "" {
		wrong = append(wrong, errors.New("bind DN and password are required: Gatehouse does not read a directory anonymously"))
	}
	if o.Groups == "" {
		o.Groups = o.People
	}
	if o.CreateIn == "" {
		o.CreateIn = o.People
	}
	for name, dn := range map[string]string{"people": o.People, "groups": o.Groups, "create_in": o.CreateIn, "empty_member": o.EmptyMember} {
		if _, err := goldap.ParseDN(dn); err != nil || dn == "" && name != "empty_member" {
			wrong = append(wrong, fmt.Errorf("%s is not a DN such as ou=people,dc=example,dc=com", name))
		}
	}
	if o.ExternalID == "" {
		o.ExternalID = flavours[o.Kind].external
	}
	if !attributeName.MatchString(o.ExternalID) && len(wrong) == 0 {
		wrong = append(wrong, fmt.Errorf("external_id %q is not the name of an attribute", o.ExternalID))
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.PageSize <= 0 {
		o.PageSize = defaultPageSize
	}
	if o.Protected == nil {
		o.Protected = func(target.Account) string { return "" }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return errors.Join(wrong...)
}

// place is where a server listens, and how its certificate is checked.
type place struct {
	address  string
	startTLS bool
	tls      *tls.Config
}

func (o *Options) place() (place, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return place{}, errors.New("url is not one of a directory: write ldaps://host or ldap://host, without a name or password")
	}
	p := place{tls: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
	port := u.Port()
	switch u.Scheme {
	case "ldaps":
		if port == "" {
			port = "636"
		}
	case "ldap":
		p.startTLS = true
		if port == "" {
			port = "389"
		}
	default:
		return place{}, fmt.Errorf("url begins with %q: write ldaps:// or, for StartTLS, ldap://", u.Scheme)
	}
	p.address = net.JoinHostPort(u.Hostname(), port)
	if len(o.CA) > 0 {
		p.tls.RootCAs = x509.NewCertPool()
		if !p.tls.RootCAs.AppendCertsFromPEM(o.CA) {
			return place{}, errors.New("ca holds no certificate in PEM")
		}
	}
	return p, nil
}

// IsDN reports that a text is a distinguished name.
func IsDN(text string) bool {
	_, err := goldap.ParseDN(text)
	return err == nil
}
