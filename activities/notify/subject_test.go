package notify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// TestSubjectsAreCalledWhatTheyAre: a security event need not be about a person.
func TestSubjectsAreCalledWhatTheyAre(t *testing.T) {
	t.Parallel()
	for key, label := range map[string]string{
		"ip-9ef4838b47d37cd90a9d": "IP address, by its key", "name-9ef4838b47d37cd90a9d": "User name, by its key",
		"onelogin-100002": "Account", "workday-21002": "Person", "bamboohr-7": "Person",
	} {
		for _, kind := range []api.MessageKind{api.MessageIncident, api.MessageApproval} {
			_, fields, err := say(api.Message{Kind: kind, Key: key, Text: "what"})
			require.NoError(t, err)
			require.Equal(t, field{label, key}, fields[0])
		}
	}
}
