package policy

import (
	"gatehouse/identity"
	"gatehouse/policy/system"
)

// SystemsInput is what the plan of the systems beside OneLogin depends on, beside the policy.
type SystemsInput struct {
	Person identity.Person
	// OneLogin is the person's account there, nil if there is none.
	OneLogin *identity.Account
	// Plan is what Plan says about them.
	Plan   identity.Plan
	Orders []identity.Order
	// Views are what is known of the person in each system.
	Views []identity.SystemView
}

// PlanSystems returns what has to be done about a person's accounts in the systems beside OneLogin, in the order of the file. It
// depends on nothing but its argument and the policy.
func (p *Policy) PlanSystems(in SystemsInput) []identity.SystemPlan {
	return nil
}

// Systems are the systems of the policy, in the order of the file.
func (p *Policy) Systems() []system.System { return nil }

// CheckSystems compares the names in the policy with what each system has. The error is *Problems, one for each mention of a name that
// is unknown or that several objects share. A system that is not among the objects has not been read yet, and is not checked.
func (p *Policy) CheckSystems(objects map[string][]system.Object) error { return nil }

// CheckConfigured compares the systems of the policy with those that gatehouse.yaml has. The error is *Problems.
func (p *Policy) CheckConfigured(names []string) error { return nil }

// DeletesOnDeparture are the systems in which OneLogin deletes the account that a person has when they leave.
func (p *Policy) DeletesOnDeparture(views []identity.SystemView) (systems []string) { return nil }
