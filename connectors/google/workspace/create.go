package workspace

import (
	"context"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/password"
	"gatehouse/connectors/target"
)

// Create implements target.Creator. The username is the user's primary address, and an address beside it becomes an alias. Searches
// lag, so that an address that is taken is looked at as well: it may be what an earlier attempt made.
func (t *Target) Create(ctx context.Context, in target.CreateRequest) (target.CreateResponse, error) {
	const op = "create a user"
	d := in.Document
	if d.Username == "" || d.ExternalID == "" || d.FirstName == "" || d.LastName == "" {
		return target.CreateResponse{}, invalid(op, "a user needs an address, an external id, a first name and a last name")
	}
	if in.Profile != "" || in.Container != "" && !strings.HasPrefix(in.Container, "/") {
		return target.CreateResponse{}, invalid(op, "an organizational unit is named by its path, such as /Sales, and Google has no kinds of user")
	}
	_, home, ok := strings.Cut(d.Username, "@")
	if _, domain, _ := strings.Cut(d.Email, "@"); !ok || d.Email != "" && !strings.EqualFold(domain, home) && !strings.EqualFold(domain, t.o.Domain) {
		return target.CreateResponse{}, invalid(op, "the addresses of a user are those of a domain of the company")
	}
	found, err := t.Find(ctx, target.FindRequest{ExternalID: d.ExternalID})
	if err != nil {
		return target.CreateResponse{}, err
	}
	if len(found) > 1 {
		return target.CreateResponse{}, &connectors.Error{System: System, Op: op, Kind: connectors.KindConflict, Code: "external_id_twice"}
	}
	if len(found) == 1 {
		return target.CreateResponse{Account: found[0]}, t.alias(ctx, op, found[0].Ref.ID, found[0].Document.Username, d.Email)
	}
	if d.Email != "" && !strings.EqualFold(d.Email, d.Username) {
		if holder, err := t.idOf(ctx, d.Email); err != nil || holder != "" {
			return target.CreateResponse{}, orTaken(op, err)
		}
	}
	u, err := call(ctx, t, op, func(ctx context.Context) (*admin.User, error) {
		return t.directory.Users.Insert(t.fresh(in)).Context(ctx).Do()
	})
	if kindOf(err, connectors.KindConflict) {
		return t.earlier(ctx, op, in, err)
	}
	if err != nil {
		return target.CreateResponse{}, err
	}
	return target.CreateResponse{Account: t.account(u, nil, false), Created: true}, t.alias(ctx, op, u.Id, u.PrimaryEmail, d.Email)
}

// orTaken is an error, or that an address is somebody's.
func orTaken(op string, err error) error {
	if err != nil {
		return err
	}
	return &connectors.Error{System: System, Op: op, Kind: connectors.KindConflict, Status: 409, Code: "duplicate"}
}

// earlier is the user of an earlier attempt, whom searches do not show yet, or the conflict with somebody else.
func (t *Target) earlier(ctx context.Context, op string, in target.CreateRequest, conflict error) (target.CreateResponse, error) {
	u, err := call(ctx, t, op, func(ctx context.Context) (*admin.User, error) {
		return t.directory.Users.Get(in.Document.Username).Projection("full").Context(ctx).Do()
	})
	if kindOf(err, connectors.KindNotFound) {
		return target.CreateResponse{}, conflict // A group has the address.
	}
	if err != nil {
		return target.CreateResponse{}, err
	}
	if t.externalID(u) != in.Document.ExternalID || !strings.EqualFold(u.PrimaryEmail, in.Document.Username) {
		return target.CreateResponse{}, conflict
	}
	return target.CreateResponse{Account: t.account(u, nil, false)}, t.alias(ctx, op, u.Id, u.PrimaryEmail, in.Document.Email)
}

// fresh is a new user with a password that nobody knows: people sign in through OneLogin.
func (t *Target) fresh(in target.CreateRequest) *admin.User {
	d, made := in.Document, document{"name": map[string]any{}}
	for name, value := range map[string]string{
		target.AttributeFirstName: d.FirstName, target.AttributeLastName: d.LastName, target.AttributeTitle: d.Title,
		target.AttributeDepartment: d.Department, target.AttributeCompany: d.Company, target.AttributePhone: d.Phone,
		target.AttributeDisplayName: d.DisplayName, target.AttributeMobile: d.Mobile, target.AttributeLocation: d.Location,
		target.AttributeExternalID: d.ExternalID,
	} {
		if value != "" {
			t.attributes()[name].set(made, document{}, value)
		}
	}
	u, err := made.user()
	if err != nil {
		u = &admin.User{} // Texts can be written as JSON.
	}
	u.PrimaryEmail, u.Password, u.Suspended, u.OrgUnitPath = d.Username, password.Unknown(), in.Suspended, in.Container
	return u
}

// alias gives a user a second address. One that the user has is no error.
func (t *Target) alias(ctx context.Context, op, id, primary, address string) error {
	if address == "" || strings.EqualFold(address, primary) {
		return nil
	}
	_, err := call(ctx, t, op, func(ctx context.Context) (*admin.Alias, error) {
		return t.directory.Users.Aliases.Insert(id, &admin.Alias{Alias: address}).Context(ctx).Do()
	})
	if !kindOf(err, connectors.KindConflict) {
		return err
	}
	holder, failed := t.idOf(ctx, address)
	if failed == nil && holder == id {
		return nil
	}
	return err
}
