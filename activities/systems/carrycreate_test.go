package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/sandbox/control"
)

const grace = "workday-777"

// newcomer is the step that makes an account of somebody who has none.
func (w *works) newcomer() api.SystemInput {
	w.t.Helper()
	w.admit(grace)
	return api.SystemInput{Key: grace, Episode: 1, System: google, At: w.now(), Step: identity.SystemStep{
		Kind: identity.SystemCreate, Usernames: []string{"grace.hopper@acme.example", "grace.hopper2@acme.example"},
		Account: &identity.Account{
			Username: "grace.hopper@acme.example", Email: "grace.hopper@acme.example", FirstName: "Grace", LastName: "Hopper", Title: "Admiral",
		},
	}}
}

// carrying are the users that carry an external id.
func (w *works) carrying(external string) (all []control.GoogleUser) {
	w.t.Helper()
	for _, u := range w.directory().Users {
		if u.ExternalID == external {
			all = append(all, u)
		}
	}
	return all
}

// byHand adds a user by hand.
func (w *works) byHand(p control.GooglePerson) string {
	w.t.Helper()
	p.Given, p.Family = "Grace", "Hopper"
	id, err := w.sandbox.GoogleHand(w.t.Context(), control.GoogleOrder{Do: "add", Person: p})
	require.NoError(w.t, err)
	return id
}

// record is the account of the newcomer in the inventory.
func (w *works) record(id string) inventory.Account {
	w.t.Helper()
	row, found, err := w.l.Inventory().Account(w.t.Context(), identity.Ref{System: google, ID: id})
	require.NoError(w.t, err)
	require.True(w.t, found)
	return row
}

// TestAnAccountIsMadeOnce whatever happens in between, and is on record as ours.
func TestAnAccountIsMadeOnce(t *testing.T) {
	t.Parallel()
	for name, upset := range map[string]func(w *works, in api.SystemInput){
		"at once": func(*works, api.SystemInput) {},
		"after a lost reply": func(w *works, in api.SystemInput) {
			w.lose("POST", "/admin/directory/v1/users")
			_, err := w.s.Carry(w.t.Context(), in)
			require.Error(w.t, err)
			w.open()
		},
		"after the ledger has lost the link": func(w *works, in api.SystemInput) {
			state := w.carry(in)
			require.NoError(w.t, w.l.Inventory().DropAccount(w.t.Context(), state.Ref))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			in := w.newcomer()
			upset(w, in)
			state := w.carry(in)
			require.Len(t, w.carrying(grace), 1, name)
			u := w.carrying(grace)[0]
			require.Equal(t, identity.Ref{System: google, ID: u.ID}, state.Ref)
			require.Equal(t, "grace.hopper@acme.example", u.Email)
			row := w.record(u.ID)
			require.Equal(t, grace, row.Person)
			require.True(t, row.CreatedByUs)
			require.Equal(t, identity.UsePrimary, row.Use)
			require.Equal(t, "Admiral", row.Document.Title)
			mark := w.mark()
			require.Equal(t, state.Ref, w.carry(in).Ref)
			require.Empty(t, w.effects(mark))
		})
	}
}

// TestWhatAnAccountWasMadeWithIsKnown of what others own and it shows: who edits it later has changed it.
func TestWhatAnAccountWasMadeWithIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "systems: {google: {mode: enforce, provisioned_by: gatehouse, leaver: {sign_in: suspend}}, ldap: {provisioned_by: gatehouse}}\n"+
		"attributes: {title: {}, department: {}, phone: {owner: google}, first_name: {from: upper(person.first_name), normalise: upper}}\n")
	in := w.newcomer()
	in.Step.Account.Phone = "030 1"
	w.carry(in)
	views, err := w.l.Systems().Views(t.Context(), grace, 1, "", []string{google})
	require.NoError(t, err)
	known := func(v, form string) identity.SystemValue {
		return identity.SystemValue{Written: w.l.ValueDigest(v), Seen: w.l.ValueDigest(v), Form: form}
	}
	require.Equal(t, map[string]identity.SystemValue{"title": known("Admiral", ""), "first_name": known("GRACE", "upper")}, views[0].Accounts[0].Values)
}

// TestAnAccountThatWasDeletedSinceIsMadeAgain: what the journal remembers of it is not what is there.
func TestAnAccountThatWasDeletedSinceIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	first := w.carry(in)
	w.hand("delete", first.Ref.ID, "")
	require.NoError(t, w.l.Inventory().DropAccount(t.Context(), first.Ref))
	w.fails(in, api.ErrUnavailable)
	second := w.carry(in)
	require.NotEqual(t, first.Ref, second.Ref)
	require.Len(t, w.carrying(grace), 1)
}

// TestNobodyIsMadeAnAccountWhoHasLeft since it was planned.
func TestNobodyIsMadeAnAccountWhoHasLeft(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	w.hr.left["777"] = true
	w.fails(in, api.ErrSuperseded)
	require.Empty(t, w.carrying(grace))
}

// TestAnAccountThatCarriesTheirIDIsTheirs, and nobody made it for them.
func TestAnAccountThatCarriesTheirIDIsTheirs(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	id := w.byHand(control.GooglePerson{Email: "ghopper@acme.example", ExternalID: grace})
	require.Equal(t, id, w.carry(in).Ref.ID)
	row := w.record(id)
	require.Equal(t, grace, row.Person)
	require.False(t, row.CreatedByUs)
	w.fails(in, api.ErrSuperseded)
	require.Len(t, w.carrying(grace), 1)
}

// TestANameOfSomebodyElse: the next one is taken; one of which nobody knows whose it is, is a question.
func TestANameOfSomebodyElse(t *testing.T) {
	t.Parallel()
	t.Run("whose it is, is known", func(t *testing.T) {
		t.Parallel()
		w := newWorks(t, "")
		in := w.newcomer()
		id := w.byHand(control.GooglePerson{Email: "grace.hopper@acme.example"})
		w.admit("workday-778")
		w.link("workday-778", id)
		made := w.carry(in).Ref
		require.Equal(t, "grace.hopper2@acme.example", w.directory().User(made.ID).Email)
		require.Equal(t, "workday-778", w.record(id).Person)
	})
	t.Run("nobody has said whose it is", func(t *testing.T) {
		t.Parallel()
		w := newWorks(t, "")
		in := w.newcomer()
		id := w.byHand(control.GooglePerson{Email: "grace.hopper@acme.example"})
		require.Contains(t, w.fails(in, api.ErrConflict), "account "+id+" has the name")
		require.Empty(t, w.carrying(grace))
		w.declareAs(id, identity.KindShared)
		require.NotEqual(t, id, w.carry(in).Ref.ID)
	})
	t.Run("every name is taken", func(t *testing.T) {
		t.Parallel()
		w := newWorks(t, "")
		in := w.newcomer()
		for _, name := range in.Step.Usernames {
			w.declareAs(w.byHand(control.GooglePerson{Email: name}), identity.KindShared)
		}
		require.Contains(t, w.fails(in, api.ErrConflict), "each of the 2 usernames")
		require.Empty(t, w.carrying(grace))
	})
}

// TestANameThatWasSomebodyElsesIsNotGiven, whatever is known of it: an account at Google that is not shown any more or was dropped, an
// account elsewhere, or the record of somebody who has left. Their mail would arrive at whoever got it.
func TestANameThatWasSomebodyElsesIsNotGiven(t *testing.T) {
	t.Parallel()
	const other = "workday-778"
	address := identity.Account{Username: "grace.hopper@acme.example", Email: "grace.hopper@acme.example", Status: identity.AccountSuspended}
	theirs := func(w *works, ref identity.Ref, doc identity.Account) {
		w.admit(other)
		require.NoError(t, w.l.Inventory().NoteAccount(t.Context(), w.now(), inventory.Account{Ref: ref, Document: doc}))
		require.NoError(t, w.l.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{Ref: ref, Person: other, Use: identity.UsePrimary, By: "test"}))
	}
	mailbox := identity.Ref{System: google, ID: "4711"}
	for name, has := range map[string]func(w *works){
		"an account that is not there any more": func(w *works) { theirs(w, mailbox, address) },
		"an account that was dropped": func(w *works) {
			theirs(w, mailbox, address)
			require.NoError(t, w.l.Inventory().DropAccount(t.Context(), mailbox))
		},
		"a further address of one": func(w *works) {
			theirs(w, mailbox, identity.Account{Username: "gh@acme.example", Email: "gh@acme.example", Aliases: []string{"Grace.Hopper@acme.example"}})
			require.NoError(t, w.l.Inventory().DropAccount(t.Context(), mailbox))
		},
		"an account at OneLogin": func(w *works) { theirs(w, identity.OneLoginRef(4711), address) },
		"the record of somebody who has left": func(w *works) {
			_, err := w.l.People().Admit(t.Context(), other, "workday", "778", persons.Digests{WorkEmail: w.l.Digest("grace.hopper@acme.example")})
			require.NoError(t, err)
		},
		"the record of somebody who works here": func(w *works) {
			_, err := w.l.People().Admit(t.Context(), other, "workday", "778", persons.Digests{WorkEmail: w.l.Digest("grace.hopper@acme.example")})
			require.NoError(t, err)
			w.admit(other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			in := w.newcomer()
			has(w)
			made := w.carry(in).Ref
			require.Equal(t, "grace.hopper2@acme.example", w.directory().User(made.ID).Email)
		})
	}
}

// TestNobodyLosesANameToARecord of somebody who works here: two of one name may have the same work address in HR.
func TestNobodyLosesANameToARecord(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	for key, id := range map[string]string{grace: "777", "workday-778": "778"} {
		_, err := w.l.People().Admit(t.Context(), key, "workday", id, persons.Digests{WorkEmail: w.l.Digest("grace.hopper@acme.example")})
		require.NoError(t, err)
		w.admit(key)
	}
	in := w.newcomer()
	made := w.carry(in).Ref
	require.Equal(t, "grace.hopper@acme.example", w.directory().User(made.ID).Email)
}

// TestEveryNameWasSomebodyElses: nothing is made, and a person is asked.
func TestEveryNameWasSomebodyElses(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	for _, name := range in.Step.Usernames {
		_, err := w.l.People().ReserveUsername(t.Context(), name, "workday-778")
		require.NoError(t, err)
	}
	require.Contains(t, w.fails(in, api.ErrConflict), "each of the 2 usernames")
	require.Empty(t, w.carrying(grace))
}

func (w *works) declareAs(id string, kind identity.AccountKind) {
	w.t.Helper()
	require.NoError(w.t, w.l.Inventory().DeclareAccount(w.t.Context(), inventory.Declaration{
		Ref: identity.Ref{System: google, ID: id}, Kind: kind, By: "it",
	}))
}

// TestWhoseAccountIsDeclaredShared is due one of their own, and a person is told what to do: nothing was made for good, in silence.
func TestWhoseAccountIsDeclaredShared(t *testing.T) {
	t.Parallel()
	unlink := func(w *works, id string) {
		require.NoError(w.t, w.l.Inventory().UnlinkAccount(w.t.Context(), identity.Ref{System: google, ID: id}, "it"))
	}
	t.Run("it was found", func(t *testing.T) {
		t.Parallel()
		w := newWorks(t, "")
		in := w.newcomer()
		id := w.byHand(control.GooglePerson{Email: "ghopper@acme.example"})
		w.link(grace, id)
		w.declareAs(id, identity.KindShared)
		require.Contains(t, w.fails(in, api.ErrConflict), "account "+id+" is the person's")
		unlink(w, id)
		require.NotEqual(t, id, w.carry(in).Ref.ID)
	})
	t.Run("it was made for them", func(t *testing.T) {
		t.Parallel()
		w := newWorks(t, "")
		in := w.newcomer()
		id := w.carry(in).Ref.ID
		w.declareAs(id, identity.KindShared)
		w.fails(in, api.ErrConflict)
		unlink(w, id)
		w.fails(in, api.ErrConflict)
		require.Empty(t, w.record(id).Person, "what somebody took off their record stays off")
		_, err := w.sandbox.GoogleHand(t.Context(), control.GoogleOrder{Do: "delete", User: id})
		require.NoError(t, err)
		require.NotEqual(t, id, w.carry(in).Ref.ID)
		require.Len(t, w.carrying(grace), 1)
	})
}

// TestAnAccountThatSomebodyRefused is not put on record against their word, nor taken from somebody else.
func TestAnAccountThatSomebodyRefused(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	id := w.byHand(control.GooglePerson{Email: "ghopper@acme.example", ExternalID: grace})
	require.NoError(t, w.l.Inventory().RefuseAccount(t.Context(), identity.Ref{System: google, ID: id}, grace, "evidence", "it"))
	require.Contains(t, w.fails(in, api.ErrConflict), "not theirs")
	w.admit("workday-778")
	w.link("workday-778", id)
	require.Contains(t, w.fails(in, api.ErrConflict), "not theirs")
	require.Equal(t, "workday-778", w.record(id).Person)
}

// TestAnAccountOnRecordForSomebodyElse that carries the person's external id is a question.
func TestAnAccountOnRecordForSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	id := w.byHand(control.GooglePerson{Email: "ghopper@acme.example", ExternalID: grace})
	w.admit("workday-778")
	w.link("workday-778", id)
	require.Contains(t, w.fails(in, api.ErrConflict), "on record for workday-778")
	require.Equal(t, "workday-778", w.record(id).Person)
}
