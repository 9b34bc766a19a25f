package replay

import (
	"testing"

	"github.com/stretchr/testify/require"

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
