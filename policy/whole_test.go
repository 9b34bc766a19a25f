package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// TestNoBeginningOfAPolicyIsAPolicy cuts a policy off at every byte, and the policies that ship with Gatehouse at every line:
// no beginning is taken up, not even the one that lacks nothing but the last line break.
func TestNoBeginningOfAPolicyIsAPolicy(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/policy.yaml", "../policy.example.yaml", "../demo/policy.yaml", "../deploy/policy/policy.yaml"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			data := readFile(t, file)
			_, err := policy.Parse(file, data)
			require.NoError(t, err)
			for n := range data {
				if file != "testdata/policy.yaml" && n > 0 && data[n-1] != '\n' && n < len(data)-20 {
					continue
				}
				if _, err := policy.Parse(file, data[:n]); err == nil {
					t.Fatalf("the first %d of %d bytes are taken for the whole", n, len(data))
				}
			}
		})
	}
}

// TestBlankLinesAfterTheEnd: editors add them, and nothing is missing without them.
func TestBlankLinesAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"end: policy\n", "end: policy\r\n", "end: policy\n\n", "end: policy \n"} {
		_, err := policy.Parse("policy.yaml", []byte(policytest.Smallest+policytest.Everyone+"safety: {protected: []}\nmodes: {}\n"+end))
		require.NoError(t, err, "%q", end)
	}
	for _, end := range []string{"end: policy", "end: policy\r", "# end: policy\n", "  end: policy\n", "end: policy # the end\n", `end: "policy"` + "\n"} {
		_, err := policy.Parse("policy.yaml", []byte(policytest.Smallest+policytest.Everyone+"safety: {protected: []}\nmodes: {}\n"+end))
		require.Error(t, err, "%q", end)
	}
}
