package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

var _ target.Creator = (*Target)(nil)

const createOp = "create user"

// Create implements target.Creator. The user is made by an upsert on our id, so that a lost reply makes no second one.
func (t *Target) Create(ctx context.Context, in target.CreateRequest) (target.CreateResponse, error) {
	d := in.Document
	username := d.Username + t.client.fresh.UsernameSuffix
	profile := or(in.Profile, t.client.fresh.ProfileID)
	if err := t.checkNew(d, username, profile); err != nil {
		return target.CreateResponse{}, err
	}
	if in.Container != "" {
		return target.CreateResponse{}, invalid(createOp, "Salesforce has no tree of users")
	}
	found, err := t.find(ctx, createOp, t.client.external+" = "+quoted(d.ExternalID)+" OR Username = "+quoted(username)+" OR Email = "+quoted(d.Email))
	if err != nil {
		return target.CreateResponse{}, err
	}
	var same []target.Account
	for _, a := range found {
		if a.Document.ExternalID == d.ExternalID {
			same = append(same, a)
		}
	}
	switch {
	case len(same) == 1:
		return target.CreateResponse{Account: same[0]}, nil
	case len(same) > 1:
		return target.CreateResponse{}, &connectors.Error{
			System: System, Op: createOp, Kind: connectors.KindConflict, Code: CodeSeveral, Err: errors.New("several users have this external id"),
		}
	case len(found) > 0:
		return target.CreateResponse{}, &connectors.Error{
			System: System, Op: createOp, Kind: connectors.KindConflict, Code: "already_used",
			Err: errors.New("another user of the org has this username or address"),
		}
	}
	var made struct {
		ID string `json:"id"`
	}
	status, err := t.client.call(ctx, request{
		op: createOp, method: http.MethodPatch, path: []string{"sobjects", "User", t.client.external, d.ExternalID}, body: t.newUser(d, username, profile, !in.Suspended),
	}, &made)
	if err != nil {
		return target.CreateResponse{}, err
	}
	if !isID(made.ID, prefixUser) {
		return target.CreateResponse{}, malformed(createOp, "the reply does not name the user")
	}
	a, err := t.Read(ctx, target.ReadRequest{ID: made.ID})
	if err != nil {
		return target.CreateResponse{}, err
	}
	return target.CreateResponse{Account: a, Created: status == http.StatusCreated}, nil
}

// checkNew refuses what cannot become a user, before anything is asked.
func (t *Target) checkNew(d identity.Account, username, profile string) error {
	switch {
	case profile == "":
		return invalid(createOp, "no profile is set for new users")
	case !isID(profile, prefixProfile):
		return invalid(createOp, "a profile's id has 18 letters and begins with 00e")
	case !externalForm.MatchString(d.ExternalID):
		return invalid(createOp, "the external id is missing, or has other letters than a-z, 0-9, _ and -")
	case !isAddress(username):
		return invalid(createOp, "the username has not the form of an address")
	case !isAddress(d.Email):
		return invalid(createOp, "the address is missing, or is none")
	case strings.TrimSpace(d.LastName) == "":
		return invalid(createOp, "the last name is missing")
	}
	return nil
}

// newUser is what Salesforce wants to know of a new user. Source: Object Reference, User.
func (t *Target) newUser(d identity.Account, username, profile string, active bool) map[string]any {
	fresh := t.client.fresh
	out := map[string]any{
		"Username": username, "Email": d.Email, "LastName": d.LastName, "Alias": alias(d), "ProfileId": profile, "IsActive": active,
		"TimeZoneSidKey": fresh.TimeZone, "LocaleSidKey": fresh.Locale, "LanguageLocaleKey": fresh.Language, "EmailEncodingKey": fresh.Encoding,
	}
	for name, value := range map[string]string{
		"FirstName": d.FirstName, "Title": d.Title, "Department": d.Department, "CompanyName": d.Company, "Phone": d.Phone,
		"MobilePhone": d.Mobile, "City": d.Location, "FederationIdentifier": d.UserPrincipalName,
	} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// longestAlias is how many letters an alias may have.
const longestAlias = 8

// alias is a short name for lists: it names nobody and need not be unique.
func alias(d identity.Account) string {
	letters := []rune(strings.ToLower(string([]rune(d.FirstName + " ")[:1]) + d.LastName))
	letters = []rune(strings.Join(strings.Fields(string(letters)), ""))
	return string(letters[:min(longestAlias, len(letters))])
}
