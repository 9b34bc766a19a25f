package persons_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

func testCandidates(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{DigestKey: []byte("pepper")})
	storetest.Admit(t, l, "workday", "1", storetest.Digests(l, "ada@example.com", "ada@home.example", "Ada Lovelace"))
	storetest.Admit(t, l, "workday", "2", storetest.Digests(l, "ADA@example.com ", "", "Ada King"))
	storetest.Admit(t, l, "workday", "3", storetest.Digests(l, "", "", "Ada Lovelace"))
	storetest.Admit(t, l, "workday", "4", persons.Digests{})
	asked := storetest.Digests(l, " Ada@Example.com", "ada@home.example", "ada lovelace")

	one := persons.Candidate{
		Key: "workday-1", Source: "workday", EmployeeID: "1",
		SameWorkEmail: true, SamePersonalEmail: true, SameName: true,
	}
	two := persons.Candidate{Key: "workday-2", Source: "workday", EmployeeID: "2", SameWorkEmail: true}
	check := func(except string, d persons.Digests, want ...persons.Candidate) {
		t.Helper()
		got, err := l.People().Candidates(ctx, d, except)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	}
	check("bamboohr-7", asked, one, two)
	check("workday-1", asked, two)
	check("bamboohr-7", persons.Digests{})
	check("bamboohr-7", storetest.Digests(l, "", "", "Ada Lovelace"))

	// Decided before the record is admitted, and looked at from both sides after.
	require.NoError(t, l.People().Separate(ctx, "bamboohr", "7", "workday-2", "it"))
	require.NoError(t, l.People().Separate(ctx, "bamboohr", "7", "workday-2", "it"))
	check("bamboohr-7", asked, one)
	storetest.Admit(t, l, "bamboohr", "7", asked)
	check("bamboohr-7", asked, one)
	seven := persons.Candidate{
		Key: "bamboohr-7", Source: "bamboohr", EmployeeID: "7",
		SameWorkEmail: true, SamePersonalEmail: true, SameName: true,
	}
	check("workday-2", asked, one)
	check("workday-1", asked, seven, two)
	for address, want := range map[string][]string{
		"ada@EXAMPLE.com": {"bamboohr-7", "workday-1", "workday-2"}, "ada@home.example": {"bamboohr-7", "workday-1"}, "nobody@example.com": nil, "": nil,
	} {
		people, err := l.People().PeopleWithAddress(ctx, l.Digest(address))
		require.NoError(t, err)
		require.Equal(t, want, people, "%q: whoever was separated has it all the same", address)
	}

	// The decision holds when the other person's record moves on, and ends when somebody joins the two.
	require.NoError(t, l.People().Join(ctx, "workday", "2", "workday-3", "it"))
	check("bamboohr-7", asked, one)
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-3", "it"))
	check("workday-3", asked, one)

	require.NoError(t, l.People().SetDigests(ctx, "workday", "1", persons.Digests{}))
	check("workday-3", asked)
	require.ErrorIs(t, l.People().SetDigests(ctx, "workday", "99", persons.Digests{}), ledger.ErrNotFound)
}

func testJoin(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "bamboohr", "7", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "bamboohr-7", 70, true))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(70), "bamboohr-7", true, ""))
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "o1", Key: "bamboohr-7", Kind: identity.OrderFreeze, At: c.Now()}))
	require.NoError(t, l.Journal().Record(ctx, []journal.Evidence{{Key: "bamboohr-7/1/suspend", PersonKey: "bamboohr-7"}}))
	require.ErrorIs(t, l.People().Join(ctx, "bamboohr", "7", "workday-99", "it"), ledger.ErrNotFound)

	for range 2 {
		require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-1", "it@example.com"))
		d := storetest.Dossier(t, l, "workday-1")
		require.Empty(t, cmp.Diff(persons.Person{
			Key: "workday-1", AccountID: 70, AccountCreated: true, SuspendedByUs: true, FirstSeen: c.Now(),
		}, d.Person))
		require.Empty(t, cmp.Diff([]persons.Link{
			{Source: "bamboohr", EmployeeID: "7", Key: "workday-1", FirstSeen: c.Now(), DecidedBy: "it@example.com"},
			{Source: "workday", EmployeeID: "1", Key: "workday-1", FirstSeen: c.Now()},
		}, d.Links))
		require.Empty(t, cmp.Diff([]identity.Order{
			{ID: "o1", Key: "workday-1", Kind: identity.OrderFreeze, At: c.Now()},
		}, d.Orders))
	}
	require.Equal(t, "workday-1", storetest.Dossier(t, l, "bamboohr-7").Person.Forward)
	owner, _, err := l.Inventory().PersonByAccount(ctx, 70)
	require.NoError(t, err)
	require.Equal(t, "workday-1", owner)
	evidence, err := l.Journal().EvidenceOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Len(t, evidence, 1)
	var elsewhere persons.ErrLinkedElsewhere
	_, err = l.People().Admit(ctx, "bamboohr-7", "bamboohr", "7", persons.Digests{})
	require.ErrorAs(t, err, &elsewhere)
	require.Equal(t, "workday-1", elsewhere.Key)
	_, err = l.People().Admit(ctx, "bamboohr-7", "bamboohr", "8", persons.Digests{})
	require.ErrorAs(t, err, &elsewhere, "nothing new is linked to a key that is forwarded")

	// A chain of joins keeps pointing at the last person, and a forwarded key stands for them.
	storetest.Admit(t, l, "workday", "2", persons.Digests{})
	require.NoError(t, l.People().Join(ctx, "workday", "1", "workday-2", "it"))
	require.Empty(t, storetest.Dossier(t, l, "workday-1").Person.Forward, "bamboohr 7 is still theirs")
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-2", "it"))
	require.Equal(t, "workday-2", storetest.Dossier(t, l, "workday-1").Person.Forward)
	require.Equal(t, "workday-2", storetest.Dossier(t, l, "bamboohr-7").Person.Forward)
	require.Len(t, storetest.Dossier(t, l, "workday-2").Orders, 1)
	require.NoError(t, l.People().Join(ctx, "workday", "5", "workday-1", "it"), "a record not seen before is linked anew")
	got, _, err := l.People().Resolve(ctx, "workday", "5")
	require.NoError(t, err)
	require.Equal(t, "workday-2", got)
}

func testJoinUndone(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: storetest.NewClock().Now})
	storetest.Admit(t, l, "workday", "1", persons.Digests{})
	storetest.Admit(t, l, "bamboohr", "7", persons.Digests{})
	require.NoError(t, l.Inventory().SetAccount(ctx, "bamboohr-7", 70, true))
	require.NoError(t, l.Orders().Put(ctx, identity.Order{ID: "o1", Key: "bamboohr-7", Kind: identity.OrderFreeze}))
	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "workday-1", "it"))
	require.NoError(t, l.Inventory().MarkSuspended(ctx, storetest.User(70), "workday-1", true, ""))

	require.NoError(t, l.People().Join(ctx, "bamboohr", "7", "bamboohr-7", "it"))
	back := storetest.Dossier(t, l, "bamboohr-7")
	require.Empty(t, back.Person.Forward)
	require.EqualValues(t, 70, back.Person.AccountID)
	require.True(t, back.Person.SuspendedByUs, "what was done to the account meanwhile stays true")
	require.Len(t, back.Orders, 1)
	other := storetest.Dossier(t, l, "workday-1")
	require.Empty(t, other.Person.Forward)
	require.Zero(t, other.Person.AccountID)
	require.False(t, other.Person.SuspendedByUs)
	require.Empty(t, other.Orders)
}
