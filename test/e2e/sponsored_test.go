package e2e

import (
	"crypto/ed25519"
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

// TestWhoMaySponsor: where the policy names deciders, a sponsored person is added by one who may, and extended or ended by whoever answers
// for them as well. What nobody has signed, or the wrong one, changes nothing.
func TestWhoMaySponsor(t *testing.T) {
	t.Parallel()
	keys := map[string]ed25519.PrivateKey{}
	for _, name := range []string{"ann", "sponsor", "eve"} {
		_, key, err := ed25519.GenerateKey(nil)
		require.NoError(t, err)
		keys[name] = key
	}
	probe := kit.New(t, kit.Options{NoWorker: true})
	address := probe.Account("workday-21005").Email
	s := kit.New(t, kit.Options{
		Config: func(c *config.Config) { c.Schedules.Sponsored = time.Hour },
		Policy: func(policy string) string {
			return policy + `
sponsored: {longest: 180d}
deciders:
  people:
    - {address: ann@acme.example, key: "` + public(keys["ann"]) + `", may: [sponsor]}
    - {address: ` + address + `, key: "` + public(keys["sponsor"]) + `", may: [step]}
    - {address: eve@acme.example, key: "` + public(keys["eve"]) + `", may: [order, plan]}
`
		},
	})
	s.Baseline()
	d := s.Desk(func(text string) string {
		return kit.Replace(t, text, "workday: 1h, bamboohr: 1h", "workday: 1h, bamboohr: 1h, sponsored: 1h")
	})
	home := t.TempDir()
	d.Env = append(d.Env, "XDG_CONFIG_HOME="+home, "HOME="+home)
	files := map[string]string{
		"ann": keyFile(t, "ann@acme.example", keys["ann"]), "sponsor": keyFile(t, address, keys["sponsor"]), "eve": keyFile(t, "eve@acme.example", keys["eve"]),
	}
	run := func(who string, args ...string) kit.Printed {
		args = append(args, "--reason", "test")
		if who != "" {
			args = append(args, "--key", files[who])
		}
		return d.Run(append([]string{"sponsor"}, args...)...)
	}
	add := []string{
		"add", "--first-name", "Carla", "--last-name", "Rossi", "--email", "carla.rossi@auditors.example", "--department", "Finance", "--until", day(30),
		"--sponsor", "workday-21005", "--request", "FIN-7",
	}
	for who, why := range map[string]string{
		"": "nothing shows who this is", "eve": "may decide about order, plan, and this is sponsor", "sponsor": "may decide about step, and this is sponsor",
	} {
		refused := run(who, add...)
		require.Equal(t, 1, refused.Code, who)
		require.Contains(t, refused.Err, why)
	}
	require.Equal(t, "[]\n", d.MustRun("sponsor", "list", "-o", "json"))
	added := run("ann", add...)
	require.Zero(t, added.Code, added.Err)
	key := strings.TrimSuffix(strings.Fields(added.Out)[1], ",")
	s.AwaitStage(key, api.StageWaiting)

	extend := []string{"extend", "--person", key, "--until", day(60)}
	for who, why := range map[string]string{"": "nothing shows who this is", "eve": "and this is sponsor"} {
		refused := run(who, extend...)
		require.Equal(t, 1, refused.Code, who)
		require.Contains(t, refused.Err, why)
	}
	extended := run("sponsor", extend...)
	require.Zero(t, extended.Code, extended.Err)
	require.Contains(t, extended.Out, day(60))
	refused := run("sponsor", "transfer", "--person", key, "--to", "workday-21006")
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Err, "and this is sponsor")
	moved := run("ann", "transfer", "--person", key, "--to", "workday-21006")
	require.Zero(t, moved.Code, moved.Err)
	late := run("sponsor", "end", "--person", key)
	require.Equal(t, 1, late.Code, "they answer for nobody any more")
	account := s.Account(key)
	ended := run("ann", "end", "--person", key)
	require.Zero(t, ended.Code, ended.Err)
	s.AwaitShut(account.ID)
	shown := d.MustRun("sponsor", "show", "--person", key, "-o", "json")
	require.Contains(t, shown, `"by": "`+address+`"`)
	require.NotContains(t, shown, `"signed": false`)
	require.Contains(t, d.MustRun("evidence", "--person", key), "sponsor.transfer")
}
