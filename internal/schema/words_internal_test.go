package schema

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
)

func TestATableOfKeysIsComplete(t *testing.T) {
	t.Parallel()
	text := func(path string) *yamlfile.Shape { return &yamlfile.Shape{Path: path, Kind: yamlfile.KindText} }
	shape := &yamlfile.Shape{Kind: yamlfile.KindSection, Names: []string{"gateway"}, Keys: map[string]*yamlfile.Shape{"gateway": {
		Path: "gateway", Kind: yamlfile.KindSection, Names: []string{"listen", "keys"},
		Keys: map[string]*yamlfile.Shape{"listen": text("gateway.listen"), "keys": text("gateway.keys")},
	}}}
	const head = "## Keys\n\n" + tableHead + "\n|---|---|---|\n"
	for name, tt := range map[string]struct {
		page string
		want map[string]string
		err  string
	}{
		"complete": {
			page: head + "| `gateway` | | The door. |\n| `gateway.listen`, `.keys` | `a,b`, none | See [here](#x). |\n",
			want: map[string]string{
				"gateway": "The door.", "gateway.listen": "See here. Default: `a,b`.", "gateway.keys": "See here. Default: none.",
			},
		},
		"in its section": {
			page: head + "| `gateway` | as there | The door. |\n\n## gateway\n\n" + tableHead + "\n|---|---|---|\n| `listen`, `keys` | required | Both. |\n",
			want: map[string]string{"gateway": "The door.", "gateway.listen": "Both.", "gateway.keys": "Both."},
		},
		"a key without a row": {page: head + "| `gateway`, `gateway.listen` | | x |\n", err: "gateway.keys has no row"},
		"a row without a key": {page: head + "| `gateway`, `gateway.listen`, `gateway.keys`, `gateway.kays` | | x |\n", err: "gateway.kays has a row and is no key"},
		"a row without words": {page: head + "| `gateway`, `gateway.listen`, `gateway.keys` | x | |\n", err: "gateway.listen has a row that does not say what it means"},
		"another table":       {page: "| kind | when | what |\n|---|---|---|\n| `gateway`, `gateway.listen`, `gateway.keys` | x | x |\n", err: "gateway.keys has no row"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := describe(tt.page, shape)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}
