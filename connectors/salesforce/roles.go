package salesforce

import (
	"context"
	"errors"
	"net/http"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

var (
	_ target.RoleManager   = (*Target)(nil)
	_ target.LicenceReader = (*Target)(nil)
	_ target.Profiler      = (*Target)(nil)
)

// permissionSet is a permission set that can be given.
type permissionSet struct {
	ID        string `json:"Id"`
	Name      string `json:"Name"`
	Namespace string `json:"NamespacePrefix"`
}

// Roles implements target.RoleManager: roles are permission sets, without those that are profiles. Their names are those of the API, as
// two may have the same label; a package's begin with the package's, as they do in the org's own metadata.
func (t *Target) Roles(ctx context.Context, _ target.RolesRequest) (target.RolesResponse, error) {
	const soql = "SELECT Id, Name, NamespacePrefix FROM PermissionSet WHERE IsOwnedByProfile = false ORDER BY Id"
	sets, err := all(ctx, t.client, "list permission sets", soql, func(s permissionSet) string { return s.ID })
	if err != nil {
		return target.RolesResponse{}, err
	}
	var out target.RolesResponse
	for _, s := range sets {
		name := s.Name
		if s.Namespace != "" {
			name = s.Namespace + "__" + name
		}
		out.Roles = append(out.Roles, target.Role{ID: s.ID, Name: name})
	}
	return out, nil
}

// Profiles implements target.Profiler.
func (t *Target) Profiles(ctx context.Context, _ target.ProfilesRequest) (target.ProfilesResponse, error) {
	const op = "list profiles"
	type profile struct {
		ID   string `json:"Id"`
		Name string `json:"Name"`
	}
	found, err := all(ctx, t.client, op, "SELECT Id, Name FROM Profile ORDER BY Id", func(p profile) string { return p.ID })
	if err != nil {
		return target.ProfilesResponse{}, err
	}
	if len(found) == 0 {
		return target.ProfilesResponse{}, malformed(op, "the org shows no profile at all, although the user who asks has one")
	}
	var out target.ProfilesResponse
	for _, p := range found {
		out.Profiles = append(out.Profiles, target.Profile{ID: p.ID, Name: p.Name})
	}
	return out, nil
}

// Give implements target.RoleManager.
func (t *Target) Give(ctx context.Context, in target.GiveRequest) error {
	if len(in.Roles) == 0 {
		return nil
	}
	op := "give permission sets to user " + in.ID
	if err := checkSets(op, in.Roles); err != nil {
		return err
	}
	_, r, _, err := t.forWrite(ctx, op, in.Write)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, held := range r.assignments {
		has[held.SetID] = true
	}
	return connectors.Each(in.Roles, func(set string) error {
		if has[set] {
			return nil
		}
		has[set] = true
		return t.give(ctx, op, in.ID, set)
	})
}

// give gives one permission set. Somebody else may have given it in between.
func (t *Target) give(ctx context.Context, op, id, set string) error {
	body := map[string]string{"AssigneeId": id, "PermissionSetId": set}
	_, err := t.client.call(ctx, request{op: op, method: http.MethodPost, path: []string{"sobjects", "PermissionSetAssignment"}, body: body}, nil)
	var e *connectors.Error
	if errors.As(err, &e) && e.Code == "DUPLICATE_VALUE" {
		return nil
	}
	return err
}

// licence is a kind of licence. Source: Object Reference, UserLicense.
type licence struct {
	ID    string `json:"Id"`
	Name  string `json:"Name"`
	Total *int   `json:"TotalLicenses"`
	Used  *int   `json:"UsedLicenses"`
}

// Licences implements target.LicenceReader. A frozen user has a licence, a deactivated one has none.
func (t *Target) Licences(ctx context.Context, _ target.LicencesRequest) (target.LicencesResponse, error) {
	const op, soql = "read licences", "SELECT Id, Name, TotalLicenses, UsedLicenses FROM UserLicense ORDER BY Id"
	kinds, err := all(ctx, t.client, op, soql, func(l licence) string { return l.ID })
	if err != nil {
		return target.LicencesResponse{}, err
	}
	if len(kinds) == 0 {
		// The user who asks has one.
		return target.LicencesResponse{}, malformed(op, "the org shows no licence at all")
	}
	var out target.LicencesResponse
	for _, l := range kinds {
		out.Licences = append(out.Licences, target.Licence{ID: l.ID, Name: l.Name, Total: stated(l.Total), Used: stated(l.Used)})
	}
	return out, nil
}

// stated is a number, -1 if it was not said.
func stated(n *int) int {
	if n == nil || *n < 0 {
		return -1
	}
	return *n
}
