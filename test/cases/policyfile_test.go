package cases

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// breakGlass has somebody order the end of all access of the break-glass account, which only its protection prevents.
func breakGlass(t *testing.T) (*kit.Stack, control.Person) {
	t.Helper()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	glass := called(s, "breakglass-1@acme.example")
	require.True(t, glass.CanSignIn)
	return s, glass
}

// stays orders the account contained and waits until that has come to nothing.
func stays(s *kit.Stack, glass control.Person, order string) {
	s.T.Helper()
	give(s, identity.Order{ID: order, Key: byAccount(glass), Kind: identity.OrderContain})
	s.Until("the order is asked about", func() bool {
		state, ok := s.State(byAccount(glass))
		return ok && len(state.Attention) > 0
	})
	require.True(s.T, s.Of(glass.ID).CanSignIn, "the break-glass account is protected, whatever became of the file")
}

// TestCase_R07_PolicyCutOff: policy.yaml is cut off before what protects, and a worker watches. The protection stays.
func TestCase_R07_PolicyCutOff(t *testing.T) {
	t.Parallel()
	s, glass := breakGlass(t)
	d := s.Desk(nil)
	whole, err := os.ReadFile(s.PolicyPath)
	require.NoError(t, err)
	hash := s.Vendors.Policy.Current().Hash()
	require.NotContains(t, d.MustRun("plan", "--person", "workday-21005"), "NOT WHAT IS IN FORCE")

	// All beginnings in turn, and then one that stays.
	for i, line := range strings.SplitAfter(string(whole), "\n") {
		if strings.HasPrefix(line, "#") || i%8 != 0 {
			continue
		}
		upTo := strings.Index(string(whole), line) + len(line)
		require.NoError(t, os.WriteFile(s.PolicyPath, whole[:upTo], 0o600))
	}
	require.NoError(t, os.WriteFile(s.PolicyPath, whole[:strings.Index(string(whole), "safety:")], 0o600))
	s.Until("the status says that the file is not taken up", func() bool {
		return strings.Contains(d.Run("status").Out, hash+"; THE FILE IS NOT TAKEN UP: INVALID OR CUT OFF")
	})
	stays(s, glass, "cut-off")

	require.NoError(t, os.Remove(s.PolicyPath))
	s.Until("the status says that the file is gone", func() bool { return strings.Contains(d.Run("status").Out, "THE FILE IS NOT TAKEN UP: GONE") })
	require.True(t, s.Of(glass.ID).CanSignIn)
	require.NoError(t, os.WriteFile(s.PolicyPath, whole, 0o600))
	s.Until("all is well again", func() bool { return strings.Contains(d.Run("status").Out, hash+" since") })
}

// TestCase_R07_ProtectionIsNotLostInPassing: a policy without the protection is valid, and is refused until somebody has
// accepted just that policy.
func TestCase_R07_ProtectionIsNotLostInPassing(t *testing.T) {
	t.Parallel()
	s, glass := breakGlass(t)
	d := s.Desk(nil)
	before := s.Vendors.Policy.Current().Hash()
	s.WritePolicy(func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "protected:\n    - account.username.startsWith(\"breakglass-\")\n    - account.group == \"Break glass\"\n", "protected:\n")
	})
	var shown string
	s.Until("the policy is refused", func() bool {
		shown = d.MustRun("policy", "show")
		return strings.Contains(shown, "PROTECTS LESS")
	})
	require.Contains(t, shown, `safety.protected no longer has account.group == "Break glass"`)
	stays(s, glass, "weaker")
	require.Equal(t, before, s.Vendors.Policy.Current().Hash())
	require.Contains(t, d.Run("plan", "--person", "workday-21005").Err, "NOT WHAT IS IN FORCE")

	p := d.Run("policy", "accept", "--hash", before, "--reason", "wrong one")
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "nothing was accepted")
	_, rest, found := strings.Cut(shown, "PROTECTS LESS: ")
	require.True(t, found)
	d.MustRun("policy", "accept", "--hash", rest[:12], "--reason", "the account is retired")
	s.Until("the policy is taken up", func() bool { return s.Vendors.Policy.Current().Hash() == rest[:12] })
}

// TestCase_R07_WrittenInSteps: what a file says while it is being written is nobody's policy.
func TestCase_R07_WrittenInSteps(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "offboarding: enforce", "offboarding: observe")
	}})
	s.Baseline()
	account := s.Account("workday-21005")
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	writing := time.NewTicker(400 * time.Millisecond)
	defer writing.Stop()
	for range 20 {
		// Whole and valid for a moment, then observing again.
		s.WritePolicy(roomy(t))
		<-writing.C
		s.WritePolicy(func(policy string) string {
			return kit.Replace(t, roomy(t)(policy), "offboarding: enforce", "offboarding: observe")
		})
		<-writing.C
	}
	s.Hint("workday-21005", "test")
	s.Outcome("workday-21005")
	require.True(t, s.Of(account.ID).CanSignIn)
	s.WritePolicy(roomy(t))
	s.Until("the policy is taken up when it stays", func() bool { return s.Vendors.Policy.Current().Modes().Offboarding == "enforce" })
	s.Hint("workday-21005", "test")
	s.AwaitShut(account.ID)
}
