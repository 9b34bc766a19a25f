package settle

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/census"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/systems"
	"gatehouse/sandbox/control"
)

// opens gives an account of OneLogin a role by hand and opens it, which the next sweep shows.
func (h *house) opens(id int64, role string) {
	h.t.Helper()
	_, err := h.sandbox.EditAccount(h.t.Context(), id, control.Fields{"status": 1, "roles": []string{role}})
	require.NoError(h.t, err)
	h.sweepsOneLogin()
}

// sweepsOneLogin reads every account of OneLogin.
func (h *house) sweepsOneLogin() {
	h.t.Helper()
	sweep := h.clock.Now().Format(time.RFC3339Nano)
	require.NoError(h.t, h.run(api.AccountsSweep, api.SweepAccountsInput{Sweep: sweep, Full: true}, nil))
}

// account is an account of OneLogin as it is there.
func (h *house) account(id int64) control.Person {
	h.t.Helper()
	accounts, err := h.sandbox.Accounts(h.t.Context())
	require.NoError(h.t, err)
	for _, a := range accounts {
		if a.ID == id {
			return a
		}
	}
	h.t.Fatal("the account is gone")
	return control.Person{}
}

func (h *house) isClosed(id int64) bool {
	return identity.AccountStatus(h.account(id).Status) == identity.AccountSuspended
}

// liftsProtection has two people lift the protection of a leaver's account.
func (h *house) liftsProtection(who string, id int64) {
	h.t.Helper()
	d, _, err := h.app.Ledger.Dossier(h.t.Context(), who)
	require.NoError(h.t, err)
	require.NoError(h.t, h.run(api.PersonSettle, api.SettleInput{
		Key: who, Episode: d.Person.Episode, Ref: identity.OneLoginRef(id), Code: api.NoticeProtectedLeaver,
		Decision: api.Decision{Verb: api.VerbAllow, By: "bob"}, LiftedBy: []string{"ann", "bob"},
	}, nil))
}

// planned is what a plan of everybody says about one person.
func (h *house) planned(who string) (found census.Planned) {
	h.t.Helper()
	pol, err := h.app.LoadPolicy(h.config.Policy)
	require.NoError(h.t, err)
	reader, err := h.app.Census(0, nil)
	require.NoError(h.t, err)
	data, err := reader.Read(h.t.Context())
	require.NoError(h.t, err)
	everybody := census.New(data, pol)
	for p := range everybody.Plans() {
		if p.Key == who {
			found = *p
		}
	}
	require.NoError(h.t, everybody.Failed)
	return found
}

// TestALiftedProtectionGoesOnWithTheDeparture: once HR's record was gone, a leaver's protected account that two people had let close was
// not closed again, what a system that was down at the departure owed of another one was struck, and the plan of everybody showed neither.
func TestALiftedProtectionGoesOnWithTheDeparture(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	elsewhere := h.adds("breakglass-9@acme.example", who)
	account := h.oneLogin(who).ID
	owed := func() bool {
		debts, err := h.app.Ledger.Systems().DebtsOf(t.Context(), who)
		require.NoError(t, err)
		return slices.ContainsFunc(debts, func(d systems.Debt) bool { return d.Account == elsewhere })
	}
	h.opens(account, "Super admin")
	h.down("google")
	h.leaves(who)
	h.looks(who)
	require.False(t, h.isClosed(account), "it is protected")
	h.liftsProtection(who, account)
	h.looksHourly(1, who)
	h.clock.advance(24 * time.Hour)
	h.looks(who)
	require.True(t, h.isClosed(account))
	require.True(t, owed())
	h.does(who, "delete", nil)
	h.opens(account, "Super admin")
	require.Equal(t, identity.VerdictLeave, h.planned(who).Plan.Verdict)
	h.looks(who)
	require.True(t, h.isClosed(account))
	require.Empty(t, h.account(account).Roles)
	require.True(t, owed(), "what is owed is not forgotten")
}

// TestASecondAccountStaysClosedWithoutARecord: one that somebody opened again was reported as overdue, and stayed open. What the departure
// had not closed is left alone, and nothing is closed while a record is there that may mean a rehire.
func TestASecondAccountStaysClosedWithoutARecord(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	copied := func(username string) int64 {
		second, err := h.sandbox.CopyAccount(t.Context(), h.oneLogin(who).ID, control.Fields{"username": username, "email": username})
		require.NoError(t, err)
		require.NoError(t, h.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
			Ref: identity.OneLoginRef(second.ID), Person: who, Use: identity.UseSecondary, By: "said so", DecidedBy: "it@acme.example",
		}))
		h.sweepsOneLogin()
		return second.ID
	}
	second := copied("second@acme.example")
	h.leaves(who)
	h.days()
	require.True(t, h.isClosed(second))
	h.does(who, "change", control.Fields{"status": "unheard of", "termination_date": "", "last_day": ""})
	h.pass()
	h.opens(second, "Sales")
	h.pass()
	require.False(t, h.isClosed(second), "a record is there that may mean a rehire")
	h.does(who, "delete", nil)
	later := copied("later@acme.example")
	h.opens(later, "Sales")
	p := h.planned(who)
	require.Equal(t, identity.VerdictLeave, p.Plan.Verdict)
	require.Len(t, p.Further, 1)
	require.Equal(t, second, p.Further[0].ID)
	h.looks(who)
	require.False(t, h.isClosed(later), "the departure had not closed it")
	require.True(t, h.told(strconv.FormatInt(later, 10)), "somebody is asked whose it is")
	require.True(t, h.isClosed(second))
	require.Empty(t, h.account(second).Roles)
}

// TestRolesOfALeaverWithoutARecordGoInTime: they were taken at once if somebody opened the account, and never if nobody did.
func TestRolesOfALeaverWithoutARecordGoInTime(t *testing.T) {
	h := newHouse(t, "contain_within: 15m,", "contain_within: 15m, strip_after: 5d,")
	who := h.of("Sales")
	account := h.oneLogin(who).ID
	h.does(who, "terminate", control.Fields{"last_day": "today", "termination_date": "today", "involuntary": false})
	h.days()
	require.True(t, h.isClosed(account))
	h.does(who, "delete", nil)
	h.opens(account, "Sales")
	h.looks(who)
	require.True(t, h.isClosed(account))
	require.NotEmpty(t, h.account(account).Roles, "they may come back within the time")
	h.clock.advance(5 * 24 * time.Hour)
	h.looks(who)
	require.Empty(t, h.account(account).Roles)
}
