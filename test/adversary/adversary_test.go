package adversary

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
)

// What is played unless the environment says otherwise.
const (
	usualSessions = 100
	usualSeed     = 1
	movesEach     = 6
)

// session is one hostile client.
type session struct {
	*house
	tally *tally
	rng   *rand.Rand
	seed  uint64
	n     int

	agent, token, revision string
	made                   []string
	hidden                 []string
	asks                   int
}

func number(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, "%s=%s", name, text)
	return n
}

func TestAdversary(t *testing.T) {
	sessions, seed := number(t, "SESSIONS", usualSessions), number(t, "SEED", usualSeed)
	h := newHouse(t)
	mark, all := h.Mark(), newTally()
	names := slices.Sorted(maps.Keys(h.tokens))
	// Most sessions are of agents that get answers: there is the most to take.
	names = append(names, helpdesk, helpdesk, helpdesk, blind, auditor, auditor, auditor, clerk, clerk)
	for n := range int(sessions) {
		s := &session{house: h, tally: all, seed: seed, n: n, rng: rand.New(rand.NewPCG(seed, uint64(n)))}
		s.agent = names[s.rng.IntN(len(names))]
		s.token, s.revision = h.tokens[s.agent], revisions[s.rng.IntN(len(revisions))]
		for range movesEach {
			m := s.pick()
			s.letGoOn()
			s.made = append(s.made, m.name)
			m.do(s)
		}
	}
	h.judge(all, mark)
	filed, err := h.App.Ledger.Agents().Requests(t.Context(), clerk, time.Time{}, 1_000_000)
	require.NoError(t, err)
	t.Logf("%d sessions: %d answers inspected, %d calls of tools, %d of them refused, %d instructions followed; %d requests filed, %d of them allowed",
		sessions, all.answers, sum(all.calls), sum(all.refused), all.obeyed, len(filed), sum(all.allowed))
	require.Positive(t, all.obeyed, "no instruction was found in any answer: the client is not as gullible as it should be")
	require.Greater(t, sum(all.calls), sum(all.refused), "nothing was answered")
}

// letGoOn lifts a quarantine, which ends most sessions: what is tried here is what holds without one.
func (s *session) letGoOn() {
	if s.agent == switched {
		return
	}
	if err := s.App.Ledger.Agents().SwitchOn(s.t.Context(), ledgeragents.OfAgent(s.agent)); err != nil {
		require.ErrorIs(s.t, err, ledger.ErrNotFound)
	}
}

// pick chooses a move by its weight. An agent that may ask for changes does so in every second.
func (s *session) pick() move {
	from := moves
	if s.agent == clerk && s.rng.IntN(2) == 0 {
		from = writes
	}
	total := 0
	for _, m := range from {
		total += m.weight
	}
	at := s.rng.IntN(total)
	for _, m := range from {
		if at -= m.weight; at < 0 {
			return m
		}
	}
	return from[0]
}

func sum[K comparable](counts map[K]int) int {
	n := 0
	for _, each := range counts {
		n += each
	}
	return n
}
