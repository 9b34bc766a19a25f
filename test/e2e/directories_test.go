package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/ldap"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	sandbox "gatehouse/sandbox/ldap"

	"gatehouse/sandbox/control"
	"gatehouse/test/directories"
	"gatehouse/test/kit"
)

// simulated is the sandbox's directory as one of the real ones.
func simulated(t testing.TB) *directories.Directory {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Implicit: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	pair, ca, _, _ := directories.Certificate(t)
	for _, unit := range []string{sandbox.People, sandbox.Groups} {
		require.NoError(t, server.Remove(unit))
	}
	return &directories.Directory{
		Kind: ldap.OpenLDAP, Root: sandbox.Suffix, BindDN: sandbox.BindDN, Password: sandbox.Password, AdminDN: sandbox.BindDN, AdminPassword: sandbox.Password,
		Pair: pair, CA: ca, Dial: directories.Insecure(server.URL()[len("ldaps://"):]),
	}
}

// onDirectory is a stack whose directory is a given one, with the people of Sales and Engineering in it.
func onDirectory(t *testing.T, d *directories.Directory) *kit.Stack {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "directory.pem")
	require.NoError(t, os.WriteFile(ca, d.CA, 0o600))
	url := d.Front(t)
	s := kit.New(t, kit.Options{
		Systems: true,
		Policy: func(policy string) string {
			return kit.Replace(t, kit.SystemsPolicy(t)(policy), "  ldap:\n    mode: enforce\n    provisioned_by: gatehouse\n",
				"  ldap:\n    mode: enforce\n    provisioned_by: gatehouse\n    leaver: {move_to: \""+d.Leavers()+"\"}\n")
		},
		Config: func(c *config.Config) {
			c.Systems.LDAP.Kind, c.Systems.LDAP.URL, c.Systems.LDAP.CAFile = string(d.Kind), url, ca
			c.Systems.LDAP.BindDN, c.Systems.LDAP.Password = d.BindDN, httpx.Secret(d.Password)
			c.Systems.LDAP.People, c.Systems.LDAP.Groups = d.People(), d.Groups()
		},
	})
	accounts, err := s.Sandbox.Accounts(t.Context())
	require.NoError(t, err)
	var staff []directories.Employee
	for _, a := range accounts {
		name, _, _ := strings.Cut(a.Email, "@")
		source, _, known := strings.Cut(a.ExternalID, "-")
		if known && (source == "workday" || source == "bamboohr") && slices.Contains([]string{"Sales", "Engineering"}, a.Department) && a.Status == 1 {
			staff = append(staff, directories.Employee{
				Name: name, Key: a.ExternalID, First: a.FirstName, Last: a.LastName, Mail: a.Email, Title: a.Title, Department: a.Department,
			})
		}
	}
	d.Found(t, staff)
	s.Baseline()
	s.ReadSystems()
	return s
}

// played is what a directory came to in a story: its entries by person, and the evidence of what was done there.
type played struct {
	Entries map[string][]directories.Entry
	Steps   map[string][]string
}

// tale plays a leaver, a joiner and a mover, and shows what came of them.
func tale(t *testing.T, d *directories.Directory) played {
	t.Helper()
	s := onDirectory(t, d)
	people := salesOf(t, s)
	leaver, mover := people[0], people[1]
	s.HR(leaver, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(leaver, "termination")
	require.Equal(t, "access ended", s.Outcome(leaver).Result)

	joiner := s.Hire("workday", engineer("Nadia", "Petrova", "today"))
	s.Hint(joiner, "hire")
	require.NotEmpty(t, s.Outcome(joiner).Result)

	s.HR(mover, "change", control.Fields{"department": "Engineering", "title": "Engineer"})
	s.Hint(mover, "poll")
	require.NotEmpty(t, s.Outcome(mover).Result)

	out := played{Entries: map[string][]directories.Entry{}, Steps: map[string][]string{}}
	for name, key := range map[string]string{"leaver": leaver, "joiner": joiner, "mover": mover} {
		out.Entries[name] = d.Show(t, key)
		rows, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), key)
		require.NoError(t, err)
		for _, row := range rows {
			if kind, place, found := strings.Cut(row.Step, "@"); found && strings.HasPrefix(place, "ldap") {
				out.Steps[name] = append(out.Steps[name], kind+": "+row.Outcome)
			}
		}
		slices.Sort(out.Steps[name])
	}
	return out
}

// salesOf are keys of people of Sales, in order.
func salesOf(t *testing.T, s *kit.Stack) (keys []string) {
	t.Helper()
	accounts, err := s.Sandbox.Accounts(t.Context())
	require.NoError(t, err)
	for _, a := range accounts {
		if a.Group == "Sales" && a.CanSignIn && strings.HasPrefix(a.ExternalID, "workday-") {
			keys = append(keys, a.ExternalID)
		}
	}
	slices.Sort(keys)
	require.Greater(t, len(keys), 2)
	return keys[1:]
}

// TestEveryDirectoryComesToTheSame: a leaver, a joiner and a mover come to the same state by the same steps in the sandbox's directory,
// OpenLDAP's, samba's and, in the night, 389 Directory Server.
func TestEveryDirectoryComesToTheSame(t *testing.T) {
	t.Parallel()
	want := tale(t, simulated(t))
	require.Len(t, want.Entries["leaver"], 1)
	require.True(t, want.Entries["leaver"][0].Disabled)
	require.Empty(t, want.Entries["leaver"][0].Groups)
	require.Equal(t, "leavers", want.Entries["leaver"][0].Unit)
	require.Len(t, want.Entries["joiner"], 1)
	require.False(t, want.Entries["joiner"][0].Disabled)
	require.Equal(t, []string{"Engineering"}, want.Entries["joiner"][0].Groups)
	require.Equal(t, []string{"Engineering"}, want.Entries["mover"][0].Groups)
	require.Equal(t, "Engineer", want.Entries["mover"][0].Title)
	require.Contains(t, want.Steps["leaver"], "suspend: done")
	require.Contains(t, want.Steps["joiner"], "create: done")
	require.Contains(t, want.Steps["mover"], "add_groups: done")
	for name, start := range map[string]func(testing.TB) *directories.Directory{
		"slapd": directories.Slapd, "samba": directories.Samba, "389": directories.DS389,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tale(t, start(t))
			require.Equal(t, want.Entries, got.Entries)
			require.Equal(t, want.Steps, got.Steps)
		})
	}
}
