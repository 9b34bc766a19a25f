package policy_test

import (
	"testing"
	"time"

	"gatehouse/identity"
)

func BenchmarkPlan(b *testing.B) {
	p := example(b)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	person := p.Person("workday-21001", []identity.Engagement{engineer()}, now)
	left := p.Person("workday-21001", []identity.Engagement{engineer(leaver)}, now)
	account := engineerAccount()
	b.Run("settled", func(b *testing.B) {
		for b.Loop() {
			p.Plan(person, account, nil)
		}
	})
	b.Run("joiner", func(b *testing.B) {
		for b.Loop() {
			p.Plan(person, nil, nil)
		}
	})
	b.Run("leaver", func(b *testing.B) {
		for b.Loop() {
			p.Plan(left, account, nil)
		}
	})
}

func BenchmarkPerson(b *testing.B) {
	p := example(b)
	engagements := []identity.Engagement{engineer(leaver), engineer()}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for b.Loop() {
		p.Person("workday-21001", engagements, now)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		example(b)
	}
}
