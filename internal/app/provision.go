package app

import (
	"context"
	"errors"

	"gatehouse/activities/agentrequests"
	"gatehouse/activities/api"
	"gatehouse/activities/sponsored"
	"gatehouse/agents/request"
	"gatehouse/policy"
)

// provision has somebody looked at now whom HR has, or sponsored whom it does not have, because an agent asked and somebody approved.
func (a *App) provision(v *Vendors, pol func() *policy.Policy) func(context.Context, request.Asked, string, *api.Proof) (string, error) {
	return func(ctx context.Context, asked request.Asked, by string, proof *api.Proof) (string, error) {
		if asked.Person == nil {
			_, err := a.Launch.Send(ctx, asked.Subject, api.Hint{Source: "agent", Cause: "provision"})
			return asked.Subject, err
		}
		r := asked.Record(pol().Domain())
		out, err := v.Sponsored.Add(ctx, sponsored.Request{
			ID: asked.ID, FirstName: r.FirstName, LastName: r.LastName, WorkEmail: r.WorkEmail, PersonalEmail: r.PersonalEmail,
			Company: r.Company, Title: r.Title, Department: r.Department, Location: r.Location,
			Ends: r.Ends, Sponsor: r.Sponsor, Reason: r.Reason, By: by, Proof: proof,
		})
		var refusal sponsored.Refusal
		if errors.As(err, &refusal) {
			return "", agentrequests.Refused(refusal.Error())
		}
		return out.Key, err
	}
}
