package e2e

import (
	"crypto/ed25519"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/systems"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// salesperson is somebody of Sales whom every system knows: their key, and their account at OneLogin.
func salesperson(s *kit.Stack) (key string, account control.Person) {
	s.T.Helper()
	account = s.Salespeople()[0]
	return account.ExternalID, account
}

// TestALeaverIsOutOfEverything: OneLogin first, and then Google, Salesforce and the directory, by what they show themselves.
func TestALeaverIsOutOfEverything(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key, account := salesperson(s)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "termination")
	out := s.Outcome(key)
	require.Equal(t, "access ended", out.Result)
	requireShut(s, key)

	mailbox := s.Mailbox(account.Email)
	require.False(t, mailbox.OwnPassword, "nobody knows the password")
	require.Zero(t, mailbox.Sessions)
	require.Empty(t, mailbox.Groups)
	require.False(t, mailbox.Suspended, "mail is answered until it is suspended")
	for _, m := range s.Google().Mailboxes {
		if m.Mailbox == account.Email {
			require.True(t, m.AutoReply)
		}
	}

	user := s.CRMUser(account.Email)
	require.False(t, user.CanSignIn)
	require.True(t, user.Frozen)
	require.False(t, user.Active)

	require.NotEmpty(t, s.Entry(account.Email)["pwdaccountlockedtime"])
	require.False(t, s.InGroup(account.Email, "Sales"))

	debts, err := s.App.Ledger.Systems().DebtsOf(t.Context(), key)
	require.NoError(t, err)
	require.Empty(t, debts)
}

// TestEachChangeArrivesInEverySystem: the second and the third as the first, with no reading of the systems in between.
func TestEachChangeArrivesInEverySystem(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key, account := salesperson(s)
	for _, title := range []string{"Account Manager", "Head of Sales", "Account Manager"} {
		s.HR(key, "change", control.Fields{"title": title})
		s.Hint(key, "title")
		require.NotEmpty(t, s.Outcome(key).Result)
		require.Equal(t, title, s.Account(key).Title)
		require.Equal(t, title, s.CRMUser(account.Email).Title, "Salesforce")
		require.Equal(t, []string{title}, s.Entry(account.Email)["title"], "the directory")
		organizations, _ := s.Mailbox(account.Email).Fields["organizations"].([]any)
		require.Len(t, organizations, 1)
		require.Equal(t, title, organizations[0].(map[string]any)["title"], "Google")
	}
}

// TestAJoinerIsInEverySystem: accounts and groups of the rules are there on the first day, on record and as ours.
func TestAJoinerIsInEverySystem(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key := s.Hire("workday", engineer("Nadia", "Petrova", "today"))
	s.Hint(key, "hire")
	require.NotEmpty(t, s.Outcome(key).Result)
	account := s.Account(key)
	mailbox := s.Mailbox(account.Email)
	require.Equal(t, "/Engineering", mailbox.Unit)
	require.Contains(t, mailbox.Groups, "engineering@acme.example")
	require.Equal(t, []string{key}, s.Entry(account.Email)["employeenumber"])
	linked, err := s.App.Ledger.Inventory().AccountsIn(t.Context(), []string{"google", "ldap"}, []string{key}, false)
	require.NoError(t, err)
	require.Len(t, linked[key], 2)
	for _, a := range linked[key] {
		require.Equal(t, identity.AccountLinked, a.State)
		require.True(t, a.CreatedByUs)
	}
}

// TestTheCommandsSayHowSystemsStand: an operator sees each system, what is planned there as from and to, and what is owed.
func TestTheCommandsSayHowSystemsStand(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key, account := salesperson(s)
	require.NoError(t, s.Sandbox.LDAPHand(t.Context(), kit.EntryDN(account.Email), "title", "Emperor"))
	d := s.Desk(func(text string) string { return text + s.SystemsYAML() })
	require.Contains(t, d.MustRun("sweep", "--system", "ldap"), "system-sweep-ldap is on it")
	var out api.SystemSweepOutcome
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.SystemSweepID("ldap"), "").Get(t.Context(), &out))
	s.StopWorkers() // Nobody sees to what is owed.
	require.NoError(t, s.App.Ledger.Systems().Owe(t.Context(), systems.Debt{
		Key: key, System: "ldap", Account: "x", Step: identity.SystemSuspend, Leaving: true, Why: "Unavailable",
	}))
	table := d.MustRun("systems", "-o", "csv")
	for _, system := range []string{"google", "salesforce", "ldap"} {
		require.Contains(t, table, system+",enforce,gatehouse,")
	}
	require.Contains(t, d.MustRun("systems", "-o", "json"), `"step": "suspend"`)
	status := d.MustRun("status")
	require.Contains(t, status, "1 STEPS THAT END ACCESS ARE OWED")
	require.Contains(t, d.MustRun("status", "--person", key), "ldap/x suspend")
	require.Contains(t, d.MustRun("account", "list", "--system", "ldap", "-o", "csv"), "ldap/")
	plan := d.MustRun("plan", "--system", "ldap", "-o", "csv")
	require.Contains(t, plan, "person,system,account,what,from,to,state")
	p := d.Run("plan", "--system", "okta")
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "the policy names google, salesforce, ldap")
}

// TestAPlanOfASystemSaysWhatItRestsOn: operators go from observe to enforce by it. Where the reading was too old to go by, everybody who is
// employed was missing, and the command said nothing of it and succeeded.
func TestAPlanOfASystemSaysWhatItRestsOn(t *testing.T) {
	t.Parallel()
	const ldap = "  ldap:\n    mode: "
	policy := kit.SystemsPolicy(t)
	s := kit.New(t, kit.Options{Systems: true, Policy: func(text string) string { return kit.Replace(t, policy(text), ldap+"enforce", ldap+"observe") }})
	s.Baseline()
	_, account := salesperson(s)
	require.NoError(t, s.Sandbox.LDAPHand(t.Context(), kit.EntryDN(account.Email), "title", "Emperor"))
	s.ReadSystems()
	s.StopWorkers()
	d := s.Desk(func(text string) string { return text + s.SystemsYAML() })
	young := d.MustRun("plan", "--system", "ldap")
	require.Contains(t, young, "Emperor")
	require.Regexp(t, `(?m)^  workday +\d+  read now`, young)
	require.Regexp(t, `(?m)^  ldap +\d+  inventory of `, young)

	db, err := sql.Open("sqlite", s.App.Config.Ledger.URL.Reveal())
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "UPDATE account_sweeps SET started_at = started_at - ? WHERE system = 'ldap'", (25 * time.Hour).Microseconds())
	require.NoError(t, err)
	require.NoError(t, db.Close())
	const why = `not everything was read in full: ldap: it was last read 25h\S* ago, and max_age is 24h: .* people who are employed are not in this plan`
	for _, format := range []string{"table", "json", "csv"} {
		old := d.Run("plan", "--system", "ldap", "-o", format)
		require.Equal(t, 1, old.Code)
		require.NotContains(t, old.Out, "Emperor")
		require.Regexp(t, why, strings.Join(strings.Fields(old.Err), " "))
		require.Equal(t, format == "table", strings.Contains(old.Out, "NOT COMPLETE: "), "what is for a person is in no other format")
	}
	require.Contains(t, d.MustRun("plan", "--system", "google"), "Nothing was changed.", "it was read not long ago")

	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "workday", Times: -1, Status: 503}))
	silent := d.Run("plan", "--system", "google")
	require.Equal(t, 1, silent.Code)
	require.Contains(t, silent.Err, "read workday")
}

// TestALostHintAboutASystemIsMadeUpFor: of a leaver whose account in the directory was opened again, which nobody was told of, the
// comparison with the inventory finds out by itself.
func TestALostHintAboutASystemIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key, account := salesperson(s)
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "termination")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	s.Reconcile(true)
	require.NotContains(t, gapsOf(s, key), api.GapSystemsLeft, "they are out")

	require.NoError(t, s.Sandbox.LDAPHand(t.Context(), kit.EntryDN(account.Email), "pwdAccountLockedTime"))
	require.Empty(t, s.Entry(account.Email)["pwdaccountlockedtime"])
	theirs, err := s.App.Ledger.Inventory().AccountsIn(t.Context(), []string{"ldap"}, []string{key}, true)
	require.NoError(t, err)
	require.Len(t, theirs[key], 1)
	opened := theirs[key][0]
	opened.Document.Status = identity.AccountActive
	// A sweep that was killed right before it told anybody leaves this behind.
	require.NoError(t, s.App.Ledger.Inventory().NoteAccount(t.Context(), time.Now(), opened))
	s.Reconcile(false)
	s.Until("the directory's account is closed again", func() bool {
		return len(s.Entry(account.Email)["pwdaccountlockedtime"]) > 0
	})
	s.Outcome(key)
	s.Reconcile(true)
	require.NotContains(t, gapsOf(s, key), api.GapSystemsLeft)
}

// gapsOf are the kinds of gaps that the ledger has about somebody.
func gapsOf(s *kit.Stack, key string) (kinds []string) {
	s.T.Helper()
	all, err := s.App.Ledger.Worklist().Gaps(s.T.Context())
	require.NoError(s.T, err)
	for _, g := range all {
		if g.Key == key {
			kinds = append(kinds, g.Kind)
			s.T.Logf("gap %s of %s: %v", g.Kind, key, g.Steps)
		}
	}
	return kinds
}

// TestOnlyNamedDecidersTakeAccountsOffTheRecord: what a reading does not show is taken as deleted on the word of somebody who may say so.
func TestOnlyNamedDecidersTakeAccountsOffTheRecord(t *testing.T) {
	t.Parallel()
	_, ann, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, bob, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	s := kit.New(t, kit.Options{Systems: true, Policy: func(policy string) string {
		return kit.SystemsPolicy(t)(policy) + `
deciders:
  people:
    - {address: ann@acme.example, key: "` + public(ann) + `", may: [identity]}
    - {address: bob@acme.example, key: "` + public(bob) + `", may: [plan]}
`
	}})
	s.Baseline()
	d := s.Desk(func(text string) string { return text + s.SystemsYAML() })
	anns, bobs := keyFile(t, "ann@acme.example", ann), keyFile(t, "bob@acme.example", bob)
	accept := []string{"sweep", "--system", "ldap", "--accept-missing"}
	for why, more := range map[string][]string{
		"say why with --reason":                  {"--key", anns},
		"nothing shows who this is":              {"--reason", "test"},
		"bob@acme.example may decide about plan": {"--reason", "test", "--key", bobs},
		"the key is that of ann@acme.example":    {"--reason", "test", "--key", anns, "--by", "bob@acme.example"},
	} {
		p := d.Run(slices.Concat(accept, more)...)
		require.NotZero(t, p.Code, why)
		require.Contains(t, p.Err, why)
	}
	_, err = s.Temporal.DescribeWorkflowExecution(t.Context(), api.SystemSweepID("ldap"), "")
	require.Error(t, err, "nothing was read")
	require.Contains(t, d.MustRun(slices.Concat(accept, []string{"--reason", "test", "--key", anns})...), "system-sweep-ldap is on it")
	var out api.SystemSweepOutcome
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.SystemSweepID("ldap"), "").Get(t.Context(), &out))
	d.MustRun("sweep", "--system", "ldap")
}

// TestAHireRescindedWithAMailbox: account and mailbox are prepared, HR takes the hire back, and the run says what came of that.
func TestAHireRescindedWithAMailbox(t *testing.T) {
	t.Parallel()
	s := kit.WithSystems(t)
	key := s.Hire("workday", engineer("Joan", "Clarke", "today+3"))
	s.Sync("workday")
	s.AwaitStage(key, api.StageWaiting)
	require.NotEmpty(t, s.Mailbox(s.Account(key).Email).Email)
	s.HR(key, "rescind", nil)
	s.Sync("workday")
	// The poll looks for open accounts at its end. If that is before the run's, it looks once more.
	require.Contains(t, []string{"hire undone", "nothing to do"}, s.Outcome(key).Result)
	_, found, err := s.Sandbox.ByExternalID(t.Context(), key)
	require.NoError(t, err)
	require.False(t, found)
}
