package activities_test

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/sandbox/control"
	"gatehouse/test/eventlog"
)

// sandboxRules are for the sandbox's tenant.
const sandboxRules = `
events:
  approvers: [farid.obrien@acme.example, tara.mbeki@acme.example, gone@acme.example]
  rules:
    - {name: failed-logins, types: [USER_FAILED_ONELOGIN_LOGIN], count: 5, within: 10m, respond: [{order: reset_password}]}
    - {name: suspended, types: [USER_SUSPENDED, API_USER_SUSPENDED]}
`

// watched polls the sandbox once and returns the cases.
func (r *rig) watched() []incidents.Case {
	r.t.Helper()
	r.must(api.EventsCollect, api.Nothing{})
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, api.SignalCase, mock.Anything, mock.Anything, mock.Anything,
		mock.Anything).Return(startedRun{}, nil)
	r.must(api.EventsEvaluate, api.Nothing{})
	cases, err := r.app.Ledger.Incidents().Cases(r.t.Context(), 0)
	require.NoError(r.t, err)
	return cases
}

// someCase puts a case of one event into the ledger.
func (r *rig) someCase() api.CaseRef {
	r.t.Helper()
	subject := "onelogin-" + strconv.FormatInt(r.account("workday-21002").ID, 10)
	_, err := r.app.Ledger.Incidents().PutEvents(r.t.Context(), []incidents.StoredEvent{
		{ID: 1, Type: eventlog.TypeLogin, At: monday, Matches: []incidents.EventMatch{{Rule: "gone", Subject: subject}}},
	})
	require.NoError(r.t, err)
	_, err = r.app.Ledger.Incidents().EvaluateSubject(r.t.Context(), "gone", subject, incidents.Span{}, func(h []incidents.Hit) ([]incidents.Case, error) {
		return []incidents.Case{{FirstEvent: 1, FirstAt: h[0].At, LastEvent: 1, LastAt: h[0].At, Events: 1}}, nil
	})
	require.NoError(r.t, err)
	return api.CaseRef{Rule: "gone", Subject: subject, Number: 1}
}

func TestOwnEventsAreNoIncident(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	r.watched()
	r.must(api.OneLoginEnsureSuspended, known(r, "workday-21002"))
	require.Empty(t, r.watched(), "what Gatehouse did itself")
	for range 5 {
		_, _, err := r.sandbox.SignIn(t.Context(), r.account("workday-21002").Username)
		require.NoError(t, err)
	}
	cases := r.watched()
	require.Len(t, cases, 1)
	require.Equal(t, 5, cases[0].Events)

	ref := api.CaseRef{Rule: "failed-logins", Subject: cases[0].Subject, Number: 1}
	var state api.CaseState
	require.NoError(t, r.must(api.EventsCase, ref).Get(&state))
	require.Equal(t, "workday-21002", state.PersonKey)
	require.Len(t, state.Latest, 5)
	require.Equal(t, []api.Response{{Order: "reset_password"}}, state.Respond)
	require.Equal(t, r.account("workday-21002").ID, state.AccountID)

	r.must(api.EventsNote, api.NoteCase{CaseRef: ref, Ticket: "SEC-1", Shown: 1, Answered: "reset_password", Status: "resolved", At: monday})
	require.NoError(t, r.must(api.EventsCase, ref).Get(&state))
	require.Equal(t, "SEC-1", state.Ticket)
	require.Equal(t, "resolved", state.Status)
}

// TestSubjectThatCannotBeJudgedStopsNoOther: its events stay marked, it is named, and it is judged once it can be.
func TestSubjectThatCannotBeJudgedStopsNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	r.watched()
	odd, sound := r.account("workday-21002"), r.account("workday-21003")
	for _, a := range []control.Person{odd, sound} {
		_, _, err := r.sandbox.Events(t.Context(), control.Event{Type: 6, Usernames: []string{a.Username}, Times: 5})
		require.NoError(t, err)
	}
	r.must(api.EventsCollect, api.Nothing{})
	place := func(text string) {
		db, err := sql.Open("sqlite", r.config.Ledger.URL.Reveal())
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		_, err = db.ExecContext(t.Context(), "UPDATE event_matches SET place = ? WHERE subject = ?", text, "onelogin-"+strconv.FormatInt(odd.ID, 10))
		require.NoError(t, err)
	}
	place("not JSON")
	cases := func() (subjects []string) {
		all, err := r.app.Ledger.Incidents().Cases(t.Context(), 0)
		require.NoError(t, err)
		for _, c := range all {
			subjects = append(subjects, c.Subject)
		}
		return subjects
	}
	_, err := r.run(api.EventsEvaluate, api.Nothing{})
	require.ErrorContains(t, err, "judge rule failed-logins for onelogin-"+strconv.FormatInt(odd.ID, 10))
	require.Equal(t, []string{"onelogin-" + strconv.FormatInt(sound.ID, 10)}, cases())
	place("")
	r.must(api.EventsEvaluate, api.Nothing{})
	require.Len(t, cases(), 2)
}

// TestWhoMayApprove: approvers are the managers 21001 and 21003, and somebody whom OneLogin does not know.
func TestWhoMayApprove(t *testing.T) {
	t.Parallel()
	const farid, tara = "farid.obrien@acme.example", "tara.mbeki@acme.example"
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	subject := func(key string) api.CaseRef {
		return api.CaseRef{Rule: "failed-logins", Subject: "onelogin-" + strconv.FormatInt(r.account(key).ID, 10), Number: 1}
	}
	refused := func(ref api.CaseRef, email, why string) {
		t.Helper()
		var v api.ApproverVerdict
		require.NoError(t, r.must(api.EventsApprover, api.ApproverInput{CaseRef: ref, Email: email}).Get(&v))
		require.Equal(t, why == "", v.Allowed, "%s: %s", email, v.Why)
		require.Contains(t, v.Why, why)
	}
	about := subject("workday-21002")
	refused(about, farid, "")
	refused(about, strings.ToUpper(farid), "")
	refused(about, r.account("workday-21002").Email, "not on the list")
	refused(about, "", "not on the list")
	refused(about, "gone@acme.example", "no OneLogin account that is in use")
	refused(subject("workday-21003"), tara, "your own account")
	nobody := api.CaseRef{Rule: "failed-logins", Subject: "ip-7f3c", Number: 1}
	refused(nobody, tara, "")

	require.NoError(t, r.sandbox.SetStatus(t.Context(), farid, 2))
	refused(about, farid, "no OneLogin account that is in use")
	refused(nobody, farid, "no OneLogin account that is in use")
}

// An administrator's second account is theirs all the same.
func TestNobodyApprovesAboutTheirOtherAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"\nmodes:", sandboxRules + "\nmodes:"}})
	other := r.account("workday-21002")
	require.NoError(t, r.app.Ledger.Inventory().SetAccount(t.Context(), "workday-21003", other.ID, false))
	var v api.ApproverVerdict
	ref := api.CaseRef{Rule: "failed-logins", Subject: "onelogin-" + strconv.FormatInt(other.ID, 10), Number: 1}
	require.NoError(t, r.must(api.EventsApprover, api.ApproverInput{CaseRef: ref, Email: "tara.mbeki@acme.example"}).Get(&v))
	require.False(t, v.Allowed)
	require.Contains(t, v.Why, "your own account")
}
