package salesforce

import (
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/salesforce/soql"
)

// Whatever a text is, it is one text in a query, and the same.
func TestTextsInQueries(t *testing.T) {
	t.Parallel()
	same := func(text string) bool {
		q, err := soql.Parse("SELECT Id FROM User WHERE Name = " + quoted(text) + " AND IsActive = true")
		return err == nil && q.Where.Parts[0].Values[0].Value == text
	}
	for _, text := range []string{"", "'", `\`, `\'`, "a' OR Name != 'b", "\n\r\t", "%_", "ß'ø", `\\'' OR ''='`} {
		require.True(t, same(text), "%q", text)
	}
	require.NoError(t, quick.Check(same, &quick.Config{MaxCount: 2000}))
}
