package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy"
)

// TestTheShapeIsWhole holds that the sample leads the reader everywhere: of each key it is known what may stand under it.
func TestTheShapeIsWhole(t *testing.T) {
	t.Parallel()
	root, err := policy.FileShape()
	require.NoError(t, err)
	require.Equal(t, []string{"safety", "modes", "end", "company", "access", "leaver"}, root.Required)
	require.Greater(t, places(t, root), 170)
	seats := root.Keys["roles"].Item.Keys["seats"]
	require.Equal(t, yamlfile.Shape{Path: "roles.*.seats", Kind: yamlfile.KindInteger, Bounded: true, Lowest: 1, Highest: 10_000_000, Keys: seats.Keys}, *seats)
	require.Equal(t, []string{"observe", "approve", "enforce"}, root.Keys["modes"].Keys["offboarding"].Choices)
	require.True(t, root.Keys["mfa"].Keys["restrict_after"].Never)
	require.Equal(t, []string{"name", "when"}, root.Keys["access"].Keys["rules"].Item.Required)
}

// places counts the places of a shape, each of which has to have a kind.
func places(t *testing.T, s *yamlfile.Shape) int {
	t.Helper()
	require.NotEmpty(t, s.Kind, "nobody has read %s", s.Path)
	count := 1
	for _, name := range s.Names {
		require.NotNil(t, s.Keys[name], "nobody has read %s.%s: give the sample an entry that leads there", s.Path, name)
		count += places(t, s.Keys[name])
	}
	require.Len(t, s.Keys, len(s.Names), "%s is read with keys that it does not have", s.Path)
	if s.Kind == yamlfile.KindList || s.Kind == yamlfile.KindMap {
		require.NotNil(t, s.Item, "nobody has read an entry of %s", s.Path)
		count += places(t, s.Item)
	}
	return count
}
