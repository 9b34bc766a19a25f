package workflows

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Registry is the part of a worker, a replayer or a test environment that workflows are registered with.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// RegisterPeople registers the workflows of the people queue.
func RegisterPeople(r Registry) {
	r.RegisterWorkflowWithOptions(Person, workflow.RegisterOptions{Name: api.TypePerson})
	r.RegisterWorkflowWithOptions(Onboarding, workflow.RegisterOptions{Name: api.TypeOnboarding})
	r.RegisterWorkflowWithOptions(Offboarding, workflow.RegisterOptions{Name: api.TypeOffboarding})
	r.RegisterWorkflowWithOptions(RoleChange, workflow.RegisterOptions{Name: api.TypeRoleChange})
	r.RegisterWorkflowWithOptions(Incident, workflow.RegisterOptions{Name: api.TypeIncident})
}

// RegisterSweeps registers the workflows of the sweep queue.
func RegisterSweeps(r Registry) {
	r.RegisterWorkflowWithOptions(HRSync, workflow.RegisterOptions{Name: api.TypeHRSync})
	r.RegisterWorkflowWithOptions(Hold, workflow.RegisterOptions{Name: api.TypeHold})
	r.RegisterWorkflowWithOptions(Reconcile, workflow.RegisterOptions{Name: api.TypeReconcile})
	r.RegisterWorkflowWithOptions(Authorised, workflow.RegisterOptions{Name: api.TypeAuthorised})
	r.RegisterWorkflowWithOptions(Tell, workflow.RegisterOptions{Name: api.TypeTell})
	r.RegisterWorkflowWithOptions(MFACompliance, workflow.RegisterOptions{Name: api.TypeMFACompliance})
	r.RegisterWorkflowWithOptions(MFAGrace, workflow.RegisterOptions{Name: api.TypeMFAGrace})
	r.RegisterWorkflowWithOptions(AccessReview, workflow.RegisterOptions{Name: api.TypeAccessReview})
	r.RegisterWorkflowWithOptions(EventWatch, workflow.RegisterOptions{Name: api.TypeEventWatch})
	r.RegisterWorkflowWithOptions(AccountSweep, workflow.RegisterOptions{Name: api.TypeAccountSweep})
}
