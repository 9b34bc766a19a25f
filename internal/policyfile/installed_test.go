package policyfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPolicyHasToFitWhatIsInstalled: a system that nobody has configured, and a hand-over whose scopes were not granted, are found before
// somebody leaves.
func TestAPolicyHasToFitWhatIsInstalled(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(filepath.Join("..", "..", "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(example), "# A file without this last line")
	path := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(head+"systems:\n  google:\n    provisioned_by: gatehouse\n    leaver: {sign_in: lock, delegate_to: manager, "+
		"auto_reply: {subject: Gone, text: Gone}}\nend: policy\n"), 0o600))
	_, err = Load(path, Installed{Systems: []string{"google"}, Handover: []string{"google"}})
	require.NoError(t, err)
	_, err = Load(path, Installed{Systems: []string{"google"}})
	require.ErrorContains(t, err, "systems.google.leaver.auto_reply needs systems.google.handover: true in gatehouse.yaml")
	require.ErrorContains(t, err, "systems.google.leaver.delegate_to needs")
	_, err = Load(path, Installed{})
	require.ErrorContains(t, err, "google")
}
