package cases

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// unwanted are the effects in OneLogin that a source which is wrong could cause.
var unwanted = []string{
	"onelogin.create_user", "onelogin.send_invite_link", "onelogin.update_user", "onelogin.set_state", "onelogin.add_roles", "onelogin.remove_roles",
	"onelogin.add_role_users", "onelogin.remove_role_users", "onelogin.delete_user",
}

// notBelieved starts a poll and waits until it says that it does not believe its source in this, which it returns.
func notBelieved(s *kit.Stack, source string, words ...string) (run client.WorkflowRun, text string) {
	s.T.Helper()
	run = s.StartSync(source)
	s.Until("the poll asks", func() bool {
		text = question(s, source)
		return text != ""
	})
	for _, w := range words {
		require.Contains(s.T, text, w)
	}
	return run, text
}

// question is what the poll of a source asks now, "" if nothing.
func question(s *kit.Stack, source string) string {
	s.T.Helper()
	value, err := s.Temporal.QueryWorkflow(s.T.Context(), "hr-sync-"+source, "", api.QueryState)
	if err != nil {
		return ""
	}
	var state api.SyncState
	require.NoError(s.T, value.Get(&state))
	for _, a := range state.Attention {
		return a.Text
	}
	return ""
}

// code is the one under which what a text shows is accepted.
func code(t *testing.T, text string) string {
	t.Helper()
	found := regexp.MustCompile("--accept ([0-9a-f]+)`").FindStringSubmatch(text)
	require.Len(t, found, 2, text)
	return found[1]
}

// repaired ends a poll whose source was put right.
func repaired(s *kit.Stack, source string, run client.WorkflowRun) {
	s.T.Helper()
	s.Until("the poll takes the word", func() bool { return s.Decide("hr-sync-"+source, api.VerbRetry) == nil })
	var out api.SyncOutcome
	require.NoError(s.T, run.Get(s.T.Context(), &out))
	require.Equal(s.T, "in step", out.Result)
}

// TestCase_R03_ColumnWithoutValues: the column of worker types goes blank, for everybody or for every second one. Nobody leaves a
// group or loses a role, whether the poll, a webhook or an operator's hint tells of them; a leaver of the same report is out.
func TestCase_R03_ColumnWithoutValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broken  map[string]any
		webhook bool
	}{
		"blank for everybody":       {map[string]any{"blank_columns": []string{"Worker_Type"}}, true},
		"gone for everybody":        {map[string]any{"drop_columns": []string{"Worker_Type"}}, true},
		"under another heading":     {map[string]any{"rename_columns": map[string]string{"Worker_Type": "Worker_Type_1"}}, true},
		"blank in every second row": {map[string]any{"half_columns": []string{"Worker_Type"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			contractor := s.Hire("workday", control.Fields{
				"first_name": "Cleo", "last_name": "Tractor", "work_email": "cleo.tractor@acme.example", "personal_email": "cleo@home.example",
				"employment_type": "Contractor", "department": "Sales", "location": "Berlin", "hire_date": "today-30",
			})
			s.Baseline()
			s.Hint(contractor, "onboard")
			s.Outcome(contractor)
			before := s.Account(contractor)
			require.Equal(t, "Contractors", before.Group)
			leaver := s.Account("workday-21005")

			require.NoError(t, s.Sandbox.Workday(t.Context(), c.broken))
			s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
			mark := s.Mark()
			if c.webhook {
				// Before any poll has seen it.
				require.Equal(t, 202, s.WorkdayWebhook(strings.TrimPrefix(contractor, "workday-")))
				s.Outcome(contractor)
			}
			run, text := notBelieved(s, "workday", "employment_type")
			s.AwaitShut(leaver.ID)
			s.Hint(contractor, "again")
			s.Outcome(contractor)
			require.Equal(t, "Contractors", s.Account(contractor).Group)
			for _, effect := range s.Effects(mark, unwanted...) {
				require.True(t, strings.HasSuffix(effect, itoa(leaver.ID)), effect)
			}

			d := s.Desk(nil)
			shown := d.Run("records", "--source", "workday").Out
			require.Contains(t, shown, code(t, text))
			require.Contains(t, shown, "employment_type")
			require.Regexp(t, `workday\t.*QUARANTINED`, d.Run("status").Out)

			require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{}))
			repaired(s, "workday", run)
			require.Equal(t, "Contractors", s.Account(contractor).Group)
			require.NotContains(t, d.Run("records", "--source", "workday").Out, "employment_type")
		})
	}
}

// created reports whether anybody under these employee ids of Workday has an account by their key.
func created(s *kit.Stack, ids ...string) bool {
	s.T.Helper()
	for _, id := range ids {
		_, found, err := s.Sandbox.ByExternalID(s.T.Context(), "workday-"+id)
		require.NoError(s.T, err)
		if found {
			return true
		}
	}
	return false
}

// TestCase_R01_ExtraRows: more people than join at a time appear in the report. Nobody gets an account or an invitation before
// somebody says so; what is accepted is what was shown, and not what came meanwhile.
func TestCase_R01_ExtraRows(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 300, Policy: roomy(t)})
	s.Baseline()
	mark := s.Mark()
	ids, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "hire", Count: 40})
	require.NoError(t, err)
	run, text := notBelieved(s, "workday", "40 people came")
	d := s.Desk(nil)
	require.Regexp(t, `workday\t.*QUARANTINED`, d.Run("status").Out)
	shown := d.Run("records", "--source", "workday").Out
	require.Contains(t, shown, code(t, text))
	require.Contains(t, shown, ids[0])
	require.Empty(t, s.Effects(mark, unwanted...))

	more, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "hire", Count: 5})
	require.NoError(t, err)
	refused := d.Run("records", "--source", "workday", "--accept", "00000000", "--by", "ann@acme.example")
	require.NotZero(t, refused.Code)
	require.Contains(t, refused.Err, "nothing was accepted")
	d.MustRun("records", "--source", "workday", "--accept", code(t, text), "--by", "ann@acme.example")
	s.Until("it asks anew", func() bool { return strings.Contains(question(s, "workday"), "45 people came") })
	require.Empty(t, s.Effects(mark, unwanted...), "what was accepted is not what is there by now")

	_, err = s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "delete", EmployeeIDs: append(ids[2:], more...)})
	require.NoError(t, err)
	repaired(s, "workday", run)
	s.Until("the two who are left have joined", func() bool { return created(s, ids[0]) && created(s, ids[1]) })
	require.False(t, created(s, append(ids[2:], more...)...))
	require.NotContains(t, d.Run("records", "--source", "workday").Out, "came with many others")
}

// TestCase_R14_AcquisitionAndALeaver: many people come and the same read has a real leaver and somebody who moves. The joins wait; the
// leaver's own record is read and they are contained; the move goes on. Accepted, they join.
func TestCase_R14_AcquisitionAndALeaver(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 120, Policy: roomy(t)})
	s.Baseline()
	mark := s.Mark()
	ids, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{Source: "workday", Action: "hire", Count: 30})
	require.NoError(t, err)
	leaver, mover := s.Account("workday-21005"), s.Account("workday-21006")
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.HR("workday-21006", "change", control.Fields{"title": "Chief Tester"})
	run, text := notBelieved(s, "workday", "30 people came")
	s.AwaitShut(leaver.ID)
	s.Until("the move went on", func() bool { return s.Of(mover.ID).Title == "Chief Tester" })
	require.False(t, created(s, ids...))
	require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
	s.Desk(nil).MustRun("records", "--source", "workday", "--accept", code(t, text), "--by", "ann@acme.example", "--reason", "the acquisition")
	var out api.SyncOutcome
	require.NoError(t, run.Get(t.Context(), &out))
	require.Equal(t, "in step", out.Result)
	s.Until("somebody has joined", func() bool { return created(s, ids[0]) })
}

// TestCase_R02_Renumbered: employee ids are given anew, with another mail domain and for some another private address. No account is made
// and nobody is invited; accepted, whom name and private address prove keep their accounts, and the others are asked about.
func TestCase_R02_Renumbered(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 200, Policy: roomy(t)})
	s.Baseline()
	ids, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "renumber", Count: 12, Prefix: "9", MailDomain: "newcorp.example",
	})
	require.NoError(t, err)
	moved := ids[0]
	s.HR("workday-"+moved, "change", control.Fields{"personal_email": "new.private@elsewhere.example"})
	var accounts []control.Person
	for _, id := range ids {
		accounts = append(accounts, s.Account("workday-"+strings.TrimPrefix(id, "9")))
	}
	leaver := s.Account("workday-21031")
	s.HR("workday-21031", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	mark := s.Mark()
	run, text := notBelieved(s, "workday", "12 people have gone from the source, and came back under other employee ids")
	s.AwaitShut(leaver.ID)
	d := s.Desk(nil)
	require.Regexp(t, moved+`\t.*held back\t.*may be `+strings.TrimPrefix(moved, "9"),
		d.Run("records", "--source", "workday").Out)
	for _, effect := range s.Effects(mark, unwanted...) {
		require.True(t, strings.HasSuffix(effect, itoa(leaver.ID)), effect)
	}

	d.MustRun("records", "--source", "workday", "--accept", code(t, text), "--by", "ann@acme.example")
	var out api.SyncOutcome
	require.NoError(t, run.Get(t.Context(), &out))
	s.Until("the one without a proof is asked about", func() bool { return waits(s, "workday-"+moved, api.NoticePossibleDuplicate) })
	s.Until("the others are carried over", func() bool {
		for _, id := range ids[1:] {
			key, found, err := s.App.Ledger.People().Resolve(t.Context(), "workday", id)
			require.NoError(t, err)
			if !found || key != "workday-"+strings.TrimPrefix(id, "9") {
				return false
			}
		}
		return true
	})
	require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
	for _, a := range accounts {
		require.True(t, s.Of(a.ID).CanSignIn)
	}
}

// TestCase_R09_ReusedEmployeeID: an employee id of somebody who has left is given to a stranger, beside the old record or in its place,
// told by a webhook or a poll. The leaver's account is not opened for them, and nobody is invited, before somebody says that it is the
// same human; a rehire under their own name is asked nothing of the kind.
func TestCase_R09_ReusedEmployeeID(t *testing.T) {
	t.Parallel()
	const id, key = "21005", "workday-21005"
	for name, c := range map[string]struct {
		instead, webhook bool
		answer           string
	}{
		"beside the old record, by webhook":        {webhook: true},
		"in place of the old record, by a poll":    {instead: true},
		"the same human, says somebody":            {webhook: true, answer: api.VerbLink},
		"in its place, by webhook, and they leave": {instead: true, webhook: true, answer: "leaves"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account(key)
			leaves(s, key)
			s.AwaitShut(account.ID)
			s.Outcome(key)
			if c.instead {
				s.HR(key, "delete", nil)
			}
			_, err := s.Sandbox.HR(t.Context(), "workday", "hire", id, control.Fields{
				"first_name": "Sven", "last_name": "Stranger", "work_email": "sven.stranger@acme.example", "personal_email": "sven@home.example",
				"hire_date": "today", "department": "Sales", "location": "Berlin",
			}, true)
			require.NoError(t, err)
			mark := s.Mark()
			if c.webhook {
				tell(s, key)
			} else {
				s.Sync("workday")
			}
			s.Until("it is asked about", func() bool { return waits(s, key, api.NoticeReusedID) })
			s.Hint(key, "again")
			s.Until("it is still asked about", func() bool { return waits(s, key, api.NoticeReusedID) })
			require.Empty(t, s.Effects(mark, unwanted...))
			require.False(t, s.Of(account.ID).CanSignIn)
			switch c.answer {
			case api.VerbLink:
				require.NoError(t, s.Decide(api.PersonID(key), api.VerbLink))
				s.Until("their account is opened and they are invited", func() bool {
					return s.Of(account.ID).Status == int(identity.AccountActive) && len(s.Effects(mark, "onelogin.send_invite_link")) == 1
				})
			case "leaves":
				leaves(s, key)
				s.Outcome(key)
				require.False(t, kit.Open(s.Of(account.ID)))
			}
		})
	}
}

// TestCase_R16_BrokenEncoding: the export is written in Windows-1252, in UTF-8 twice, or with replaced accents. Nobody is renamed, moved
// or given an account by it, whether the poll or a webhook tells of them; a leaver with such a name is out. Written in UTF-16 it
// is what it was.
func TestCase_R16_BrokenEncoding(t *testing.T) {
	t.Parallel()
	names := map[string]string{"21003": "Müller", "21004": "Gómez", "21005": "Łukasiewicz", "21006": "Sjöberg"}
	for _, encoding := range []string{"windows1252", "twice", "lost", "utf16le"} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			for id, name := range names {
				s.HR("workday-"+id, "change", control.Fields{"last_name": name})
				s.Age("workday-"+id, control.Fields{"lastname": name})
			}
			s.Baseline()
			leaver, stays := s.Account("workday-21005"), s.Account("workday-21003")
			mark := s.Mark()
			require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{"encoding": encoding}))
			joiner := s.Hire("workday", control.Fields{
				"first_name": "Zoë", "last_name": "Brontë", "work_email": "zoe.bronte@acme.example", "personal_email": "zoe@home.example",
				"department": "Sales", "location": "Berlin", "hire_date": "today",
			})
			s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
			if encoding == "utf16le" {
				s.Sync("workday")
				s.AwaitShut(leaver.ID)
				s.Outcome(joiner)
				require.Equal(t, "Brontë", s.Account(joiner).LastName)
				return
			}
			// Before any poll has seen it.
			require.Equal(t, 202, s.WorkdayWebhook("21003"))
			s.Outcome("workday-21003")
			require.Equal(t, 202, s.WorkdayWebhook(strings.TrimPrefix(joiner, "workday-")))
			s.Until("the joiner is asked about", func() bool { return waits(s, joiner, policy.NoticeTextGarbled) })
			run, text := notBelieved(s, "workday", "broken encoding")
			s.AwaitShut(leaver.ID)
			require.Equal(t, stays.LastName, s.Of(stays.ID).LastName)
			for _, effect := range s.Effects(mark, unwanted...) {
				require.True(t, strings.HasSuffix(effect, itoa(leaver.ID)), effect)
			}
			shown := s.Desk(nil).Run("records", "--source", "workday").Out
			require.Contains(t, shown, code(t, text))
			require.Regexp(t, `21003\t.*broken encoding`, shown)

			require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{}))
			repaired(s, "workday", run)
			s.Until("the joiner has joined", func() bool { return created(s, strings.TrimPrefix(joiner, "workday-")) })
			require.Equal(t, "Brontë", s.Account(joiner).LastName)
		})
	}
}
