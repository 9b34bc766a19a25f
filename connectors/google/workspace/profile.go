package workspace

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// document is a user as Google's JSON has it, with what the library's types do not know.
type document map[string]any

// documentOf is a user that was read.
func documentOf(u *admin.User) (document, error) {
	raw, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	var d document
	return d, json.Unmarshal(raw, &d)
}

// list is a copy of a list of objects, to be edited and written as a whole.
func (d document) list(name string) []map[string]any {
	var out []map[string]any
	all, _ := d[name].([]any)
	for _, one := range all {
		if item, ok := one.(map[string]any); ok {
			out = append(out, maps.Clone(item))
		}
	}
	return out
}

// attribute is where Google has an attribute: a field of the name, or of one item of a list.
type attribute struct {
	list, field string
	// fits finds the item, fresh is what a new one has beside the field, and bare are the fields that make none worth keeping.
	fits  func(map[string]any) bool
	fresh map[string]any
}

func typed(kind string) func(map[string]any) bool {
	return func(item map[string]any) bool { return item["type"] == kind }
}

// attributes are those that can be written, by the names of package target.
func (t *Target) attributes() map[string]attribute {
	work := func(field string) attribute {
		return attribute{
			list: "organizations", field: field, fits: func(item map[string]any) bool { return item["primary"] == true },
			fresh: map[string]any{"primary": true, "customType": "work"},
		}
	}
	phone := func(kind string) attribute {
		return attribute{list: "phones", field: "value", fits: typed(kind), fresh: map[string]any{"type": kind}}
	}
	ours := map[string]any{"type": t.o.ExternalIDType}
	if !slices.Contains([]string{"account", "customer", "login_id", "network", "organization"}, t.o.ExternalIDType) {
		ours = map[string]any{"type": "custom", "customType": t.o.ExternalIDType}
	}
	return map[string]attribute{
		target.AttributeFirstName:   {field: "givenName"},
		target.AttributeLastName:    {field: "familyName"},
		target.AttributeDisplayName: {field: "displayName"},
		target.AttributeEmail:       {field: "primaryEmail"},
		target.AttributeTitle:       work("title"),
		target.AttributeDepartment:  work("department"),
		target.AttributeCompany:     work("name"),
		target.AttributeLocation:    work("location"),
		target.AttributePhone:       phone(workPhone),
		target.AttributeMobile:      phone(mobilePhone),
		target.AttributeExternalID: {list: "externalIds", field: "value", fresh: ours, fits: func(item map[string]any) bool {
			return item["type"] == t.o.ExternalIDType || item["type"] == "custom" && item["customType"] == t.o.ExternalIDType
		}},
		target.AttributeManager: {list: "relations", field: "value", fits: typed("manager"), fresh: map[string]any{"type": "manager"}},
	}
}

// Attributes implements target.AttributeNamer.
func (t *Target) Attributes() []string { return slices.Sorted(maps.Keys(t.attributes())) }

// at is the item of an attribute in a list, -1 if there is none. A user with one organization needs none that is primary.
func (a attribute) at(items []map[string]any) int {
	i := slices.IndexFunc(items, a.fits)
	if i < 0 && a.list == "organizations" && len(items) > 0 {
		return 0
	}
	return i
}

// value is what a user has now.
func (a attribute) value(d document) string {
	from := map[string]any(d)
	switch {
	case a.list != "":
		items := d.list(a.list)
		i := a.at(items)
		if i < 0 {
			return ""
		}
		from = items[i]
	case a.field != "primaryEmail":
		from, _ = d["name"].(map[string]any)
	}
	s, _ := from[a.field].(string)
	return s
}

// set writes a value into a user, and into the change that is sent.
func (a attribute) set(d, change document, value string) {
	switch {
	case a.field == "primaryEmail":
		d[a.field], change[a.field] = value, value
	case a.list == "":
		name, _ := d["name"].(map[string]any)
		name = maps.Clone(name)
		if name == nil {
			name = map[string]any{}
		}
		name[a.field] = value
		delete(name, "fullName")
		d["name"], change["name"] = name, name
	default:
		items := a.edited(d.list(a.list), value)
		all := make([]any, len(items))
		for i, item := range items {
			all[i] = item
		}
		d[a.list], change[a.list] = all, all
	}
}

// edited is a list with one value replaced. An item of which nothing is left but what kind it is goes.
func (a attribute) edited(items []map[string]any, value string) []map[string]any {
	i := a.at(items)
	if i < 0 {
		if value == "" {
			return items
		}
		item := maps.Clone(a.fresh)
		item[a.field] = value
		return append(items, item)
	}
	if items[i][a.field] = value; value != "" {
		return items
	}
	delete(items[i], a.field)
	for name := range items[i] {
		if !slices.Contains([]string{"type", "customType", "primary"}, name) {
			return items
		}
	}
	return slices.Delete(items, i, i+1)
}

// attempts is how often a user is read anew whom somebody else changed meanwhile.
const attempts = 3

// WriteProfile implements target.ProfileWriter. Lists are written as they were read but for the one value, and only while nobody
// else has changed the user. The old address of a user who is renamed stays as an alias.
func (t *Target) WriteProfile(ctx context.Context, in target.ProfileRequest) (target.Account, error) {
	op := "write the profile of user " + in.ID
	for _, c := range in.Changes {
		if _, known := t.attributes()[c.Attribute]; !known {
			return target.Account{}, invalid(op, "Google has no place for one of the attributes")
		}
		required := c.Attribute == target.AttributeEmail || c.Attribute == target.AttributeFirstName || c.Attribute == target.AttributeLastName
		if required && strings.TrimSpace(c.To) == "" {
			return target.Account{}, invalid(op, "Google demands an address, a first name and a last name")
		}
	}
	for try := 1; ; try++ {
		a, err := t.writeProfile(ctx, op, in)
		if try < attempts && codeOf(err, CodeChanged) {
			continue
		}
		return a, err
	}
}

func (t *Target) writeProfile(ctx context.Context, op string, in target.ProfileRequest) (target.Account, error) {
	u, err := t.user(ctx, op, in.ID)
	if err != nil {
		return target.Account{}, err
	}
	if err := t.refused(op, u, in.Write); err != nil {
		return target.Account{}, err
	}
	change, err := t.changed(ctx, op, u, in.Changes)
	if err != nil {
		return target.Account{}, err
	}
	if len(change) > 0 {
		next, err := change.user()
		if err != nil {
			return target.Account{}, invalid(op, "a value cannot be written as JSON")
		}
		etag := u.Etag
		u, err = call(ctx, t, op, func(ctx context.Context) (*admin.User, error) {
			put := t.directory.Users.Update(in.ID, next).Context(ctx)
			put.Header().Set("If-Match", etag)
			return put.Do()
		})
		if err != nil {
			return target.Account{}, err
		}
	}
	return t.managed(ctx, u, t.account(u, nil, false))
}

// user is a change as the library sends it.
func (d document) user() (*admin.User, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	u := &admin.User{}
	if err := json.Unmarshal(raw, u); err != nil {
		return nil, err
	}
	if u.Name != nil {
		u.Name.ForceSendFields = []string{"DisplayName"}
	}
	return u, nil
}

// changed is what to write: nothing where all is so already, and an error where a value is neither what it was nor what it is to be.
func (t *Target) changed(ctx context.Context, op string, u *admin.User, changes []target.Change) (document, error) {
	d, err := documentOf(u)
	if err != nil {
		return nil, malformed(op, "the user cannot be read")
	}
	change := document{}
	for _, c := range changes {
		if c.Attribute == target.AttributeManager {
			if c, err = t.byAddress(ctx, op, c, t.attributes()[c.Attribute].value(d)); err != nil {
				return nil, err
			}
		}
		a := t.attributes()[c.Attribute]
		now := a.value(d)
		same := func(x string) bool {
			return now == x || c.Attribute == target.AttributeEmail && strings.EqualFold(now, x)
		}
		if same(c.To) {
			continue
		}
		if !same(c.From) {
			return nil, &connectors.Error{System: System, Op: op, Kind: connectors.KindConflict, Code: "value_" + c.Attribute}
		}
		a.set(d, change, c.To)
	}
	return change, nil
}

// byAddress is a change of the manager in Google's terms, which are addresses. An address that is now of the manager who is to be
// replaced counts as theirs, whatever it is, and so does one that is nobody's: that of a manager whose account was deleted.
func (t *Target) byAddress(ctx context.Context, op string, c target.Change, now string) (target.Change, error) {
	current, err := t.idOf(ctx, now)
	if err != nil {
		return c, err
	}
	if current == c.From || current == "" && now != "" {
		c.From = now
	}
	if c.To == "" {
		return c, nil
	}
	boss, err := t.user(ctx, op, c.To)
	if kindOf(err, connectors.KindNotFound) {
		return c, invalid(op, "the manager is no user of Google")
	}
	if err != nil {
		return c, err
	}
	c.To = boss.PrimaryEmail
	return c, nil
}

// idOf is the id of the user with an address, "" if there is none to be seen.
func (t *Target) idOf(ctx context.Context, address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := call(ctx, t, "read a user's manager", func(ctx context.Context) (*admin.User, error) {
		return t.directory.Users.Get(address).Context(ctx).Do()
	})
	// Google forbids what it does not know, where the address is of another company.
	if kindOf(err, connectors.KindNotFound) || codeOf(err, "forbidden") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return u.Id, nil
}

// managed is an account with its manager, whom Google has by address.
func (t *Target) managed(ctx context.Context, u *admin.User, a target.Account) (target.Account, error) {
	var err error
	a.Manager, err = t.idOf(ctx, managerOf(u))
	return a, err
}
