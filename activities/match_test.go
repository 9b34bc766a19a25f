package activities_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
	"gatehouse/sandbox/control"
)

func onelogin42(id int64) string { return "onelogin-" + strconv.FormatInt(id, 10) }

// contractor is Ada before she was hired.
func contractor(r *rig) string {
	r.t.Helper()
	key := r.hire("bamboohr", ada(control.Fields{"manager_id": "101", "hire_date": "today-100"}))
	require.Equal(r.t, identity.VerdictJoin, r.assess(key).Plan.Verdict)
	return key
}

// converted ends the contract of Ada and hires her.
func converted(r *rig, changes ...control.Fields) (old, hired string) {
	r.t.Helper()
	old = contractor(r)
	r.hr("bamboohr", "change", strings.TrimPrefix(old, "bamboohr-"), control.Fields{"last_day": "today"})
	return old, r.hire("workday", ada(append([]control.Fields{{"hire_date": "today+1"}}, changes...)...))
}

// TestContractorBecomesEmployee: the same name and the same private address, one employment after the other, are the same
// human, who keeps the account. Nothing ends between the two.
func TestContractorBecomesEmployee(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	born := control.Fields{"birth_date": "1990-05-17"}
	old, hired := converted(r, born)
	r.hr("bamboohr", "change", strings.TrimPrefix(old, "bamboohr-"), born)
	a := r.assess(hired)
	require.Empty(t, cmp.Diff(api.Assessment{Key: hired, ForwardTo: old}, a), "a forward says nothing else")
	require.Empty(t, cmp.Diff(a, r.assess(hired)), "and goes on saying it")

	r.clock.Advance(12 * time.Hour)
	both := r.assess(old)
	require.Equal(t, 2, both.Person.Sources)
	require.Equal(t, identity.StandingActive, both.Person.Standing, "who has another engagement has not left")
	require.NotEqual(t, identity.VerdictLeave, both.Plan.Verdict)
	require.Equal(t, "bamboohr", both.Person.Record.Source, "the contractor goes on until the employee begins")
	kept, err := json.Marshal(both)
	require.NoError(t, err)
	require.NotContains(t, string(kept), "1990-05-17", "a birth date is no part of what Temporal keeps")

	r.clock.Advance(12 * time.Hour)
	require.Equal(t, "workday", r.assess(old).Person.Record.Source)
	r.hr("workday", "terminate", strings.TrimPrefix(hired, "workday-"), control.Fields{"last_day": "today"})
	require.Equal(t, identity.StandingLeft, r.assess(old).Person.Standing)
}

// TestPossibleDuplicate: what a name and a private address of one's own do not prove, a person decides, once.
func TestPossibleDuplicate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change, earlier control.Fields
		third           control.Fields
		open            bool
		why             string
	}{
		"another name":             {change: control.Fields{"last_name": "Lovelace"}, why: "under another name"},
		"a third person has it":    {third: control.Fields{"last_name": "Lovelace"}, why: "and the name, and a third person has that address too"},
		"both work here":           {open: true, why: "and the name, but their employments overlap"},
		"another address at work":  {change: control.Fields{"work_email": "ada@acme.example"}, earlier: control.Fields{"work_email": "a.byron@acme.example"}, why: "and the name, but their work addresses differ"},
		"another birth date":       {change: control.Fields{"birth_date": "1999-01-02"}, earlier: control.Fields{"birth_date": "1970-01-02"}, why: "and the name, but their birth dates differ"},
		"only the address at work": {change: control.Fields{"work_email": "ada@acme.example", "personal_email": ""}, earlier: control.Fields{"work_email": "ada@acme.example"}, why: "and the name, and no private address confirms it"},
	}
	for name, tt := range tests {
		for _, verb := range []string{"link", "separate"} {
			t.Run(name+", "+verb, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{})
				old := contractor(r)
				end := control.Fields{"last_day": "today"}
				if tt.open {
					end = control.Fields{}
				}
				for field, value := range tt.earlier {
					end[field] = value
				}
				r.hr("bamboohr", "change", strings.TrimPrefix(old, "bamboohr-"), end)
				r.assess(old)
				if tt.third != nil {
					third := r.hire("bamboohr", ada(tt.third, control.Fields{"manager_id": "101"}))
					requireAttention(t, r.assess(third), api.NoticePossibleDuplicate)
					r.settleDuplicate(third, "separate")
				}
				key := r.hire("workday", ada(tt.change))
				n := requireAttention(t, r.assess(key), api.NoticePossibleDuplicate)
				require.Equal(t, "This record shares an e-mail address with "+old+" "+tt.why+". Same human: link. Different humans: separate.", n.Text)
				requireAttention(t, r.assess(key), api.NoticePossibleDuplicate)
				require.Len(t, r.open("workday"), 1, "the next look is no answer")
				r.settleDuplicate(key, verb)
				a := r.assess(key)
				require.Empty(t, r.open("workday"))
				if verb == "link" {
					require.Equal(t, old, a.ForwardTo)
					require.Equal(t, 2, r.assess(old).Person.Sources)
					return
				}
				require.Equal(t, identity.VerdictJoin, a.Plan.Verdict, "notices: %v", codes(a))
				require.Equal(t, 1, a.Person.Sources)
			})
		}
	}
}

// open lists the questions about people of a source that nobody has answered.
func (r *rig) open(source string) []roster.Finding {
	r.t.Helper()
	found, err := r.app.Ledger.Roster().Findings(r.t.Context(), source, roster.FindingDuplicate)
	require.NoError(r.t, err)
	return found
}

// TestQuestionThatTheRecordsAnswer: it was asked because the employments overlapped, and then HR enters the end of the one.
func TestQuestionThatTheRecordsAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	old := contractor(r)
	r.assess(old)
	key := r.hire("workday", ada())
	requireAttention(t, r.assess(key), api.NoticePossibleDuplicate)
	r.hr("bamboohr", "change", strings.TrimPrefix(old, "bamboohr-"), control.Fields{"last_day": "today"})
	require.Equal(t, old, r.assess(key).ForwardTo)
	require.Empty(t, r.open("workday"))
	require.Equal(t, 2, r.assess(old).Person.Sources)
}

// settleDuplicate answers the question about a person, twice: the answer may be delivered again.
func (r *rig) settleDuplicate(key, verb string) {
	r.t.Helper()
	for range 2 {
		r.must(api.PersonDecide, api.DecideInput{
			Key: key, Code: api.NoticePossibleDuplicate, Decision: api.Decision{Verb: verb, By: "ops"},
		})
	}
}

// TestAddressesThatAreNoTrace: an address that stands for having none, or that many have, brings nobody together.
func TestAddressesThatAreNoTrace(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"join: {count: 400, percent: 0}", "join: {count: 40, percent: 0}"}})
	for i, last := range []string{"Byron", "Lovelace", "King"} {
		for _, address := range []string{"none@example.com", "NoEmail@home.example"} {
			a := r.assess(r.hire("workday", ada(control.Fields{"last_name": last, "first_name": address, "personal_email": address})))
			require.Equal(t, identity.VerdictJoin, a.Plan.Verdict, "%d: %v", i, codes(a))
		}
	}
	agency := func(last string) api.Assessment {
		return r.assess(r.hire("bamboohr", ada(control.Fields{"last_name": last, "manager_id": "101", "personal_email": "office@agency.example"})))
	}
	require.Equal(t, identity.VerdictJoin, agency("First").Plan.Verdict)
	second := agency("Second")
	requireAttention(t, second, api.NoticePossibleDuplicate)
	r.settleDuplicate(second.Key, "separate")
	require.Equal(t, identity.VerdictJoin, agency("Third").Plan.Verdict, "by then it is an office's address")
	requireAttention(t, agency("Second"), api.NoticePossibleDuplicate)
}

// TestFatherAndSon: the elder leaves, and the younger has the same name and the same address at home.
func TestFatherAndSon(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	elder := r.hire("workday", ada(control.Fields{"hire_date": "today-4000"}))
	require.Equal(t, identity.VerdictJoin, r.assess(elder).Plan.Verdict)
	younger := r.hire("workday", ada(control.Fields{"hire_date": "today-30", "department": "Sales"}))
	r.hr("workday", "terminate", strings.TrimPrefix(elder, "workday-"), control.Fields{"last_day": "today"})
	a := r.assess(younger)
	require.Empty(t, a.ForwardTo)
	requireAttention(t, a, api.NoticePossibleDuplicate)
	require.Equal(t, identity.StandingLeft, r.assess(elder).Person.Standing)
	r.settleDuplicate(younger, "separate")
	require.Equal(t, "Sales", r.assess(younger).Person.Record.Department)
}

// TestRecordThatComesBackUnderAnotherID is about the same human, and so is one whose second record was deleted.
func TestRecordThatComesBackUnderAnotherID(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	old := contractor(r)
	r.hr("bamboohr", "delete", strings.TrimPrefix(old, "bamboohr-"), nil)
	requireAttention(t, r.assess(old), "record_missing")
	again := r.hire("bamboohr", ada(control.Fields{"manager_id": "101", "hire_date": "today-100"}))
	require.Equal(t, old, r.assess(again).ForwardTo)
	a := r.assess(old)
	require.Equal(t, identity.StandingActive, a.Person.Standing)
	require.Contains(t, codes(a), "record_missing")
	require.NotEqual(t, identity.VerdictAttention, a.Plan.Verdict)
	r.hr("bamboohr", "terminate", strings.TrimPrefix(again, "bamboohr-"), control.Fields{"last_day": "today"})
	require.Equal(t, identity.StandingLeft, r.assess(old).Person.Standing)
}

// TestTracesAreKeptCurrent: a record is recognised by what it says now, and by what it said last where HR has taken that
// off.
func TestTracesAreKeptCurrent(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	old := contractor(r)
	id := strings.TrimPrefix(old, "bamboohr-")
	r.hr("bamboohr", "change", id, control.Fields{"personal_email": "ada@elsewhere.example"})
	r.assess(old)
	before := r.dump()
	r.assess(old)
	require.Empty(t, cmp.Diff(before, r.dump()), "what has not changed is not written")
	r.hr("bamboohr", "terminate", id, control.Fields{"last_day": "today", "personal_email": ""})
	r.assess(old)
	hired := r.hire("workday", ada(control.Fields{"personal_email": "ada@elsewhere.example"}))
	require.Equal(t, old, r.assess(hired).ForwardTo)
}

// TestSameNameIsNothing: names are shared all the time.
func TestSameNameIsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	contractor(r)
	a := r.assess(r.hire("workday", ada(control.Fields{"personal_email": "somebody.else@home.example"})))
	require.Equal(t, identity.VerdictJoin, a.Plan.Verdict)
	require.Empty(t, codes(a))
}

// TestAdoption: an account without an owner is taken for a person's only if it can be nobody else's.
func TestAdoption(t *testing.T) {
	t.Parallel()
	const address = "ada.byron@acme.example"
	tests := map[string]struct {
		user    onelogin.NewUser
		roles   []string
		adopted bool
	}{
		"address and name":          {user: onelogin.NewUser{FirstName: "Ada", LastName: "Byron"}, adopted: true},
		"in another spelling":       {user: onelogin.NewUser{FirstName: "ADA", LastName: "byron"}, adopted: true},
		"another name":              {user: onelogin.NewUser{FirstName: "Alan", LastName: "Byron"}},
		"somebody's external id":    {user: onelogin.NewUser{FirstName: "Ada", LastName: "Byron", ExternalID: "workday-1"}},
		"a privileged role":         {user: onelogin.NewUser{FirstName: "Ada", LastName: "Byron"}, roles: []string{"AWS Admin"}},
		"an account that is shared": {user: onelogin.NewUser{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			tt.user.Username, tt.user.Email = address, address
			u := newUser(r, tt.user)
			ids, err := r.vendors.Catalog.RoleIDs(t.Context(), tt.roles)
			require.NoError(t, err)
			require.NoError(t, r.vendors.OneLogin.AddRoles(t.Context(), u.ID, ids))
			key := r.hire("workday", ada(control.Fields{"work_email": strings.ToUpper(address[:1]) + address[1:]}))
			a := r.assess(key)
			d, _, err := r.app.Ledger.Dossier(t.Context(), key)
			require.NoError(t, err)
			if !tt.adopted {
				require.Nil(t, a.Account)
				require.Zero(t, d.Person.AccountID)
				return
			}
			require.Equal(t, u.ID, a.Account.ID)
			require.False(t, a.Account.CreatedByUs, "an adopted account is never deleted by Gatehouse")
			require.Equal(t, u.ID, d.Person.AccountID)
			require.False(t, d.Person.AccountCreated)
			require.NotContains(t, steps(a), "create")
		})
	}
}

// TestAmbiguousAccount: two accounts that could be the person's are a question, never a guess.
func TestAmbiguousAccount(t *testing.T) {
	t.Parallel()
	t.Run("by external id", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		newUser(r, onelogin.NewUser{Username: "double@acme.example", Email: "double@acme.example", FirstName: "D", LastName: "E", ExternalID: "workday-21003"})
		n := requireAttention(t, r.assess("workday-21003"), api.NoticeAmbiguousAccount)
		require.Equal(t, "2 OneLogin accounts share this person's external id. Correct it in OneLogin, then retry.", n.Text)
	})
	t.Run("by e-mail", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		for i := range 2 {
			newUser(r, onelogin.NewUser{Username: fmt.Sprintf("ada%d@acme.example", i), Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron"})
		}
		key := r.hire("workday", ada(control.Fields{"work_email": "ada.byron@acme.example"}))
		requireAttention(t, r.assess(key), api.NoticeAmbiguousAccount)
	})
}

// TestAccountOfAnotherPerson: two people whom an operator keeps apart, and one account that fits both by address.
func TestAccountOfAnotherPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	first, second := contested(r)
	n := requireAttention(t, r.assess(second), api.NoticeAmbiguousAccount)
	require.Contains(t, n.Text, "is on record for "+first)
}

// contested hires two people whom an operator keeps apart and one account that fits both.
func contested(r *rig) (first, second string) {
	r.t.Helper()
	newUser(r, onelogin.NewUser{Username: "ada.byron@acme.example", Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron"})
	shared := control.Fields{"work_email": "ada.byron@acme.example"}
	first = r.hire("bamboohr", ada(shared))
	require.NotNil(r.t, r.assess(first).Account)
	second = r.hire("workday", ada(shared, control.Fields{"last_name": "Lovelace"}))
	requireAttention(r.t, r.assess(second), api.NoticePossibleDuplicate)
	r.must(api.PersonDecide, api.DecideInput{Key: second, Code: api.NoticePossibleDuplicate, Decision: api.Decision{Verb: "separate", By: "ops"}})
	r.hr("workday", "change", strings.TrimPrefix(second, "workday-"), control.Fields{"last_name": "Byron"})
	return first, second
}

// TestVanishedAccount: nobody makes a second account in silence, and nobody who has left needs one.
func TestVanishedAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21003")
	require.NoError(t, r.vendors.OneLogin.DeleteUser(t.Context(), in.AccountID))
	n := requireAttention(t, r.assess("workday-21003"), api.NoticeAccountVanished)
	require.Contains(t, n.Text, fmt.Sprintf("OneLogin account %d is on record for this person but no longer exists", in.AccountID))
	r.hr("workday", "terminate", "21003", nil)
	require.Equal(t, identity.VerdictNone, r.assess("workday-21003").Plan.Verdict)
}

// TestAccountByItsID: an operator names an account; the person behind it is found, with or without a trace.
func TestAccountByItsID(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(r *rig, key string) api.Assessment{
		"assess": func(r *rig, key string) api.Assessment { return r.assess(key) },
		"preview": func(r *rig, key string) api.Assessment {
			a, err := r.vendors.Activities.Person.Preview(r.t.Context(), key)
			require.NoError(r.t, err)
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			require.Equal(t, "workday-21003", look(r, onelogin42(r.account("workday-21003").ID)).ForwardTo)
			known(r, "workday-21005")
			require.Equal(t, "workday-21005", look(r, onelogin42(r.account("workday-21005").ID)).ForwardTo)

			orphan, found, err := r.sandbox.ByUsername(t.Context(), "riley.orphan@acme.example")
			require.NoError(t, err)
			require.True(t, found)
			require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{
				ID: "o1", Key: onelogin42(orphan.ID), Kind: identity.OrderContain, By: "ops",
			}))
			a := look(r, onelogin42(orphan.ID))
			require.Equal(t, identity.VerdictLeave, a.Plan.Verdict, "notices: %v", codes(a))
			require.Equal(t, orphan.ID, a.Account.ID)
		})
	}
}

// TestOrderFollowsThePerson: an order about an account or a contractor's old key reaches the human.
func TestOrderFollowsThePerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	key := onelogin42(r.account("workday-21003").ID)
	require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "o1", Key: key, Kind: identity.OrderContain, By: "ops"}))
	require.Equal(t, "workday-21003", r.assess(key).ForwardTo)
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21003").Plan.Verdict)
}

// TestForgottenLeaverBehindANamesake: whoever may be the human at hand and left long ago is looked at, once.
func TestForgottenLeaverBehindANamesake(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	old := r.hire("bamboohr", ada(control.Fields{"manager_id": "101", "hire_date": "today-900", "last_day": "today-400", "work_email": "ada@acme.example"}))
	for _, source := range []string{"workday", "bamboohr"} {
		r.collect(source, "1")
	}
	key := r.hire("workday", ada(control.Fields{"hire_date": "today-390", "work_email": "a.byron@acme.example"}))
	requireAttention(t, r.assess(key), api.NoticePossibleDuplicate)
	require.Equal(t, []string{"person/" + old}, r.hints())
	require.Equal(t, identity.StandingLeft, r.assess(old).Person.Standing)
	r.assess(key)
	require.Equal(t, []string{"person/" + old}, r.hints(), "by then they have been looked at")
}
