package show

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
)

// soonDeleted is how far ahead the status counts whose accounts are going to be deleted.
const soonDeleted = 7 * 24 * time.Hour

// deletedLine is an account that somebody had and Gatehouse has deleted.
type deletedLine struct {
	Account string `json:"account"`
	Episode int    `json:"episode"`
	Left    string `json:"left"`
	// Deleted is empty where nobody knows yet that the account is gone.
	Deleted string `json:"deleted"`
}

// deletionsOf are the accounts of a person that were deleted, and when those on record are going to be, "" if they are not. Offboarding
// that only observes deletes nothing.
func deletionsOf(cmd *cobra.Command, a *app.App, key string) (gone []deletedLine, next string, err error) {
	all, err := a.Ledger.Inventory().DeletionsOf(cmd.Context(), key)
	if err != nil {
		return nil, "", err
	}
	gone = []deletedLine{}
	for _, d := range all {
		gone = append(gone, deletedLine{d.Ref.String(), d.Episode, cmdline.Stamp(d.LeftAt), cmdline.Stamp(d.DeletedAt)})
	}
	p, err := a.LoadPolicy(a.Config.Policy)
	if err != nil || p.Leaver().DeleteAfter == 0 || p.Modes().Offboarding == policy.ModeObserve {
		return gone, "", nil //nolint:nilerr // A policy that cannot be read says nothing of deletions; status says that it cannot be read.
	}
	departed, err := a.Ledger.Inventory().DepartedBy(cmd.Context(), time.Now())
	for _, d := range departed {
		if d.Key == key {
			next = cmdline.Stamp(d.LeftAt.Add(p.Leaver().DeleteAfter))
		}
	}
	return gone, next, err
}

// printDeletions says which accounts of a person were deleted, and when the others are going to be.
func printDeletions(cmd *cobra.Command, a *app.App, key string) error {
	gone, next, err := deletionsOf(cmd, a, key)
	if err != nil {
		return err
	}
	for _, d := range gone {
		when := "is being deleted"
		if d.Deleted != "" {
			when = "deleted on " + d.Deleted
		}
		cmd.Printf("%-10s%s %s; its person left on %s (episode %d)\n", "deleted", d.Account, when, d.Left, d.Episode)
	}
	if next != "" {
		cmd.Printf("%-10swhat is on record is deleted on %s, unless HR or an order speaks against it\n", "deletes", next)
	}
	return nil
}

// readDeletions says whose accounts are going to be deleted soon.
func (s *survey) readDeletions(p *policy.Policy) {
	const name = "deletions"
	if p == nil || p.Leaver().DeleteAfter == 0 {
		return
	}
	after := p.Leaver().DeleteAfter
	departed, err := s.app.Ledger.Inventory().DepartedBy(s.cmd.Context(), s.now.Add(soonDeleted-after))
	if err != nil {
		s.add(unknown(name, err))
		return
	}
	due := 0
	for _, d := range departed {
		if !d.LeftAt.Add(after).After(s.now) {
			due++
		}
	}
	state := fmt.Sprintf("%s after somebody has left (leaver.delete_after): %s due, %s within the next %s",
		cli.Span(after), cmdline.CountPeople(due), cmdline.CountPeople(len(departed)-due), cli.Span(soonDeleted))
	if p.Modes().Offboarding != policy.ModeEnforce {
		state += "; offboarding is in mode " + string(p.Modes().Offboarding)
	}
	s.add(part{name: name, state: state})
}
