package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/catalog"
	"gatehouse/connectors/onelogin"
)

// TestANameComesBeforeANumber: a role and a group that are called like a number were taken for those with that id.
func TestANameComesBeforeANumber(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := catalog.NewCatalog(nil, func() time.Time { return now })
	c.Know(now, []onelogin.Role{{ID: 7, Name: "#42"}, {ID: 42, Name: "Sales"}}, []onelogin.Group{{ID: 8, Name: "#43"}})
	ids, err := c.RoleIDs(t.Context(), []string{"#42", "#7", "Sales"})
	require.NoError(t, err)
	require.Equal(t, []int64{7, 7, 42}, ids)
	id, err := c.GroupID(t.Context(), "#43")
	require.NoError(t, err)
	require.EqualValues(t, 8, id)
	_, err = c.RoleIDs(t.Context(), []string{"#Sales"})
	require.ErrorContains(t, err, `no role "#Sales"`)
}
