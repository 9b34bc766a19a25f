package review

import (
	"context"
	"fmt"

	"gatehouse/activities/letters"
	"gatehouse/activities/step"
)

// ownerLetters writes to each owner of accounts that are no person's own, once, and returns how many of the e-mails nobody could be sent.
func (w *writer) ownerLetters(ctx context.Context) (refused int64, err error) {
	owners, err := w.Ledger.Review().Owners(ctx, w.campaign.Key)
	if err != nil {
		return 0, err
	}
	for i, owner := range owners {
		step.Beat(ctx, i)
		switch err := w.ownerLetter(ctx, owner); {
		case letters.Refuses(err):
			refused++
		case err != nil:
			return refused, err
		}
	}
	return refused, nil
}

// ownerLetter writes to one owner. Where no e-mail can go to them, whoever answers instead has to pass it on.
func (w *writer) ownerLetter(ctx context.Context, owner string) error {
	accounts, total, err := w.Ledger.Review().Owned(ctx, w.campaign.Key, owner, mailTable)
	if err != nil {
		return err
	}
	var others group
	if others.accounts, others.total, err = w.Ledger.Review().SystemOwned(ctx, w.campaign.Key, owner, mailTable); err != nil {
		return err
	}
	team, err := w.team(ctx, accounts)
	if err != nil {
		return err
	}
	v := w.view()
	if v.People = total; total > mailTable {
		v.Listed = mailTable
	}
	if team, err = w.addOthers(ctx, team, others, &v); err != nil {
		return err
	}
	v.People += others.total
	mail, err := letter("owner", v)
	if err != nil {
		return err
	}
	mail.OnceKey = fmt.Sprintf("access-review/%s/owner/%s", w.campaign.Key, w.Ledger.Digest(owner))
	mail.To, mail.Table = owner, team
	if _, err = w.Letters.Deliver(ctx, mail); err == nil || !letters.Refuses(err) {
		return err
	}
	v.PassOn, v.Refused, v.Manager = true, true, owner
	passed, err := letter("owner", v)
	if err != nil {
		return err
	}
	mail.OnceKey += "/passed-on"
	mail.To, mail.Paragraphs = w.Policy().Leaver().FallbackOwner, passed.Paragraphs
	_, err = w.Letters.Deliver(ctx, mail)
	return err
}
