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

// stories are the demo, in the order in which it is told.
func stories() []story {
	return []story{
		{"Before switching on: whose is every account, and what would be done", beforehand},
		{"The first reading of HR is a baseline: nobody is touched", baseline},
		{"A hire in Workday can sign in on the first day", hire},
		{"A hire dated in the future waits, and follows when HR moves the date", movedHire},
		{"A hire is rescinded before the first day", rescinded},
		{"Somebody comes back: the old account returns with fresh access", rehire},
		{"Two people of the same name: the second gets the next free address", collision},
		{"A termination in BambooHR ends all sign-in", termination},
		{"The same webhook five times and out of order: one offboarding, one ticket, one message", duplicates},
		{"A termination arrives while onboarding is at work", overtaken},
		{"A contractor becomes an employee: one account, one chain", conversion},
		{"An urgent offboarding while HR still says active, and no poll undoes it", urgent},
		{"Somebody moves from Engineering to Sales, and keeps the old access for a handover", roleChange},
		{"A profile changes in HR and a phone in Google: OneLogin, Google, Salesforce and the directory agree", everywhere},
		{"A leaver is out of everything, while Salesforce refuses once and the directory is down", outEverywhere},
		{"Somebody without a second factor is reminded until they enrol", secondFactor},
		{"Everybody's access is reviewed: a spreadsheet made for audit, and letters", accessReview},
		{"Failed sign-ins become one incident with one ticket, and a second person allows the response", securityEvent},
		{"An agent is refused an administrator's role, and has a lockout ended on a person's word in Slack", agentAsks},
	}
}

// newcomer are the particulars of a hire in Engineering, Berlin.
func newcomer(first, last, day string) control.Fields {
	return control.Fields{
		"first_name": first, "last_name": last, "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": day, "manager_id": "21001", "personal_email": strings.ToLower(first) + "@home.example",
	}
}

func baseline(ctx context.Context, s *scene) error {
	for _, source := range []string{identity.SourceWorkday, identity.SourceBambooHR} {
		out, err := s.poll(ctx, source)
		if err != nil {
			return err
		}
		s.say("%s: %d people read, %d hinted", source, out.Report.Seen, out.Hinted)
	}
	for _, system := range s.app.Config.Systems.Names() {
		if err := s.sweep(ctx, system); err != nil {
			return err
		}
	}
	return nil
}

func hire(ctx context.Context, s *scene) error {
	id, err := s.sandbox.Hire(ctx, identity.SourceWorkday, newcomer("Ada", "Byron", "today"))
	if err != nil {
		return err
	}
	key := "workday-" + id
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "can sign in"); err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	s.say("the poll found %s; OneLogin has %s in group %s with %s", key, account.Username, account.Group, strings.Join(account.Roles, ", "))
	if err := s.sandbox.AcceptInvite(ctx, account.Username); err != nil {
		return err
	}
	return s.signsIn(ctx, account.Username, true)
}

func movedHire(ctx context.Context, s *scene) error {
	id, err := s.sandbox.Hire(ctx, identity.SourceWorkday, newcomer("Grace", "Murray", "today+30"))
	if err != nil {
		return err
	}
	key := "workday-" + id
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	due, err := s.waits(ctx, key)
	if err != nil {
		return err
	}
	s.say("first day in 30 days: %s waits until %s, 7 days ahead, to create the account", api.PersonID(key), due)
	if err := s.change(ctx, key, "change", control.Fields{"hire_date": "today"}); err != nil {
		return err
	}
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	s.say("HR moved the first day to today")
	return s.ends(ctx, key, "can sign in")
}

func rescinded(ctx context.Context, s *scene) error {
	id, err := s.sandbox.Hire(ctx, identity.SourceWorkday, newcomer("Joan", "Clarke", "today+3"))
	if err != nil {
		return err
	}
	key := "workday-" + id
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	if _, err := s.waits(ctx, key); err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	s.say("the account %s is prepared, closed, for the first day", account.Username)
	waiting, err := s.app.Temporal.DescribeWorkflowExecution(ctx, api.PersonID(key), "")
	if err != nil {
		return fmt.Errorf("find the run that waits: %w", err)
	}
	if err := s.change(ctx, key, "rescind", nil); err != nil {
		return err
	}
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	// The poll looks for open accounts at its end. If that is before the run's, it looks once more.
	if err := s.endsAs(ctx, key, waiting.GetWorkflowExecutionInfo().GetExecution().GetRunId(), "hire undone", "nothing to do"); err != nil {
		return err
	}
	_, found, err := s.sandbox.ByExternalID(ctx, key)
	if err == nil && found {
		err = fmt.Errorf("the account is still there")
	}
	s.say("HR rescinded the hire: the account nobody ever used is gone")
	return err
}

func rehire(ctx context.Context, s *scene) error {
	key, err := s.onboarded(ctx, newcomer("Annie", "Easley", "today"))
	if err != nil {
		return err
	}
	before, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if err := s.change(ctx, key, "terminate", control.Fields{"last_day": "today"}); err != nil {
		return err
	}
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	if err := s.change(ctx, key, "change", control.Fields{
		"last_day": "", "termination_date": "", "hire_date": "today", "department": "Sales", "title": "Account executive",
	}); err != nil {
		return err
	}
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	// Where the day has ended at the company, what HR withdraws had taken effect: the run then looks once more.
	if err := s.endsAs(ctx, key, "", "can sign in", "nothing to do"); err != nil {
		return err
	}
	after, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if after.ID != before.ID || after.Status != int(identity.AccountActive) && after.Status != int(identity.AccountPasswordPending) || after.Group != "Sales" || slices.Contains(after.Roles, "Engineering") {
		return fmt.Errorf("the returning account is not as Sales should be: %v in %s", after.Roles, after.Group)
	}
	s.say("left Engineering, came back to Sales: the same account %d, now with %s", after.ID, strings.Join(after.Roles, ", "))
	return nil
}

func collision(ctx context.Context, s *scene) error {
	var names []string
	for range 2 {
		fields := newcomer("Mary", "Jackson", "today")
		fields["personal_email"] = fmt.Sprintf("mary%d@home.example", len(names))
		key, err := s.onboarded(ctx, fields)
		if err != nil {
			return err
		}
		account, err := s.account(ctx, key)
		if err != nil {
			return err
		}
		names = append(names, account.Username)
	}
	s.say("two hires named Mary Jackson: %s and %s", names[0], names[1])
	if names[0] == names[1] {
		return fmt.Errorf("both got the same username")
	}
	return nil
}

func termination(ctx context.Context, s *scene) error {
	key := "bamboohr-101"
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if err := s.signsIn(ctx, account.Username, true); err != nil {
		return err
	}
	if _, err := s.sandbox.HR(ctx, identity.SourceBambooHR, "terminate", "101", control.Fields{"last_day": "today"}, false); err != nil {
		return err
	}
	if err := until(ctx, account.Username+" is suspended", s.suspended(key)); err != nil {
		return err
	}
	if err := s.signsIn(ctx, account.Username, false); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	return s.shut(ctx, key)
}

func duplicates(ctx context.Context, s *scene) error {
	key := "bamboohr-102"
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return err
	}
	if err := s.change(ctx, key, "terminate", control.Fields{"last_day": "today"}); err != nil {
		return err
	}
	// The later timestamps first: order means nothing, because a webhook carries no facts.
	for _, minute := range []int{5, 1, 4, 2, 3} {
		if err := s.webhook(ctx, "102", minute); err != nil {
			return err
		}
	}
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	made, err := s.effects(ctx, mark)
	if err != nil {
		return err
	}
	if made["jira.create_issue"] != 1 || made["slack.chat.postMessage C0SECURITY"] != 1 {
		return fmt.Errorf("%d tickets and %d messages to security, wanted one of each",
			made["jira.create_issue"], made["slack.chat.postMessage C0SECURITY"])
	}
	s.say("five deliveries accepted; one ticket, one message to security")
	return nil
}

func overtaken(ctx context.Context, s *scene) error {
	slow := control.Fault{System: "onelogin", Op: "onelogin.add_roles", Style: "delay", DelayMS: 2500}
	if err := s.sandbox.AddFault(ctx, slow); err != nil {
		return err
	}
	id, err := s.sandbox.Hire(ctx, identity.SourceWorkday, newcomer("Mary", "Golda", "today"))
	if err != nil {
		return err
	}
	key := "workday-" + id
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if err := until(ctx, "the account exists", func(ctx context.Context) (bool, error) {
		_, found, err := s.sandbox.ByExternalID(ctx, key)
		return found, err
	}); err != nil {
		return err
	}
	s.say("the account exists and OneLogin takes its time with the roles")
	if err := s.change(ctx, key, "terminate", control.Fields{"last_day": "today", "involuntary": true}); err != nil {
		return err
	}
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	return s.shut(ctx, key)
}

func conversion(ctx context.Context, s *scene) error {
	fields := newcomer("Katherine", "Coleman", "today-100")
	fields["employment_type"] = "Contractor"
	delete(fields, "manager_id")
	id, err := s.sandbox.Hire(ctx, identity.SourceBambooHR, fields)
	if err != nil {
		return err
	}
	key := "bamboohr-" + id
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "can sign in"); err != nil {
		return err
	}
	if err := s.change(ctx, key, "terminate", control.Fields{"last_day": "today"}); err != nil {
		return err
	}
	employee, err := s.sandbox.Hire(ctx, identity.SourceWorkday, newcomer("Katherine", "Coleman", "today"))
	if err != nil {
		return err
	}
	if err := s.hint(ctx, "workday-"+employee); err != nil {
		return err
	}
	if err := s.ends(ctx, "workday-"+employee, "belongs to "+key); err != nil {
		return err
	}
	if err := s.webhook(ctx, id, 0); err != nil {
		return err
	}
	out, err := s.outcome(ctx, key)
	if err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	if account.Status != 1 {
		return fmt.Errorf("the account was closed although the person is an employee now")
	}
	s.end(api.PersonID(key), out.Result)
	s.say("the contract ended in BambooHR, the employment in Workday goes on: account %d stays open", account.ID)
	return nil
}

func urgent(ctx context.Context, s *scene) error {
	key := "workday-21010"
	order := identity.Order{
		ID: "demo-urgent", Key: key, Kind: identity.OrderContain, By: "security on call", Reason: "stolen laptop",
	}
	if err := s.app.Ledger.Orders().Put(ctx, order); err != nil {
		return err
	}
	if _, err := s.app.Launch.Send(ctx, key, api.Hint{Source: "operator", Cause: "offboard"}); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	if err := s.shut(ctx, key); err != nil {
		return err
	}
	if _, err := s.poll(ctx, identity.SourceWorkday); err != nil {
		return err
	}
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if _, err := s.outcome(ctx, key); err != nil {
		return err
	}
	s.say("Workday still says active; a poll and a hint later the account is still closed")
	return s.shut(ctx, key)
}
