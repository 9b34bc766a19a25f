package events

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryTypeOfEvent(t *testing.T) {
	t.Parallel()
	byID, byName := map[int]eventType{}, map[string]bool{}
	last := 0
	for _, e := range eventTypes() {
		require.Greater(t, e.ID, last, "ids ascend, so that no id is there twice")
		require.False(t, byName[e.Name], e.Name)
		require.NotEmpty(t, e.Name)
		require.NotEmpty(t, e.Description)
		byID[e.ID], byName[e.Name], last = e, true, e.ID
	}
	require.Len(t, byID, 410)
	for id, description := range map[int]string{
		1: "App %app% added to role %role%", 2: "App %app% removed from role %role%", 3: "%actor_user% assumed %user%",
		4: "Assigned %role% to user %user%", 5: "%user% logged into OneLogin", 6: "%user% failed authentication",
	} {
		require.Equal(t, description, byID[id].Description, "as the vendor documents it")
	}
	require.Equal(t, "CREATED_USER", byID[CreatedByHand].Name)
	for _, id := range []int{
		Login, LoginFailed, CreatedByHand, UpdatedByHand, ActivatedByHand, DeletedByHand, LockedByHand, SuspendedByHand, Unlocked,
		DeviceAdded, DeviceRemoved, Reactivated, Invited, APIAuthFailed, RoleAddedByHand, RoleRemovedByHand, RoleMapped, RoleUnmapped,
		CredentialEnabled, CredentialDisabled, MappingsApplied, SaltedSetByAPI, PasswordSetByAPI, AttributesSetByAPI, RoleAddedByAPI,
		RoleRemovedByAPI, LoggedOutByAPI, UpdatedByAPI, DeletedByAPI, LockedByAPI, CreatedByAPI, SuspendedByAPI, TokenGenerated,
		AppCreatedByAPI, AppUpdatedByAPI, AppDeletedByAPI,
	} {
		require.Contains(t, byID, id, "what the sandbox records is a type")
	}
}
