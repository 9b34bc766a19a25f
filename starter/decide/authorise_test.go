package decide

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListsThatAreRefused: the answer says where it is, and quotes nobody.
func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ csv, says string }{
		"empty":          {"", "line 1 of the CSV has to be the one column person"},
		"no head":        {"workday-21001\n", "line 1 of the CSV has to be the one column person"},
		"two columns":    {"person,name\nworkday-21001,x\n", "line 1 of the CSV has to be the one column person"},
		"nobody":         {"person\n", "the CSV names nobody"},
		"a name":         {"person\nGrace Hopper\n", "line 2 of the CSV is no key of workday: write <source>-<employee id>, such as workday-21001"},
		"another source": {"person\nworkday-21001\nbamboohr-104\n", "line 3 of the CSV is no key of workday"},
		"an odd id":      {"person\nworkday-21 001\n", "line 2 of the CSV is no key of workday"},
		"twice":          {"person\nworkday-21001\nworkday-21002\nworkday-21001\n", "line 4 of the CSV names somebody who is on the list already"},
		"ragged":         {"person\nworkday-21001,extra\n", "line 2"},
	} {
		_, err := readPeople(strings.NewReader(tt.csv), "workday")
		require.ErrorContains(t, err, tt.says, name)
		require.NotContains(t, err.Error(), "Grace")
	}
	people, err := readPeople(strings.NewReader("\ufeffPerson\n workday-21001\nworkday-21002\n"), "workday")
	require.NoError(t, err)
	require.Equal(t, []string{"workday-21001", "workday-21002"}, people)
}
