package ldap

import (
	"context"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Find implements target.Finder. Directories compare addresses and usernames in whatever case.
func (t *Target) Find(ctx context.Context, in target.FindRequest) (all []target.Account, err error) {
	filter := ""
	switch {
	case in.ExternalID != "":
		filter = equals(t.client.o.ExternalID, in.ExternalID)
	case in.Email != "":
		filter = t.address(in.Email)
	default:
		filter = equals(t.flavour.username, in.Username)
		if t.client.o.Kind == ActiveDirectory {
			filter = "(|" + filter + equals("userPrincipalName", in.Username) + ")"
		}
	}
	text := in.ExternalID + in.Email + in.Username
	if strings.TrimSpace(text) == "" || strings.Contains(text, "*") {
		return nil, refused("find accounts", connectors.KindInvalid, "", "what to find is empty or has an asterisk in it")
	}
	err = t.call(ctx, "find accounts", func(s session) error {
		found, err := s.people(filter, t.attributes())
		if err != nil {
			return err
		}
		for _, e := range found {
			a, err := s.account(e)
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// address is a filter for whoever has an address, as a further one too where the directory keeps those.
func (t *Target) address(email string) string {
	if t.client.o.Kind == ActiveDirectory {
		return "(|" + equals("mail", email) + equals(proxyAddresses, "smtp:"+email) + ")"
	}
	return equals("mail", email)
}

// equals is a filter for a value, whatever it holds.
func equals(attribute, value string) string {
	return "(" + attribute + "=" + goldap.EscapeFilter(value) + ")"
}
