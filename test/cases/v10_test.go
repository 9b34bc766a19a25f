package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_V10_TicketOfAThousandRoles: somebody with a thousand roles leaves. Jira takes 32,767 characters, counted in UTF-16:
// the ticket has what fits, says how many roles it leaves out, and where all of them are.
func TestCase_V10_TicketOfAThousandRoles(t *testing.T) {
	t.Parallel()
	const many = 1000
	var ahead atomic.Int64
	s := kit.New(t, kit.Options{Policy: roomy(t), NoWorker: true, Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	account := s.Account("workday-21009")
	roles := bulkRoles(s, account.ID, many, "🧾 {noformat} a role with a long name for the ledgers of sites")
	// The names of roles that are made while Gatehouse runs are read a minute later.
	ahead.Store(int64(2 * time.Minute))
	s.StartWorkers()
	s.Baseline()
	leaves(s, "workday-21009")
	s.AwaitShut(account.ID)
	made := ticketAbout(s, "workday-21009")
	require.LessOrEqual(t, len(utf16.Encode([]rune(made.Description))), 32767)
	require.Equal(t, 2, strings.Count(made.Description, "{noformat}"), "the block ends, and nothing in it ends it: %.300s", made.Description)
	listed := shown(made.Description, roles)
	held := many + len(account.Roles)
	require.Positive(t, listed, "%.600s", made.Description)
	require.Contains(t, made.Description, fmt.Sprintf(" and %d more of %d, in the history of the run\n", held-listed-shown(made.Description, account.Roles), held))
	require.Contains(t, s.Outcome("workday-21009").Result, "access ended")
}

// shown is how many of the roles a text names.
func shown(text string, roles []string) int {
	n := 0
	for _, role := range roles {
		if strings.Contains(text, strings.ReplaceAll(role, "{", "(")) {
			n++
		}
	}
	return n
}

// ticketAbout waits for the ticket about somebody who leaves.
func ticketAbout(s *kit.Stack, key string) control.Ticket {
	s.T.Helper()
	var made control.Ticket
	s.Until("there is a ticket about "+key, func() bool {
		all, err := s.Sandbox.Tickets(s.T.Context())
		require.NoError(s.T, err)
		for _, ticket := range all {
			if strings.Contains(ticket.Summary, key) {
				made = ticket
			}
		}
		return made.Key != ""
	})
	return made
}

// bulkRoles makes roles in OneLogin, each with one member, as somebody with its API would.
func bulkRoles(s *kit.Stack, account int64, many int, name string) []string {
	s.T.Helper()
	var token struct {
		Access string `json:"access_token"`
	}
	ask := func(path string, body any, sign func(*http.Request), into any) {
		raw, err := json.Marshal(body)
		require.NoError(s.T, err)
		req, err := http.NewRequestWithContext(s.T.Context(), http.MethodPost, s.App.Config.OneLogin.BaseURL+path, bytes.NewReader(raw))
		require.NoError(s.T, err)
		req.Header.Set("Content-Type", "application/json")
		sign(req)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(s.T, err)
		require.Less(s.T, resp.StatusCode, 300)
		require.NoError(s.T, json.NewDecoder(resp.Body).Decode(into))
		require.NoError(s.T, resp.Body.Close())
	}
	cfg := s.App.Config.OneLogin
	ask("/auth/oauth2/v2/token", map[string]string{"grant_type": "client_credentials"}, func(r *http.Request) {
		r.SetBasicAuth(cfg.ClientID, cfg.ClientSecret.Reveal())
	}, &token)
	var names []string
	for n := range many {
		names = append(names, fmt.Sprintf("%s %04d", name, n))
		var made map[string]any
		ask("/api/2/roles", map[string]any{"name": names[n], "users": []int64{account}}, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token.Access)
		}, &made)
	}
	return names
}
