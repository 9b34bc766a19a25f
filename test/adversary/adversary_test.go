package adversary

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
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
	names = append(names, helpdesk, helpdesk, helpdesk, blind, auditor, auditor, auditor)
	total := 0
	for _, m := range moves {
		total += m.weight
	}
	for n := range int(sessions) {
		s := &session{house: h, tally: all, seed: seed, n: n, rng: rand.New(rand.NewPCG(seed, uint64(n)))}
		s.agent = names[s.rng.IntN(len(names))]
		s.token, s.revision = h.tokens[s.agent], revisions[s.rng.IntN(len(revisions))]
		for range movesEach {
			m := s.pick(total)
			s.made = append(s.made, m.name)
			m.do(s)
		}
	}
	h.judge(all, mark)
	t.Logf("%d sessions: %d answers inspected, %d calls of tools, %d of them refused, %d instructions followed", sessions, all.answers,
		sum(all.calls), sum(all.refused), all.obeyed)
	require.Positive(t, all.obeyed, "no instruction was found in any answer: the client is not as gullible as it should be")
	require.Greater(t, sum(all.calls), sum(all.refused), "nothing was answered")
}

func (s *session) pick(total int) move {
	at := s.rng.IntN(total)
	for _, m := range moves {
		if at -= m.weight; at < 0 {
			return m
		}
	}
	return moves[0]
}

func sum(counts map[string]int) int {
	n := 0
	for _, each := range counts {
		n += each
	}
	return n
}
