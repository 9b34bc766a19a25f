package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestEveryStepHasWords.
func TestEveryStepHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.SystemStepKind{
		identity.SystemCreate, identity.SystemResume, identity.SystemWriteProfile, identity.SystemMove, identity.SystemRemoveGroups,
		identity.SystemAddGroups, identity.SystemRemoveRoles, identity.SystemAddRoles, identity.SystemAssignLicences,
		identity.SystemReleaseLicences, identity.SystemSuspend, identity.SystemResetPassword, identity.SystemEndSessions,
		identity.SystemRevokeGrants, identity.SystemDemote, identity.SystemAutoReply, identity.SystemDelegate, identity.SystemTransfer,
		identity.SystemEndReply, identity.SystemUndelegate,
	} {
		require.NotEmpty(t, kind.Words(), kind)
	}
	require.Empty(t, identity.SystemStepKind("unheard_of").Words())
	require.True(t, identity.SystemDemote.EndsAccess())
	require.False(t, identity.SystemRemoveGroups.EndsAccess())
}
