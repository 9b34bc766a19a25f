package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
	"gatehouse/test/golden"
)

// asItIs are the mistakes to which nothing may be added; the others are completed, so that each shows one mistake.
var asItIs = map[string]bool{
	"empty": true, "not-a-mapping": true, "not-yaml": true, "two-documents": true, "cut-off": true, "cut-off-in-the-end": true,
	"end-not-last": true, "end-of-something-else": true, "no-safety": true, "no-modes": true, "nul": true,
}

// TestParseBad holds what a person who edits the file gets to read: one file per mistake, its message beside it.
func TestParseBad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			if !asItIs[name] {
				data = []byte(policytest.Whole(string(data)))
			}
			p, err := policy.Parse("policy.yaml", data)
			require.Nil(t, p)
			var problems *yamlfile.Problems
			require.ErrorAs(t, err, &problems)
			golden.Equal(t, "bad/"+name+".txt", err.Error()+"\n")
		})
	}
}

// FuzzParse holds that no text makes Parse panic, and that what it accepts can be used.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(f, err)
	for _, file := range append(files, "testdata/policy.yaml") {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		p, err := policy.Parse("policy.yaml", data)
		if err == nil {
			p.Plan(p.Person("workday-1", nil, time.Unix(0, 0)), nil, nil)
			c := inGoogle()
			in := c.input(p)
			in.Plan = identity.Plan{}
			p.PlanSystems(in)
		}
	})
}
