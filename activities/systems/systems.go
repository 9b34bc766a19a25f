// Package systems keeps what is known of the systems beside OneLogin, and brings people's accounts there to what they should be.
package systems

import (
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/connectors/target"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Systems reads and changes accounts in the systems beside OneLogin.
type Systems struct {
	// Targets are the systems by their names.
	Targets map[string]target.System
	Ledger  *ledger.Ledger
	// Person is asked whose an account is.
	Person *people.Person
	Launch api.Launcher
	Policy func() *policy.Policy
	Clock  func() time.Time

	counts counts
}
