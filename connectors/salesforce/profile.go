package salesforce

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
)

var (
	_ target.ProfileWriter  = (*Target)(nil)
	_ target.AttributeNamer = (*Target)(nil)
)

// attributes are the fields that can be written, by the names that every system is asked by.
var attributes = map[string]struct {
	field string
	value func(user) httpx.Text
}{
	target.AttributeFirstName:    {"FirstName", func(u user) httpx.Text { return u.FirstName }},
	target.AttributeLastName:     {"LastName", func(u user) httpx.Text { return u.LastName }},
	target.AttributeEmail:        {"Email", func(u user) httpx.Text { return u.Email }},
	target.AttributeTitle:        {"Title", func(u user) httpx.Text { return u.Title }},
	target.AttributeDepartment:   {"Department", func(u user) httpx.Text { return u.Department }},
	target.AttributeCompany:      {"CompanyName", func(u user) httpx.Text { return u.Company }},
	target.AttributePhone:        {"Phone", func(u user) httpx.Text { return u.Phone }},
	target.AttributeMobile:       {"MobilePhone", func(u user) httpx.Text { return u.Mobile }},
	target.AttributeLocation:     {"City", func(u user) httpx.Text { return u.City }},
	target.AttributeExternalID:   {"", func(u user) httpx.Text { return httpx.Text(u.external) }},
	target.AttributeManager:      {"ManagerId", func(u user) httpx.Text { return u.Manager }},
	target.AttributeProfile:      {"ProfileId", func(u user) httpx.Text { return u.Profile }},
	target.AttributeFederationID: {"FederationIdentifier", func(u user) httpx.Text { return u.Federation }},
}

// Attributes implements target.AttributeNamer. The display name is not among them: Salesforce makes it from the first and the last name.
func (t *Target) Attributes() []string { return slices.Sorted(maps.Keys(attributes)) }

// WriteProfile implements target.ProfileWriter. All changes are one write, which Salesforce makes whole or not at all. Between the
// read that compares and this write lie some milliseconds in which somebody else's change is overwritten: Salesforce has no way
// to write on a condition.
func (t *Target) WriteProfile(ctx context.Context, in target.ProfileRequest) (target.Account, error) {
	op := "write the profile of user " + in.ID
	for _, change := range in.Changes {
		if err := checkChange(op, change); err != nil {
			return target.Account{}, err
		}
	}
	u, _, a, err := t.forWrite(ctx, op, in.Write)
	if err != nil {
		return target.Account{}, err
	}
	fields := map[string]any{}
	for _, change := range in.Changes {
		known := attributes[change.Attribute]
		switch have := string(known.value(u)); have {
		case change.To:
			continue
		case change.From:
		default:
			return target.Account{}, &connectors.Error{
				System: System, Op: op, Kind: connectors.KindConflict, Code: "changed_since",
				Err: errors.New("somebody else has changed " + change.Attribute + " since it was read"),
			}
		}
		var value any
		if change.To != "" {
			value = change.To
		}
		fields[or(known.field, t.client.external)] = value
	}
	if len(fields) == 0 {
		return a, nil
	}
	if err := t.client.set(ctx, op, "User", in.ID, fields); err != nil {
		return target.Account{}, err
	}
	return t.Read(ctx, target.ReadRequest{ID: in.ID})
}

// checkChange refuses what no user can have.
func checkChange(op string, change target.Change) error {
	_, known := attributes[change.Attribute]
	fits := true
	switch change.Attribute {
	case target.AttributeManager:
		fits = change.To == "" || isID(change.To, prefixUser)
	case target.AttributeProfile:
		fits = isID(change.To, prefixProfile)
	case target.AttributeEmail:
		fits = isAddress(change.To)
	case target.AttributeLastName:
		fits = strings.TrimSpace(change.To) != ""
	case target.AttributeExternalID:
		fits = change.To == "" || externalForm.MatchString(change.To)
	}
	if !known {
		return invalid(op, "Salesforce has no place for one of the attributes")
	}
	if !fits {
		return invalid(op, "the value of "+change.Attribute+" is none that a user can have")
	}
	return nil
}
