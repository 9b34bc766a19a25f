package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestThousandHintsAtEndingRuns aims every hint at a run that is about to end: the next change is made the moment the
// one before shows in OneLogin. Each hint is held to account by itself, so a lost one cannot hide behind its successor.
func TestThousandHintsAtEndingRuns(t *testing.T) {
	t.Parallel()
	const people, changes = 20, 50
	s := kit.New(t, kit.Options{})
	var group errgroup.Group
	for i := range people {
		key := fmt.Sprintf("workday-%d", 21020+i)
		if _, found, err := s.Sandbox.ByExternalID(t.Context(), key); err != nil || !found || s.Account(key).Status != 1 {
			continue
		}
		group.Go(func() error {
			for n := range changes {
				title := fmt.Sprintf("Engineer %d", n)
				if _, err := s.Sandbox.HR(t.Context(), "workday", "change", key[len("workday-"):], control.Fields{"title": title}, true); err != nil {
					return err
				}
				if _, err := s.App.Launch.Send(t.Context(), key, api.Hint{Source: "workday", Cause: "webhook"}); err != nil {
					return err
				}
				if err := await(func() (bool, error) {
					p, _, err := s.Sandbox.ByExternalID(t.Context(), key)
					return p.Title == title, err
				}); err != nil {
					state, _ := s.State(key)
					return fmt.Errorf("hint %d of %s was lost: %w; its runs are %v, the last one is %+v", n, key, err, s.Runs(key), state)
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
}

// await polls without pausing longer than it takes a run to end.
func await(condition func() (bool, error)) error {
	deadline := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		ok, err := condition()
		if err != nil || ok {
			return err
		}
		<-tick.C
	}
	return fmt.Errorf("nothing came of it within two minutes")
}

func TestPolicyChangedUnderFiftyWaitingRuns(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	var keys []string
	for i := range 50 {
		keys = append(keys, s.Hire("workday", engineer(fmt.Sprintf("Wait%d", i), "Ing", "today+3")))
		s.Hint(keys[i], "onboard")
	}
	for _, key := range keys {
		s.AwaitStage(key, api.StageWaiting)
	}
	require.NoError(t, os.WriteFile(s.PolicyPath, []byte("access: {rules: nonsense}"), 0o600))
	require.Error(t, s.Vendors.Policy.Reload(t.Context()), "a broken file is not taken up")
	s.WritePolicy(func(p string) string {
		return kit.Replace(t, p, "roles: [Engineering, GitHub, AWS Read Only, Jira]", "roles: [Engineering, GitHub, Zendesk]")
	})
	require.NoError(t, s.Vendors.Policy.Reload(t.Context()))
	for _, key := range keys {
		s.HR(key, "change", control.Fields{"hire_date": "today"})
		s.Hint(key, "webhook")
	}
	for _, key := range keys {
		require.Equal(t, "can sign in", s.Outcome(key).Result)
		require.Equal(t, []string{"Engineering", "Everyone", "GitHub", "Zendesk"}, s.Account(key).Roles)
	}
}

func TestCallsToOneLoginAreMinimal(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	onboarded(s, engineer("Warm", "Up", "today")) // reads the names of roles and groups once
	before := counts(s)
	key := onboarded(s, engineer("Count", "Me", "today"))
	joiner := difference(before, counts(s))
	t.Logf("joiner with 5 roles: %v", joiner)
	const oldAccount = 1 // Without an inventory, OneLogin is asked for an account under their name before one is made.
	require.LessOrEqual(t, total(joiner)-1-oldAccount, 8, "a joiner costs at most 8 calls, the read-back and the search apart")

	account := s.Account(key)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "OneLogin Protect"))
	require.NoError(t, s.Sandbox.Enrol(t.Context(), account.Username, "Authenticator"))
	before = counts(s)
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	leaver := difference(before, counts(s))
	t.Logf("leaver with 2 factors: %v", leaver)
	const readBacks = 2 * 3 // one at the end of the work and one after verify_after: user and both lists of factors
	searches := leaver["onelogin.list_users"]
	t.Logf("of these, searches for other accounts beside the work and at each read-back: %d", searches)
	require.LessOrEqual(t, total(leaver)-readBacks-2-searches, 10, "a leaver costs at most 10 calls and one per factor, searches apart")
	require.LessOrEqual(t, searches, 18, "a search costs at most nine calls where no sweep has filled the inventory")
}

func counts(s *kit.Stack) map[string]int {
	all, err := s.Sandbox.Counts(s.T.Context())
	require.NoError(s.T, err)
	return all["onelogin"]
}

func difference(before, after map[string]int) map[string]int {
	diff := map[string]int{}
	for op, n := range after {
		if op != "total" && n > before[op] {
			diff[op] = n - before[op]
		}
	}
	return diff
}

func total(calls map[string]int) int {
	sum := 0
	for _, n := range calls {
		sum += n
	}
	return sum
}

func TestSealedHistoriesAndLedgerHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	_, err := rand.Read(key)
	require.NoError(t, err)
	s := kit.New(t, kit.Options{Config: func(c *config.Config) {
		c.Encryption.Active = "k1"
		c.Encryption.Keys = map[string]httpx.Secret{"k1": httpx.Secret(base64.StdEncoding.EncodeToString(key))}
		c.Ledger.DigestKey = "digest-key"
	}})
	person := onboarded(s, engineer("Xanthippe", "Quicksilver", "today"))
	found, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", api.PersonID(person)),
	})
	require.NoError(t, err)
	require.NotEmpty(t, found.GetExecutions())
	for _, e := range found.GetExecutions() {
		events := s.Temporal.GetWorkflowHistory(t.Context(), e.GetExecution().GetWorkflowId(), e.GetExecution().GetRunId(), false, 0)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(t, err)
			require.NotContains(t, strings.ToLower(event.String()), "xanthippe")
			require.NotContains(t, strings.ToLower(event.String()), "quicksilver")
		}
	}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(s.App.Config.Ledger.URL.Reveal() + suffix)
		require.NoError(t, err)
		require.NotContains(t, strings.ToLower(string(raw)), "xanthippe")
	}
}

func TestWorkersMayComeAndGo(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{NoWorker: true})
	s.HR("bamboohr-107", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("107"), "a hint is durable without any worker")
	s.StartWorkers()
	require.Equal(t, "access ended", s.Outcome("bamboohr-107").Result)
	requireShut(s, "bamboohr-107")
}
