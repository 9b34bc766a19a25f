package workflows

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/eventwatch"
	"gatehouse/workflows/hrsync"
	"gatehouse/workflows/incident"
	"gatehouse/workflows/inventory"
	"gatehouse/workflows/lifecycle"
	"gatehouse/workflows/mfa"
	"gatehouse/workflows/review"
	"gatehouse/workflows/step"
)

// Registry is the part of a worker, a replayer or a test environment that workflows are registered with.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// RegisterPeople registers the workflows of the people queue.
func RegisterPeople(r Registry) {
	r.RegisterWorkflowWithOptions(lifecycle.Person, workflow.RegisterOptions{Name: api.TypePerson})
	r.RegisterWorkflowWithOptions(lifecycle.Onboarding, workflow.RegisterOptions{Name: api.TypeOnboarding})
	r.RegisterWorkflowWithOptions(lifecycle.Offboarding, workflow.RegisterOptions{Name: api.TypeOffboarding})
	r.RegisterWorkflowWithOptions(lifecycle.RoleChange, workflow.RegisterOptions{Name: api.TypeRoleChange})
	r.RegisterWorkflowWithOptions(incident.Incident, workflow.RegisterOptions{Name: api.TypeIncident})
}

// RegisterSweeps registers the workflows of the sweep queue.
func RegisterSweeps(r Registry) {
	r.RegisterWorkflowWithOptions(hrsync.HRSync, workflow.RegisterOptions{Name: api.TypeHRSync})
	r.RegisterWorkflowWithOptions(hrsync.Hold, workflow.RegisterOptions{Name: api.TypeHold})
	r.RegisterWorkflowWithOptions(hrsync.Reconcile, workflow.RegisterOptions{Name: api.TypeReconcile})
	r.RegisterWorkflowWithOptions(hrsync.Authorised, workflow.RegisterOptions{Name: api.TypeAuthorised})
	r.RegisterWorkflowWithOptions(step.Tell, workflow.RegisterOptions{Name: api.TypeTell})
	r.RegisterWorkflowWithOptions(mfa.Compliance, workflow.RegisterOptions{Name: api.TypeMFACompliance})
	r.RegisterWorkflowWithOptions(mfa.Grace, workflow.RegisterOptions{Name: api.TypeMFAGrace})
	r.RegisterWorkflowWithOptions(review.AccessReview, workflow.RegisterOptions{Name: api.TypeAccessReview})
	r.RegisterWorkflowWithOptions(eventwatch.EventWatch, workflow.RegisterOptions{Name: api.TypeEventWatch})
	r.RegisterWorkflowWithOptions(inventory.AccountSweep, workflow.RegisterOptions{Name: api.TypeAccountSweep})
}
