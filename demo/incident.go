package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/incidents"
	"gatehouse/sandbox/control"
)

// failedSignIn is OneLogin's id of the event type USER_FAILED_ONELOGIN_LOGIN.
const failedSignIn = 6

// securityEvent has five failed sign-ins become one incident with one ticket, and a response that a second person allows.
func securityEvent(ctx context.Context, s *scene) error {
	victim, err := s.account(ctx, "workday-21045")
	if err != nil {
		return err
	}
	if err := s.attack(ctx, victim.Username, 5); err != nil {
		return err
	}
	c, err := s.found(ctx, "failed-logins")
	if err != nil {
		return err
	}
	s.say("five failed sign-ins of %s in ten seconds: OneLogin's webhook pokes, the rule failed-logins has a case", victim.Username)
	opened, err := s.paged(ctx, c)
	if err != nil {
		return err
	}
	if err := s.attack(ctx, victim.Username, 3); err != nil {
		return err
	}
	if err := until(ctx, "the ticket shows the further attempts", func(ctx context.Context) (bool, error) {
		ticket, err := s.ticket(ctx, opened.Ticket)
		return len(ticket.Comments) > 0, err
	}); err != nil {
		return err
	}
	s.say("one incident in PagerDuty, one ticket %s; three more attempts are a comment there", opened.Ticket)
	if err := s.secondPerson(ctx, victim.Username, approver); err != nil {
		return err
	}
	return s.resolved(ctx, c, opened.Ticket)
}

// attack has somebody far away try passwords.
func (s *scene) attack(ctx context.Context, username string, times int) error {
	_, _, err := s.sandbox.Events(ctx, control.Event{
		Type: failedSignIn, Usernames: []string{username}, IP: "203.0.113.7", Times: times, EveryMS: 2000,
		CreatedAt: time.Now().Add(-10 * time.Second),
	})
	return err
}

// found waits until a rule has a case.
func (s *scene) found(ctx context.Context, rule string) (c incidents.Case, err error) {
	err = until(ctx, "the rule "+rule+" has a case", func(ctx context.Context) (bool, error) {
		all, err := s.app.Ledger.Incidents().Cases(ctx, 0)
		for _, each := range all {
			if each.Rule == rule {
				c = each
			}
		}
		return c.Rule != "", err
	})
	return c, err
}

// paged waits until a case has its ticket and the pager its incident.
func (s *scene) paged(ctx context.Context, c incidents.Case) (now incidents.Case, err error) {
	err = until(ctx, "the case is paged and has a ticket", func(ctx context.Context) (bool, error) {
		var err error
		now, _, err = s.app.Ledger.Incidents().CaseByDedup(ctx, c.DedupKey)
		if err != nil || now.Ticket == "" {
			return false, err
		}
		incidents, err := s.sandbox.Incidents(ctx)
		return len(incidents) == 1, err
	})
	return now, err
}

// press presses a button in Slack as somebody.
func (s *scene) press(ctx context.Context, who, button string) error {
	statuses, err := s.sandbox.Click(ctx, control.Click{Email: who, ActionID: button})
	if err == nil && (len(statuses) != 1 || statuses[0] != http.StatusOK) {
		err = fmt.Errorf("the gateway answered a press with %v", statuses)
	}
	return err
}

// ownAccount is what an approver is told who decides about their own account.
const ownAccount = "this is about your own account: somebody else has to decide"

// secondPerson has the subject of the case, an approver too, try to decide about it, and then another approver.
func (s *scene) secondPerson(ctx context.Context, subject, approver string) error {
	if err := s.press(ctx, subject, api.VerbDeny); err != nil {
		return err
	}
	if err := s.toldWhy(ctx, subject, ownAccount); err != nil {
		return err
	}
	s.say("%s, an approver, presses Deny in Slack and is told, where nobody else sees it: %s", subject, ownAccount)
	if err := s.press(ctx, approver, api.VerbApprove); err != nil {
		return err
	}
	if err := until(ctx, subject+" is suspended", func(ctx context.Context) (bool, error) {
		p, _, err := s.sandbox.ByUsername(ctx, subject)
		return p.Status == int(identity.AccountSuspended), err
	}); err != nil {
		return err
	}
	s.say("%s presses Approve: an order to the person's own run suspends the account", approver)
	return nil
}

// toldWhy waits until somebody hears that their press did not count, and holds the answer to its reason.
func (s *scene) toldWhy(ctx context.Context, who, reason string) error {
	var told string
	if err := until(ctx, who+" is told that the press did not count", func(ctx context.Context) (bool, error) {
		whispers, err := s.sandbox.Whispers(ctx)
		for _, w := range whispers {
			if w.Email == who {
				told = w.Text
			}
		}
		return told != "", err
	}); err != nil {
		return err
	}
	if !strings.Contains(told, reason) {
		return fmt.Errorf("%s was told %q, wanted %q", who, told, reason)
	}
	return nil
}

// resolved has the person on call take the incident and end it, and holds the ticket to it.
func (s *scene) resolved(ctx context.Context, c incidents.Case, key string) error {
	for _, status := range []string{api.PagerAcknowledged, api.PagerResolved} {
		if err := s.sandbox.PagerAct(ctx, c.DedupKey, status); err != nil {
			return err
		}
	}
	id := api.IncidentID(c.Rule, c.Subject, c.Number)
	var out api.IncidentOutcome
	if err := s.app.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out); err != nil {
		return fmt.Errorf("the incident %s: %w", id, err)
	}
	ticket, err := s.ticket(ctx, key)
	if err != nil {
		return err
	}
	incidents, err := s.sandbox.Incidents(ctx)
	if err != nil {
		return err
	}
	if out.Result != "resolved" || !strings.EqualFold(ticket.Status, "Done") || len(incidents) != 1 || out.Events != 8 {
		return errors.New("the incident ended as " + out.Result + ", its ticket is " + ticket.Status)
	}
	s.say("acknowledged and resolved in PagerDuty: ticket %s is %s", key, ticket.Status)
	s.end(id, fmt.Sprintf("Incident completed: %s, %d events, ticket %s", out.Result, out.Events, key))
	return nil
}

// ticket reads a ticket as Jira has it.
func (s *scene) ticket(ctx context.Context, key string) (control.Ticket, error) {
	all, err := s.sandbox.Tickets(ctx)
	for _, t := range all {
		if t.Key == key {
			return t, err
		}
	}
	return control.Ticket{}, errors.Join(err, fmt.Errorf("jira has no ticket %q", key))
}
