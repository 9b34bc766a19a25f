package cases

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// everySystem is a company with Google Workspace, Salesforce and a directory, which were read once. Dirt is what they are before that, and
// edits change the policy.
func everySystem(t *testing.T, dirt func(s *kit.Stack), edits ...func(string) string) *kit.Stack {
	t.Helper()
	s := kit.New(t, kit.Options{Systems: true, Policy: func(policy string) string {
		policy = kit.SystemsPolicy(t)(roomy(t)(policy))
		for _, edit := range edits {
			policy = edit(policy)
		}
		return policy
	}})
	if dirt != nil {
		dirt(s)
	}
	s.Baseline()
	s.ReadSystems()
	return s
}

// closedOut requires that somebody gets in nowhere any more, as each system shows it itself.
func closedOut(s *kit.Stack, account control.Person) {
	s.T.Helper()
	require.False(s.T, kit.Open(s.Of(account.ID)), "OneLogin")
	lockedMailbox(s, account.Email)
	user := s.CRMUser(account.Email)
	require.False(s.T, user.CanSignIn, "Salesforce")
	require.Zero(s.T, user.Sessions, "Salesforce")
	require.Empty(s.T, user.Sets, "Salesforce")
	require.NotEmpty(s.T, s.Entry(account.Email)["pwdaccountlockedtime"], "the directory")
	require.False(s.T, s.InGroup(account.Email, "Sales"), "the directory's group")
}

// lockedMailbox requires that nobody gets into a mailbox, which goes on answering.
func lockedMailbox(s *kit.Stack, key string) {
	s.T.Helper()
	mailbox := s.Mailbox(key)
	require.True(s.T, mailbox.Suspended || !mailbox.OwnPassword, "Google: somebody knows the password")
	require.Zero(s.T, mailbox.Sessions, "Google")
	require.Empty(s.T, slices.Concat(mailbox.Groups, mailbox.Apps, mailbox.AppPasswords, mailbox.Roles), "Google")
}

// accountsIn are the accounts on record for somebody in a system.
func accountsIn(s *kit.Stack, system, key string) (ids []string) {
	s.T.Helper()
	found, err := s.App.Ledger.Inventory().AccountsIn(s.T.Context(), []string{system}, []string{key}, false)
	require.NoError(s.T, err)
	for _, a := range found[key] {
		if a.State == identity.AccountLinked {
			ids = append(ids, a.Ref.ID)
		}
	}
	return ids
}

// googleAdds adds a user of Google by hand, and returns their id.
func googleAdds(s *kit.Stack, p control.GooglePerson) string {
	s.T.Helper()
	id, err := s.Sandbox.GoogleHand(s.T.Context(), control.GoogleOrder{Do: "add", Person: p})
	require.NoError(s.T, err)
	return id
}
