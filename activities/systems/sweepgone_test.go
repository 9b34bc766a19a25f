package systems_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
)

const accountsGone = "system_accounts_gone"

// person is somebody on record who has an account, and works here or has left.
func (r *reading) person(n int, account string, employed bool) (key string) {
	r.t.Helper()
	key = storetest.Admit(r.t, r.l, "workday", fmt.Sprint(700+n), storetest.Digests(r.l, fmt.Sprintf("x%d@acme.example", n), "", ""))
	for _, e := range []bool{true, employed} {
		_, err := r.l.People().SetEmployed(r.t.Context(), key, e)
		require.NoError(r.t, err)
	}
	require.NoError(r.t, r.l.Inventory().LinkAccount(r.t.Context(), inventory.LinkAccount{
		Ref: identity.Ref{System: r.name, ID: account}, Person: key, By: "test", DecidedBy: "test",
	}))
	return key
}

// TestSomebodyNoticesWhoseAccountsAreGone has an account of a leaver and one of somebody who works here deleted by hand.
func TestSomebodyNoticesWhoseAccountsAreGone(t *testing.T) {
	t.Parallel()
	onEveryLiar(t, func(t *testing.T, l liar, r *reading) {
		require.Empty(t, r.sweep().Why)
		left, works := r.person(0, l.ids[0], false), r.person(1, l.ids[1], true)
		require.Empty(t, r.sweep().Why)
		r.hints.take()
		l.remove(l.ids[0])
		l.remove(l.ids[1])
		r.offset += time.Hour
		require.Empty(t, r.sweep().Why)
		require.Empty(t, r.items(""), "nobody is forgotten yet")
		r.offset += 25 * time.Hour
		out := r.sweep()
		require.Equal(t, [3]int64{2, 1, 1}, [3]int64{out.Dropped, out.GoneOfLeavers, out.GoneOfOthers})
		require.Subset(t, r.hints.take(), []string{left, works})
		items := r.items(accountsGone)
		require.Len(t, items, 1)
		require.Equal(t, "it", items[0].Owner)
		require.Contains(t, items[0].Text, "1 of people who have left, 1 of others")
		require.NotContains(t, items[0].Text, l.ids[0])

		require.Equal(t, "changes", r.read(false).Kind)
		require.Len(t, r.items(accountsGone), 1, "a reading of changes says nothing about it")
		r.offset += time.Hour
		require.Empty(t, r.sweep().Why)
		require.Empty(t, r.items(""))
	})
}

// TestManyAreDeletedOnlyByAWord deletes six accounts of a CRM by hand.
func TestManyAreDeletedOnlyByAWord(t *testing.T) {
	t.Parallel()
	l := salesforceLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	accounts := r.accounts()
	var ids []string
	list, err := l.system.(target.Lister).List(t.Context(), target.ListRequest{})
	require.NoError(t, err)
	for _, a := range list.Accounts {
		if strings.HasPrefix(a.Document.Username, "u") {
			ids = append(ids, a.Ref.ID)
		}
	}
	for _, id := range ids[:6] {
		l.remove(id)
	}
	for range 3 {
		r.offset += 25 * time.Hour
		require.Contains(t, r.sweep().Why, "6 of")
		require.Equal(t, accounts, r.accounts())
		require.Contains(t, r.items(notBelieved)[0].Next, "--accept-missing")
	}
	require.EqualValues(t, 6, r.accept().Dropped)
	require.Equal(t, accounts-6, r.accounts())
	require.Empty(t, r.items(""), "they were nobody's")
}

// failing is hints of which the first fails.
type failing struct {
	hints
	failed bool
}

func (f *failing) Send(ctx context.Context, key string, h api.Hint) (api.Sent, error) {
	if !f.failed {
		f.failed = true
		return api.Sent{}, errors.New("nobody answers")
	}
	return f.hints.Send(ctx, key, h)
}

// TestAnAccountThatIsGoneIsCountedOnce has a reading fail after it has dropped an account.
func TestAnAccountThatIsGoneIsCountedOnce(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	left := r.person(0, l.ids[0], false)
	l.remove(l.ids[0])
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	r.offset += 25 * time.Hour
	f := &failing{}
	r.s.Launch = f
	in := api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: l.name, Full: true}, Sweep: "fails"}
	_, err := r.s.Sweep(t.Context(), in)
	require.ErrorContains(t, err, "nobody answers")
	require.Equal(t, 11, r.accounts(), "it is dropped already")
	for range 2 {
		out, err := r.s.Sweep(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, [2]int64{1, 1}, [2]int64{out.Dropped, out.GoneOfLeavers})
	}
	require.Contains(t, f.take(), left)
	require.Len(t, r.items(accountsGone), 1)
}

// TestAWordAboutSomeIsNoneAboutEverybody says that what is missing was deleted while a directory shows nobody, or less than there is.
func TestAWordAboutSomeIsNoneAboutEverybody(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	accounts := r.accounts()
	for _, lie := range []string{"empty", "lost rights", "first page"} {
		l.lies[lie]()
		r.offset += 25 * time.Hour
		require.NotEmpty(t, r.accept().Why, lie)
		require.Equal(t, accounts, r.accounts(), lie)
		require.Len(t, r.items(notBelieved), 1, lie)
	}
}

// hide leaves only some people of slapd in the branch of which the right can be taken.
func (d *openldap) hide(some int) {
	d.t.Helper()
	for n := range slapdPersons {
		if n%2 == 1 && n >= 2*some {
			d.change(slapdPerson(n), "l", "Branch", false)
			d.change(slapdPerson(n), "l", "Berlin", true)
		}
	}
}

// TestABranchOutOfSightIsNotForgotten takes the right to see eight of 120 people: slapd says of each that it does not exist.
func TestABranchOutOfSightIsNotForgotten(t *testing.T) {
	t.Parallel()
	d, r, keys := onSlapd(t)
	d.hide(8)
	require.Empty(t, r.sweep().Why)
	before := r.held(keys)
	left := r.person(0, d.id(15), false)
	d.change(seesBranch, "member", slapdBind, false)
	for range 4 {
		r.offset += 13 * time.Hour
		out := r.sweep()
		require.Contains(t, out.Why, "8 of 120 accounts that are known were not shown")
		require.Zero(t, out.Dropped)
		require.Equal(t, slapdPersons, r.accounts())
		require.Equal(t, before, r.held(keys))
		items := r.items("")
		require.Len(t, items, 1)
		require.Contains(t, items[0].Next, "starter sweep --system ldap --accept-missing")
	}
	d.change(seesBranch, "member", slapdBind, true)
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	require.Empty(t, r.items(""))
	require.NotEmpty(t, r.account(left).Groups)

	for n := 1; n < 16; n += 2 {
		require.NoError(t, d.root.Del(ldap.NewDelRequest(slapdPerson(n), nil)))
	}
	r.offset += time.Hour
	require.NotEmpty(t, r.sweep().Why)
	require.Equal(t, slapdPersons, r.accounts())
	r.hints.take()
	out := r.accept()
	require.Empty(t, out.Why)
	require.Equal(t, [3]int64{8, 1, 3}, [3]int64{out.Dropped, out.GoneOfLeavers, out.GoneOfOthers})
	require.Equal(t, slapdPersons-8, r.accounts())
	require.Contains(t, r.hints.take(), left)
	require.Empty(t, r.items(notBelieved))
	require.Len(t, r.items(accountsGone), 1)
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	require.Empty(t, r.items(""))
}

// TestMembersOutOfSightAreNotForgotten takes the right to see who is in groups: slapd shows the groups, and says of each account that it is
// in none.
func TestMembersOutOfSightAreNotForgotten(t *testing.T) {
	t.Parallel()
	d, r, keys := onSlapd(t)
	before := r.held(keys)
	d.change(seesMembers, "member", slapdBind, false)
	for _, full := range []bool{true, false, true, true} {
		r.offset += 13 * time.Hour
		out := r.read(full)
		require.Contains(t, out.Why, "memberships that are known were not shown")
		require.Equal(t, before, r.held(keys))
		require.Len(t, r.items(notBelieved), 1)
	}
	d.change(seesMembers, "member", slapdBind, true)
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	r.offset += 25 * time.Hour
	require.Empty(t, r.sweep().Why)
	require.Equal(t, before, r.held(keys))
	require.Empty(t, r.items(""))

	require.NoError(t, d.root.Del(ldap.NewDelRequest("cn=red,"+slapdGroups, nil)))
	r.offset += time.Hour
	require.NotEmpty(t, r.sweep().Why)
	r.offset += 25 * time.Hour
	require.NotEmpty(t, r.read(false).Why)
	require.Len(t, r.held(keys)[keys[0]], 2, "a group that is gone waits for a word as well")
	require.Empty(t, r.accept().Why)
	require.Empty(t, r.items(""))
	require.Equal(t, []string{"blue"}, r.held(keys)[keys[0]], "it was due")
}
