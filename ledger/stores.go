package ledger

import (
	"gatehouse/ledger/agents"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/sponsored"
	"gatehouse/ledger/systems"
	"gatehouse/ledger/worklist"
)

// People is who is who: people, their HR records, departures and assessments.
func (l *Ledger) People() persons.Store { return persons.New(&l.db) }

// Orders is the decisions about people that stand above HR.
func (l *Ledger) Orders() persons.Orders { return persons.NewOrders(&l.db) }

// Inventory is the accounts, whoever's they are.
func (l *Ledger) Inventory() inventory.Store { return inventory.New(&l.db) }

// Roster is what each HR source last said.
func (l *Ledger) Roster() roster.Store { return roster.New(&l.db, &l.active) }

// Budgets is the safety budgets, and who waits because of them.
func (l *Ledger) Budgets() budgets.Store { return budgets.New(&l.db) }

// Worklist is what waits for somebody.
func (l *Ledger) Worklist() worklist.Store { return worklist.New(&l.db) }

// Policies is the policies in force, and what deciders signed.
func (l *Ledger) Policies() policies.Store { return policies.New(&l.db) }

// Journal is what was done: evidence, claims and leases.
func (l *Ledger) Journal() journal.Store { return journal.New(&l.db) }

// Incidents is OneLogin's events and the cases made of them.
func (l *Ledger) Incidents() incidents.Store { return incidents.New(&l.db) }

// Review is the access reviews.
func (l *Ledger) Review() reviews.Store { return reviews.New(&l.db) }

// MFA is the second factors and the grace clocks.
func (l *Ledger) MFA() mfa.Store { return mfa.New(&l.db) }

// Agents is the tokens and calls of agents.
func (l *Ledger) Agents() agents.Store { return agents.New(&l.db) }

// Sponsored is the people whom HR does not have.
func (l *Ledger) Sponsored() sponsored.Store { return sponsored.New(&l.db) }

// Systems is what accounts beside OneLogin hold, and what Gatehouse did to them.
func (l *Ledger) Systems() systems.Store { return systems.New(&l.db) }
