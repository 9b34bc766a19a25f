package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestManagerOfARecord: a manager is in the source of the record, but for whoever answers for a sponsored person.
func TestManagerOfARecord(t *testing.T) {
	t.Parallel()
	for given, want := range map[[2]string][2]string{
		{"workday", "21001"}:           {"workday", "21001"},
		{"workday", "bamboohr-7"}:      {"workday", "bamboohr-7"},
		{"bamboohr", ""}:               {"bamboohr", ""},
		{"sponsored", "workday-21001"}: {"workday", "21001"},
		{"sponsored", "bamboohr-7"}:    {"bamboohr", "7"},
		{"sponsored", "21001"}:         {"", ""},
		{"sponsored", ""}:              {"sponsored", ""},
	} {
		source, id := identity.Record{Source: given[0], ManagerID: given[1]}.Manager()
		require.Equal(t, want, [2]string{source, id}, given)
	}
	source, id, err := identity.SplitKey("sponsored-s1f2")
	require.NoError(t, err)
	require.Equal(t, "sponsored s1f2", source+" "+id)
}
