package systems

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	policysystem "gatehouse/policy/system"
)

// made is an account that a create step came to, as the journal keeps it.
type made struct {
	ID string `json:"id"`
	// New says that Gatehouse made it, and did not find it made.
	New bool `json:"new"`
	// Without are the attributes that it was made without, as the system does not take them.
	Without []string `json:"without,omitempty"`
}

// create makes somebody's account, once in an employment whatever happens in between. It carries the person's external id: one that turns
// up with it is theirs.
func (s *Systems) create(ctx context.Context, in api.SystemInput) (api.SystemState, error) {
	ref := identity.Ref{System: in.System}
	creator, err := step.Capability[target.Creator](s.Targets, ref, "make accounts")
	if err != nil {
		return api.SystemState{}, err
	}
	if in.Step.Account == nil {
		return api.SystemState{}, step.NonRetryable(api.ErrInvalid, in.System+": the step does not say what account to make: update the worker, then retry")
	}
	key, attempt := fmt.Sprintf("%s/%d/%s/create", in.Key, in.Episode, in.System), time.Time{}
	if state, there, err := s.onRecord(ctx, in); err != nil || there {
		if err == nil {
			state.Left, err = s.madeBefore(ctx, in.System, key)
		}
		return state, err
	}
	got, err := step.Once(ctx, s.Ledger, s.Clock, step.Creation[made]{
		Key: key,
		Find: func(ctx context.Context, since time.Time) (made, bool, error) {
			attempt = since
			return s.findMade(ctx, in, since)
		},
		Make: func(ctx context.Context) (made, error) { return s.make(ctx, in, creator, attempt) },
	})
	if err != nil {
		return api.SystemState{}, err
	}
	ref.ID = got.ID
	return s.putOnRecord(ctx, in, ref, got, key)
}

// onRecord is the account that the person has there by now. Whoever has one that Gatehouse did not make was not known to when the step
// was planned.
func (s *Systems) onRecord(ctx context.Context, in api.SystemInput) (api.SystemState, bool, error) {
	all, err := s.Ledger.Inventory().AccountsOf(ctx, in.Key)
	if err != nil {
		return api.SystemState{}, false, err
	}
	for _, a := range all {
		switch {
		case a.Ref.System != in.System || a.Use == identity.UseAdmin:
		case people.NoPersons(a.Kind):
			return api.SystemState{}, false, nobodysOwn(a.Ref)
		case !a.CreatedByUs:
			return api.SystemState{}, false, step.Superseded("the person has an account there by now")
		default:
			return api.SystemState{Ref: a.Ref, Status: a.Status.String()}, true, nil
		}
	}
	return api.SystemState{}, false, nil
}

// nobodysOwn says that the account on record for somebody, or that carries their external id, is declared to be a service, shared or
// break-glass account: they are due one of their own.
func nobodysOwn(ref identity.Ref) error {
	return step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: account %s is the person's by the record or by its external id, and declared to be nobody's own: take it "+
		"off their record (starter account unlink) and the id off the account there, then retry", ref.System, ref.ID))
}

// findMade looks for the account of an earlier attempt, which began at an instant.
func (s *Systems) findMade(ctx context.Context, in api.SystemInput, since time.Time) (made, bool, error) {
	finder, able := s.Targets[in.System].(target.Finder)
	if !able {
		return made{}, false, nil // Create looks for it itself.
	}
	found, err := finder.Find(ctx, target.FindRequest{ExternalID: anchor(in)})
	if err != nil || len(found) == 0 {
		return made{}, false, err
	}
	if len(found) > 1 {
		return made{}, false, step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: %d accounts carry the external id of one person: delete all but one there, "+
			"or take the id off them, then retry", in.System, len(found)))
	}
	out := made{ID: found[0].Ref.ID, New: madeSince(found[0], since)}
	if out.New {
		out.Without = lacks(found[0].Document, *in.Step.Account)
	}
	return out, true, nil
}

// madeSince reports that an account that was found made is that of an earlier attempt, which began at an instant; zero if there was
// none. Clocks differ by seconds.
func madeSince(a target.Account, attempt time.Time) bool {
	return !attempt.IsZero() && (a.Document.CreatedAt.IsZero() || a.Document.CreatedAt.After(attempt.Add(-time.Minute)))
}

// anchor is the external id of the account: as the policy writes it, which is how the person is recognised by it, or their key.
func anchor(in api.SystemInput) string { return cmp.Or(in.Step.Account.ExternalID, in.Key) }

// make makes the account, under the first of its names that nobody else has or had. Attempt is when an earlier one began, zero if there
// was none.
func (s *Systems) make(ctx context.Context, in api.SystemInput, creator target.Creator, attempt time.Time) (made, error) {
	request := target.CreateRequest{Document: *in.Step.Account}
	request.Document.ExternalID = anchor(in)
	var err error
	if in.Step.Profile != "" {
		if request.Profile, err = s.idOf(ctx, in.System, identity.ObjectProfile, in.Step.Profile); err != nil {
			return made{}, err
		}
	}
	if in.Step.To != "" {
		if request.Container, err = s.place(ctx, in.System, in.Step.To); err != nil {
			return made{}, err
		}
	}
	names := slices.Clone(in.Step.Usernames)
	if name := request.Document.Username; !slices.Contains(names, name) {
		names = slices.Insert(names, 0, name)
	}
	// Where there are mailboxes, the username is the address of one.
	_, mailboxes := creator.(target.MailDelegator)
	if !in.Leaving {
		records, err := s.Person.MayGive(ctx, in.Key)
		if err == nil {
			err = s.hasOne(ctx, in, records)
		}
		if err != nil {
			return made{}, err
		}
	}
	for _, name := range names {
		if free, failed := s.mayBeCalled(ctx, in.Key, name); failed != nil {
			return made{}, failed
		} else if !free {
			continue
		}
		if mailboxes && request.Document.Email == request.Document.Username {
			request.Document.Email = name
		}
		request.Document.Username = name
		var got target.CreateResponse
		var without []string
		if got, without, err = s.createWithout(ctx, creator, request, &attempt); err == nil {
			return made{ID: got.Account.Ref.ID, New: got.Created || madeSince(got.Account, attempt), Without: without}, nil
		}
		if !connectors.IsKind(err, connectors.KindConflict) {
			return made{}, err
		}
		if mine, failed := s.perhapsTheirs(ctx, in, request.Document); failed != nil || mine != nil {
			return made{}, errors.Join(mine, failed)
		}
	}
	if err == nil {
		err = errors.New("somebody else has or had them")
	}
	return made{}, step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: each of the %d usernames that the policy has for the person is taken: make the account there "+
		"by hand, link it (starter account link), then skip this step; %v", in.System, len(names), err))
}

// mayBeCalled reports that nobody else has or had a name, or is to have it by HR, and reserves it then. What people were called who have
// left stays theirs, so that nobody else reads the mail that still comes for them. A name without a domain is also looked for as OneLogin
// writes it.
func (s *Systems) mayBeCalled(ctx context.Context, key, name string) (bool, error) {
	written := []string{name}
	if !strings.Contains(name, "@") {
		written = append(written, name+"@"+s.Policy().Domain())
	}
	var addresses []string
	has := false
	for _, each := range written {
		known, err := s.Ledger.FindByAddress(ctx, each)
		if err != nil {
			return false, err
		}
		known = slices.DeleteFunc(known, func(k ledger.Known) bool { return !slices.Contains(k.Sources, ledger.SourceAccounts) })
		if slices.ContainsFunc(known, func(k ledger.Known) bool { return k.Key != key }) {
			return false, nil
		}
		has = has || len(known) > 0
		addresses = append(addresses, s.Ledger.Digest(each))
	}
	records, err := s.Ledger.People().RecordsLike(ctx, persons.RecordTraces{Addresses: addresses})
	if err != nil || slices.ContainsFunc(records, func(r persons.RecordLike) bool { return r.Key != key && !r.Employed }) {
		return false, err
	}
	if !has && people.AnothersWork(records, key, addresses) {
		return false, nil
	}
	owner, err := s.Ledger.People().ReserveUsername(ctx, name, key)
	return owner == key, err
}

// perhapsTheirs is an error where a name is taken by an account of which nobody has said whose it is: it may be the person's own, and a
// second one is the last thing they need.
func (s *Systems) perhapsTheirs(ctx context.Context, in api.SystemInput, d identity.Account) (taken, failed error) {
	finder, able := s.Targets[in.System].(target.Finder)
	if !able {
		return nil, nil
	}
	for _, by := range []target.FindRequest{{Username: d.Username}, {Email: d.Email}} {
		if by == (target.FindRequest{}) {
			continue
		}
		found, err := finder.Find(ctx, by)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			row, _, err := s.Ledger.Inventory().Account(ctx, a.Ref)
			switch {
			case err != nil:
				return nil, err
			case !row.Belongs() && row.State != identity.AccountRefused && !people.NoPersons(row.Kind):
				return step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: account %s has the name or address that the person is to have, and nobody has said whose "+
					"it is: link it to them (starter account link), or say that it is somebody else's (starter account refuse, or declare), then retry", in.System, a.Ref.ID)), nil
			}
		}
	}
	return nil, nil
}

// putOnRecord puts the account on record for the person, and keeps what it looks like.
func (s *Systems) putOnRecord(ctx context.Context, in api.SystemInput, ref identity.Ref, got made, key string) (api.SystemState, error) {
	began := s.Clock()
	a, there, err := step.Existing(ctx, s.Targets[in.System], target.ReadRequest{ID: ref.ID})
	switch {
	case err != nil:
		return api.SystemState{}, err
	case !there:
		// It was deleted since, or it is too new to be shown. Making it again finds it in that case.
		err := step.RetryAfter(in.System+": the account that was made is not shown; looking for it again", notShownYet)
		return api.SystemState{}, errors.Join(err, s.Ledger.Journal().Forget(ctx, key))
	}
	if row, _, err := s.Ledger.Inventory().Account(ctx, ref); err != nil || people.NoPersons(row.Kind) {
		if err == nil {
			err = cmp.Or(s.Ledger.Journal().Forget(ctx, key), nobodysOwn(ref))
		}
		return api.SystemState{}, err
	}
	if _, refused, err := s.Ledger.Inventory().Refused(ctx, ref, in.Key); err != nil || refused {
		if err == nil {
			err = step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: account %s carries the person's external id, and somebody has said that it is not theirs: take the "+
				"id off it there, or link it (starter account link), then retry", in.System, ref.ID))
		}
		return api.SystemState{}, err
	}
	err = s.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if got.New {
			return l.Systems().NoteCreated(ctx, ref, in.Key)
		}
		return l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: ref, Person: in.Key, Use: identity.UsePrimary, By: "the external id that Gatehouse gives"})
	})
	var taken inventory.ErrAccountTaken
	if errors.As(err, &taken) {
		return api.SystemState{}, step.NonRetryable(api.ErrConflict, fmt.Sprintf("%s: account %s carries the person's external id and is on record for %s: find out whose it "+
			"is, take it off the record of the other (starter account unlink) or the id off the account, then retry", in.System, ref.ID, taken.Key))
	}
	if err != nil {
		return api.SystemState{}, err
	}
	if got.New {
		if err := s.noteMade(ctx, ref, *in.Step.Account, a); err != nil {
			return api.SystemState{}, err
		}
	}
	return api.SystemState{Ref: ref, Status: a.Document.Status.String(), Changed: got.New, Left: madeWithout(in.System, got.Without)}, s.noteRead(ctx, began, a, nil)
}

// noteMade keeps which attributes an account shows as it was made: who edits one later has changed it.
func (s *Systems) noteMade(ctx context.Context, ref identity.Ref, wanted identity.Account, a target.Account) error {
	agreed := map[string]identity.SystemValue{}
	pol := s.Policy()
	for _, name := range pol.Written(ref.System) {
		text := policysystem.FieldOf(&wanted, name)
		if text == nil || *text == "" {
			continue
		}
		normal, form := pol.NormalForm(ref.System, name, *text)
		shown, known := a.Attribute(name)
		if is, _ := pol.NormalForm(ref.System, name, shown); known && is == normal {
			digest := s.Ledger.ValueDigest(normal)
			agreed[name] = identity.SystemValue{Written: digest, Seen: digest, Form: form}
		}
	}
	return s.Ledger.Systems().NoteAgreed(ctx, ref, agreed)
}

// notShownYet is when an account is looked for again that was made and is not shown.
const notShownYet = 5 * time.Second
