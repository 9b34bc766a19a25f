package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// set writes fields of a record. Source: REST API Developer Guide, Update a Record.
func (c *Client) set(ctx context.Context, op, object, id string, fields map[string]any) error {
	_, err := c.call(ctx, request{op: op, method: http.MethodPatch, path: []string{"sobjects", object, id}, body: fields}, nil)
	return err
}

// Suspend implements target.Suspender: it freezes the account and then deactivates it. Either ends sign-in, and both are written
// whatever was read, because an answer can be yesterday's. Where Salesforce refuses the deactivation, the account is returned as
// closed beside an error of KindConflict and [CodeRefused], which says what is left to do by hand. Salesforce answers a write with
// nothing, so that the account is not whole.
func (t *Target) Suspend(ctx context.Context, in target.Write) (target.Account, error) {
	op := "suspend user " + in.ID
	u, r, err := t.toClose(ctx, op, in)
	if err != nil {
		return target.Account{}, err
	}
	froze := t.freeze(ctx, op, r, true)
	deactivated := t.deactivate(ctx, op, u)
	switch {
	case deactivated == nil:
	case froze != nil && nonRetryable(deactivated):
		return target.Account{}, froze
	case froze != nil || !nonRetryable(deactivated):
		return target.Account{}, deactivated
	}
	no := false
	u.IsActive = &no
	closed := account(u, r)
	closed.Whole = false
	return closed, deactivated
}

// toClose reads of an account what it takes to close it. Where nothing can be protected, a right to read that was lost, or an answer
// that cannot be right, holds nothing up.
func (t *Target) toClose(ctx context.Context, op string, in target.Write) (user, *rights, error) {
	if t.client.protected != nil && !in.Lifted {
		u, r, _, err := t.forWrite(ctx, op, in)
		return u, r, err
	}
	u, err := t.client.user(ctx, op, in.ID)
	var e *connectors.Error
	switch {
	case errors.As(err, &e) && (e.Code == codeSightLost || e.Kind == connectors.KindMalformed):
		u = user{ID: in.ID}
	case err != nil:
		return user{}, nil, err
	}
	r := &rights{}
	if logins, err := t.client.logins(ctx, op, []string{in.ID}); err == nil && len(logins) == 1 {
		r.login = &logins[0]
	}
	return u, r, nil
}

// freeze makes a user unable to sign in, or able again.
func (t *Target) freeze(ctx context.Context, op string, r *rights, frozen bool) error {
	if r.login == nil {
		return &connectors.Error{
			System: System, Op: op, Kind: connectors.KindUnauthorized, Code: codeSightLost, Err: errors.New(remedies[codeSightLost]),
		}
	}
	return t.client.set(ctx, op, "UserLogin", r.login.ID, map[string]any{"IsFrozen": frozen})
}

// deactivate takes a user's licence back.
func (t *Target) deactivate(ctx context.Context, op string, u user) error {
	message, err := t.client.setActive(ctx, op, u.ID, false)
	var e *connectors.Error
	if errors.As(err, &e) && (e.Kind == connectors.KindInvalid || e.Kind == connectors.KindConflict) {
		return refusal(op, e, message)
	}
	return err
}

// setActive writes whether a user is active, and returns what Salesforce says where it refuses that.
func (c *Client) setActive(ctx context.Context, op, id string, active bool) (message string, err error) {
	var said []wireFault
	r := request{
		op: op, method: http.MethodPatch, path: []string{"sobjects", "User", id}, body: map[string]any{"IsActive": active}, failure: &said,
	}
	if _, err = c.call(ctx, r, nil); err != nil && len(said) > 0 {
		message = said[0].Message
	}
	return message, err
}

// Resume implements target.Resumer. The step that lets the person in comes last.
func (t *Target) Resume(ctx context.Context, in target.Write) (target.Account, error) {
	op := "resume user " + in.ID
	_, r, _, err := t.forWrite(ctx, op, in)
	if err != nil {
		return target.Account{}, err
	}
	if err := t.freeze(ctx, op, r, false); err != nil {
		return target.Account{}, err
	}
	if _, err := t.client.setActive(ctx, op, in.ID, true); err != nil {
		return target.Account{}, err
	}
	return t.Read(ctx, target.ReadRequest{ID: in.ID})
}

// EndSessions implements target.SessionEnder. Source: Object Reference, AuthSession.
func (t *Target) EndSessions(ctx context.Context, in target.Write) error {
	op := "end sessions of user " + in.ID
	if _, _, _, err := t.forWrite(ctx, op, in); err != nil {
		return err
	}
	type session struct {
		ID string `json:"Id"`
	}
	found, err := all(ctx, t.client, op, "SELECT Id FROM AuthSession WHERE UsersId = "+quoted(in.ID), func(s session) string { return s.ID })
	if err != nil {
		return err
	}
	var ids []string
	for _, s := range found {
		ids = append(ids, s.ID)
	}
	return t.client.delete(ctx, op, ids, func(string) string { return "session" })
}

// Remove implements target.Remover for permission sets.
func (t *Target) Remove(ctx context.Context, in target.RemoveRequest) error {
	if len(in.From) == 0 {
		return nil
	}
	op := "take permission sets from user " + in.ID
	if err := checkSets(op, in.From); err != nil {
		return err
	}
	_, r, _, err := t.forWrite(ctx, op, in.Write)
	if err != nil {
		return err
	}
	var ids []string
	sets := map[string]string{}
	for _, held := range r.assignments {
		for _, set := range in.From {
			if held.SetID == set && !held.ofProfile() {
				ids, sets[held.ID] = append(ids, held.ID), set
			}
		}
	}
	return t.client.delete(ctx, op, ids, func(id string) string { return sets[id] })
}

// checkSets refuses what cannot be the id of a permission set.
func checkSets(op string, sets []string) error {
	for _, set := range sets {
		if !isID(set, prefixPermissionSet) {
			return invalid(op, "a permission set's id has 18 letters and begins with 0PS")
		}
	}
	return nil
}

// mostDeleted is how many records one request deletes. Source: REST API Developer Guide, sObject Collections.
const mostDeleted = 200

// delete deletes records, which called names in errors. One that is gone already is no error; the others are deleted where one is refused.
func (c *Client) delete(ctx context.Context, op string, ids []string, called func(id string) string) error {
	var all connectors.Several
	for some := range slices.Chunk(ids, mostDeleted) {
		var results []struct {
			Success bool        `json:"success"`
			Errors  []wireFault `json:"errors"`
		}
		query := url.Values{"ids": {strings.Join(some, ",")}, "allOrNone": {"false"}}
		status, err := c.call(ctx, request{op: op, method: http.MethodDelete, path: []string{"composite", "sobjects"}, query: query}, &results)
		if err != nil {
			return err
		}
		if len(results) != len(some) {
			return malformed(op, "the reply does not say what became of each record")
		}
		for i, one := range results {
			all.Do(called(some[i]), func() error {
				if one.Success || len(one.Errors) > 0 && one.Errors[0].code() == "ENTITY_IS_DELETED" {
					return nil
				}
				e := &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Status: status}
				if len(one.Errors) > 0 {
					classify(e, one.Errors[0])
				}
				return e
			})
		}
	}
	return all.Err()
}
