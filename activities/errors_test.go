package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
)

// TestErrorsBecomeWhatTemporalActsOn is the whole of what decides whether a step is tried again, and when.
func TestErrorsBecomeWhatTemporalActsOn(t *testing.T) {
	t.Parallel()
	vendor := func(kind connectors.Kind, retryAfter time.Duration) error {
		return &connectors.Error{System: "onelogin", Op: "suspend user 42", Kind: kind, Status: 418, RetryAfter: retryAfter}
	}
	tests := map[string]struct {
		err      error
		kind     string
		final    bool
		delay    time.Duration
		benign   bool
		saysToDo string
	}{
		"rate limited":                        {err: vendor(connectors.KindRateLimited, 0), kind: api.ErrRateLimited, benign: true, saysToDo: "wait for the quota"},
		"rate limited, and told for how long": {err: vendor(connectors.KindRateLimited, 90*time.Second), kind: api.ErrRateLimited, benign: true, delay: 90 * time.Second, saysToDo: "retry after 1m30s"},
		"unauthorized waits for a person":     {err: vendor(connectors.KindUnauthorized, 0), kind: api.ErrUnauthorized, delay: time.Minute, saysToDo: "check the credential and its scope"},
		"unauthorized for an hour":            {err: vendor(connectors.KindUnauthorized, time.Hour), kind: api.ErrUnauthorized, delay: time.Hour, saysToDo: "check the credential"},
		"unavailable":                         {err: vendor(connectors.KindUnavailable, 0), kind: api.ErrUnavailable, saysToDo: "repeat later"},
		"unavailable with a hint":             {err: vendor(connectors.KindUnavailable, 7*time.Second), kind: api.ErrUnavailable, delay: 7 * time.Second, saysToDo: "repeat later"},
		"malformed":                           {err: vendor(connectors.KindMalformed, 0), kind: api.ErrUnavailable, saysToDo: "check the base URL"},
		"invalid":                             {err: vendor(connectors.KindInvalid, 0), kind: api.ErrInvalid, final: true, saysToDo: "correct the request or the configuration"},
		"conflict":                            {err: vendor(connectors.KindConflict, 0), kind: api.ErrConflict, final: true, saysToDo: "read the current state"},
		"not found":                           {err: vendor(connectors.KindNotFound, 0), kind: api.ErrNotFound, final: true, saysToDo: "check that the object still exists"},
		"refused":                             {err: vendor(connectors.KindRefused, 0), kind: api.ErrRefused, final: true, saysToDo: "do it at the vendor by hand"},
		"a kind of tomorrow":                  {err: vendor("odd", 0), kind: api.ErrUnavailable},
		"wrapped":                             {err: fmt.Errorf("read names: %w", vendor(connectors.KindInvalid, 0)), kind: api.ErrInvalid, final: true},
		"joined with another":                 {err: errors.Join(vendor(connectors.KindRateLimited, time.Second), errors.New("forget")), kind: api.ErrRateLimited, benign: true, delay: time.Second},
		"ledger":                              {err: errors.New("claim workday-21001: database is locked"), kind: api.ErrUnavailable},
		"deadline":                            {err: fmt.Errorf("read: %w", context.DeadlineExceeded), kind: api.ErrUnavailable},
		"superseded":                          {err: step.Superseded("an order speaks against it"), kind: api.ErrSuperseded, final: true},
		"final":                               {err: step.NonRetryable(api.ErrInvalid, "correct policy.yaml"), kind: api.ErrInvalid, final: true, saysToDo: "correct policy.yaml"},
		"later":                               {err: step.RetryAfter("the index lags", 3*time.Second), kind: api.ErrUnavailable, benign: true, delay: 3 * time.Second},
		"final and wrapped":                   {err: fmt.Errorf("assess: %w", step.NonRetryable(api.ErrConflict, "taken")), kind: api.ErrConflict, final: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := application(t, step.ToApplicationError(tt.err))
			require.Equal(t, tt.kind, app.Type())
			require.Equal(t, tt.final, app.NonRetryable())
			require.Equal(t, tt.delay, app.NextRetryDelay())
			want := temporal.ApplicationErrorCategoryUnspecified
			if tt.benign {
				want = temporal.ApplicationErrorCategoryBenign
			}
			require.Equal(t, want, app.Category())
			require.Contains(t, app.Message(), tt.saysToDo)
		})
	}
	require.NoError(t, step.ToApplicationError(nil))
	cancelled := fmt.Errorf("onelogin: read user 42: %w", context.Canceled)
	require.Equal(t, cancelled, step.ToApplicationError(cancelled), "a cancelled activity must stay recognisable to the SDK")
}

// TestWhatEndsAccessWaitsForNobody: whatever a vendor asks for; what a person repairs or decides is left as it is.
func TestWhatEndsAccessWaitsForNobody(t *testing.T) {
	t.Parallel()
	vendor := func(kind connectors.Kind, retryAfter time.Duration) error {
		return &connectors.Error{System: "workday", Op: "read a record", Kind: kind, RetryAfter: retryAfter}
	}
	for name, tt := range map[string]struct {
		err   error
		delay time.Duration
	}{
		"rate limited for minutes": {vendor(connectors.KindRateLimited, 10*time.Minute), 10 * time.Second},
		"unavailable for an hour":  {vendor(connectors.KindUnavailable, time.Hour), 10 * time.Second},
		"rate limited for seconds": {vendor(connectors.KindRateLimited, 3*time.Second), 3 * time.Second},
		"nothing was asked for":    {vendor(connectors.KindUnavailable, 0), 0},
		"unauthorized":             {vendor(connectors.KindUnauthorized, 0), time.Minute},
		"final":                    {vendor(connectors.KindRefused, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			was, soon := application(t, step.ToApplicationError(tt.err)), application(t, step.ToApplicationErrorSoon(t.Context(), tt.err))
			require.Equal(t, tt.delay, soon.NextRetryDelay())
			require.Equal(t, was.Type(), soon.Type())
			require.Equal(t, was.NonRetryable(), soon.NonRetryable())
			require.Equal(t, was.Category(), soon.Category())
			require.Equal(t, was.Message(), soon.Message())
		})
	}
	require.NoError(t, step.ToApplicationErrorSoon(t.Context(), nil))
}

// TestVendorsSayNoPersonalData makes every vendor fail in every way while it handles one person, and looks for that
// person in what would be kept in Temporal's history and shown in its UI.
func TestVendorsSayNoPersonalData(t *testing.T) {
	t.Parallel()
	secrets := []string{"Ada", "Byron", "ada.byron", "home.example", "Engineer", "xoxb", "sandbox-", "Bearer"}
	for _, status := range []int{400, 401, 403, 404, 409, 422, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			create := newAccount(r)
			var made api.AccountState
			require.NoError(t, r.must(api.OneLoginEnsureAccount, create).Get(&made))
			in := api.AccountInput{Key: newcomer, AccountID: made.AccountID}
			person := r.assess(newcomer)
			for name, input := range map[string]any{
				api.PersonAssess:            assessInput(newcomer),
				api.OneLoginEnsureSuspended: in,
				api.OneLoginEnsureProfile:   api.EnsureProfileInput{AccountInput: in, Profile: create.Profile},
				api.OneLoginInvite:          api.InviteInput{AccountInput: in, OnceKey: "a", Email: made.Email, PersonalEmail: "ada@home.example"},
				api.OneLoginNoFactors:       in,
				api.SlackPost:               api.Message{OnceKey: "b", Kind: api.MessageJoinerIT, Audience: api.AudienceIT, Person: &person.Person, Account: person.Account},
				api.JiraTicket:              api.TicketInput{OnceKey: "c", Key: newcomer, Account: person.Account, WorkflowID: "person/" + newcomer},
			} {
				r.restart()
				r.fault(faultEverywhere(status))
				_, err := r.run(name, input)
				r.heal()
				if status == 404 && err == nil {
					continue // An account that is gone needs no containing.
				}
				require.Error(t, err, "%s", name)
				for _, secret := range secrets {
					require.NotContains(t, err.Error(), secret, "%s", name)
				}
			}
		})
	}
}
