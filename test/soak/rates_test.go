package soak

import "time"

// rates are how often something happens: the means of a day in two thousand people.
type rates struct {
	// today are dismissals that count at once, ahead those with a last day that is to come, late those that HR enters days after.
	today, ahead, late      float64
	hires, moves            float64
	rescinds, corrections   float64
	conversions, rehires    float64
	renumbered              float64
	layOffEvery, layOffFrom int
	// breaksEvery is on which days something breaks, breaksOf what can on each of them.
	breaksEvery int
	breaksAt    []time.Duration
	// least is the share of two thousand people that a smaller company counts as.
	least float64
	// dirtyLeavers is the share of leavers with a dirty account, zero for as many as there are.
	dirtyLeavers float64
}

// usual is a company that is not lucky: 22 % of its people leave in a year, 24 % are hired and 18 % move; one lay-off in two months
// is beyond the budget, and every third day something breaks for hours, each kind within seven weeks.
var usual = rates{
	today: 0.2, ahead: 0.9, late: 0.1, hires: 1.3, moves: 1, rescinds: 0.1, corrections: 0.2, conversions: 0.1, rehires: 0.1, renumbered: 0.05,
	layOffEvery: 60, layOffFrom: 3, breaksEvery: 3, breaksAt: []time.Duration{10 * time.Hour},
}

// stress is what no company lives through: nine leave on a day, half of them with dirty accounts, a lay-off comes on every fifth, and two
// things break on each.
var stress = rates{
	today: 4, ahead: 4, late: 1, hires: 6, moves: 6, rescinds: 1, corrections: 1, conversions: 1, rehires: 1, renumbered: 0.5,
	layOffEvery: 5, layOffFrom: 3, breaksEvery: 1, breaksAt: []time.Duration{time.Hour, 10 * time.Hour}, least: 0.25, dirtyLeavers: 0.5,
}

// laidOff is how many a lay-off is about: more than the budget of one source lets through.
func (s *soak) laidOff() int { return min(25, max(6, s.people/16)) }

// often is how often something happens today of which so much happens in two thousand people.
func (s *soak) often(of2000 float64) int {
	mean := of2000 * max(float64(s.people)/2000, s.rates.least)
	n := int(mean)
	if s.rng.Float64() < mean-float64(n) {
		n++
	}
	return n
}
