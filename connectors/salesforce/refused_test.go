package salesforce_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/sandbox/tenant"
)

// TestOneRefusedOfThree: the permission set that is refused is named, and keeps no other from being given or taken.
func TestOneRefusedOfThree(t *testing.T) {
	t.Parallel()
	o, b := benchIn(t)
	held := o.look(b.ID).Memberships[:3]
	o.fault(tenant.Fault{
		Method: "DELETE", When: "before", Style: "status", Status: 200, ContentType: "application/json", Times: 1,
		Body: `[{"success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"INSUFFICIENT_ACCESS_OR_READONLY","message":"no","fields":[]}]},` +
			`{"success":true,"errors":[]}]`,
	})
	err := o.target().Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: held})
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Objects(), 1)
	require.Contains(t, held, refused.Objects()[0], "it is called by the permission set, and not by its assignment")
	require.True(t, connectors.IsKind(err, connectors.KindUnauthorized))

	require.NoError(t, o.target().Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: held}))
	o.fault(tenant.Fault{
		Method: "POST", Path: "/services/data/*/sobjects/PermissionSetAssignment", When: "before", Style: "status", Status: 400, ContentType: "application/json",
		Times: 1, Body: `[{"errorCode":"LICENSE_LIMIT_EXCEEDED","message":"no","fields":[]}]`,
	})
	in := target.GiveRequest{Write: target.Write{ID: b.ID}, Roles: held}
	err = o.target().Give(t.Context(), in)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, held[:1], refused.Objects())
	require.True(t, connectors.IsKind(err, connectors.KindConflict))
	require.Subset(t, o.look(b.ID).Memberships, held[1:])
	require.NotContains(t, o.look(b.ID).Memberships, held[0])
	effects := o.count(true)
	require.NoError(t, o.target().Give(t.Context(), in))
	require.Subset(t, o.look(b.ID).Memberships, held)
	require.Equal(t, effects+1, o.count(true), "only what was refused is given")
}
