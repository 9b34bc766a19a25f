package doctor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/activities/incidents"
	"gatehouse/activities/people"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/census"
	"gatehouse/ledger/inventory"
)

// oneloginChecks are about OneLogin: what the credential may do, whose it is, and what undoes our work.
func (d *Doctor) oneloginChecks() []check {
	return []check{
		{"GH-D10", "OneLogin's credential", d.with(d.credential)},
		{"GH-D11", "what the credential may do", d.with(d.scope)},
		{"GH-D12", "OneLogin's quota", d.with(d.quota)},
		{"GH-D13", "owners of credentials", d.with(d.owners)},
		{"GH-D14", "mappings that give access back", d.with(d.mappings)},
		{"GH-D15", "directories that give access back", d.directories},
		{"GH-D16", "inventory of accounts", d.inventory},
		{"GH-D17", "security events", d.events},
	}
}

// with runs a check that asks OneLogin, where this machine can.
func (d *Doctor) with(ask func(ctx context.Context, c *onelogin.Client, r *report)) func(context.Context, *report) {
	return func(ctx context.Context, r *report) {
		c, ok, err := d.App.Reader()
		switch {
		case err != nil:
			r.failure("correct onelogin in the configuration", "%v", err)
		case !ok:
			r.unknown(elsewhere, noCredential)
		default:
			ctx, cancel := context.WithTimeout(ctx, within)
			defer cancel()
			ask(ctx, c, r)
		}
	}
}

func (d *Doctor) credential(ctx context.Context, c *onelogin.Client, r *report) {
	if err := c.Ping(ctx); err != nil {
		r.failure("see that onelogin.base_url is right and that the credential was not disabled, or its owner deleted", "nobody can be suspended: %v", err)
		return
	}
	r.fine("OneLogin answers and takes it")
}

// scope asks for what only Manage All shows. With less, roles and sign-in can be taken away, and sessions, passwords and
// factors cannot.
func (d *Doctor) scope(ctx context.Context, c *onelogin.Client, r *report) {
	const mend = "make an API credential with scope Manage All in OneLogin, and put it into onelogin.client_id and client_secret"
	switch _, err := c.For(onelogin.Sweep).Inventory(ctx, time.Time{}, ""); {
	case connectors.IsKind(err, connectors.KindRateLimited):
		r.unknown("see GH-D12, and try again", "OneLogin's quota is too low to ask")
		return
	case err != nil:
		r.failure(mend, "it cannot read users: %v", err)
		return
	}
	switch _, err := c.For(onelogin.Sweep).Mappings(ctx); {
	case connectors.IsKind(err, connectors.KindUnauthorized):
		r.failure(mend, "its scope is less than Manage All: passwords cannot be made unknown, accounts not locked, second factors not removed")
	case err != nil:
		r.unknown("try again", "whether its scope is Manage All is not known: %v", err)
	default:
		r.fine("its scope is Manage All")
	}
}

// Where OneLogin's quota is scarce and spent: sweeps wait below the first, all but containments below the second.
const (
	scarceQuota = 30
	spentQuota  = 10
)

func (d *Doctor) quota(_ context.Context, c *onelogin.Client, r *report) {
	q := c.RateLimit()
	if !q.Known || q.Limit <= 0 {
		r.unknown("see GH-D10", "OneLogin did not say")
		return
	}
	text := fmt.Sprintf("%d of %d calls left until %s", q.Remaining, q.Limit, q.ResetAt.UTC().Format("15:04 MST"))
	switch left := 100 * q.Remaining / q.Limit; {
	case q.Remaining == 0:
		r.failure("find out who else uses the quota: nobody can be suspended until then, which is tried every ten seconds", "%s", text)
	case left < spentQuota:
		r.failure("find out who else uses the quota: only containments go on", "%s", text)
	case left < scarceQuota:
		r.warn("find out who else uses the quota: sweeps and reviews wait", "%s", text)
	default:
		r.fine("%s", text)
	}
}

// owners finds the accounts of those who own API credentials, and whether HR has them leaving.
func (d *Doctor) owners(ctx context.Context, c *onelogin.Client, r *report) {
	names := d.App.Config.OneLogin.Owners()
	if len(names) == 0 {
		r.warn("list them in onelogin.credential_owners, by id or username", "nobody is named: a credential dies with the user who made it")
		return
	}
	var accounts []identity.Account
	for i, name := range names {
		a, found, err := d.owner(ctx, c, name)
		switch {
		case err != nil:
			r.unknown("try again", "owner %d of onelogin.credential_owners could not be read: %v", i+1, err)
		case !found:
			r.failure("correct onelogin.credential_owners; make a new credential if its owner was deleted", "owner %d of onelogin.credential_owners is no user of OneLogin", i+1)
		default:
			if a.Status != identity.AccountActive {
				r.warn("give the credential another owner", "%s owns a credential and is %s", identity.OneLoginRef(a.ID), a.Status)
			}
			accounts = append(accounts, a)
		}
	}
	d.leaving(r, accounts)
	if len(r.all) == 0 {
		r.fine("%d, and HR has none of them leaving", len(accounts))
	}
}

func (d *Doctor) owner(ctx context.Context, c *onelogin.Client, name string) (identity.Account, bool, error) {
	var users []onelogin.User
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		u, err := c.User(ctx, id)
		if connectors.IsKind(err, connectors.KindNotFound) {
			return identity.Account{}, false, nil
		}
		if err != nil {
			return identity.Account{}, false, err
		}
		users = append(users, u)
	} else if users, err = c.UsersByUsername(ctx, name); err != nil {
		return identity.Account{}, false, err
	}
	if len(users) == 0 {
		return identity.Account{}, false, nil
	}
	a, err := people.DescribeUser(ctx, catalog.NewCatalog(c, d.Now), users[0])
	if err != nil {
		return identity.Account{}, false, err
	}
	return *a, true, nil
}

// leaving compares the owners with HR.
func (d *Doctor) leaving(r *report, accounts []identity.Account) {
	records, sources := d.records()
	switch {
	case len(records) == 0:
		r.unknown("see GH-D20", "whether HR has an owner leaving is not known: it could not be read")
		return
	case d.policy == nil:
		r.unknown("see GH-D06", "whether HR has an owner leaving is not known without a policy")
		return
	}
	data := &census.Data{At: d.Now(), Accounts: accounts, Records: records, Sources: sources}
	for i, o := range census.New(data, d.policy).Owned {
		ref := identity.OneLoginRef(accounts[i].ID)
		switch {
		case o.Human == nil:
		case o.Human.Left():
			r.failure("make the credential anew under another account, and put it into the configuration", "%s owns a credential, and HR says that its person has left", ref)
		case !o.Human.LeaveAt.IsZero():
			r.warn("make the credential anew under another account before that", "%s owns a credential, and its person leaves", ref)
		}
	}
}

// mappings lists those that can give a leaver's access back.
func (d *Doctor) mappings(ctx context.Context, c *onelogin.Client, r *report) {
	all, err := c.For(onelogin.Sweep).Mappings(ctx)
	if err != nil {
		r.unknown("see GH-D11", "they could not be read: %v", err)
		return
	}
	var give []string
	for _, m := range all {
		switch {
		case opens(m):
			r.failure("in OneLogin, give mapping "+m.ID+" a condition that leaves suspended users out, or disable it", "mapping %s (%q) activates accounts again: Gatehouse shuts them, and it opens them", m.ID, m.Name)
		case m.GivesAccess():
			give = append(give, fmt.Sprintf("%s (%q)", m.ID, m.Name))
		}
	}
	if len(give) > 0 {
		r.warn("in OneLogin, see that they leave suspended users out", "%d mappings give roles or groups, and may give a leaver's back: %s", len(give), strings.Join(give, ", "))
	}
	if len(r.all) == 0 {
		r.fine("none of %d", len(all))
	}
}

// opens reports that a mapping sets accounts active.
func opens(m identity.Mapping) bool {
	return slices.ContainsFunc(m.Actions, func(a identity.MappingAction) bool {
		return a.Action == "set_status" && slices.Contains(a.Values, strconv.Itoa(onelogin.StatusActive))
	})
}

// directories counts the accounts that a directory's synchronisation can activate again.
func (d *Doctor) directories(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if d.App.Ledger == nil {
		r.unknown("after the first sweep", "the inventory of accounts says it, and there is none yet")
		return
	}
	all, byDirectory := 0, map[int64]int{}
	err := d.App.Ledger.Inventory().EachStated(ctx, identity.SystemOneLogin, func(a inventory.Account) error {
		if all++; a.DirectoryID != 0 {
			byDirectory[a.DirectoryID]++
		}
		return nil
	})
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	var parts []string
	for id, n := range byDirectory {
		parts = append(parts, fmt.Sprintf("%d from directory %d", n, id))
	}
	slices.Sort(parts)
	switch {
	case all == 0:
		r.unknown("after the first sweep", "the inventory of accounts says it, and it is empty")
	case len(parts) > 0:
		r.warn("see that leavers are disabled in the directory as well, before its next synchronisation", "accounts come from elsewhere: %s", strings.Join(parts, ", "))
	default:
		r.fine("no account of %d comes from a directory", all)
	}
}

func (d *Doctor) inventory(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if d.App.Ledger == nil {
		r.warn("start a worker and apply the schedules", "it was never read")
		return
	}
	sweep, found, err := d.App.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, inventory.SweepFull, true)
	switch every := d.App.Config.Schedules.Accounts; {
	case err != nil:
		r.unknown("see GH-D02", "%v", err)
	case !found:
		r.failure("temporal schedule trigger --schedule-id "+api.AccountSweepID, "it was never read completely: second accounts of leavers are searched for one by one")
	case d.Now().Sub(sweep.FinishedAt) > 2*every:
		r.failure("starter list --attention, and see GH-D05", "it was complete %s, and is due every %s", sweep.FinishedAt.UTC().Format("2006-01-02 15:04 MST"), every)
	default:
		r.fine("%d accounts, complete %s", sweep.Seen, sweep.FinishedAt.UTC().Format("2006-01-02 15:04 MST"))
	}
}

// lateEvents is from when security events are late.
const lateEvents = 2 * time.Minute

func (d *Doctor) events(ctx context.Context, r *report) {
	if d.policy != nil {
		for _, rule := range d.policy.Detection().Nowhere(d.App.Config.Events.GeoIP != "") {
			r.warn("configure events.geoip, or give events.networks countries and places", "rule %s of the policy can never find anything: nothing says where addresses are", rule)
		}
	}
	if d.ledgerMissing(r) {
		return
	}
	if d.App.Ledger == nil {
		r.warn("start a worker and apply the schedules", "they were never read")
		return
	}
	c, err := d.App.Ledger.Incidents().EventCursor(ctx, incidents.EventReader)
	switch late := max(lateEvents, 2*d.App.Config.Schedules.Events); {
	case err != nil:
		r.unknown("see GH-D02", "%v", err)
	case c.PolledAt.IsZero():
		r.failure("schedules apply", "they were never read")
	case d.Now().Sub(c.PolledAt) > late:
		r.failure("starter list, and see GH-D05", "they were last read %s", c.PolledAt.UTC().Format("2006-01-02 15:04 MST"))
	default:
		r.fine("read %s", c.PolledAt.UTC().Format("2006-01-02 15:04 MST"))
	}
}
