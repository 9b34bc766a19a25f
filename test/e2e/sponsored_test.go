package e2e

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/test/kit"
)

// sponsoring has people whom HR does not have.
func sponsoring(t *testing.T, ahead *atomic.Int64) (*kit.Stack, *kit.Desk) {
	t.Helper()
	s := kit.New(t, kit.Options{
		Clock:  func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		Config: func(c *config.Config) { c.Schedules.Sponsored = time.Hour },
		Policy: func(policy string) string { return policy + "\nsponsored: {longest: 180d}\n" },
	})
	s.Baseline()
	require.True(t, s.Sync("sponsored").Report.Baseline)
	return s, s.Desk(func(text string) string {
		return kit.Replace(t, text, "workday: 1h, bamboohr: 1h", "workday: 1h, bamboohr: 1h, sponsored: 1h")
	})
}

// TestSponsoredAuditor: an auditor whom HR does not have is shown what she would get, added once however often that is said, gets what
// the rules give, and is out when her last day is over. Her sponsor is told before.
func TestSponsoredAuditor(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	s, d := sponsoring(t, &ahead)
	sponsor := s.Account("workday-21005")
	add := func(more ...string) kit.Printed {
		return d.Run(append([]string{
			"sponsor", "add", "--first-name", "Carla", "--last-name", "Rossi", "--email", "carla.rossi@auditors.example", "--company", "Rossi e Figli",
			"--department", "Finance", "--title", "Auditor", "--location", "Berlin", "--until", day(2), "--sponsor", sponsor.Email,
			"--reason", "the audit", "--request", "FIN-7", "--by", "grace@acme.example",
		}, more...)...)
	}
	mark := s.Mark()
	dry := add("--dry-run")
	require.Zero(t, dry.Code, dry.Err)
	require.Contains(t, dry.Out, "Everyone, Finance, NetSuite")
	require.Contains(t, dry.Out, "Nothing was changed.")
	require.Contains(t, d.MustRun("sponsor", "list", "-o", "json"), "[]")
	require.Empty(t, s.Effects(mark))

	added := add()
	require.Zero(t, added.Code, added.Err)
	key := strings.Fields(added.Out)[1]
	key = strings.TrimSuffix(key, ",")
	s.AwaitStage(key, api.StageWaiting)
	account := s.Account(key)
	require.Equal(t, []string{"Everyone", "Finance", "NetSuite"}, account.Roles)
	require.Equal(t, "Finance", account.Group)
	require.Equal(t, sponsor.ID, account.ManagerID)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	require.Contains(t, add().Out, "added by this request before")
	other := add("--last-name", "Bianchi")
	require.Equal(t, 1, other.Code)
	require.Contains(t, other.Err, "said something else")
	s.Until("the sponsor is told", func() bool { return strings.Contains(s.Told(sponsor.Email), "sponsor extend --person "+key) })
	require.Contains(t, d.MustRun("sponsor", "list"), key)
	require.Contains(t, d.MustRun("sponsor", "show", "--person", key), "the audit")

	ahead.Store(int64(4 * 24 * time.Hour))
	s.Sync("sponsored")
	s.AwaitShut(account.ID)
}

// day is a date some days from now.
func day(from int) string { return time.Now().UTC().AddDate(0, 0, from).Format(time.DateOnly) }
