package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// catalogTTL bounds how long a renamed role or group goes unnoticed; an unknown name or id is looked up at once.
const catalogTTL = 10 * time.Minute

// minCatalogAge keeps a policy that names an unknown role from reading the lists for every person.
const minCatalogAge = 10 * time.Second

// Catalog knows the names of OneLogin's roles and groups. Names are what people write into a policy; ids are what the
// API takes. One catalog is shared by all activities of a process.
type Catalog struct {
	client *onelogin.Client
	clock  func() time.Time

	mu         sync.Mutex
	readAt     time.Time
	refreshing bool
	roles      names
	groups     names
}

type names struct {
	byName map[string]int64
	byID   map[int64]string
}

// NewCatalog returns a catalog that reads when it is first asked.
func NewCatalog(client *onelogin.Client, clock func() time.Time) *Catalog {
	return &Catalog{client: client, clock: clock}
}

// Names lists all role and group names, for checking a policy.
func (c *Catalog) Names(ctx context.Context) (roles, groups []string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(ctx, 0); err != nil {
		return nil, nil, err
	}
	for n := range c.roles.byName {
		roles = append(roles, n)
	}
	for n := range c.groups.byName {
		groups = append(groups, n)
	}
	slices.Sort(roles)
	slices.Sort(groups)
	return roles, groups, nil
}

// Unknown says of which of these roles and groups OneLogin has none, and which it has of a similar name.
func (c *Catalog) Unknown(ctx context.Context, roles, groups []string) ([]string, error) {
	knownRoles, knownGroups, err := c.Names(ctx)
	if err != nil {
		return nil, err
	}
	var unknown []string
	for _, each := range []struct {
		what          string
		wanted, known []string
		byID          map[int64]string
	}{{"role", roles, knownRoles, c.roles.byID}, {"group", groups, knownGroups, c.groups.byID}} {
		for _, name := range each.wanted {
			if id, numbered := numberOf(name); numbered && each.byID[id] != "" || slices.Contains(each.known, name) {
				continue
			}
			unknown = append(unknown, fmt.Sprintf("OneLogin has no %s %q%s", each.what, name, yamlfile.DidYouMean(name, each.known)))
		}
	}
	return unknown, nil
}

// numberOf is the id that "#42" stands for where nothing is called so.
func numberOf(name string) (id int64, ok bool) {
	digits, ok := strings.CutPrefix(name, "#")
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, ok && err == nil
}

// RoleIDs resolves role names; "#42" stands for the role with that id, unless one is called so. An unknown name is an error for a person.
func (c *Catalog) RoleIDs(ctx context.Context, wanted []string) ([]int64, error) {
	return c.resolve(ctx, "role", wanted, func() names { return c.roles })
}

// GroupID resolves a group name; the empty name is no group.
func (c *Catalog) GroupID(ctx context.Context, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	ids, err := c.resolve(ctx, "group", []string{name}, func() names { return c.groups })
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func (c *Catalog) resolve(ctx context.Context, what string, wanted []string, in func() names) ([]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(ctx, catalogTTL); err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(wanted))
	for _, name := range wanted {
		id, ok := in().byName[name]
		if !ok {
			if err := c.refresh(ctx, minCatalogAge); err != nil {
				return nil, err
			}
			if id, ok = in().byName[name]; !ok {
				id, ok = numberOf(name)
			}
		}
		if !ok {
			return nil, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("onelogin has no %s %q: create it there or correct policy.yaml, then retry", what, name))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// RoleNames turns ids into names in alphabetical order.
func (c *Catalog) RoleNames(ctx context.Context, ids []int64) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.name(ctx, ids, func() names { return c.roles })
}

// GroupName turns an id into a name, "" for no group.
func (c *Catalog) GroupName(ctx context.Context, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, err := c.name(ctx, []int64{id}, func() names { return c.groups })
	if err != nil {
		return "", err
	}
	return found[0], nil
}

func (c *Catalog) name(ctx context.Context, ids []int64, in func() names) ([]string, error) {
	if err := c.refresh(ctx, catalogTTL); err != nil {
		return nil, err
	}
	found := make([]string, 0, len(ids))
	for _, id := range ids {
		n, ok := in().byID[id]
		if !ok {
			if err := c.refresh(ctx, minCatalogAge); err != nil {
				return nil, err
			}
			if n, ok = in().byID[id]; !ok {
				n = "#" + strconv.FormatInt(id, 10)
			}
		}
		found = append(found, n)
	}
	slices.Sort(found)
	return found, nil
}

// Describe names the roles and the group of an account, without what only the ledger knows of it. Those of other systems
// than OneLogin are called by their ids.
func (c *Catalog) Describe(ctx context.Context, a target.Account) (*identity.Account, error) {
	if a.Ref.System != identity.SystemOneLogin {
		document := a.Document
		document.Roles = slices.Sorted(slices.Values(a.Memberships))
		return &document, nil
	}
	ids := make([]int64, len(a.Memberships))
	for i, id := range a.Memberships {
		var err error
		if ids[i], err = strconv.ParseInt(id, 10, 64); err != nil {
			return nil, fmt.Errorf("name the roles of account %s: %q is no id of a role", a.Ref, id)
		}
	}
	roles, err := c.RoleNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	document := a.Document
	document.Roles = roles
	if document.Group, err = c.GroupName(ctx, document.GroupID); err != nil {
		return nil, err
	}
	return &document, nil
}

// refresh makes sure that the lists have been read, and reads them again if they are older than maxAge. Lists that are
// merely due are read again behind the caller's back, because nobody's departure waits for a renamed role.
func (c *Catalog) refresh(ctx context.Context, maxAge time.Duration) error {
	age := c.clock().Sub(c.readAt)
	if !c.readAt.IsZero() && age < maxAge {
		return nil
	}
	if !c.readAt.IsZero() && maxAge == catalogTTL {
		if !c.refreshing {
			c.refreshing = true
			go c.renew()
		}
		return nil
	}
	err := c.read(ctx)
	if err != nil && c.readAt.IsZero() {
		return fmt.Errorf("read the names of roles and groups: %w", err)
	}
	return nil
}

func (c *Catalog) renew() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fresh := Catalog{client: c.client, clock: c.clock}
	err := fresh.read(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refreshing = false
	if err == nil {
		c.roles, c.groups, c.readAt = fresh.roles, fresh.groups, fresh.readAt
		return
	}
	// What was known stays in use; the next caller past the pause tries again.
	c.readAt = c.clock().Add(minCatalogAge - catalogTTL)
}

func (c *Catalog) read(ctx context.Context) error {
	roles, err := c.client.Roles(ctx)
	if err != nil {
		return err
	}
	groups, err := c.client.Groups(ctx)
	if err != nil {
		return err
	}
	c.know(c.clock(), roles, groups)
	return nil
}

// Know takes over lists that somebody else has asked for at an instant, unless younger ones are there.
func (c *Catalog) Know(asked time.Time, roles []onelogin.Role, groups []onelogin.Group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if asked.After(c.readAt) {
		c.know(asked, roles, groups)
	}
}

func (c *Catalog) know(at time.Time, roles []onelogin.Role, groups []onelogin.Group) {
	c.roles = index(roles, func(r onelogin.Role) (int64, string) { return r.ID, r.Name })
	c.groups = index(groups, func(g onelogin.Group) (int64, string) { return g.ID, g.Name })
	c.readAt = at
}

func index[T any](items []T, of func(T) (int64, string)) names {
	n := names{byName: map[string]int64{}, byID: map[int64]string{}}
	for _, item := range items {
		id, name := of(item)
		n.byName[name], n.byID[id] = id, name
	}
	return n
}
