package sponsored

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/sponsored"
)

// Request asks to have somebody whom HR does not have.
type Request struct {
	// ID is what whoever asks calls the request: the same one again is the same request.
	ID                  string
	FirstName, LastName string
	// WorkEmail is an address of this company, PersonalEmail any other: an invitation goes there. One of them is needed.
	WorkEmail, PersonalEmail             string
	Company, Title, Department, Location string
	// Starts is today if it is empty. Ends is the last day.
	Starts, Ends identity.Date
	// Sponsor is the key of the person who answers for them, and works here by HR.
	Sponsor    string
	Reason, By string
	Proof      *api.Proof
	// DryRun only says what would follow.
	DryRun bool
}

// errTaken ends a transaction in which somebody turned out to be sponsored already.
var errTaken = errors.New("sponsored already")

// Add has somebody whom HR does not have, from the start to the end, on the sponsor's account. Whom HR has, or who is sponsored already, is
// not added: the result is Known then, and their own run is hinted. What cannot be asked so is a [Refusal].
func (s *Sponsored) Add(ctx context.Context, in Request) (Result, error) {
	in = trimmed(in)
	if err := errors.Join(s.mayAct(), s.check(in)); err != nil {
		return Result{}, err
	}
	kept, err := s.asRequest(request{id: in.ID, verb: VerbAdd, by: in.By, reason: in.Reason, proof: in.Proof, arguments: in.arguments()})
	if err != nil {
		return Result{}, err
	}
	if was, found, err := s.repeated(ctx, s.Ledger, kept); err != nil || found {
		if err == nil && !in.DryRun {
			err = s.hint(ctx, was.Key)
		}
		return s.planned(was), err
	}
	sponsor, err := s.sponsorable(ctx, in.Sponsor)
	if err != nil {
		return Result{}, err
	}
	digests := s.Person.Digests(identity.Record{FirstName: in.FirstName, LastName: in.LastName, WorkEmail: in.WorkEmail, PersonalEmail: in.PersonalEmail})
	known, err := s.known(ctx, digests)
	if err != nil {
		return Result{}, err
	}
	if known == sponsor.Key {
		return Result{}, refuse("%s cannot answer for themselves: name somebody else as the sponsor", known)
	}
	if known != "" {
		return s.hurried(ctx, known, in.DryRun)
	}
	rec := in.record(kept.Request, sponsor)
	rec.HeirAt, rec.Starts = s.Clock().UTC(), cmp.Or(rec.Starts, today(s.Clock()))
	if in.DryRun {
		return s.planned(Result{Key: rec.Key(), Record: rec}), nil
	}
	out, err := s.keep(ctx, kept, func(ctx context.Context, l *ledger.Ledger) (sponsored.Record, error) {
		if known, err = s.sponsoredAlready(ctx, l, digests); err != nil || known != "" {
			return rec, cmp.Or(err, errTaken)
		}
		_, err := l.People().Admit(ctx, rec.Key(), identity.SourceSponsored, rec.ID, digests)
		return rec, err
	})
	if errors.Is(err, errTaken) {
		return s.hurried(ctx, known, false)
	}
	if err != nil {
		return Result{}, err
	}
	return s.planned(out), s.hint(ctx, out.Key)
}

// hurried is the result for somebody who is known already.
func (s *Sponsored) hurried(ctx context.Context, key string, dry bool) (Result, error) {
	out := Result{Key: key, Known: true}
	if dry {
		return out, nil
	}
	return out, s.hint(ctx, key)
}

// planned adds what the rules would give.
func (s *Sponsored) planned(out Result) Result {
	if out.Record.ID == "" {
		return out
	}
	now := s.Clock()
	e := identity.FirstSight(out.Record.AsHR(now), now)
	out.Plan = s.Policy().Plan(s.Policy().Person(out.Key, []identity.Engagement{e}, now), nil, nil)
	return out
}

// sponsorable refuses whoever cannot answer for others.
func (s *Sponsored) sponsorable(ctx context.Context, key string) (people.Standing, error) {
	if source, _, err := identity.SplitKey(key); err != nil || source == identity.SourceAccount {
		return people.Standing{}, refuse("the sponsor %q is not a person whom HR has: write their key, such as workday-21001", key)
	}
	st, err := s.Person.Stands(ctx, key)
	switch {
	case err != nil:
		return st, err
	case st.Person.Record.Source == identity.SourceSponsored:
		return st, refuse("%s is sponsored themselves, and answers for nobody: name somebody whom HR has", key)
	case !st.Here():
		return st, refuse("%s cannot be a sponsor: by HR they do not work here now", key)
	}
	return st, nil
}

// known is the key of somebody who works here, or is about to, and certainly or most likely is the human: the same work address, or the
// same name and private address. "" if there is nobody. That an employment is over is no hindrance: somebody may come back as a partner.
func (s *Sponsored) known(ctx context.Context, d persons.Digests) (string, error) {
	candidates, err := s.Ledger.People().Candidates(ctx, d, "")
	if err != nil {
		return "", err
	}
	for _, c := range candidates {
		if !alike(c) {
			continue
		}
		st, err := s.Person.Stands(ctx, c.Key)
		switch {
		case err != nil:
			return "", err
		case st.Person.Belongs():
			return st.Key, nil
		case st.Person.Standing == identity.StandingUnknown:
			return "", refuse("%s may be this human, and what HR says of them cannot be told now: see starter show --person %s", st.Key, st.Key)
		}
	}
	return "", nil
}

// sponsoredAlready is the key of somebody who was added since that was looked at.
func (s *Sponsored) sponsoredAlready(ctx context.Context, l *ledger.Ledger, d persons.Digests) (string, error) {
	candidates, err := l.People().Candidates(ctx, d, "")
	if err != nil {
		return "", err
	}
	for _, c := range candidates {
		if c.Source != identity.SourceSponsored || !alike(c) {
			continue
		}
		rec, found, err := l.Sponsored().Record(ctx, c.EmployeeID)
		if err != nil {
			return "", err
		}
		if found && !rec.Over(s.Clock()) {
			return c.Key, nil
		}
	}
	return "", nil
}

func alike(c persons.Candidate) bool { return c.SameWorkEmail || c.SameName && c.SamePersonalEmail }

// longestText bounds each text of a request.
const longestText = 200

func checkText(what, text string) error {
	if len(text) > longestText || identity.Garbled(text) || strings.ContainsAny(text, "\r\n\t") {
		return refuse("the %s is longer than %d characters, or has characters that no name has", what, longestText)
	}
	return nil
}

// check says what is wrong with a request, all of it.
func (s *Sponsored) check(in Request) error {
	var wrong []error
	for _, t := range []struct{ what, text string }{
		{"first name", in.FirstName},
		{"last name", in.LastName},
		{"company", in.Company},
		{"title", in.Title},
		{"department", in.Department},
		{"location", in.Location},
		{"reason", in.Reason},
	} {
		if err := checkText(t.what, t.text); err != nil {
			wrong = append(wrong, err)
		}
	}
	if in.FirstName == "" || in.LastName == "" {
		wrong = append(wrong, refuse("the first and the last name are needed"))
	}
	if in.WorkEmail == "" && in.PersonalEmail == "" {
		wrong = append(wrong, refuse("an e-mail address is needed: theirs, or one of this company"))
	}
	for _, address := range []string{in.WorkEmail, in.PersonalEmail} {
		if address != "" && (!identity.PlainAddress(address) || identity.PlaceholderAddress(address)) {
			wrong = append(wrong, refuse("%q is not an e-mail address of somebody", address))
		}
	}
	if in.Starts != "" && !isDay(in.Starts) {
		wrong = append(wrong, refuse("the start %q is not a day: write one such as 2027-01-04", in.Starts))
	}
	if err := s.endBy(in.Ends); err != nil {
		wrong = append(wrong, err)
	} else if in.Starts > in.Ends {
		wrong = append(wrong, refuse("the end %s is before the start %s", in.Ends, in.Starts))
	}
	if len(wrong) == 0 {
		return nil
	}
	var texts []string
	for _, w := range wrong {
		texts = append(texts, w.Error())
	}
	return Refusal(strings.Join(slices.Compact(texts), "; "))
}
