package attention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
)

// TestStepsInOtherSystemsAreItemsOfThoseSystems: what a system does to everybody is one cause also where the text does not name it, and
// a step by which somebody's access ends is security's within the hour.
func TestStepsInOtherSystemsAreItemsOfThoseSystems(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Systems = append([]string{"google", "salesforce", "ldap"}, systems...)
	for name, c := range map[string]struct {
		in       api.Parked
		item     string
		owner    string
		severity worklist.Severity
		within   time.Duration
	}{
		"no answer": {
			api.Parked{Step: "move@ldap/u-1", Code: "timed_out"}, "ldap/unavailable/", "it", worklist.SeverityWarning, 24 * time.Hour,
		},
		"a departure is refused": {
			api.Parked{Step: "suspend@salesforce/005A", Code: api.ErrUnauthorized, Text: "salesforce: suspend: forbidden"},
			"salesforce/credential/", "security", worklist.SeverityCritical, time.Hour,
		},
		"what ends access is tried again": {
			api.Parked{Step: "reset_password:mend2@google/1", Code: api.ErrUnavailable}, "google/unavailable/", "security", worklist.SeverityCritical, time.Hour,
		},
		"what undoes a step": {
			api.Parked{Step: "add_groups@google/1", Code: "not_as_planned", Text: "it is due again"},
			"gatehouse/not_as_planned/add_groups@google/1@workday-1", "it", worklist.SeverityWarning, 24 * time.Hour,
		},
		"OneLogin's as before": {
			api.Parked{Step: "account@onelogin/7", Code: api.ErrInvalid, Text: "no"},
			"gatehouse/InvalidRequest/account@onelogin/7@workday-1", "it", worklist.SeverityWarning, 24 * time.Hour,
		},
	} {
		item := h.asks(c.in)
		require.Equal(t, c.item, item.System+"/"+item.Class+"/"+item.Object, name)
		require.Equal(t, c.owner, item.Owner, name)
		require.Equal(t, c.severity, item.Severity, name)
		require.True(t, item.Deadline.Equal(h.now.Add(c.within)), name)
		require.NotEmpty(t, item.Next, name)
	}
}
