package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/sandbox/control"
)

// seller are the particulars of a hire in Sales, who has an account in every system.
func seller(first, last string) control.Fields {
	fields := newcomer(first, last, "today")
	fields["department"], fields["title"], fields["manager_id"] = "Sales", "Account Executive", "21003"
	return fields
}

// profile is what each system says about somebody.
type profile struct{ title, phone string }

// profiles are what every system says about the person with an account at OneLogin.
func (s *scene) profiles(ctx context.Context, key string) (map[string]profile, error) {
	account, err := s.account(ctx, key)
	if err != nil {
		return nil, err
	}
	shown := map[string]profile{"OneLogin": {account.Title, account.Phone}}
	google, err := s.sandbox.GoogleDirectory(ctx)
	if err != nil {
		return nil, err
	}
	if u := google.User(strings.ToLower(account.Email)); u != nil {
		shown["Google"] = profile{inList(u, "organizations", "title"), inList(u, "phones", "value")}
	}
	crm, err := s.sandbox.CRM(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range crm.Users {
		if u.ExternalID == key {
			shown["Salesforce"] = profile{u.Title, u.Phone}
		}
	}
	dn, err := s.entry(ctx, account)
	if err != nil {
		return nil, err
	}
	entry, err := s.sandbox.LDAPEntry(ctx, dn)
	if err == nil {
		shown["the directory"] = profile{strings.Join(entry["title"], " "), strings.Join(entry["telephonenumber"], " ")}
	}
	return shown, err
}

// entry is the name of somebody's entry in the directory.
func (s *scene) entry(ctx context.Context, account control.Person) (string, error) {
	server, err := s.sandbox.LDAP(ctx)
	user, _, _ := strings.Cut(account.Username, "@")
	return "uid=" + user + "," + server.People, err
}

// inList is a value of the first entry of a list of a Google user.
func inList(u *control.GoogleUser, list, name string) string {
	entries, _ := u.Fields[list].([]any)
	if len(entries) == 0 {
		return ""
	}
	entry, _ := entries[0].(map[string]any)
	text, _ := entry[name].(string)
	return text
}

// everywhere has a profile change in HR, which four systems follow, and a phone in Google, which three follow.
func everywhere(ctx context.Context, s *scene) error {
	key, err := s.onboarded(ctx, seller("Radia", "Perlman"))
	if err != nil {
		return err
	}
	agree := func(what string, get func(profile) string, want string) error {
		return until(ctx, "every system says "+want, func(ctx context.Context) (bool, error) {
			shown, err := s.profiles(ctx, key)
			for _, p := range shown {
				if get(p) != want {
					return false, err
				}
			}
			if err == nil && len(shown) == 4 {
				s.say("OneLogin, Google, Salesforce and the directory say the same %s: %s", what, want)
			}
			return len(shown) == 4, err
		})
	}
	if err := s.changeAndPoll(ctx, key, control.Fields{"title": "Sales Director"}); err != nil {
		return err
	}
	if err := s.ends(ctx, key, "access follows the new position"); err != nil {
		return err
	}
	if err := agree("title as Workday", func(p profile) string { return p.title }, "Sales Director"); err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	const phone = "+49 30 5550123"
	if _, err := s.sandbox.GoogleHand(ctx, control.GoogleOrder{Do: "phone", User: account.Email, Value: phone}); err != nil {
		return err
	}
	if err := s.sweep(ctx, "google"); err != nil {
		return err
	}
	return agree("phone, which she has changed in Google", func(p profile) string { return p.phone }, phone)
}

// outEverywhere ends somebody's access while one system refuses and another one is down.
func outEverywhere(ctx context.Context, s *scene) error {
	key, err := s.onboarded(ctx, seller("Emmy", "Noether"))
	if err != nil {
		return err
	}
	account, err := s.account(ctx, key)
	if err != nil {
		return err
	}
	user, err := s.inSalesforce(ctx, key)
	if err != nil {
		return err
	}
	if _, err := s.sandbox.CRMHand(ctx, control.Fields{"action": "lock", "username": user.Username, "times": 1}); err != nil {
		return err
	}
	if err := s.sandbox.LDAPFail(ctx, control.LDAPFault{Op: "bind", Code: unavailable, Times: 4}); err != nil {
		return err
	}
	if err := s.sandbox.LDAPFail(ctx, control.LDAPFault{Op: "search", Code: unavailable, Times: 4}); err != nil {
		return err
	}
	if err := s.change(ctx, key, "terminate", control.Fields{"last_day": "today", "involuntary": true}); err != nil {
		return err
	}
	if err := s.hint(ctx, key); err != nil {
		return err
	}
	if err := until(ctx, key+" is out of OneLogin", s.suspended(key)); err != nil {
		return err
	}
	s.say("OneLogin first: suspended, while the directory is down and Salesforce says that the row is locked")
	if err := s.ends(ctx, key, "access ended"); err != nil {
		return err
	}
	return s.outOfAll(ctx, key, account)
}

// outOfAll holds Google, Salesforce and the directory to the end of somebody's access.
func (s *scene) outOfAll(ctx context.Context, key string, account control.Person) error {
	user, err := s.inSalesforce(ctx, key)
	if err != nil {
		return err
	}
	dn, err := s.entry(ctx, account)
	if err != nil {
		return err
	}
	entry, err := s.sandbox.LDAPEntry(ctx, dn)
	if err != nil {
		return err
	}
	google, err := s.sandbox.GoogleDirectory(ctx)
	if err != nil {
		return err
	}
	mailbox := google.User(strings.ToLower(account.Email))
	switch {
	case mailbox == nil || mailbox.Sessions > 0 || len(mailbox.Groups) > 0:
		return fmt.Errorf("Google still lets somebody in who has left") //nolint:staticcheck // the name of a company
	case user.CanSignIn || len(user.Sets) > 0:
		return fmt.Errorf("Salesforce still lets somebody in who has left") //nolint:staticcheck // the name of a company
	case len(entry["pwdaccountlockedtime"]) == 0:
		return fmt.Errorf("the directory still lets somebody in who has left")
	}
	replies := slices.ContainsFunc(google.Mailboxes, func(m control.GoogleMailbox) bool { return strings.EqualFold(m.Mailbox, account.Email) && m.AutoReply })
	if !replies {
		return fmt.Errorf("nobody answers the mail of somebody who has left")
	}
	s.say("Google locked, out of its groups, and mail is answered; Salesforce frozen and deactivated; the directory locked as soon as it was back")
	return nil
}

// unavailable is a directory's answer while it is down. Source: RFC 4511.
const unavailable = 52

func (s *scene) inSalesforce(ctx context.Context, key string) (control.CRMUser, error) {
	crm, err := s.sandbox.CRM(ctx)
	if err != nil {
		return control.CRMUser{}, err
	}
	for _, u := range crm.Users {
		if u.ExternalID == key {
			return u, nil
		}
	}
	return control.CRMUser{}, fmt.Errorf("%s has no user in Salesforce", key)
}
