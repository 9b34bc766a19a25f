package census

import (
	"iter"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// Planned is what would be done about one human.
type Planned struct {
	*Human
	Person identity.Person
	// Account is the one that rules are about, nil if none is theirs for certain; Further are their other accounts that are
	// open, if they have left.
	Account *identity.Account
	Further []identity.Account
	// Doubts are accounts that may be theirs, if they have left.
	Doubts []identity.Account
	Plan   identity.Plan
	Mode   api.Mode
	// Systems is what would be done in the systems beside OneLogin.
	Systems []identity.SystemPlan
}

// Source is the HR source that they are counted in.
func (p *Planned) Source() string {
	if s := p.Person.Record.Source; s != "" {
		return s
	}
	source, _, _ := strings.Cut(p.Key, "-")
	return source
}

// Hash identifies what would be done.
func (p *Planned) Hash() string {
	if p.Plan.Verdict == identity.VerdictNone || p.Plan.Verdict == identity.VerdictWait {
		return ""
	}
	var refs []identity.Ref
	if p.Account != nil {
		refs = append(refs, identity.OneLoginRef(p.Account.ID))
	}
	for _, a := range p.Further {
		refs = append(refs, identity.OneLoginRef(a.ID))
	}
	return p.Plan.Hash(p.Dossier.Person.Episode, refs...)
}

// plannedAtOnce is how many plans there are at a time: those of a hundred thousand people take more memory than what they are
// made of.
const plannedAtOnce = 512

// Plans plans for everybody, with the code that plans for one, in the order of Humans. What is not kept of a plan is let go.
func (c *Census) Plans() iter.Seq[*Planned] {
	return func(yield func(*Planned) bool) {
		theirs := make([][]int32, len(c.Humans))
		for i, o := range c.Owned {
			if o.Human != nil {
				theirs[o.Human.at] = append(theirs[o.Human.at], int32(i))
			}
		}
		accounts := c.primaries(theirs)
		plans := make([]*Planned, min(plannedAtOnce, len(c.Humans)))
		for from := 0; from < len(c.Humans); from += plannedAtOnce {
			plans = plans[:min(plannedAtOnce, len(c.Humans)-from)]
			views, err := c.viewsOf(c.Humans[from : from+len(plans)])
			if err != nil {
				c.Failed = err
				return
			}
			c.sideBySide(len(plans), func(i int) {
				h := c.Humans[from+i]
				plans[i] = c.plan(h, theirs[from+i], accounts, views[h.Key])
			})
			for _, p := range plans {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// primaries are the accounts that rules are about, by the keys of their people.
func (c *Census) primaries(theirs [][]int32) map[string]int64 {
	ids := make([]int64, len(c.Humans))
	c.sideBySide(len(ids), func(i int) {
		if a, _ := c.accountOf(c.Humans[i], theirs[i]); a != nil {
			ids[i] = a.ID
		}
	})
	accounts := make(map[string]int64, len(ids))
	for i, h := range c.Humans {
		for _, key := range h.Keys {
			if ids[i] != 0 {
				accounts[key] = ids[i]
			}
		}
	}
	return accounts
}

// plan plans for one human. Accounts are everybody's, for who is a manager.
func (c *Census) plan(h *Human, theirs []int32, accounts map[string]int64, views []identity.SystemView) *Planned {
	p := &Planned{Human: h, Person: h.person(c.Data, c.Policy)}
	p.Person.Systems = views
	var notices []identity.Notice
	p.Account, notices = c.accountOf(h, theirs)
	if source, id := p.Person.Record.Manager(); p.Account != nil && p.Person.Standing.Employed() && id != "" {
		p.Person.ManagerAccount = accounts[source+"-"+id]
	}
	orders := slices.Concat(p.Dossier.Orders, p.Dossier.Ended)
	pol := c.Policy
	if !c.out[h.Key] {
		pol = pol.Keeping()
	}
	p.Plan = pol.Plan(p.Person, p.Account, orders)
	p.Systems = c.planSystems(p, orders, views)
	contain := slices.ContainsFunc(p.Dossier.Orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderContain && o.InForce(p.Person.AsOf)
	})
	recordless := policy.Recordless(p.Person)
	if p.Left() || contain || recordless {
		c.further(p, theirs, recordless)
		if (quiet(p.Plan) || recordless) && len(p.Further) > 0 {
			p.Plan.Verdict, p.Plan.Reason = identity.VerdictLeave, "sign-in has to end"
		}
	}
	settled := quiet(p.Plan)
	if !p.Left() || !settled {
		notices = append(slices.Clone(p.Notices), notices...)
	}
	p.Plan = people.WithNotices(p.Plan, notices)
	if quiet(p.Plan) && len(p.Doubts) > 0 {
		p.Plan.Verdict, p.Plan.Reason = identity.VerdictAttention, "accounts may be theirs, and nobody has said so"
		p.Plan.Notices = append(p.Plan.Notices, identity.Notice{Code: api.NoticeLeaverDoubt, Blocking: true})
	}
	p.Mode = people.ModeOf(c.Policy, p.Plan.Verdict, contain)
	return p
}

// quiet reports that a plan does nothing now.
func quiet(plan identity.Plan) bool {
	return plan.Verdict == identity.VerdictNone || plan.Verdict == identity.VerdictWait
}

// further adds the other accounts of somebody who must be out: those that are theirs, and those that may be. Of whom HR has no record any
// more those alone that the departure had closed.
func (c *Census) further(p *Planned, theirs []int32, recordless bool) {
	for _, i := range theirs {
		a, o := c.Accounts[i], c.Owned[i]
		if recordless && !o.Stated.Contained || a.Status == identity.AccountSuspended || p.Account != nil && a.ID == p.Account.ID {
			continue
		}
		switch {
		case o.Tie == match.TieCertain && !people.ListedAsNoPersons(c.Policy, a, c.tie(i, p.Human)) && c.Policy.Protected(a) == "":
			p.Further = append(p.Further, a)
		case o.Tie != match.TieNamesake:
			p.Doubts = append(p.Doubts, a)
		}
	}
}

// accountOf finds a person's account as an assessment does: the one on record, else the one that is certainly theirs by its
// external id or address. What cannot be told apart is a notice for somebody employed.
func (c *Census) accountOf(h *Human, theirs []int32) (*identity.Account, []identity.Notice) {
	if id := h.Dossier.Person.AccountID; id != 0 {
		return c.onRecord(h, id)
	}
	for _, r := range h.Records {
		for _, external := range c.Policy.ExternalIDs(h.Key, r) {
			if found := c.under(c.byExternal, external, func(a *identity.Account) string { return a.ExternalID }); len(found) > 0 {
				return c.choose(h, found, "external id")
			}
		}
	}
	for _, r := range h.Records {
		if r.WorkEmail == "" {
			continue
		}
		address := func(a *identity.Account) string { return identity.FoldAddress(a.Email) }
		if found := c.under(c.byMail, identity.FoldAddress(r.WorkEmail), address); len(found) > 0 {
			return c.choose(h, found, "e-mail address")
		}
	}
	if h.Left() {
		for _, i := range theirs {
			if c.Owned[i].Tie == match.TieCertain {
				return c.account(h, i), nil
			}
		}
		return nil, nil
	}
	for _, i := range theirs {
		if a := c.Accounts[i]; c.Owned[i].Tie == match.TieCandidate && h.Belongs && c.Policy.ServiceAccount(a) == "" && c.Policy.Protected(a) == "" {
			return nil, people.Doubtful(c.Policy, h.Key, a.ID, c.tie(i, h))
		}
	}
	return nil, nil
}

// under are the accounts of which an index has a text.
func (c *Census) under(x *index, text string, of func(*identity.Account) string) []int32 {
	var found []int32
	for _, e := range x.find(text) {
		if of(&c.Accounts[e.place]) == text {
			found = append(found, e.place)
		}
	}
	return found
}

// onRecord is the account that the ledger has for somebody.
func (c *Census) onRecord(h *Human, id int64) (*identity.Account, []identity.Notice) {
	i, there := c.byID[id]
	switch {
	case !there && h.Standing.Employed():
		return nil, []identity.Notice{people.Vanished(c.Policy, id)}
	case !there:
		return nil, nil
	case c.Owned[i].Tie == match.TieDisputed && h.Left():
		return nil, nil
	case c.Owned[i].Tie == match.TieDisputed:
		return nil, people.Doubtful(c.Policy, h.Key, id, c.tie(i, h))
	}
	return c.account(h, i), nil
}

// choose takes the one of several accounts that is certainly somebody's.
func (c *Census) choose(h *Human, found []int32, by string) (*identity.Account, []identity.Notice) {
	if len(found) > 1 && !h.Left() {
		return nil, people.Ambiguous(c.Policy, by, len(found))
	}
	for _, i := range found {
		tied := c.tie(i, h)
		switch {
		case tied.Tie == match.TieCertain:
			return c.account(h, i), nil
		case h.Left():
		case tied.Tie == match.TieCandidate:
			return nil, people.Doubtful(c.Policy, h.Key, c.Accounts[i].ID, tied)
		case tied.Has(match.ReasonEmployedOwner):
			return nil, people.Foreign(c.Policy, c.Accounts[i].ID, c.Owned[i].Human.Key)
		}
	}
	return nil, nil
}

// account is an account with what only the ledger knows of it.
func (c *Census) account(h *Human, i int32) *identity.Account {
	a, row := c.Accounts[i], c.Owned[i].Stated
	a.CreatedByUs, a.SuspendedByUs, a.SuspendedFor, a.LockedFor = row.CreatedByUs, row.SuspendedByUs, row.SuspendedFor, row.LockedFor
	if row.Person == h.Key {
		a.Lifted = h.Out && row.Lifted
	}
	return &a
}
