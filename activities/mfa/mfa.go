package mfa

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/letters"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/mfa"
	"gatehouse/policy"
)

// MFA finds out who has no second factor and what follows from it. It changes nothing at a vendor: messages, orders
// and the tracking sheet are others' business.
type MFA struct {
	Ledger   *ledger.Ledger
	OneLogin *onelogin.Client
	Person   *people.Person
	Launch   api.Launcher
	Sheets   *gsuite.Sheets
	Letters  letters.Sender
	// Title is what a message says first, which is the subject of the e-mail that says the same.
	Title  func(api.Message) (string, error)
	Policy func() *policy.Policy
	Clock  func() time.Time

	tracking tracking
}

// observes reports whether nobody is told anything.
func (m *MFA) observes() bool { return m.Policy().Modes().MFA == policy.ModeObserve }

// gracePage is how many grace periods are started between two heartbeats.
const gracePage = 200

// StartGraces makes sure that a grace period runs for everybody whose clock runs, and tells the grace periods of people who have
// enrolled meanwhile. Repeating it starts nothing twice, because a grace period has the person's key for an id.
func (m *MFA) StartGraces(ctx context.Context, _ api.Nothing) (api.MFAStarted, error) {
	var started api.MFAStarted
	var failed error
	after := int64(0)
	for {
		page, err := m.Ledger.MFA().Open(ctx, after, gracePage)
		if err != nil || len(page) == 0 {
			return started, errors.Join(failed, err)
		}
		// One grace period that cannot be started stops no other; the attempt that follows starts it.
		var group errgroup.Group
		group.SetLimit(8)
		for _, s := range page {
			signal := ""
			if s.Factor == mfa.FactorSome {
				signal = api.SignalEnrolled
				started.Enrolled++
			} else {
				started.Courses++
			}
			group.Go(func() error { return m.Launch.Grace(ctx, s.Key, s.AccountID, signal) })
		}
		failed = errors.Join(failed, group.Wait())
		after = page[len(page)-1].AccountID
		step.Beat(ctx, after)
	}
}

// Move records a transition of a grace period together with its evidence, in one transaction.
func (m *MFA) Move(ctx context.Context, in api.MFAMoveInput) error {
	rows, err := step.EvidenceRows(in.Record)
	if err != nil {
		return err
	}
	return m.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if in.Stage != "" {
			if err := l.MFA().Move(ctx, mfa.Move{
				AccountID: in.AccountID, Clock: in.Clock, Stage: in.Stage, Reminders: in.Reminders, Deadline: in.Deadline,
			}); err != nil {
				return err
			}
		}
		return l.Journal().Record(ctx, rows)
	})
}

// exceptionAtMost is the longest exception in one go: whoever needs more has to say so again.
const exceptionAtMost = 366 * 24 * time.Hour

// Decide records an operator's exception: a longer grace, or none to be kept at all. Repeating it changes nothing.
func (m *MFA) Decide(ctx context.Context, in api.MFADecision) error {
	now := m.Clock()
	switch {
	case strings.TrimSpace(in.By) == "" || strings.TrimSpace(in.Reason) == "":
		return step.NonRetryable(api.ErrInvalid, in.Verb+" needs \"by\" and \"reason\": who decides, and why? Both are recorded")
	case !in.Until.After(now):
		return step.NonRetryable(api.ErrInvalid, in.Verb+" needs \"until\", a moment that is still to come")
	case in.Until.After(now.Add(exceptionAtMost)):
		return step.NonRetryable(api.ErrInvalid, in.Verb+": \"until\" is more than a year away: nothing is excused for good")
	}
	if in.AccountID == 0 {
		return step.NonRetryable(api.ErrInvalid, "the person has no OneLogin account that is known: look at them with `starter reassess` first")
	}
	switch in.Verb {
	case "extend":
		err := m.Ledger.MFA().Extend(ctx, in.AccountID, in.Until)
		if errors.Is(err, mfa.ErrNoClock) {
			return step.NonRetryable(api.ErrConflict, "no grace period runs that could be extended: the person has a factor, is exempt, or has left")
		}
		return err
	case "exempt":
		order := identity.Order{
			ID: fmt.Sprintf("exempt-mfa-%d-%d", in.AccountID, in.Until.Unix()), Key: in.Key, Kind: identity.OrderExempt,
			By: in.By, Reason: in.Reason, Until: in.Until,
		}
		if err := m.Ledger.Orders().Put(ctx, order); err != nil {
			return err
		}
		return m.Ledger.MFA().Exempt(ctx, in.AccountID, in.Until)
	}
	return step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%q is no exception: extend or exempt", in.Verb))
}
