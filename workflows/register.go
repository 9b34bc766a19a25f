package workflows

import "go.temporal.io/sdk/workflow"

// Registry is the part of a worker, a replayer or a test environment that workflows are registered with.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// RegisterPeople registers the workflows of the people queue.
func RegisterPeople(r Registry) {
	r.RegisterWorkflowWithOptions(Person, workflow.RegisterOptions{Name: TypePerson})
	r.RegisterWorkflowWithOptions(Onboarding, workflow.RegisterOptions{Name: TypeOnboarding})
	r.RegisterWorkflowWithOptions(Offboarding, workflow.RegisterOptions{Name: TypeOffboarding})
	r.RegisterWorkflowWithOptions(RoleChange, workflow.RegisterOptions{Name: TypeRoleChange})
	r.RegisterWorkflowWithOptions(Incident, workflow.RegisterOptions{Name: TypeIncident})
}

// RegisterSweeps registers the workflows of the sweep queue.
func RegisterSweeps(r Registry) {
	r.RegisterWorkflowWithOptions(HRSync, workflow.RegisterOptions{Name: TypeHRSync})
	r.RegisterWorkflowWithOptions(MFACompliance, workflow.RegisterOptions{Name: TypeMFACompliance})
	r.RegisterWorkflowWithOptions(MFAGrace, workflow.RegisterOptions{Name: TypeMFAGrace})
	r.RegisterWorkflowWithOptions(AccessReview, workflow.RegisterOptions{Name: TypeAccessReview})
	r.RegisterWorkflowWithOptions(EventWatch, workflow.RegisterOptions{Name: TypeEventWatch})
}
