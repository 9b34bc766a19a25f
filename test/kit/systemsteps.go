package kit

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// WithSystems starts a stack with the systems beside OneLogin, each of which was read once.
func WithSystems(t testing.TB) *Stack {
	t.Helper()
	s := New(t, Options{Systems: true, Policy: SystemsPolicy(t)})
	s.Baseline()
	s.ReadSystems()
	return s
}

// ReadSystem reads a system beside OneLogin whole, and returns what that came to.
func (s *Stack) ReadSystem(system string) api.SystemSwept {
	s.T.Helper()
	return s.BeginReading(system)()
}

// BeginReading begins to read a system whole; what it returns waits for the end. A reading that fails is repeated for minutes.
func (s *Stack) BeginReading(system string) (ends func() api.SystemSwept) {
	s.T.Helper()
	run, err := s.Temporal.ExecuteWorkflow(s.T.Context(), client.StartWorkflowOptions{ID: api.SystemSweepID(system), TaskQueue: api.QueueSweep},
		api.TypeSystemSweep, api.SystemSweepRequest{System: system, Full: true})
	require.NoError(s.T, err)
	return func() api.SystemSwept {
		s.T.Helper()
		ctx, cancel := context.WithTimeout(s.T.Context(), patience)
		defer cancel()
		var out api.SystemSweepOutcome
		require.NoError(s.T, run.Get(ctx, &out))
		return out.Swept
	}
}

// ReadSystems reads each configured system whole, and believes it.
func (s *Stack) ReadSystems() {
	s.T.Helper()
	for _, system := range s.App.Config.Systems.Names() {
		swept := s.ReadSystem(system)
		require.True(s.T, swept.Complete, "%s: %+v", system, swept)
	}
}

// Salespeople are people of Sales whom every system knows, by their accounts at OneLogin: their external ids are their keys.
func (s *Stack) Salespeople() (all []control.Person) {
	s.T.Helper()
	crm, err := s.Sandbox.CRM(s.T.Context())
	require.NoError(s.T, err)
	google := s.Google()
	for _, u := range crm.Users {
		mailbox := google.User(u.Email)
		if mailbox == nil || mailbox.Suspended || !u.Active || s.Entry(u.Email) == nil {
			continue
		}
		user, found, err := s.Sandbox.ByUsername(s.T.Context(), u.Email)
		require.NoError(s.T, err)
		protected := user.Group == "Break glass" || strings.Contains(strings.Join(user.Roles, ","), "Super admin")
		if found && user.CanSignIn && !protected && strings.HasPrefix(user.ExternalID, "workday-") {
			all = append(all, user)
		}
	}
	require.NotEmpty(s.T, all, "nobody of Sales is in every system")
	return all
}

// Google is Google Workspace's directory as it is.
func (s *Stack) Google() control.GoogleDirectory {
	s.T.Helper()
	google, err := s.Sandbox.GoogleDirectory(s.T.Context())
	require.NoError(s.T, err)
	return google
}

// Mailbox is the user of Google with an address or an id.
func (s *Stack) Mailbox(key string) control.GoogleUser {
	s.T.Helper()
	google := s.Google()
	u := google.User(key)
	require.NotNil(s.T, u, "Google has no user %s", key)
	return *u
}

// CRMUser is the user of Salesforce with an id, a username or an address.
func (s *Stack) CRMUser(key string) control.CRMUser {
	s.T.Helper()
	crm, err := s.Sandbox.CRM(s.T.Context())
	require.NoError(s.T, err)
	for _, u := range crm.Users {
		if u.ID == key || u.Username == key || u.Email == key {
			return u
		}
	}
	require.FailNow(s.T, "Salesforce has no user "+key)
	return control.CRMUser{}
}

// EntryDN is the name of somebody's entry in the sandbox's directory, by their address.
func EntryDN(email string) string {
	user, _, _ := strings.Cut(email, "@")
	return "uid=" + user + ",ou=people,dc=acme,dc=example"
}

// Entry is somebody's entry in the sandbox's directory, by their address; nil if there is none.
func (s *Stack) Entry(email string) map[string][]string {
	s.T.Helper()
	entry, err := s.Sandbox.LDAPEntry(s.T.Context(), EntryDN(email))
	if err != nil && strings.Contains(err.Error(), "no entry") {
		return nil
	}
	require.NoError(s.T, err)
	return entry
}

// InGroup reports whether somebody's entry is in a group of the sandbox's directory.
func (s *Stack) InGroup(email, group string) bool {
	s.T.Helper()
	entry, err := s.Sandbox.LDAPEntry(s.T.Context(), "cn="+group+",ou=groups,dc=acme,dc=example")
	require.NoError(s.T, err)
	for _, m := range entry["member"] {
		if strings.EqualFold(m, EntryDN(email)) {
			return true
		}
	}
	return false
}

// LDAPWrites is how often the sandbox's directory has changed something.
func (s *Stack) LDAPWrites() (n int) {
	s.T.Helper()
	journal, err := s.Sandbox.LDAPJournal(s.T.Context())
	require.NoError(s.T, err)
	for _, call := range journal {
		if call.Effect {
			n++
		}
	}
	return n
}

// LDAPSearches is how often the sandbox's directory was asked for entries.
func (s *Stack) LDAPSearches() (n int) {
	s.T.Helper()
	journal, err := s.Sandbox.LDAPJournal(s.T.Context())
	require.NoError(s.T, err)
	for _, call := range journal {
		if call.Op == "search" {
			n++
		}
	}
	return n
}

// Items lists what needs a person in a system.
func (s *Stack) Items(system string) []worklist.Item {
	s.T.Helper()
	items, err := s.App.Ledger.Worklist().Items(s.T.Context(), worklist.ItemFilter{System: system})
	require.NoError(s.T, err)
	return items
}
