package people

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// settled lists those of the accounts that a run asks about of which somebody has said meanwhile whose they are, or are
// not, by a command or about another person. An account that this assessment is still in doubt about is none of them.
func (p *Person) settled(ctx context.Context, a api.Assessment, open []api.OpenDoubt) ([]api.SettledDoubt, error) {
	if len(open) == 0 {
		return nil, nil
	}
	forwarded, err := p.Ledger.People().ForwardedTo(ctx, a.Key)
	if err != nil {
		return nil, err
	}
	keys := append([]string{a.Key}, forwarded...)
	var out []api.SettledDoubt
	for _, each := range open {
		if slices.ContainsFunc(a.Doubts, func(d api.Doubt) bool { return d.Ref() == each.Ref }) {
			continue
		}
		verb, err := p.wordOn(ctx, keys, each, len(a.Searched) > 0)
		if err != nil {
			return nil, err
		}
		if verb != "" {
			out = append(out, api.SettledDoubt{Ref: each.Ref, Verb: verb})
		}
	}
	return out, nil
}

// wordOn is what somebody said of an account, "" if nothing that answers the question about it. Neither a protection nor a
// budget is lifted by saying whose the account is.
func (p *Person) wordOn(ctx context.Context, keys []string, open api.OpenDoubt, searched bool) (verb string, err error) {
	for _, key := range keys {
		shown, found, err := p.Ledger.Inventory().Refused(ctx, open.Ref, key)
		if err != nil {
			return "", err
		}
		if found && (shown == open.Evidence || searched) {
			return api.VerbSeparate, nil
		}
	}
	row, found, err := p.Ledger.Inventory().Account(ctx, open.Ref)
	if err != nil || !found || row.State != identity.AccountLinked || row.DecidedBy == "" {
		return "", err
	}
	switch theirs := slices.Contains(keys, row.Person); {
	case !theirs:
		return api.VerbSeparate, nil
	case open.Code == api.NoticeLeaverDoubt || open.Code == api.NoticeNewOwner:
		return api.VerbLink, nil
	}
	return "", nil
}
