package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
)

// list files a list of two people that is due in an hour, and has people approve it.
func (r *rig) list(kind string, approvers ...string) string {
	r.t.Helper()
	people := []string{"workday-21003", "workday-21005"}
	for _, key := range people {
		r.assess(key)
	}
	due := r.clock.Now().Add(time.Hour)
	require.NoError(r.t, r.app.Ledger.Budgets().FileList(r.t.Context(), budgets.Authorised{
		ID: "2026-berlin", Source: "workday", Kind: kind, DueAt: due, Reason: "the office closes", FiledBy: "carol",
	}, people))
	for _, by := range approvers {
		_, current, err := r.app.Ledger.Budgets().ApproveSignedList(r.t.Context(), "2026-berlin", budgets.HashList("workday", kind, due, people), by, nil, identity.SameDecider)
		require.NoError(r.t, err)
		require.True(r.t, current)
	}
	return "2026-berlin"
}

// carry is what comes of a list, asked twice.
func (r *rig) carry(id string) (state api.AuthorisedState) {
	r.t.Helper()
	for range 2 {
		require.NoError(r.t, r.must(api.AuthorisedCarry, api.AuthorisedInput{ID: id}).Get(&state))
	}
	return state
}

func (r *rig) contained(key string) int {
	r.t.Helper()
	d, _, err := r.app.Ledger.Dossier(r.t.Context(), key)
	require.NoError(r.t, err)
	return len(d.Orders)
}

func TestListIsCarriedOutAtItsMomentOnTheWordOfTwo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		approvers []string
		withdraw  bool
		later     time.Duration
		want      api.AuthorisedState
		orders    int
	}{
		"before its moment":  {approvers: []string{"ann@acme.example", "bob@acme.example"}, want: api.AuthorisedState{Approvals: 2}},
		"nobody":             {later: time.Hour},
		"one":                {approvers: []string{"ann@acme.example"}, later: time.Hour, want: api.AuthorisedState{Approvals: 1}},
		"one, spelt twice":   {approvers: []string{"ann@acme.example", "Ann <ANN+hr@acme.example>"}, later: time.Hour, want: api.AuthorisedState{Approvals: 1}},
		"withdrawn":          {approvers: []string{"ann@acme.example", "bob@acme.example"}, withdraw: true, later: time.Hour, want: api.AuthorisedState{Approvals: 2, Withdrawn: true}},
		"two, at its moment": {approvers: []string{"ann@acme.example", "bob@acme.example"}, later: time.Hour, want: api.AuthorisedState{Approvals: 2, Done: true}, orders: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 1}"}})
			id := r.list(api.AuthoriseContain, tt.approvers...)
			if tt.withdraw {
				done, err := r.app.Ledger.Budgets().WithdrawList(t.Context(), id, "carol")
				require.NoError(t, err)
				require.True(t, done)
			}
			r.clock.Advance(tt.later)
			tt.want.Source, tt.want.Kind, tt.want.People = "workday", api.AuthoriseContain, 2
			tt.want.Pages = r.carry(id).Pages
			require.Equal(t, tt.want, r.carry(id))
			for _, key := range []string{"workday-21003", "workday-21005"} {
				require.Equal(t, tt.orders, r.contained(key), key)
			}
			if tt.orders == 0 {
				return
			}
			for _, key := range []string{"workday-21003", "workday-21005"} {
				require.Equal(t, identity.VerdictLeave, r.assess(key).Plan.Verdict)
			}
			r.hr("workday", "terminate", "21006", nil)
			require.Equal(t, identity.VerdictLeave, r.assess("workday-21006").Plan.Verdict, "the budget of those whom nobody foresaw is not used")
		})
	}
}

// Where the policy names deciders, an approval that nobody has signed, or of somebody whom it names no more, carries nothing out.
func TestListIsCarriedOutForNamedDecidersOnly(t *testing.T) {
	t.Parallel()
	named := "\ndeciders:\n  people:\n    - {address: ann@acme.example, may: [list]}\n    - {address: bob@acme.example, may: [any]}\n\n# A file without"
	for name, tt := range map[string]struct {
		first, second string
		proof         []byte
		approvals     int
	}{
		"signed by both":   {"ann@acme.example", "bob@acme.example", []byte(`{}`), 2},
		"signed by nobody": {"ann@acme.example", "bob@acme.example", nil, 0},
		"named no more":    {"ann@acme.example", "carol@acme.example", []byte(`{}`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: []string{"\n# A file without", named}})
			id := r.list(api.AuthoriseContain)
			lists, err := r.app.Ledger.Budgets().Authorised(t.Context(), id)
			require.NoError(t, err)
			for _, by := range []string{tt.first, tt.second} {
				_, _, err := r.app.Ledger.Budgets().ApproveSignedList(t.Context(), id, lists[0].Hash, by, tt.proof, identity.PerhapsSame)
				require.NoError(t, err)
			}
			r.clock.Advance(time.Hour)
			state := r.carry(id)
			require.Equal(t, tt.approvals, state.Approvals)
			require.Equal(t, tt.approvals == 2, state.Done)
		})
	}
}
