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
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	ledgersystems "gatehouse/ledger/systems"
	policysystem "gatehouse/policy/system"
)

// autoReply has the mailbox answer in the person's place, for as long as it is open.
func (c *carrying) autoReply(ctx context.Context) (bool, error) {
	system, err := capable[target.AutoReplier](c, "set an auto-reply")
	if err != nil {
		return false, err
	}
	reply, heir := target.AutoReplyRequest{Write: c.write, Subject: c.in.Step.Subject, Text: c.in.Step.Text}, ""
	if strings.Contains(reply.Subject+reply.Text, policysystem.FieldManagerEmail) {
		var address string
		if address, heir, err = c.successor(ctx); err != nil {
			return false, err
		}
		fill := strings.NewReplacer(policysystem.FieldManagerEmail, address)
		reply.Subject, reply.Text = fill.Replace(reply.Subject), fill.Replace(reply.Text)
	}
	return c.setLasting(ctx, ledgersystems.Ended{To: heir, Mark: c.markOf(reply.Subject)}, func() error { return system.SetAutoReply(ctx, reply) })
}

// setLasting sets in the mailbox what stays until it is taken back. The ledger learns first what is to be set: where the answer is lost and
// HR withdraws the departure before another attempt, nobody would know that there is something to take back.
func (c *carrying) setLasting(ctx context.Context, e ledgersystems.Ended, set func() error) (bool, error) {
	e.Key, e.Episode, e.Step, e.At = c.in.Key, c.in.Episode, c.in.Step.Kind, c.began
	fresh, err := c.Ledger.Systems().NoteTrying(ctx, c.ref, e)
	if err != nil {
		return false, err
	}
	err = set()
	if fresh && saidNo(err) {
		if err := c.Ledger.Systems().NoteRefused(ctx, c.ref, e); err != nil {
			return false, err
		}
	}
	if noMailbox(err) {
		return c.withoutMailbox(ctx)
	}
	if err != nil {
		return false, err
	}
	return true, c.doneWith(ctx, e)
}

// saidNo reports that the system has answered that it did nothing. Any other error may hide that it did.
func saidNo(err error) bool {
	return slices.ContainsFunc([]connectors.Kind{
		connectors.KindUnauthorized, connectors.KindInvalid, connectors.KindConflict, connectors.KindNotFound, connectors.KindRefused,
	}, func(kind connectors.Kind) bool { return connectors.IsKind(err, kind) })
}

// withoutMailbox takes a step for done about an account that has no open mailbox: no mail comes there that somebody could answer.
func (c *carrying) withoutMailbox(ctx context.Context) (bool, error) {
	c.state.Left = append(c.state.Left, c.in.System+": the account has no open mailbox, such as one without a licence, so that nothing "+
		"answers there and nothing can be delegated: if it had mail, give it a licence for a while and hand that over by hand")
	return false, c.doneWith(ctx, ledgersystems.Ended{Nothing: true})
}

func noMailbox(err error) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Kind == connectors.KindInvalid && e.Code == target.CodeNoMailbox
}

// markOf is what is kept of a reply's subject, by which one that somebody else has set since is known, and of a delegate's address.
func (c *carrying) markOf(text string) string { return c.Ledger.Digest(text) }

// endReply has the mailbox of somebody who is here again answer nothing in their place. What they have set themselves since stays.
func (c *carrying) endReply(ctx context.Context) (bool, error) {
	system, err := capable[target.AutoReplier](c, "end an auto-reply")
	if err != nil {
		return false, err
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	store := c.Ledger.Systems()
	marks, err := store.Marks(ctx, c.ref, identity.SystemAutoReply, "")
	if err != nil {
		return false, err
	}
	ended, err := system.EndAutoReply(ctx, target.EndReplyRequest{Write: c.write, Ours: func(subject string) bool {
		return slices.Contains(marks, "") || slices.Contains(marks, c.markOf(subject))
	}})
	if err != nil {
		return false, err
	}
	return ended, store.TakeBack(ctx, c.ref, identity.SystemAutoReply, "")
}

// undelegate takes the mailbox back from whom a departure gave it to.
func (c *carrying) undelegate(ctx context.Context) (bool, error) {
	system, err := capable[target.MailDelegator](c, "take the delegation of mailboxes back")
	if err != nil {
		return false, err
	}
	if err := c.mayGive(ctx); err != nil {
		return false, err
	}
	marks, err := c.delegated(ctx, c.in.Step.To)
	if err != nil {
		return false, err
	}
	if err := system.Undelegate(ctx, target.UndelegateRequest{Write: c.write, Ours: func(address string) bool {
		return slices.Contains(marks, c.markOf(address))
	}}); err != nil {
		return false, err
	}
	return true, c.Ledger.Systems().TakeBack(ctx, c.ref, identity.SystemDelegate, c.in.Step.To)
}

// delegated are the marks of all addresses under which a departure may have given the mailbox to an account. The mailbox lists an address
// and no id: it stays there when the account is deleted, and an account that is made again under it reads the mail.
func (c *carrying) delegated(ctx context.Context, to string) ([]string, error) {
	marks, err := c.Ledger.Systems().Marks(ctx, c.ref, identity.SystemDelegate, to)
	if err != nil {
		return nil, err
	}
	row, _, err := c.Ledger.Inventory().Account(ctx, identity.Ref{System: c.ref.System, ID: to})
	if err != nil {
		return nil, err
	}
	now, _, err := step.Existing(ctx, c.able, target.ReadRequest{ID: to})
	if err != nil {
		return nil, err
	}
	for _, a := range []identity.Account{row.Document, now.Document} {
		for _, address := range append([]string{a.Email}, a.Aliases...) {
			marks = append(marks, c.markOf(address))
		}
	}
	marks = slices.DeleteFunc(marks, func(mark string) bool { return mark == "" })
	if len(marks) == 0 {
		c.state.Left = append(c.state.Left, fmt.Sprintf("%s: account %s, to which a departure delegated the mailbox, is gone, and its address is not known: see in the "+
			"mailbox's settings that nobody reads it who should not", c.ref.System, to))
	}
	return marks, nil
}

// successor is the address of whoever an auto-reply refers to: the manager's, with the id of their account, or that of whom the policy
// names where there is none.
func (c *carrying) successor(ctx context.Context) (address, id string, err error) {
	to := c.in.Step.To
	if to == "" || strings.Contains(to, "@") {
		return cmp.Or(to, c.Policy().Leaver().FallbackOwner), "", nil
	}
	a, there, err := step.Existing(ctx, c.able, target.ReadRequest{ID: to})
	if err != nil || !there || a.Document.Email == "" {
		return c.Policy().Leaver().FallbackOwner, "", err
	}
	return a.Document.Email, to, nil
}

// delegate lets somebody else use the mailbox, unless a hold order keeps it.
func (c *carrying) delegate(ctx context.Context) (bool, error) {
	system, err := capable[target.MailDelegator](c, "delegate mailboxes")
	if err != nil {
		return false, err
	}
	to, address, err := c.handOver(ctx)
	if err != nil {
		return false, err
	}
	return c.setLasting(ctx, ledgersystems.Ended{To: to.To, Mark: c.markOf(address)}, func() error { return system.Delegate(ctx, to) })
}

// transfer hands over what the account owns, unless a hold order keeps it. It is done when the system says so.
func (c *carrying) transfer(ctx context.Context) (bool, error) {
	system, err := capable[target.DataTransferrer](c, "transfer what an account owns")
	if err != nil {
		return false, err
	}
	to, _, err := c.handOver(ctx)
	if err != nil {
		return false, err
	}
	if to.Since, err = c.Ledger.Systems().Began(ctx, c.ref, c.in.Key, c.in.Episode, c.began); err != nil {
		return false, err
	}
	got, err := system.Transfer(ctx, to)
	if err != nil {
		return false, err
	}
	if got.Done {
		return true, c.done(ctx)
	}
	c.state.Pending = true
	if c.Clock().Sub(got.Requested) > transferLate {
		c.state.Left = []string{fmt.Sprintf("asked for on %s and not done yet. Large drives take days; find out how far it is where the system shows "+
			"its transfers. Licences, and roles that carry the app, stay until it is done", got.Requested.UTC().Format("2 January, 15:04 UTC"))}
	}
	return true, nil
}

// transferLate is how long a transfer goes on before somebody hears of it.
const transferLate = 24 * time.Hour

// handOver names who gets something, with the address of their account. An address is that of one account of the same system.
func (c *carrying) handOver(ctx context.Context) (in target.HandoverRequest, address string, err error) {
	in = target.HandoverRequest{Write: c.write, To: c.in.Step.To}
	if err := c.Person.Preserved(ctx, c.in.Key); err != nil {
		return in, "", err
	}
	if err := c.mayGive(ctx); err != nil {
		return in, "", err
	}
	if !strings.Contains(in.To, "@") {
		address, err = c.inherits(ctx, in.To)
		return in, address, err
	}
	system, err := capable[target.Finder](c, "find accounts by their address")
	if err != nil {
		return in, "", err
	}
	found, err := system.Find(ctx, target.FindRequest{Email: in.To})
	if err != nil {
		return in, "", err
	}
	if len(found) != 1 {
		return in, "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%s: %d accounts have the address to which %s of account %s is to be handed over: correct "+
			"leaver.delegate_to or leaver.transfer_to in policy.yaml, then retry", c.ref.System, len(found), c.in.Step.Kind, c.ref.ID))
	}
	in.To = found[0].Ref.ID
	if stays, err := c.stays(ctx, in.To); err != nil {
		return in, "", err
	} else if !stays || !found[0].CanSignIn() {
		return in, "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%s: account %s, to which %s of account %s is to be handed over, cannot sign in, or its person "+
			"leaves: correct leaver.delegate_to or leaver.transfer_to in policy.yaml, then retry", c.ref.System, in.To, c.in.Step.Kind, c.ref.ID))
	}
	return in, found[0].Document.Email, nil
}

// inherits stops what would be handed over to a manager who has left since it was planned, or whose account cannot sign in. It returns the
// account's address.
func (c *carrying) inherits(ctx context.Context, to string) (string, error) {
	stays, err := c.stays(ctx, to)
	if err != nil || !stays {
		return "", cmp.Or(err, step.Superseded("the manager to whom it is to be handed over leaves"))
	}
	a, there, err := step.Existing(ctx, c.able, target.ReadRequest{ID: to})
	if err == nil && there && !a.CanSignIn() {
		// The next plan is made by what was found.
		return "", errors.Join(step.Superseded("the manager's account cannot sign in"), c.noteRead(ctx, c.began, a, nil))
	}
	return a.Document.Email, err
}

// stays reports that nobody who leaves owns an account. One of which nobody knows whose it is, such as that of an archive, is as good as
// the policy that names it.
func (c *carrying) stays(ctx context.Context, id string) (bool, error) {
	row, found, err := c.Ledger.Inventory().Account(ctx, identity.Ref{System: c.ref.System, ID: id})
	if err != nil || !found || row.Person == "" || !row.Belongs() {
		return err == nil, err
	}
	stay, err := c.Ledger.Systems().Stay(ctx, []string{row.Person})
	return stay[row.Person], err
}
