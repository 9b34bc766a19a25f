package adversary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"gatehouse/policy/agent"
)

// sees are the attributes that agents may be shown, as the policy of the house says.
var sees = map[string][]string{
	helpdesk: {agent.FieldName, agent.FieldStatus, agent.FieldRoles},
	auditor: {
		agent.FieldName, agent.FieldTitle, agent.FieldDepartment, agent.FieldCompany, agent.FieldGroup, agent.FieldStatus, agent.FieldLastLogin,
		agent.FieldRoles,
	},
	clerk: {agent.FieldName, agent.FieldStatus, agent.FieldRoles}, second: {agent.FieldName, agent.FieldStatus, agent.FieldRoles},
	dry: {agent.FieldName, agent.FieldStatus, agent.FieldRoles}, narrow: {agent.FieldName, agent.FieldDepartment}, harvester: {agent.FieldName}, flooder: {agent.FieldName}, switched: {agent.FieldName},
}

// mostAnswer is what 20,000 tokens are at most, in bytes.
const mostAnswer = 80_000

// inspect holds one answer to what its agent may see. What the client has sent is nothing that it learns.
func (s *session) inspect(sent []byte, a answer) {
	s.tally.answers++
	require.Less(s.t, a.status, 500, "%s: %s", s, a.body)
	require.LessOrEqual(s.t, len(a.body), mostAnswer, "%s", s)
	all := slices.Clone(a.body)
	for key, values := range a.header {
		all = append(all, fmt.Sprintf("\n%s: %s", key, values)...)
	}
	for _, secret := range s.secrets() {
		if bytes.Contains(all, []byte(secret)) && !bytes.Contains(sent, []byte(secret)) {
			require.Fail(s.t, "an attribute outside of what the agent sees", "%s: %q in %s", s, secret, a.body)
		}
	}
	if a.result != nil && len(a.result.StructuredContent) > 0 {
		var decoded any
		require.NoError(s.t, json.Unmarshal(a.result.StructuredContent, &decoded), "%s", s)
		s.walk("", decoded)
	}
}

// secrets are the values that no byte of an answer to this agent may have. They are told apart by being unlike each other.
func (s *session) secrets() []string {
	if s.hidden != nil {
		return s.hidden
	}
	has := func(field string) bool { return slices.Contains(sees[s.agent], field) }
	s.hidden = []string{s.App.Config.OneLogin.ClientSecret.Reveal(), "sandbox-onelogin-secret"}
	for _, a := range s.accounts {
		for field, value := range map[string]string{
			agent.FieldEmail: a.Email, agent.FieldUsername: a.Username, agent.FieldTitle: fmt.Sprintf("title-of-%d ", a.ID), agent.FieldName: a.FirstName + " " + a.LastName,
		} {
			if !has(field) && len(value) > 5 && value != owner { // An agent is told whose it is.
				s.hidden = append(s.hidden, value)
			}
		}
		if a.Phone != "" {
			s.hidden = append(s.hidden, a.Phone)
		}
	}
	return s.hidden
}

// keeps reports that a rule keeps the protected and the privileged from the agent.
func (s *session) keeps() bool { return s.agent == helpdesk || s.agent == blind }

// words are attributes by their key in answers.
var words = map[string]string{
	"name": agent.FieldName, "username": agent.FieldUsername, "email": agent.FieldEmail, "title": agent.FieldTitle, "department": agent.FieldDepartment,
	"company": agent.FieldCompany, "group": agent.FieldGroup, "status": agent.FieldStatus, "last_login": agent.FieldLastLogin, "role": agent.FieldRoles,
}

// walk looks at every value of an answer.
func (s *session) walk(key string, v any) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			s.walk(key, each)
		}
	case map[string]any:
		for k, each := range v {
			s.walk(k, each)
		}
	case string:
		for _, r := range v {
			require.False(s.t, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Variation_Selector),
				"%s: a hidden character in %q", s, v)
		}
		require.LessOrEqual(s.t, len([]rune(v)), 500, "%s: a text that is not clipped", s)
		if field, known := words[key]; known && v != "" {
			require.Contains(s.t, sees[s.agent], field, "%s: %s is %q", s, key, v)
		}
		if s.keeps() {
			require.False(s.t, key == "key" && slices.Contains(s.keptKeys, v), "%s: %s is kept from this agent", s, v)
			require.False(s.t, key == "account" && s.isKept(v), "%s: account %s is kept from this agent", s, v)
		}
		if s.agent == narrow && key == "department" {
			require.Equal(s.t, "Support", v, "%s", s)
		}
		if key == "key" {
			s.tally.shown(s.agent, v)
		}
	}
}

func (h *house) isKept(account string) bool {
	for id := range h.keptAccounts {
		if fmt.Sprint(id) == account {
			return true
		}
	}
	return false
}

// tally is what all sessions came to.
type tally struct {
	answers, obeyed int
	// calls are those that the server has answered or refused, refused those that got no answer, turned those with a token that was good
	// once; by agent. keys are whom answers were about.
	calls, refused, turned map[string]int
	keys                   map[string]map[string]bool
	// allowed are what people, or a rule, have allowed, and how often.
	allowed map[decided]int
}

func newTally() *tally {
	return &tally{calls: map[string]int{}, refused: map[string]int{}, turned: map[string]int{}, keys: map[string]map[string]bool{}, allowed: map[decided]int{}}
}

func (t *tally) shown(agent, key string) {
	if t.keys[agent] == nil {
		t.keys[agent] = map[string]bool{}
	}
	t.keys[agent][key] = true
}

// judge holds the records, the journal and the sums of all sessions together.
func (h *house) judge(t *tally, mark uint64) {
	h.t.Helper()
	h.judgeEffects(t, mark)
	for name := range h.tokens {
		calls, err := h.App.Ledger.Agents().Calls(h.t.Context(), name, time.Time{}, 1_000_000)
		require.NoError(h.t, err)
		recorded, refused, turned := 0, 0, 0
		for _, c := range calls {
			switch {
			case c.DeniedBy == "stale_token":
				turned += c.Times
				continue
			case c.Verdict == "deny" || c.Effect == "failed":
				refused += c.Times
				require.True(h.t, c.DeniedBy != "" || c.Effect == "failed", "%+v", c)
			}
			recorded += c.Times
		}
		require.Equal(h.t, t.calls[name], recorded, "%s: every call is on record, and nothing else", name)
		require.Equal(h.t, t.refused[name], refused, "%s: every refusal is on record as one", name)
		require.Equal(h.t, t.turned[name], turned, "%s: every use of a token that is over is on record", name)
	}
	require.LessOrEqual(h.t, len(t.keys[harvester]), 5, "people a day")
	require.Empty(h.t, t.keys[watched], "it learns who it is and nothing else")
	for _, name := range []string{staged, retired, expired} {
		require.Equal(h.t, t.calls[name], t.refused[name], name)
	}
}

// turnedAway is an answer to a token that is not good.
func (s *session) turnedAway(a answer) {
	require.Equal(s.t, http.StatusUnauthorized, a.status, "%s: %s", s, a.body)
	require.Nil(s.t, a.result, "%s", s)
	require.Contains(s.t, a.header.Get("WWW-Authenticate"), "resource_metadata=", "%s", s)
}
