package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"gatehouse/activities/agentrequests"
	"gatehouse/activities/api"
	"gatehouse/activities/sponsored"
	"gatehouse/agents/request"
	"gatehouse/identity"
	"gatehouse/policy"
)

// provision has somebody looked at now whom HR has, or sponsored whom it does not have, because an agent asked and somebody approved.
func (a *App) provision(v *Vendors, pol func() *policy.Policy) func(context.Context, request.Asked, string, *api.Proof) (string, error) {
	return func(ctx context.Context, asked request.Asked, by string, proof *api.Proof) (string, error) {
		if asked.Person == nil {
			_, err := a.Launch.Send(ctx, asked.Subject, api.Hint{Source: "agent", Cause: "provision"})
			return asked.Subject, err
		}
		p := *asked.Person
		in := sponsored.Request{
			ID: asked.ID, FirstName: p.FirstName, LastName: p.LastName, PersonalEmail: p.Email, Company: p.Company, Title: p.Title, Department: p.Department, Location: p.Location,
			Ends: identity.Date(asked.Until.Add(-time.Nanosecond).UTC().Format(time.DateOnly)), Sponsor: p.Sponsor, Reason: asked.Reason, By: by, Proof: proof,
		}
		if domain := pol().Domain(); domain != "" && strings.HasSuffix(strings.ToLower(p.Email), "@"+domain) {
			in.WorkEmail, in.PersonalEmail = p.Email, ""
		}
		out, err := v.Sponsored.Add(ctx, in)
		var refusal sponsored.Refusal
		if errors.As(err, &refusal) {
			return "", agentrequests.Refused(refusal.Error())
		}
		return out.Key, err
	}
}
