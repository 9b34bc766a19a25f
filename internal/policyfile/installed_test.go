package policyfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAPolicyHasToFitWhatIsInstalled: a system that nobody has configured, and a hand-over whose scopes were not granted, are found before
// somebody leaves.
func TestAPolicyHasToFitWhatIsInstalled(t *testing.T) {
	t.Parallel()
	path, _ := withSystems(t, "  google:\n    provisioned_by: gatehouse\n    leaver: {sign_in: lock, delegate_to: manager, auto_reply: {subject: Gone, text: Gone}}\n")
	_, err := Load(path, Installed{Systems: []string{"google"}, Handover: []string{"google"}})
	require.NoError(t, err)
	_, err = Load(path, Installed{Systems: []string{"google"}})
	require.ErrorContains(t, err, "systems.google.leaver.auto_reply needs systems.google.handover: true in gatehouse.yaml")
	require.ErrorContains(t, err, "systems.google.leaver.delegate_to needs")
	_, err = Load(path, Installed{Systems: []string{"google"}, Handover: []string{"google"}, ReadEvery: 48 * time.Hour})
	require.NoError(t, err, "the file says nothing about it")
	_, err = Load(path, Installed{})
	require.ErrorContains(t, err, "google")
}

// TestWhatIsKnownMayNotBeOlderThanEveryReading: with a max_age that is shorter than the time between two readings of everything, a system is
// unknown most of the day, and nobody was told.
func TestWhatIsKnownMayNotBeOlderThanEveryReading(t *testing.T) {
	t.Parallel()
	path, above := withSystems(t, "  ldap:\n    provisioned_by: gatehouse\n    max_age: 6h\n")
	line := above + 3
	_, err := Load(path, Installed{Systems: []string{"ldap"}, ReadEvery: 6 * time.Hour})
	require.NoError(t, err)
	_, err = Load(path, Installed{Systems: []string{"ldap"}, ReadEvery: 12 * time.Hour})
	require.EqualError(t, err, fmt.Sprintf("%s:%d:14: systems.ldap.max_age is 6h0m0s, and everything there is read every 12h0m0s: before each reading nothing would be known of ldap, "+
		"so that nothing is given or taken there. Write 12h0m0s or more", path, line))
}

// withSystems writes the example policy with a section systems, and says in which line that section begins.
func withSystems(t *testing.T, systems string) (path string, line int) {
	t.Helper()
	example, err := os.ReadFile(filepath.Join("..", "..", "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(example), "# A file without this last line")
	path = filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(head+"systems:\n"+systems+"end: policy\n"), 0o600))
	return path, strings.Count(head, "\n") + 1
}
