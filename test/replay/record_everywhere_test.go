package replay

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// everywhereBudget is for Person and Offboarding together, with three accounts, until the watch begins.
const everywhereBudget = 130

// recordEverywhere has somebody leave who has three accounts that are certainly theirs, and one that may be.
func recordEverywhere(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	const key = "bamboohr-101"
	first := s.Account(key)
	s.Second(first, control.Fields{"username": "second@acme.example", "external_id": key})
	s.Second(first, control.Fields{"username": "third@acme.example", "email": first.Email, "external_id": ""})
	perhaps := s.Second(first, control.Fields{"username": "fourth@acme.example", "email": first.Email, "external_id": "S-1-5-21-1004336348"})
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.Until("the account in doubt is asked about", func() bool {
		state, open := s.State(key)
		return open && len(state.Attention) == 1
	})
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbLink))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	p, found, err := s.Sandbox.ByID(t.Context(), perhaps.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 2, p.Status)
	runs := write(s, terminationEverywhere, api.PersonID(key))
	requireBudget(t, runs, everywhereBudget, api.TypePerson, api.TypeOffboarding)
}

// recordDoubt has somebody leave whose only account is under a directory's external id, and is theirs by a person's word.
func recordDoubt(t *testing.T) {
	s := kit.New(t, kit.Options{})
	first := s.Account("bamboohr-101")
	_, err := s.Sandbox.AgeAccount(t.Context(), first.ID, control.Fields{"external_id": "6f9619ff-8b86-d011-b42d-00c04fc964ff"})
	require.NoError(t, err)
	s.Baseline()
	const key = "bamboohr-101"
	s.HR(key, "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.Until("the account in doubt is asked about", func() bool {
		state, open := s.State(key)
		return open && len(state.Attention) == 1
	})
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbLink))
	require.Equal(t, "access ended", s.Outcome(key).Result)
	write(s, terminationDoubted, api.PersonID(key))
}

// recordReopened has somebody open an account of a leaver again while OneLogin refuses to suspend their other one. The runs that were
// recorded first left it open until that was decided about, the second close it at once.
func recordReopened(scenario string) func(*testing.T) {
	return func(t *testing.T) {
		s := kit.New(t, kit.Options{})
		s.Baseline()
		const key = "bamboohr-101"
		first := s.Account(key)
		second := s.Second(first, control.Fields{"username": "second@acme.example", "external_id": key})
		require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
			System: "onelogin", Method: "PUT", Path: "/api/2/users/" + strconv.FormatInt(second.ID, 10), When: "before",
			Style: "status", Status: 422, ContentType: "application/json", Body: `{"name":"UnprocessableEntity","message":"no","statusCode":422}`, Times: -1,
		}))
		s.HR(key, "terminate", control.Fields{"last_day": "today"})
		require.Equal(t, 202, s.BambooHRWebhook("101"))
		s.AwaitStage(key, api.StageAttention)
		s.Until("the first account was read back", func() bool { return local(s, key, api.OneLoginReadBack) > 0 })
		_, err := s.Sandbox.EditAccount(t.Context(), first.ID, control.Fields{"status": 1, "roles": []string{"Engineering"}})
		require.NoError(t, err)
		looks := local(s, key, api.PersonAssess)
		s.Hint(key, "reconcile")
		if scenario == leaverClosedAgain {
			s.AwaitShut(first.ID)
		} else {
			s.Until("it has been looked at", func() bool { return local(s, key, api.PersonAssess) > looks })
			require.True(t, kit.Open(s.Of(first.ID)))
		}
		require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
		require.NoError(t, s.Decide(api.PersonID(key), api.VerbRetry))
		require.Equal(t, "access ended", s.Outcome(key).Result)
		s.AwaitShut(second.ID)
		write(s, scenario, api.PersonID(key))
	}
}

// local counts the local activities of a type in the open run of somebody.
func local(s *kit.Stack, key, activityType string) (n int) {
	s.T.Helper()
	events := s.Temporal.GetWorkflowHistory(s.T.Context(), api.PersonID(key), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(s.T, err)
		for _, p := range e.GetMarkerRecordedEventAttributes().GetDetails()["data"].GetPayloads() {
			if strings.Contains(string(p.GetData()), `"ActivityType":"`+activityType+`"`) {
				n++
			}
		}
	}
	return n
}
