package mfa

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
	"gatehouse/policy"
)

const (
	// riskWindow is how far back risk scores count, and riskEvents how many of the latest events are looked at.
	riskWindow = 7 * 24 * time.Hour
	riskEvents = 500
	// chainAtMost bounds the way up from manager to manager.
	chainAtMost = 8
	// exemptLook is how often an exemption is looked at, because it may be ended early.
	exemptLook = 7 * 24 * time.Hour
	// ruleMFA is the rule that restrictions are given by. They draw on the safety budget.
	ruleMFA = "mfa"
)

// checked is what a look has found so far.
type checked struct {
	pol    *policy.Policy
	now    time.Time
	who    api.Assessment
	orders []identity.Order
	terms  policy.MFATerms
	state  mfa.State
	look   api.MFALook
}

// Check looks at one account: its factors by both of OneLogin's lists, where its person stands, orders, exemptions and
// the policy in force. It returns what is due and when the next moment is. It may be repeated at will.
func (m *MFA) Check(ctx context.Context, in api.MFACheckInput) (api.MFALook, error) {
	c := &checked{pol: m.Policy(), now: m.Clock()}
	c.look = api.MFALook{
		Key: in.Key, AccountID: in.AccountID, Mode: api.Mode(c.pol.Modes().MFA), PolicyHash: c.pol.Hash(),
		FallbackOwner: c.pol.Leaver().FallbackOwner, Instructions: strings.TrimSpace(c.pol.MFA().Instructions + " " + c.pol.MFA().EnrolURL),
	}
	var err error
	if c.who, err = m.Person.Preview(ctx, in.Key); err != nil {
		return api.MFALook{}, err
	}
	c.look.Episode = c.who.Episode
	if over, err := m.known(ctx, c); err != nil || over {
		return c.look, err
	}
	if c.orders, err = m.Ledger.OrdersInForce(ctx, in.Key); err != nil {
		return api.MFALook{}, err
	}
	prefix := restrictionID(c.look.AccountID)
	for _, o := range c.orders {
		if strings.HasPrefix(o.ID, prefix) {
			c.look.Standing = append(c.look.Standing, o.ID)
		}
	}
	if reason := m.over(c); reason != "" {
		return c.ended(reason), nil
	}
	if c.state.Stage == mfa.StageLeave && !c.away() {
		if err := m.Ledger.MFA().Resume(ctx, c.look.AccountID, c.look.Clock); err != nil {
			return api.MFALook{}, err
		}
	}
	if err := m.readOne(ctx, c); err != nil {
		return api.MFALook{}, err
	}
	if err := m.judge(ctx, c); err != nil {
		return api.MFALook{}, err
	}
	c.redate()
	return c.look, nil
}

// known finds the account's row, and makes one for an account that no scan has seen yet. Over means that there is
// nothing to look at under this key.
func (m *MFA) known(ctx context.Context, c *checked) (over bool, err error) {
	if c.who.ForwardTo != "" {
		state, found, err := m.Ledger.MFA().State(ctx, c.look.AccountID)
		if err == nil && found {
			err = m.Ledger.MFA().List(ctx, mfa.Scan{Since: c.now}, []mfa.Listed{{
				AccountID: state.AccountID, Key: c.who.ForwardTo, Username: state.Username, Active: state.Active,
			}})
		}
		c.look.Verdict, c.look.Reason = api.MFAMoved, "belongs to "+c.who.ForwardTo
		return true, err
	}
	if c.look.AccountID == 0 && c.who.Account != nil {
		c.look.AccountID = c.who.Account.ID
	}
	c.look.Account = &identity.Account{ID: c.look.AccountID}
	if a := c.who.Account; a != nil && a.ID == c.look.AccountID {
		c.look.Account.Username = a.Username
		err := m.Ledger.MFA().List(ctx, mfa.Scan{Since: c.now}, []mfa.Listed{{
			AccountID: a.ID, Key: c.look.Key, Username: cmp.Or(a.Username, a.Email), Active: a.Status == identity.AccountActive,
		}})
		if err != nil {
			return false, err
		}
	}
	var found bool
	c.state, found, err = m.Ledger.MFA().State(ctx, c.look.AccountID)
	c.look.Clock, c.look.Stage, c.look.Reminders = c.state.Clock, c.state.Stage, c.state.Reminders
	if err == nil && !found {
		c.look.Verdict, c.look.Reason = api.MFAEnded, "no account is known"
	}
	return !found, err
}

// over says why there is nobody to ask any more, "" if there is.
func (m *MFA) over(c *checked) string {
	switch account := c.who.Account; {
	case c.who.Order != nil:
		return "access has ended by an order"
	case c.who.Person.Standing == identity.StandingLeft || c.who.Person.Standing == identity.StandingRescinded:
		return "does not work here any more"
	case account == nil || account.ID != c.look.AccountID:
		return "the account is gone or somebody else's"
	case len(c.look.Standing) > 0:
		return ""
	case account.Status == identity.AccountSuspended || account.Status == identity.AccountUnactivated:
		return "the account cannot sign in"
	}
	return ""
}

// leaveLook is how often it is asked whether somebody is back from leave: until then their clock stands still.
const leaveLook = 24 * time.Hour

// away reports whether the clock stands still, because the person is on leave. An account that is restricted stays so.
func (c *checked) away() bool {
	return c.who.Person.Standing == identity.StandingOnLeave && len(c.look.Standing) == 0
}

func (c *checked) ended(reason string) api.MFALook {
	c.look.Verdict, c.look.Reason = api.MFAEnded, reason
	return c.look
}

// readOne reads the factors of one account, and its risk where the policy asks for it, and settles its clock. A risk that
// has shortened a grace period counts until its clock ends: or a restriction would lift itself once the score is old.
func (m *MFA) readOne(ctx context.Context, c *checked) error {
	client := m.OneLogin.For(onelogin.Sweep)
	risk := c.state.Risk
	var err error
	if c.pol.MFAUsesRisk() {
		if risk, err = m.risk(ctx, client, c.look.AccountID, c.now); err != nil {
			return err
		}
		if !c.state.Since.IsZero() {
			risk = max(risk, c.state.Risk)
		}
	}
	if c.terms, err = c.pol.MFATerms(&c.who.Person, c.who.Account, risk); err != nil {
		return unusable(err)
	}
	c.look.Rule = c.terms.Rule
	if err := m.exempt(ctx, c); err != nil {
		return err
	}
	factors, err := client.Factors(ctx, c.look.AccountID)
	if err != nil && !step.IsNotFound(err) {
		return err
	}
	reading := mfa.Reading{AccountID: c.look.AccountID, Gone: err != nil, Source: "check"}
	if err == nil {
		weak, err := c.pol.MFAWeak(&c.who.Person, c.who.Account)
		if err != nil {
			return unusable(err)
		}
		judgeKinds(&reading, factors, weak)
	}
	after, err := m.Ledger.MFA().Settle(ctx, []mfa.Reading{reading}, c.look.Mode == api.ModeObserve)
	if err != nil {
		return err
	}
	if len(after) == 1 {
		c.state = after[0]
	}
	c.look.Clock, c.look.Stage, c.look.Reminders, c.look.Since = c.state.Clock, c.state.Stage, c.state.Reminders, c.state.Since
	if c.look.Weak = c.state.Weak; len(c.look.Weak) > 0 {
		c.look.Has = c.state.Kinds.Named()
	}
	if risk == c.state.Risk {
		return nil
	}
	c.state.Risk = risk
	return m.Ledger.MFA().SetRisk(ctx, c.look.AccountID, risk)
}

// risk is the highest recent score among the events about a user.
func (m *MFA) risk(ctx context.Context, client *onelogin.Client, account int64, now time.Time) (int, error) {
	highest, seen := 0, 0
	for e, err := range client.Events(ctx, onelogin.EventFilter{UserID: account, Since: now.Add(-riskWindow), Newest: true}) {
		if err != nil {
			return 0, err
		}
		highest = max(highest, e.RiskScore)
		if seen++; seen >= riskEvents {
			break
		}
	}
	return highest, nil
}

// exempt brings the exemption on record in line with the order or the policy that excuses the account, or that no
// longer does.
func (m *MFA) exempt(ctx context.Context, c *checked) error {
	until := time.Time{}
	for _, o := range c.orders {
		if o.Kind != identity.OrderExempt {
			continue
		}
		end := o.Until
		if end.IsZero() {
			end = c.now.Add(exceptionAtMost)
		}
		if end.After(until) {
			until = end
		}
		c.look.Reason = "exempt until " + until.UTC().Format(time.DateOnly)
	}
	if until.IsZero() && c.terms.Exempt != "" {
		until, c.look.Reason = c.now.Add(2*exemptLook), "exempt by the policy"
	}
	kind, err := m.kindOf(ctx, c)
	if err != nil {
		return err
	}
	if until.IsZero() && kind != "" {
		until, c.look.Reason = c.now.Add(2*exemptLook), "no person's own: a "+kind.Title()
	}
	switch {
	case until.IsZero() && c.state.ExemptUntil.After(c.now):
		return m.Ledger.MFA().LiftExemption(ctx, c.look.AccountID)
	case !until.IsZero() && !until.Equal(c.state.ExemptUntil):
		return m.Ledger.MFA().Exempt(ctx, c.look.AccountID, until)
	}
	return nil
}

// kindOf says what an account is that is no person's own, and keeps it for the tracking sheet. Who has an HR record has a grace period.
func (m *MFA) kindOf(ctx context.Context, c *checked) (identity.AccountKind, error) {
	row, _, err := m.Ledger.Inventory().Account(ctx, identity.OneLoginRef(c.look.AccountID))
	if err != nil {
		return "", err
	}
	kind := identity.AccountKind("")
	if source, _, err := identity.SplitKey(c.look.Key); err != nil || source == identity.SourceAccount {
		if entry, is, _ := people.NonPersonal(c.pol, *c.who.Account, row); is {
			kind = entry.Kind
		}
	}
	if string(kind) == c.state.Kind {
		return kind, nil
	}
	c.state.Kind = string(kind)
	return kind, m.Ledger.MFA().SetKind(ctx, c.look.AccountID, c.state.Kind)
}

// judge says what is due.
func (m *MFA) judge(ctx context.Context, c *checked) error {
	account := c.who.Account
	switch {
	case c.state.Factor == mfa.FactorSome:
		c.look.Verdict, c.look.Reason = api.MFAEnrolled, "a second factor is enrolled"
		return nil
	case c.state.Factor == mfa.FactorUnknown:
		c.ended("the account is gone")
		return nil
	case c.state.ExemptUntil.After(c.now):
		c.look.Verdict, c.look.Due = api.MFAExempt, earliest(c.now, c.state.ExemptUntil, c.now.Add(exemptLook))
		return nil
	case c.state.Since.IsZero():
		// Locked, or waiting for a password: nobody can enrol, and nobody gets in.
		c.look.Verdict, c.look.Reason, c.look.Due = api.MFACourse, "the account cannot sign in just now", c.now.Add(c.terms.RemindEvery)
		return nil
	case c.away():
		c.look.Verdict, c.look.Reason, c.look.Due = api.MFALeave, "on leave", c.now.Add(min(c.terms.RemindEvery, leaveLook))
		return nil
	}
	c.look.Verdict, c.look.Reason = api.MFACourse, c.lacks()
	if c.look.Mode != api.ModeObserve && c.look.Stage == mfa.StageRestricted && len(c.look.Standing) == 0 {
		// Somebody has released the order. They are asked again, as after the escalation.
		c.look.Stage, c.state.StageAt, c.look.Reason = mfa.StageEscalated, c.now, "the restriction was released"
	}
	if c.look.Stage == mfa.StageGrace && c.state.StageAt.After(c.state.Since) {
		c.look.Resumed = c.state.StageAt
	}
	c.deadlines()
	if account.Status != identity.AccountActive && len(c.look.Standing) == 0 {
		c.look.Due = c.now.Add(c.terms.RemindEvery)
		return nil
	}
	c.due()
	if c.look.Order != nil {
		if err := m.anew(ctx, c); err != nil {
			return err
		}
	}
	if !c.look.Escalate && c.look.Order == nil {
		return nil
	}
	return m.owner(ctx, c)
}

// owner finds whom an escalation goes to: the address of the policy, or the person's manager; where that one has left,
// the manager's manager, and so on; and the fallback owner where nobody is left.
func (m *MFA) owner(ctx context.Context, c *checked) error {
	if c.terms.EscalateTo != policy.EscalateToManager {
		c.look.Owner = c.terms.EscalateTo
		return nil
	}
	c.look.Owner = c.look.FallbackOwner
	source, id := c.who.Person.Record.Manager()
	var asked []string
	for len(asked) < chainAtMost && id != "" && !slices.Contains(asked, id) {
		asked = append(asked, id)
		key, found, err := m.Ledger.People().Resolve(ctx, source, id)
		if err != nil {
			return err
		}
		if !found {
			key = source + "-" + id
		}
		rec, there, err := m.record(ctx, source, id)
		if err != nil {
			return err
		}
		if there && m.works(c.pol, key, rec, c.now) {
			email, err := m.Person.EmailOf(ctx, key)
			if err != nil {
				return err
			}
			if email != "" {
				c.look.ManagerKey, c.look.Owner = key, ""
				return nil
			}
		}
		id = rec.ManagerID
	}
	return nil
}

func (m *MFA) record(ctx context.Context, source, id string) (identity.Record, bool, error) {
	src, ok := m.Person.Sources[source]
	if !ok {
		return identity.Record{}, false, nil
	}
	return src.Read(ctx, id)
}

func (m *MFA) works(pol *policy.Policy, key string, rec identity.Record, now time.Time) bool {
	standing := pol.Person(key, []identity.Engagement{identity.FirstSight(rec, now)}, now).Standing
	return standing == identity.StandingActive || standing == identity.StandingLeaving || standing == identity.StandingOnLeave
}
