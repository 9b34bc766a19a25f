package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"google.golang.org/api/licensing/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Licences implements target.LicenceReader, for the SKUs of the options. How many were bought no API says.
func (t *Target) Licences(ctx context.Context, _ target.LicencesRequest) (target.LicencesResponse, error) {
	var out target.LicencesResponse
	for _, id := range t.o.SKUs {
		one, err := t.used(ctx, id)
		if err != nil {
			return target.LicencesResponse{}, err
		}
		out.Licences = append(out.Licences, one)
	}
	return out, nil
}

// editions are what Google calls its editions. It tells them with assignments only, so that a licence that nobody has would have no name.
// Source: Google, "Product and SKU IDs".
var editions = map[string]string{
	"Google-Apps/1010020027": "Google Workspace Business Starter", "Google-Apps/1010020028": "Google Workspace Business Standard",
	"Google-Apps/1010020025": "Google Workspace Business Plus", "Google-Apps/1010020029": "Google Workspace Enterprise Starter",
	"Google-Apps/1010020026": "Google Workspace Enterprise Standard", "Google-Apps/1010020020": "Google Workspace Enterprise Plus",
	"Google-Apps/1010060001": "Google Workspace Essentials", "Google-Apps/1010060003": "Google Workspace Enterprise Essentials",
	"Google-Apps/1010060005": "Google Workspace Enterprise Essentials Plus", "Google-Apps/1010020030": "Google Workspace Frontline Starter",
	"Google-Apps/1010020031": "Google Workspace Frontline Standard", "Google-Apps/1010020034": "Google Workspace Frontline Plus",
}

// licenceName is what a licence is called, whether anybody has it or not: its id, if it is none of the editions.
func licenceName(id string) string { return cmp.Or(editions[id], id) }

// used counts the users with a licence, each once.
func (t *Target) used(ctx context.Context, id string) (target.Licence, error) {
	users, err := t.assignedTo(ctx, id, nil)
	if err != nil {
		return target.Licence{}, err
	}
	return target.Licence{ID: id, Name: licenceName(id), Total: -1, Used: len(users)}, nil
}

// assignedTo are the addresses of the users with a licence, in lower case, to the end. Told is called after each page, if it is not nil.
func (t *Target) assignedTo(ctx context.Context, id string, told func()) (users map[string]bool, err error) {
	const op = "list the users with a licence"
	product, sku, ok := strings.Cut(id, "/")
	if !ok {
		return nil, invalid(op, "a licence is named as product/sku")
	}
	users, token := map[string]bool{}, ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*licensing.LicenseAssignmentList, error) {
			return t.licensing.LicenseAssignments.ListForProductAndSku(product, sku, t.o.Domain).MaxResults(1000).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			address := strings.ToLower(a.UserId)
			if users[address] {
				return nil, malformed(op, "a user came twice")
			}
			users[address] = true
		}
		if told != nil {
			told()
		}
		if page.NextPageToken == "" {
			return users, nil
		}
		if page.NextPageToken == token {
			return nil, malformed(op, "a page leads to itself")
		}
		token = page.NextPageToken
	}
}

// LicenceHolders implements target.LicenceLister. Google has holders by their addresses: whose those are is read along.
func (t *Target) LicenceHolders(ctx context.Context, in target.LicenceHoldersRequest) (target.LicenceHoldersResponse, error) {
	out := target.LicenceHoldersResponse{Licences: map[string][]string{}}
	holders := map[string][]string{}
	for _, id := range t.o.SKUs {
		users, err := t.assignedTo(ctx, id, in.Told)
		if err != nil {
			return target.LicenceHoldersResponse{}, err
		}
		for address := range users {
			holders[address] = append(holders[address], id)
		}
	}
	for cursor := ""; len(t.o.SKUs) > 0; {
		page, err := t.List(ctx, target.ListRequest{Cursor: cursor})
		if err != nil {
			return target.LicenceHoldersResponse{}, err
		}
		for _, a := range page.Accounts {
			address := strings.ToLower(a.Document.Username)
			if has := holders[address]; len(has) > 0 {
				out.Licences[a.Ref.ID] = has
				delete(holders, address)
			}
		}
		if in.Told != nil {
			in.Told()
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	// Somebody may be renamed or deleted meanwhile, but not many.
	if len(holders) > max(2, len(out.Licences)/20) {
		return target.LicenceHoldersResponse{}, malformed("list who has which licence", "far too many licences are those of nobody whom the list of users shows: list again")
	}
	return out, nil
}

// LicencesOf implements target.LicenceAssigner. Google asks about each kind by itself, and by the user's present address.
func (t *Target) LicencesOf(ctx context.Context, in target.ReadRequest) ([]string, error) {
	op := "read the licences of user " + in.ID
	u, err := t.user(ctx, op, in.ID)
	if err != nil {
		return nil, err
	}
	var has []string
	for _, id := range t.o.SKUs {
		product, sku, _ := strings.Cut(id, "/")
		_, err := call(ctx, t, op, func(ctx context.Context) (*licensing.LicenseAssignment, error) {
			return t.licensing.LicenseAssignments.Get(product, sku, u.PrimaryEmail).Context(ctx).Do()
		})
		if kindOf(err, connectors.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		has = append(has, id)
	}
	return has, nil
}

// licensee is the address of the user of a request, and the SKU.
func (t *Target) licensee(ctx context.Context, op string, in target.LicenceRequest) (product, sku, address string, err error) {
	if !slices.Contains(t.o.SKUs, in.Licence) {
		return "", "", "", invalid(op, "the licence is none of those that are configured")
	}
	u, err := t.user(ctx, op, in.ID)
	if err == nil {
		err = t.refused(op, u, in.Write)
	}
	if err != nil {
		return "", "", "", err
	}
	product, sku, _ = strings.Cut(in.Licence, "/")
	return product, sku, u.PrimaryEmail, nil
}

// AssignLicence implements target.LicenceAssigner.
func (t *Target) AssignLicence(ctx context.Context, in target.LicenceRequest) error {
	op := "give user " + in.ID + " a licence"
	product, sku, address, err := t.licensee(ctx, op, in)
	if err != nil {
		return err
	}
	_, err = call(ctx, t, op, func(ctx context.Context) (*licensing.LicenseAssignment, error) {
		return t.licensing.LicenseAssignments.Insert(product, sku, &licensing.LicenseAssignmentInsert{UserId: address}).Context(ctx).Do()
	})
	if !kindOf(err, connectors.KindConflict) {
		return err
	}
	// Google says the same of this licence and of another one.
	has, failed := t.LicencesOf(ctx, target.ReadRequest{ID: in.ID})
	if failed == nil && slices.Contains(has, in.Licence) {
		return nil
	}
	return err
}

// ReleaseLicence implements target.LicenceAssigner. Without one, mail is rejected, and Google deletes the mailbox's content after a while.
func (t *Target) ReleaseLicence(ctx context.Context, in target.LicenceRequest) error {
	op := "release a licence of user " + in.ID
	product, sku, address, err := t.licensee(ctx, op, in)
	if err != nil {
		return err
	}
	return ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error {
		_, err := t.licensing.LicenseAssignments.Delete(product, sku, address).Context(ctx).Do()
		return err
	}))
}
