package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestWordsAboutAccounts: what an operator says of an account is what counts when its person leaves, and is evidence.
func TestWordsAboutAccounts(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	daily, other := s.Account("workday-21011"), s.Account("workday-21012")
	second := s.Second(daily, control.Fields{
		"username": "x1", "email": "x1@else.example", "firstname": "Robin", "lastname": "Doe", "roles": []string{"AWS Admin"},
	})
	word := func(verb string, args ...string) kit.Printed {
		return d.Run(append([]string{"account", verb, "--reason", "asked them", "--by", "grace"}, args...)...)
	}
	refused := func(says string, verb string, args ...string) {
		t.Helper()
		p := word(verb, args...)
		require.Equal(t, 1, p.Code)
		require.Contains(t, p.Err, says)
	}
	of := func(id int64) (out struct {
		Person, State, Kind, Use, Owner, Ends string
		DecidedBy                             string `json:"decided_by"`
	},
	) {
		t.Helper()
		require.NoError(t, json.Unmarshal([]byte(d.MustRun("account", "show", itoa(id), "-o", "json")), &out))
		return out
	}

	refused("OneLogin has no user 999999", "link", "--account", "999999", "--person", "workday-21011")
	refused("not a OneLogin user id", "link", "--account", "jane", "--person", "workday-21011")
	refused("the person is missing", "link", "--account", itoa(second.ID))
	refused(`use "daily" is none: write primary, admin, secondary`, "link", "--account", itoa(second.ID), "--person", "workday-21011", "--use", "daily")
	refused("had no record of workday-99999", "link", "--account", itoa(second.ID), "--person", "workday-99999")
	refused("only another name for an account", "link", "--account", itoa(second.ID), "--person", "onelogin-7")
	refused("is not on record for anybody", "separate", "--account", itoa(second.ID))
	refused("nothing is declared", "declare", "--account", itoa(second.ID))
	refused(`kind "robot" is none`, "declare", "--account", itoa(second.ID), "--kind", "robot")
	refused("needs an owner", "declare", "--account", itoa(second.ID), "--kind", "service")
	refused("the end is over already", "declare", "--account", itoa(second.ID), "--ends", "2020-01-01")
	refused("the end is not a day", "declare", "--account", itoa(second.ID), "--ends", "soon")
	require.Equal(t, 1, d.Run("account", "link", "--account", itoa(second.ID), "--person", "workday-21011").Code, "a reason is kept as evidence")

	require.Zero(t, word("link", "--account", itoa(second.ID), "--person", daily.Email, "--use", "admin", "--dry-run").Code)
	require.Equal(t, 1, d.Run("account", "show", itoa(second.ID)).Code, "a dry run leaves no trace")
	require.Zero(t, word("link", "--account", itoa(second.ID), "--person", daily.Email, "--use", "admin").Code)
	linked := of(second.ID)
	require.Equal(t, []string{"workday-21011", "linked", "person", "admin", "grace"}, []string{linked.Person, linked.State, linked.Kind, linked.Use, linked.DecidedBy})
	refused("is on record for workday-21011", "link", "--account", itoa(second.ID), "--person", "workday-21012")
	s.Outcome("workday-21011")
	refused("is the account by which workday-21011 works", "declare", "--account", itoa(daily.ID), "--kind", "service", "--owner", other.Email)
	require.NotContains(t, d.MustRun("account", "list", "--person", "workday-21011", "-o", "csv")+d.MustRun("account", "list"), daily.Email)
	require.Len(t, strings.Split(strings.TrimSpace(d.MustRun("account", "list", "--person", "workday-21011", "-o", "csv")), "\n"), 3)
	require.Equal(t, 1, d.Run("account", "list", "-o", "xml").Code)
	require.Equal(t, 1, d.Run("account", "list", "--state", "mine").Code)

	// It goes with its person, though nothing of it is theirs.
	require.Zero(t, d.Run("offboard", "--person", "workday-21011", "--now", "--reason", "test").Code)
	s.AwaitShut(daily.ID, second.ID)

	// From a file: all rows or none.
	file := filepath.Join(t.TempDir(), "accounts.csv")
	service := s.Second(other, control.Fields{"username": "adm-backup"})
	spare := s.Second(other, control.Fields{"username": "spare"})
	write := func(lines ...string) {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	head := "account,kind,use,owner,purpose,ends,reason"
	write(head, itoa(service.ID)+",service,,"+other.Email+",nightly copy,2099-12-31,", itoa(spare.ID)+",shared,,nobody@acme.example,,,")
	refused("line 3: the owner: nobody that Gatehouse knows", "declare", "--from", file)
	require.Equal(t, 1, d.Run("account", "show", itoa(service.ID)).Code, "nothing was changed")
	refused("belongs to one account and --from to many", "declare", "--from", file, "--kind", "service")
	write(head, itoa(service.ID)+",service,,"+other.Email+",nightly copy,2099-12-31,", itoa(service.ID)+",shared,,"+other.Email+",,,")
	refused("stands in two rows", "declare", "--from", file)
	write(head, itoa(service.ID)+",service,,"+other.Email+",nightly copy,2099-12-31,")
	require.Contains(t, d.MustRun("account", "declare", "--from", file, "--dry-run", "--reason", "inventory"), "Nothing was changed.")
	require.Zero(t, word("declare", "--from", file).Code)
	declared := of(service.ID)
	require.Equal(t, []string{"service", "workday-21012", "2099-12-31T23:59:59Z"}, []string{declared.Kind, declared.Owner, declared.Ends})

	// What was refused is not theirs, whatever it looks like; what was separated is not either.
	require.Zero(t, word("refuse", "--account", itoa(spare.ID), "--person", "workday-21012").Code)
	s.Outcome("workday-21012")
	wrong := s.Second(other, control.Fields{"username": "third"})
	require.Zero(t, word("link", "--account", itoa(wrong.ID), "--person", "workday-21012").Code)
	require.Zero(t, word("separate", "--account", itoa(wrong.ID), "--person", "workday-21012").Code)
	s.Outcome("workday-21012")
	p := d.Run("offboard", "--person", "workday-21012", "--now", "--reason", "test")
	require.Zero(t, p.Code)
	s.AwaitShut(other.ID)
	for _, a := range []control.Person{service, spare, wrong} {
		require.True(t, s.Of(a.ID).CanSignIn, "account %d", a.ID)
	}

	// The primary account may be another one; the one before stays theirs.
	third := s.Account("workday-21013")
	better := s.Second(third, control.Fields{"username": "better", "email": "better@else.example", "lastname": "Roe"})
	s.Hint("workday-21013", "onboard")
	s.Outcome("workday-21013")
	require.Zero(t, word("link", "--account", itoa(better.ID), "--person", "workday-21013", "--use", "primary").Code)
	require.Equal(t, "primary", of(better.ID).Use)
	require.Equal(t, "secondary", of(third.ID).Use)
	require.Equal(t, "workday-21013", of(third.ID).Person)
	require.Zero(t, word("unlink", "--person", "workday-21013").Code)
	require.Empty(t, of(better.ID).Person)
	require.Zero(t, d.Run("unlink-account", "--person", "workday-21011").Code, "the name of before")

	rows, err := s.App.Ledger.Journal().EvidenceOf(t.Context(), "workday-21011")
	require.NoError(t, err)
	link := evidenceOf(rows, "account.link@"+identity.OneLoginRef(second.ID).String())
	require.Equal(t, []string{"grace", "asked them"}, []string{link.Actor, link.Cause})
	require.Contains(t, d.MustRun("evidence", "--person", "workday-21011"), "asked them")
}
