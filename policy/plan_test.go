package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

const (
	suspend  = identity.StepSuspend
	logOut   = identity.StepLogOut
	create   = identity.StepCreate
	profile  = identity.StepSetProfile
	group    = identity.StepSetGroup
	remove   = identity.StepRemoveRoles
	add      = identity.StepAddRoles
	activate = identity.StepActivate
	invite   = identity.StepInvite
	scramble = identity.StepScramblePassword
	factors  = identity.StepRemoveFactors
	erase    = identity.StepDelete
)

type planCase struct {
	engagement func(*identity.Engagement)
	account    func(*identity.Account)
	noAccount  bool
	orders     []identity.Order
	now        string // default: 2026-03-02T09:00:00Z

	verdict identity.Verdict
	steps   []identity.StepKind
	notices []string
	due     string
}

func (c planCase) run(t *testing.T, p *policy.Policy) identity.Plan {
	t.Helper()
	if c.now == "" {
		c.now = "2026-03-02T09:00:00Z"
	}
	e := engineer()
	if c.engagement != nil {
		c.engagement(&e)
	}
	var account *identity.Account
	if !c.noAccount {
		account = engineerAccount()
		if c.account != nil {
			c.account(account)
		}
	}
	person := p.Person("workday-21001", []identity.Engagement{e}, instant(t, c.now))
	if was, now := policy.Position(engineer().Record), policy.Position(e.Record); now != "" {
		person.Moved = now != was
	}
	return p.Plan(person, account, c.orders)
}

func order(kind identity.OrderKind, change ...func(*identity.Order)) []identity.Order {
	o := identity.Order{ID: "o1", Key: "workday-21001", Kind: kind, By: "sec@acme.example", At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range change {
		c(&o)
	}
	return []identity.Order{o}
}

func until(t time.Time) func(*identity.Order) { return func(o *identity.Order) { o.Until = t } }

func leaver(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-02-27", e.FirstSeen }

func planned(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-06-30", e.FirstSeen }

func suspendedByUs(a *identity.Account) {
	a.Status, a.SuspendedByUs, a.Roles = identity.AccountSuspended, true, nil
}

func TestPlan(t *testing.T) {
	t.Parallel()
	soon := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	past := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	leave := []identity.StepKind{suspend, logOut, remove, scramble, factors}
	tests := map[string]planCase{
		// Active.
		"nothing to do":             {verdict: identity.VerdictNone},
		"planned leaver waits":      {engagement: planned, verdict: identity.VerdictWait, due: "2026-06-30T16:00:00Z"},
		"profile":                   {account: func(a *identity.Account) { a.Title = "Intern" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile}},
		"external id is written":    {account: func(a *identity.Account) { a.ExternalID = "" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile}},
		"foreign external id stays": {account: func(a *identity.Account) { a.ExternalID = "ad-9" }, verdict: identity.VerdictNone, notices: []string{"foreign_external_id"}},
		"empty HR fields take away": {engagement: func(e *identity.Engagement) { e.Title, e.Company = "", "" }, verdict: identity.VerdictNone},
		"preferred name":            {engagement: func(e *identity.Engagement) { e.PreferredName = "Addie" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile}},
		"group":                     {account: func(a *identity.Account) { a.Group = "Default" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"missing role":              {account: func(a *identity.Account) { a.Roles = a.Roles[1:] }, verdict: identity.VerdictChange, steps: []identity.StepKind{add}},
		"surplus managed role":      {account: func(a *identity.Account) { a.Roles = append(a.Roles, "Sales") }, verdict: identity.VerdictNone},
		"surplus role of ours":      {account: func(a *identity.Account) { a.Roles, a.Given = append(a.Roles, "Sales"), []string{"Sales"} }, verdict: identity.VerdictChange, steps: []identity.StepKind{remove}},
		"unmanaged role stays":      {account: func(a *identity.Account) { a.Roles = append(a.Roles, "Book club", "#99") }, verdict: identity.VerdictNone},
		"mover":                     {engagement: func(e *identity.Engagement) { e.Department = "Sales" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile, group, remove, add}},
		"contractor's group":        {engagement: func(e *identity.Engagement) { e.EmploymentType = "Contractor" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"department without rule":   {engagement: func(e *identity.Engagement) { e.Department = "Legal" }, verdict: identity.VerdictAttention, notices: []string{"department_without_rule", "department_unmapped"}},
		"department emptied in HR":  {engagement: func(e *identity.Engagement) { e.Department = "" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group, remove}, notices: []string{"no_department"}},
		"department dropped by HR":  {engagement: func(e *identity.Engagement) { e.Department, e.Missing = "", []string{"department"} }, verdict: identity.VerdictNone, notices: []string{"field_missing", "no_department"}},
		"name in a broken encoding": {engagement: func(e *identity.Engagement) { e.LastName = "ByrÃ¶n" }, verdict: identity.VerdictNone, notices: []string{"text_garbled"}},
		"department in a broken encoding": {
			engagement: func(e *identity.Engagement) { e.Department = "Ventes & D\uFFFDveloppement" }, verdict: identity.VerdictNone, notices: []string{"no_department", "text_garbled"},
		},
		"expired password is theirs": {account: func(a *identity.Account) { a.Status = identity.AccountPasswordExpired }, verdict: identity.VerdictNone},

		// Joiners.
		"joiner in a broken encoding": {noAccount: true, engagement: func(e *identity.Engagement) { e.FirstName = "Ad\uFFFD" }, verdict: identity.VerdictAttention, notices: []string{"text_garbled"}},
		"too early to create":         {noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-04-01" }, verdict: identity.VerdictWait, due: "2026-03-25T06:00:00Z"},
		"created ahead":               {noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-09" }, verdict: identity.VerdictJoin, steps: []identity.StepKind{create}, due: "2026-03-09T07:00:00Z"},
		"created and waiting":         {account: func(a *identity.Account) { a.Status, a.InvitationSentAt, a.Roles = 7, time.Time{}, nil }, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-09" }, verdict: identity.VerdictWait, due: "2026-03-09T07:00:00Z"},
		"waits for the first day":     {engagement: func(e *identity.Engagement) { planned(e); e.HireDate = "2026-05-01" }, now: "2026-04-28T12:00:00Z", verdict: identity.VerdictWait, due: "2026-05-01T06:00:00Z"},
		"first day, prepared":         {account: func(a *identity.Account) { a.Status, a.InvitationSentAt, a.Roles = 7, time.Time{}, nil }, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-02" }, verdict: identity.VerdictJoin, steps: []identity.StepKind{add, activate, invite}},
		"first day, nothing there":    {noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-02" }, verdict: identity.VerdictJoin, steps: []identity.StepKind{create, add, activate, invite}},
		"unactivated but invited":     {account: func(a *identity.Account) { a.Status = 7 }, verdict: identity.VerdictNone},
		"unactivated, status 0":       {account: func(a *identity.Account) { a.Status, a.InvitationSentAt = 0, time.Time{} }, verdict: identity.VerdictJoin, steps: []identity.StepKind{activate, invite}},
		"hired late":                  {noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate, e.FirstSeen = "2026-02-02", past }, verdict: identity.VerdictJoin, steps: []identity.StepKind{create, add, activate, invite}, notices: []string{"hired_late"}},
		"late with account":           {engagement: func(e *identity.Engagement) { e.HireDate, e.FirstSeen = "2026-02-02", past }, verdict: identity.VerdictNone},
		"rehire":                      {account: suspendedByUs, verdict: identity.VerdictJoin, steps: []identity.StepKind{add, activate, invite}},
		"rehire starts from policy":   {account: func(a *identity.Account) { suspendedByUs(a); a.Roles = []string{"Book club", "Everyone", "Sales"} }, verdict: identity.VerdictJoin, steps: []identity.StepKind{remove, add, activate, invite}},
		"name in another script":      {noAccount: true, engagement: func(e *identity.Engagement) { e.FirstName, e.LastName = "Мария", "Иванова" }, verdict: identity.VerdictJoin, steps: []identity.StepKind{create, add, activate, invite}, notices: []string{"username_fallback"}},
		"no name at all":              {noAccount: true, engagement: func(e *identity.Engagement) { e.FirstName, e.LastName, e.EmployeeID = "", "", "" }, verdict: identity.VerdictAttention, notices: []string{"no_username", "username_fallback"}},

		// On leave.
		"on leave":                  {engagement: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, verdict: identity.VerdictNone},
		"on leave and changed":      {engagement: func(e *identity.Engagement) { e.Status, e.Title = identity.StatusOnLeave, "Lead" }, verdict: identity.VerdictChange, steps: []identity.StepKind{profile}},
		"on leave is not activated": {engagement: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, account: suspendedByUs, verdict: identity.VerdictNone},
		"on leave without account":  {engagement: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, noAccount: true, verdict: identity.VerdictNone},
		"suspended while on leave":  {engagement: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, account: func(a *identity.Account) { a.Status = 2 }, verdict: identity.VerdictNone},

		// Leavers.
		"left":                      {engagement: leaver, verdict: identity.VerdictLeave, steps: leave},
		"left at this instant":      {engagement: leaver, now: "2026-02-27T17:00:00Z", verdict: identity.VerdictLeave, steps: leave},
		"left without account":      {engagement: leaver, noAccount: true, verdict: identity.VerdictNone},
		"left, roles remain":        {engagement: leaver, account: func(a *identity.Account) { a.Status = 2 }, verdict: identity.VerdictLeave, steps: []identity.StepKind{logOut, remove, scramble, factors}},
		"left, sign-in remains":     {engagement: leaver, account: func(a *identity.Account) { a.Roles = nil }, verdict: identity.VerdictLeave, steps: []identity.StepKind{suspend, logOut, scramble, factors}},
		"left, locked elsewhere":    {engagement: leaver, account: func(a *identity.Account) { a.Status = 3 }, verdict: identity.VerdictLeave, steps: leave},
		"left and done":             {engagement: leaver, account: suspendedByUs, verdict: identity.VerdictNone},
		"left and done elsewhere":   {engagement: leaver, account: func(a *identity.Account) { a.Status, a.Roles = 2, nil }, verdict: identity.VerdictNone},
		"left before the first day": {engagement: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusTerminated, "2026-04-01" }, verdict: identity.VerdictLeave, steps: leave},

		// Rescinded.
		"rescinded, nothing made":     {engagement: rescind, noAccount: true, verdict: identity.VerdictNone},
		"rescinded, never used":       {engagement: rescind, account: func(a *identity.Account) { a.LastLogin = time.Time{} }, verdict: identity.VerdictUndo, steps: []identity.StepKind{suspend, erase}},
		"rescinded, never activated":  {engagement: rescind, account: func(a *identity.Account) { a.LastLogin, a.Status = time.Time{}, 7 }, verdict: identity.VerdictUndo, steps: []identity.StepKind{erase}},
		"rescinded, used":             {engagement: rescind, verdict: identity.VerdictLeave, steps: leave},
		"rescinded, made by another":  {engagement: rescind, account: func(a *identity.Account) { a.LastLogin, a.CreatedByUs = time.Time{}, false }, verdict: identity.VerdictLeave, steps: leave},
		"rescinded, frozen":           {engagement: rescind, account: func(a *identity.Account) { a.LastLogin = time.Time{} }, orders: order(identity.OrderFreeze), verdict: identity.VerdictLeave, steps: leave},
		"rescinded and already quiet": {engagement: rescind, account: suspendedByUs, verdict: identity.VerdictNone},

		// Unknown.
		"unknown":                    {engagement: func(e *identity.Engagement) { e.Found = false }, verdict: identity.VerdictAttention, notices: []string{"record_missing"}},
		"unknown without account":    {engagement: func(e *identity.Engagement) { e.HireDate = "" }, noAccount: true, verdict: identity.VerdictAttention, notices: []string{"field_missing"}},
		"gone since they left":       {engagement: func(e *identity.Engagement) { e.Found, e.LeftAt = false, past }, account: suspendedByUs, verdict: identity.VerdictAttention, notices: []string{"record_missing"}},
		"gone, and opened by hand":   {engagement: func(e *identity.Engagement) { e.Found, e.LeftAt = false, past }, verdict: identity.VerdictLeave, steps: leave, notices: []string{"record_missing"}},
		"unclear since they left":    {engagement: func(e *identity.Engagement) { e.HireDate, e.LeftAt = "", past }, verdict: identity.VerdictAttention, notices: []string{"field_missing"}},
		"inactive until the dates":   {engagement: func(e *identity.Engagement) { planned(e); e.Status = identity.StatusInactive }, verdict: identity.VerdictAttention, notices: []string{"status_unclear"}, due: "2026-06-30T16:00:00Z"},
		"inactive and the date come": {engagement: func(e *identity.Engagement) { leaver(e); e.Status = identity.StatusInactive }, verdict: identity.VerdictLeave, steps: leave},

		// Orders.
		"contain":                  {orders: order(identity.OrderContain), verdict: identity.VerdictLeave, steps: leave},
		"contain until":            {orders: order(identity.OrderContain, until(soon)), verdict: identity.VerdictLeave, steps: leave, due: "2026-03-09T00:00:00Z"},
		"contain, lapsed":          {orders: order(identity.OrderContain, until(past)), verdict: identity.VerdictNone},
		"contained":                {orders: order(identity.OrderContain), account: suspendedByUs, verdict: identity.VerdictNone},
		"contained for a while":    {orders: order(identity.OrderContain, until(soon)), account: suspendedByUs, verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"},
		"contain without account":  {orders: order(identity.OrderContain), noAccount: true, verdict: identity.VerdictNone},
		"contain, HR unknown":      {orders: order(identity.OrderContain), engagement: func(e *identity.Engagement) { e.Found = false }, verdict: identity.VerdictLeave, steps: leave, notices: []string{"record_missing"}},
		"contain over freeze":      {orders: append(order(identity.OrderFreeze), order(identity.OrderContain)...), verdict: identity.VerdictLeave, steps: leave},
		"contain over rescinded":   {orders: order(identity.OrderContain), engagement: rescind, account: func(a *identity.Account) { a.LastLogin = time.Time{} }, verdict: identity.VerdictLeave, steps: leave},
		"contain released":         {account: suspendedByUs, verdict: identity.VerdictJoin, steps: []identity.StepKind{add, activate, invite}},
		"freeze":                   {orders: order(identity.OrderFreeze), account: func(a *identity.Account) { a.Title = "Intern" }, verdict: identity.VerdictAttention, notices: []string{"frozen"}},
		"freeze a joiner":          {orders: order(identity.OrderFreeze), noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-09" }, verdict: identity.VerdictAttention, notices: []string{"frozen"}, due: "2026-03-09T07:00:00Z"},
		"freeze, lapsed":           {orders: order(identity.OrderFreeze, until(past)), verdict: identity.VerdictNone},
		"freeze and left":          {orders: order(identity.OrderFreeze), engagement: leaver, verdict: identity.VerdictLeave, steps: leave},
		"freeze and unknown":       {orders: order(identity.OrderFreeze), engagement: func(e *identity.Engagement) { e.Found = false }, verdict: identity.VerdictAttention, notices: []string{"record_missing", "frozen"}},
		"restrict":                 {orders: order(identity.OrderRestrict, func(o *identity.Order) { o.Group = "Support" }), verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"restrict to the default":  {orders: order(identity.OrderRestrict), verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"restricted":               {orders: order(identity.OrderRestrict, until(soon)), account: func(a *identity.Account) { a.Group = "MFA required" }, verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"},
		"restriction released":     {account: func(a *identity.Account) { a.Group = "MFA required" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}},
		"restrict over freeze":     {orders: append(order(identity.OrderFreeze), order(identity.OrderRestrict)...), account: func(a *identity.Account) { a.Title = "Intern" }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}, notices: []string{"frozen"}},
		"restricted and frozen":    {orders: append(order(identity.OrderFreeze), order(identity.OrderRestrict)...), account: func(a *identity.Account) { a.Group = "MFA required" }, verdict: identity.VerdictAttention, notices: []string{"frozen"}},
		"restrict, field dropped":  {orders: order(identity.OrderRestrict), engagement: func(e *identity.Engagement) { e.Missing = []string{"title"} }, verdict: identity.VerdictChange, steps: []identity.StepKind{group}, notices: []string{"field_missing"}},
		"exempt changes nothing":   {orders: order(identity.OrderExempt, until(soon)), verdict: identity.VerdictWait, due: "2026-03-09T00:00:00Z"},
		"grant changes nothing":    {orders: order(identity.OrderGrant), verdict: identity.VerdictNone},
		"order of a newer version": {orders: order("quarantine"), verdict: identity.VerdictAttention, notices: []string{"unknown_order"}},
		"the earliest instant is due": {
			orders: append(order(identity.OrderExempt, until(soon)), order(identity.OrderGrant, until(soon.Add(-time.Hour)))...), engagement: planned,
			verdict: identity.VerdictWait, due: "2026-03-08T23:00:00Z",
		},

		// Suspended or locked by somebody else.
		"suspended elsewhere":          {account: func(a *identity.Account) { a.Status = 2 }, verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},
		"locked elsewhere":             {account: func(a *identity.Account) { a.Status = 3 }, verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},
		"a lock is never ours":         {account: func(a *identity.Account) { a.Status, a.SuspendedByUs = 3, true }, verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},
		"suspended before the hire":    {account: func(a *identity.Account) { a.Status = 2 }, engagement: func(e *identity.Engagement) { e.HireDate = "2026-03-09" }, verdict: identity.VerdictWait, due: "2026-03-09T07:00:00Z"},
		"suspended elsewhere, differs": {account: func(a *identity.Account) { a.Status, a.Title = 2, "Intern" }, verdict: identity.VerdictAttention, notices: []string{"suspended_elsewhere"}},

		// Protected.
		"protected":              {account: func(a *identity.Account) { a.Username, a.Title = "breakglass-1", "x" }, verdict: identity.VerdictAttention, notices: []string{"protected"}},
		"protected and left":     {account: func(a *identity.Account) { a.Group = "Break glass" }, engagement: leaver, verdict: identity.VerdictAttention, notices: []string{"protected"}},
		"protected over contain": {account: func(a *identity.Account) { a.Roles = []string{"Super admin"} }, orders: order(identity.OrderContain), verdict: identity.VerdictAttention, notices: []string{"protected"}},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.run(t, p)
			require.Equal(t, tt.verdict, got.Verdict)
			require.Equal(t, tt.steps, kinds(got))
			require.Equal(t, tt.notices, codes(got.Notices))
			require.Equal(t, instant(t, tt.due), got.Due)
			require.Equal(t, p.Hash(), got.PolicyHash)
			require.NotEmpty(t, got.Reason)
			require.NotContains(t, got.Reason, "Ada")
			if tt.verdict == identity.VerdictAttention {
				require.True(t, blocking(got.Notices))
			}
		})
	}
}

func rescind(e *identity.Engagement) { e.Status = identity.StatusRescinded }

func TestPlanOfJoiner(t *testing.T) {
	t.Parallel()
	p := example(t)
	got := planCase{noAccount: true, engagement: func(e *identity.Engagement) {
		e.HireDate, e.PersonalEmail = "2026-03-02", "ada@home.example"
	}}.run(t, p)
	require.Equal(t, []string{"ada.byron", "ada.byron2", "ada.byron3"}, got.Desired.Profile.Usernames[:3])
	got.Desired.Profile.Usernames = nil
	roles := []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira"}
	want := identity.Plan{
		Verdict: identity.VerdictJoin, Reason: "an account is due",
		Desired: identity.Desired{
			Exists: true, SignIn: true, Group: "Engineering", Roles: roles, Rules: []string{"everyone", "engineering"},
			Profile: identity.Profile{
				FirstName: "Ada", LastName: "Byron", Title: "Engineer", Department: "Engineering", Company: "Acme",
				ExternalID: "workday-21001", PersonalEmail: "ada@home.example",
			},
		},
		Steps: []identity.Step{
			{Kind: create, Names: []string{"Engineering"}}, {Kind: add, Names: roles}, {Kind: activate}, {Kind: invite},
		},
		PolicyHash: p.Hash(),
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestPlanOfMover(t *testing.T) {
	t.Parallel()
	got := planCase{
		engagement: func(e *identity.Engagement) { e.Department = "IT" },
		account:    func(a *identity.Account) { a.Roles = append(a.Roles, "Book club") },
	}.run(t, example(t))
	require.Equal(t, []identity.Step{
		{Kind: profile},
		{Kind: group, Names: []string{"IT"}},
		{Kind: remove, Names: []string{"AWS Read Only", "Engineering", "GitHub"}},
		{Kind: add, Names: []string{"IT"}},
	}, got.Steps)
}

func TestPlanOfLeaverWithKeptRoles(t *testing.T) {
	t.Parallel()
	data := readFile(t, "testdata/policy.yaml")
	kept, err := policy.Parse("policy.yaml", []byte(replace(t, string(data), "keep_roles: []", "keep_roles: [Jira]")))
	require.NoError(t, err)
	got := planCase{engagement: leaver}.run(t, kept)
	step, ok := got.Step(remove)
	require.True(t, ok)
	require.Equal(t, []string{"AWS Read Only", "Engineering", "Everyone", "GitHub"}, step.Names)
	require.Equal(t, []string{"Jira"}, got.Desired.Roles)
	done := planCase{engagement: leaver, account: func(a *identity.Account) { suspendedByUs(a); a.Roles = []string{"Jira"} }}.run(t, kept)
	require.Equal(t, identity.VerdictNone, done.Verdict)
}

func TestPlanOfReturnWithKeptRoles(t *testing.T) {
	t.Parallel()
	text := replace(t, policytest.Smallest, "it@acme.example", "it@acme.example, keep_roles: [Alumni]") +
		`access: {rules: [{name: policytest.Everyone, when: "true", roles: [Everyone]}]}`
	p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(text)))
	require.NoError(t, err)
	got := planCase{account: func(a *identity.Account) { suspendedByUs(a); a.Roles = []string{"Alumni", "Book club"} }}.run(t, p)
	step, ok := got.Step(remove)
	require.True(t, ok)
	require.Equal(t, []string{"Book club"}, step.Names, "what a leaver keeps and nobody manages stays")
}

// TestPlanAfterTheAssessment holds for somebody whose moment came between the assessment and the plan.
func TestPlanAfterTheAssessment(t *testing.T) {
	t.Parallel()
	p := example(t)
	person := p.Person("workday-21001", []identity.Engagement{engineer(planned)}, instant(t, "2026-06-30T15:59:59Z"))
	require.Equal(t, identity.StandingLeaving, person.Standing)
	require.Equal(t, identity.VerdictWait, p.Plan(person, engineerAccount(), nil).Verdict)
	person.AsOf = person.LeaveAt
	require.Equal(t, identity.VerdictLeave, p.Plan(person, engineerAccount(), nil).Verdict)

	person = p.Person("workday-21001", []identity.Engagement{engineer(func(e *identity.Engagement) { e.HireDate = "2026-03-02" })}, instant(t, "2026-03-02T06:00:00Z"))
	require.Equal(t, identity.StandingUpcoming, person.Standing)
	person.AsOf = person.ActivateAt
	require.True(t, p.Plan(person, nil, nil).Has(activate))
}

func TestReasons(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		plan planCase
		want string
	}{
		"settled":            {planCase{}, "nothing to do before the next check"},
		"planned leaver":     {planCase{engagement: planned}, "nothing to do before the next check"},
		"joiner who waits":   {planCase{noAccount: true, engagement: func(e *identity.Engagement) { e.HireDate = "2026-05-01" }}, "nothing to do before the next check"},
		"order and HR agree": {planCase{engagement: leaver, orders: order(identity.OrderContain)}, "an order ends sign-in"},
		"left":               {planCase{engagement: leaver}, "sign-in has to end"},
		"return":             {planCase{account: suspendedByUs}, "the account is due to be brought back"},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.plan.run(t, p).Reason)
		})
	}
}

func TestTheLatestRestrictionCounts(t *testing.T) {
	t.Parallel()
	p := example(t)
	at := func(minute int, id, name string) identity.Order {
		return identity.Order{ID: id, Kind: identity.OrderRestrict, Group: name, At: time.Date(2026, 3, 1, 0, minute, 0, 0, time.UTC)}
	}
	for _, orders := range [][]identity.Order{
		{at(1, "a", "IT"), at(2, "b", "Support")}, {at(2, "b", "Support"), at(1, "a", "IT")}, {at(2, "a", "IT"), at(2, "b", "Support")},
	} {
		require.Equal(t, "Support", planCase{orders: orders}.run(t, p).Desired.Group)
	}
}
