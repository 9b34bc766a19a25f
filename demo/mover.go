package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// roleChange moves somebody from Engineering to Sales: first dated, then at once, with the old access kept for a while.
func roleChange(ctx context.Context, s *scene) error {
	key, err := s.onboarded(ctx, newcomer("Alicia", "Boole", "today"))
	if err != nil {
		return err
	}
	sales := control.Fields{"department": "Sales", "title": "Account Executive", "manager_id": "21003", "effective_on": "today+30"}
	if err := s.changeAndPoll(ctx, key, sales); err != nil {
		return err
	}
	due, err := s.waits(ctx, key)
	if err != nil {
		return err
	}
	s.say("HR enters the move to Sales for in 30 days: %s waits until %s", api.PersonID(key), due)
	if err := s.change(ctx, key, "change", control.Fields{"effective_on": ""}); err != nil {
		return err
	}
	delete(sales, "effective_on")
	if err := s.changeAndPoll(ctx, key, sales); err != nil {
		return err
	}
	if err := s.holds(ctx, key, "Sales", "Engineering", "Sales"); err != nil {
		return err
	}
	s.say("HR calls that off and moves her today: group Sales, and the access of both positions while she hands over")
	if err := s.ends(ctx, key, "access follows the new position"); err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if !slices.Equal(account.Roles, []string{"Everyone", "Sales", "Salesforce"}) {
		return fmt.Errorf("%s has %s", key, strings.Join(account.Roles, ", "))
	}
	s.say("the handover is over: %s; she and her new manager were told", strings.Join(account.Roles, ", "))
	return s.newManager(ctx, key)
}

// newManager has HR change the manager alone, which the account follows and nobody is told about.
func (s *scene) newManager(ctx context.Context, key string) error {
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return err
	}
	if err := s.changeAndPoll(ctx, key, control.Fields{"manager_id": "21010"}); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access follows the new position"); err != nil {
		return err
	}
	made, err := s.effects(ctx, mark)
	if err != nil {
		return err
	}
	if made["onelogin.update_user"] != 1 || made["slack.chat.postMessage"] != 0 {
		return fmt.Errorf("a new manager made %d updates and %d messages, wanted 1 and 0", made["onelogin.update_user"], made["slack.chat.postMessage"])
	}
	s.say("a new manager alone: the profile follows, and nobody gets a message")
	return nil
}

func (s *scene) changeAndPoll(ctx context.Context, key string, fields control.Fields) error {
	if err := s.change(ctx, key, "change", fields); err != nil {
		return err
	}
	_, err := s.poll(ctx, identity.SourceWorkday)
	return err
}

// holds waits until an account is in a group and holds roles.
func (s *scene) holds(ctx context.Context, key, group string, roles ...string) error {
	return until(ctx, key+" holds "+strings.Join(roles, " and "), func(ctx context.Context) (bool, error) {
		p, err := s.account(ctx, key)
		missing := slices.ContainsFunc(roles, func(role string) bool { return !slices.Contains(p.Roles, role) })
		return p.Group == group && !missing, err
	})
}
