package agents

import (
	"context"
	"strings"

	"gatehouse/agents/request"
)

type appIn struct {
	User  string `json:"user" jsonschema:"a key, a work address or a username"`
	App   string `json:"app" jsonschema:"the exact name of the app, or its id"`
	Until string `json:"until,omitempty" jsonschema:"when it ends: a day like 2027-05-31, or an instant"`
	changeIn
}

// changeApp asks for an app to be given, or taken.
func changeApp(ctx context.Context, a *asked, in appIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	if want.App = strings.TrimSpace(in.App); want.App == "" || len(want.App) > maxText || data(want.App) != want.App {
		return changeOut{}, wrong("app: name an app of OneLogin")
	}
	if want.Until, err = a.until(in.Until); err != nil {
		return changeOut{}, err
	}
	return a.change(ctx, in.changeIn, in.User, want)
}

type provisionIn struct {
	User       string `json:"user,omitempty" jsonschema:"somebody whom HR has: a key, a work address or an employee id. Leave it out for somebody whom HR does not have"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Email      string `json:"email,omitempty" jsonschema:"where the invitation goes"`
	Company    string `json:"company,omitempty"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Location   string `json:"location,omitempty" jsonschema:"one of the policy's, which says their time zone"`
	Sponsor    string `json:"sponsor,omitempty" jsonschema:"the key, work address or username of the person who answers for them"`
	Until      string `json:"until,omitempty" jsonschema:"their last day, such as 2027-05-31"`
	changeIn
}

func provisionUser(ctx context.Context, a *asked, in provisionIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	if in.User != "" {
		return a.change(ctx, in.changeIn, in.User, want)
	}
	if in.Sponsor == "" {
		return changeOut{}, wrong("name a user whom HR has, or first_name, last_name, email, sponsor and until of somebody whom it does not have")
	}
	for _, text := range []string{in.FirstName, in.LastName, in.Email, in.Company, in.Title, in.Department, in.Location} {
		if len(text) > maxText || data(text) != strings.Join(strings.Fields(text), " ") {
			return changeOut{}, wrong("a text is too long, or has control characters")
		}
	}
	if want.Until, err = a.until(in.Until); err != nil {
		return changeOut{}, err
	}
	want.Person = &request.Person{
		FirstName: data(in.FirstName), LastName: data(in.LastName), Email: data(in.Email), Company: data(in.Company), Title: data(in.Title), Department: data(in.Department),
		Location: data(in.Location),
	}
	return a.change(ctx, in.changeIn, in.Sponsor, want)
}
