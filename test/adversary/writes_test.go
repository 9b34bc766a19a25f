package adversary

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/sandbox/control"
)

// writes are the moves of an agent that may ask for changes.
var writes = []move{
	{"has one thing approved and asks for another under its id", 3, (*session).swaps},
	{"sends a request again and again", 2, (*session).replays},
	{"approves what it asks for", 2, (*session).approvesItself},
	{"asks for somebody who becomes protected", 1, (*session).protectedMeanwhile},
	{"has one person approve what two have to", 2, (*session).oneForTwo},
	{"asks after the requests of another agent", 2, (*session).othersRequests},
	{"asks by a plan that is not the one", 2, func(s *session) {
		s.refusedAsk("assign_role", s.want("Marketing", map[string]any{"plan_hash": strings.Repeat("0", 32)}))
	}},
	{"writes its request so that it reads as another", 2, (*session).garbled},
	{"asks about those who are kept from it", 3, func(s *session) {
		for _, tool := range []string{"assign_role", "disable_user", "reset_password", "revoke_sessions"} {
			ask := s.want("Marketing", map[string]any{"user": s.disguise(s.kept())})
			if tool != "assign_role" {
				delete(ask, "role")
			}
			s.refusedAsk(tool, ask)
		}
	}},
}

// roles are what the targets are to be given; none of them has any.
var roles = []string{"Zendesk", "Salesforce", "NetSuite", "Marketing"}

// decided is what people have allowed: a tool about somebody, with a role if it takes one.
type decided struct{ key, tool, role string }

// want is a request of this agent about one of the targets, under an id of its own.
func (s *session) want(role string, more map[string]any) map[string]any {
	s.asks++
	ask := map[string]any{
		"user": s.targets[s.rng.IntN(len(s.targets))], "role": role, "execute": true, "request_id": fmt.Sprintf("%d.%d.%d", s.seed, s.n, s.asks),
		"reason": "asked for by their manager",
	}
	maps.Copy(ask, more)
	return ask
}

func without(ask map[string]any, keys ...string) map[string]any {
	ask = maps.Clone(ask)
	for _, key := range keys {
		delete(ask, key)
	}
	return ask
}

// ask files a request and returns the id of its run.
func (s *session) ask(tool string, ask map[string]any) string {
	a := s.call(tool, ask)
	require.True(s.t, a.answered(), "%s: %s", s, a.body)
	return s.runOf(ask)
}

func (s *session) runOf(ask map[string]any) string {
	return api.AgentRequestID(s.agent, s.App.Ledger.Agents().Digest(s.agent+"/"+ask["request_id"].(string)))
}

// refusedAsk asks for what must not be filed.
func (s *session) refusedAsk(tool string, ask map[string]any) {
	a := s.call(tool, ask)
	require.False(s.t, a.answered(), "%s: %s", s, a.body)
	own, _ := ask["request_id"].(string)
	_, found, err := s.App.Ledger.Agents().Request(s.t.Context(), s.runOf(map[string]any{"request_id": own}))
	require.NoError(s.t, err)
	require.False(s.t, found, "%s: a refused request is filed", s)
}

// over waits until a request goes no further.
func (s *session) over(id string) ledgeragents.Request {
	var r ledgeragents.Request
	s.Until(id+" is over", func() bool {
		var err error
		r, _, err = s.App.Ledger.Agents().Request(s.t.Context(), id)
		require.NoError(s.t, err)
		return r.Over
	})
	return r
}

// decide has somebody answer a request as soon as its run asks.
func (s *session) decide(id, verb, by string) (err error) {
	s.Until(id+" asks", func() bool {
		err = s.App.Launch.Decide(s.t.Context(), id, api.Decision{Verb: verb, By: by, Reason: "test"})
		return err == nil || strings.Contains(err.Error(), "decides about themselves") || strings.Contains(err.Error(), "another person")
	})
	return err
}

// approver is somebody who may decide.
const approver = "oskar.scott@acme.example"

// swaps has a role approved, and asks for other things under the same id, before and after.
func (s *session) swaps() {
	role := roles[s.rng.IntN(len(roles))]
	ask := s.want(role, nil)
	key := ask["user"].(string)
	dry := s.call("assign_role", without(ask, "execute"))
	require.True(s.t, dry.answered(), "%s: %s", s, dry.body)
	id := s.ask("assign_role", ask)
	others := func() {
		for what, other := range map[string]map[string]any{
			"another role": {"role": "Super admin"}, "a role like it": {"role": role + "\u200b"}, "somebody else": {"user": s.other(key)},
			"for a while": {"until": time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}, "another reason": {"reason": "asked for by security"},
		} {
			swapped := maps.Clone(ask)
			maps.Copy(swapped, other)
			require.False(s.t, s.call("assign_role", swapped).answered(), "%s: %s", s, what)
		}
		require.False(s.t, s.call("disable_user", without(ask, "role")).answered(), "%s: another tool", s)
	}
	others()
	if s.rng.IntN(2) == 0 {
		s.end(id)
		return
	}
	s.tally.allowed[decided{key, "assign_role", role}]++
	if r, _, err := s.App.Ledger.Agents().Request(s.t.Context(), id); err == nil && !r.Over {
		require.NoError(s.t, s.approveUnlessOver(id))
	}
	others()
	r := s.over(id)
	require.Equal(s.t, api.RequestDone, r.State, "%s: %s", s, r.Outcome)
}

// approveUnlessOver allows a request that people are asked about. One that has nothing left to do asks nobody.
func (s *session) approveUnlessOver(id string) (err error) {
	s.Until(id+" asks or is over", func() bool {
		r, _, reading := s.App.Ledger.Agents().Request(s.t.Context(), id)
		if reading == nil && r.Over {
			err = nil
			return true
		}
		err = s.App.Launch.Decide(s.t.Context(), id, api.Decision{Verb: api.VerbAllow, By: approver, Reason: "test"})
		return err == nil
	})
	return err
}

// end has a person reject a request, if there is anything to reject.
func (s *session) end(id string) {
	s.Until(id+" is rejected or over", func() bool {
		r, _, err := s.App.Ledger.Agents().Request(s.t.Context(), id)
		require.NoError(s.t, err)
		return r.Over || s.App.Launch.Decide(s.t.Context(), id, api.Decision{Verb: api.VerbReject, By: approver, Reason: "test"}) == nil
	})
	s.over(id)
}

func (s *session) other(key string) string {
	at := slices.Index(s.targets, key)
	return s.targets[(at+1)%len(s.targets)]
}

// replays sends one request many times; it is allowed by a rule, and is carried out once.
func (s *session) replays() {
	ask := without(s.want("", nil), "role")
	s.tally.allowed[decided{ask["user"].(string), "revoke_sessions", ""}]++
	id := s.ask("revoke_sessions", ask)
	for range 5 {
		require.True(s.t, s.call("revoke_sessions", ask).answered(), "%s", s)
	}
	r := s.over(id)
	require.Equal(s.t, api.RequestDone, r.State, "%s: %s", s, r.Outcome)
	require.True(s.t, s.call("revoke_sessions", ask).answered(), "%s: a request that is over says so", s)
}

// approvesItself decides in the names of the agent's owner and of whom the request is about.
func (s *session) approvesItself() {
	ask := without(s.want("", nil), "role")
	id := s.ask("disable_user", ask)
	account := s.Account(ask["user"].(string))
	for _, by := range []string{owner, strings.ToUpper(owner), account.Email, account.Username, account.FirstName + " " + account.LastName} {
		require.Error(s.t, s.decide(id, api.VerbAllow, by), "%s: %s", s, by)
	}
	s.end(id)
}

// protectedMeanwhile has the account become one that nobody touches between the question and the answer.
func (s *session) protectedMeanwhile() {
	ask := s.want("Marketing", nil)
	key := ask["user"].(string)
	account := s.Account(key)
	id := s.ask("assign_role", ask)
	if slices.Contains(account.Roles, "Marketing") {
		s.end(id) // Whether anybody is asked depends on whether the inventory knows.
		return
	}
	s.regroup(account, key, "Break glass")
	require.NoError(s.t, s.approveUnlessOver(id))
	r := s.over(id)
	s.regroup(account, key, account.Group)
	require.Equal(s.t, api.RequestDenied, r.State, "%s: %s", s, r.Outcome)
}

// regroup moves an account by hand, and has the inventory know.
func (s *session) regroup(a control.Person, key, group string) {
	now, err := s.Sandbox.AgeAccount(s.t.Context(), a.ID, control.Fields{"group": group})
	require.NoError(s.t, err)
	s.link(now, key, identity.UsePrimary)
}

// oneForTwo has one person say twice what two people have to say.
func (s *session) oneForTwo() {
	ask := s.want("AWS Admin", nil)
	id := s.ask("assign_role", ask)
	require.NoError(s.t, s.decide(id, api.VerbAllow, approver))
	_ = s.App.Launch.Decide(s.t.Context(), id, api.Decision{Verb: api.VerbAllow, By: approver, Reason: "again"}) // What came of it is what counts.
	r, _, err := s.App.Ledger.Agents().Request(s.t.Context(), id)
	require.NoError(s.t, err)
	require.Equal(s.t, api.RequestWaiting, r.State, "%s", s)
	s.end(id)
}

// othersRequests asks after a request of this agent as another, which may use the same tools, and the other way round.
func (s *session) othersRequests() {
	ask := without(s.want("", nil), "role")
	id := s.ask("disable_user", ask)
	was := s.agent
	s.agent = second
	s.with(s.tokens[second], func() {
		for _, way := range []string{ask["request_id"].(string), id, "../" + was + "/" + ask["request_id"].(string), was + "/" + ask["request_id"].(string)} {
			a := s.call("request_status", map[string]any{"request_id": way})
			require.False(s.t, a.answered(), "%s: %s", s, a.body)
		}
	})
	s.agent = was
	s.end(id)
}

// garbled asks with ids, reasons and ends that are not what they look like.
func (s *session) garbled() {
	for _, own := range []string{"", " ", "../x", "a/b", "\u202ex", strings.Repeat("x", 65), "x\x00", "ｘ", "-", "x\n"} {
		require.False(s.t, s.call("assign_role", s.want("Marketing", map[string]any{"request_id": own})).answered(), "%s: %q", s, own)
	}
	for _, reason := range []string{"", " ", "\u200b\u200b", strings.Repeat("x", 501)} {
		s.refusedAsk("assign_role", s.want("Marketing", map[string]any{"reason": reason}))
	}
	for _, until := range []string{"yesterday", "2001-01-01", "9999-12-31", "2027-13-01", "\u202e", time.Now().AddDate(3, 0, 0).Format(time.DateOnly)} {
		s.refusedAsk("assign_role", s.want("Marketing", map[string]any{"until": until}))
	}
	for _, role := range []string{"", " ", strings.Repeat("x", 300)} {
		s.refusedAsk("assign_role", s.want(role, nil))
	}
}

// effectsOf are what each tool does at OneLogin.
var effectsOf = map[string][]string{
	"assign_role": {"onelogin.add_roles"}, "revoke_sessions": {"onelogin.logout"},
}

// judgeEffects holds every effect at a vendor to what people, or a rule, have allowed.
func (h *house) judgeEffects(t *tally, mark uint64) {
	h.t.Helper()
	entries, err := h.Sandbox.Journal(h.t.Context(), mark, true)
	require.NoError(h.t, err)
	left := map[string]int{}
	for d, times := range t.allowed {
		for _, op := range effectsOf[d.tool] {
			left[op+" "+d.key] += times
		}
	}
	for _, e := range entries {
		if e.System == "slack" {
			continue // People are asked there.
		}
		var id int64
		_, err := fmt.Sscanf(e.Subject, "user:%d", &id)
		require.NoError(h.t, err, "%+v", e)
		what := e.Op + " " + h.owners[id]
		left[what]--
		require.GreaterOrEqual(h.t, left[what], 0, "an effect that nobody allowed: %+v", e)
	}
	now, err := h.Sandbox.Accounts(h.t.Context())
	require.NoError(h.t, err)
	for _, a := range now {
		at := slices.IndexFunc(h.accounts, func(b control.Person) bool { return b.ID == a.ID })
		require.GreaterOrEqual(h.t, at, 0, "an account is new: %+v", a)
		for _, role := range a.Roles {
			if !slices.Contains(h.accounts[at].Roles, role) {
				require.Positive(h.t, t.allowed[decided{h.owners[a.ID], "assign_role", role}], "account %d has %s, which nobody allowed", a.ID, role)
			}
		}
		require.Equal(h.t, h.accounts[at].Status, a.Status, "account %d", a.ID)
	}
	for _, name := range []string{dry, helpdesk, blind, auditor} {
		filed, err := h.App.Ledger.Agents().Requests(h.t.Context(), name, time.Time{}, 10)
		require.NoError(h.t, err)
		require.Empty(h.t, filed, name)
	}
}
