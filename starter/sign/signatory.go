package sign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/decider"
	"gatehouse/policy"
)

// Signatory is who says something of their own accord: an order, a word about an account, an exception.
type Signatory struct {
	By     string
	Signer *Signer
	judge  *decider.Judge
}

// AuthorOf finds out who says something, and the key that shows it where the policy names who may decide.
func AuthorOf(cmd *cobra.Command, a *app.App, by, keyFile string) (*Signatory, error) {
	return AuthorAmong(cmd, a, by, keyFile, policy.Decider{})
}

// AuthorAmong is AuthorOf where somebody may speak besides those whom the policy names: by their address, and about what May says.
func AuthorAmong(cmd *cobra.Command, a *app.App, by, keyFile string, also policy.Decider) (*Signatory, error) {
	people, err := a.Deciding(cmd.Context())
	if err != nil {
		return nil, err
	}
	if len(people) > 0 && also.Address != "" {
		people = with(people, also)
	}
	if len(people) == 0 && keyFile == "" {
		return &Signatory{By: by}, nil
	}
	s, err := Find(keyFile, time.Now())
	if err != nil {
		return nil, err
	}
	if err := s.RefuseOther(by, cmd.Flags().Changed("by")); err != nil {
		return nil, err
	}
	judge, err := a.DecidersJudge(cmd.Context(), people, !s.Expires.IsZero())
	if err != nil {
		return nil, err
	}
	return &Signatory{By: s.Address, Signer: s, judge: judge}, nil
}

// with is a list of deciders with one more, who may be among them and may then decide about more.
func with(people []policy.Decider, also policy.Decider) []policy.Decider {
	for i, d := range people {
		if identity.BareAddress(d.Address) == identity.BareAddress(also.Address) {
			d.May = slices.Concat(d.May, also.May)
			return append(slices.Clone(people[:i]), append([]policy.Decider{d}, people[i+1:]...)...)
		}
	}
	return append(slices.Clone(people), also)
}

// RefuseOther refuses a key for the name of somebody else.
func (s *Signer) RefuseOther(by string, named bool) error {
	if named && identity.BareAddress(by) != identity.BareAddress(s.Address) {
		return fmt.Errorf("--by %s: the key is that of %s, who is the one that decides with it", by, s.Address)
	}
	return nil
}

// Prove signs a word, and refuses one that does not count. Where the policy names nobody there is nothing to show.
func (w *Signatory) Prove(word decider.Word) (*api.Proof, error) {
	if w.Signer == nil {
		return nil, nil
	}
	proof := decider.SignWord(w.Signer.key, word, time.Now())
	return proof, w.judge.Word(word, proof)
}

// Name is who it is, as far as that is known.
func (w *Signatory) Name() string {
	return Known(w.By, w.Signer != nil)
}

// Known is who somebody is, as far as that is proven.
func Known(by string, proven bool) string {
	if proven {
		return by
	}
	return by + " (unverified)"
}

// DecidersNamed reports that the policy names who may decide, as far as that is known here.
func DecidersNamed(ctx context.Context, a *app.App) bool {
	people, err := a.Deciding(ctx)
	return err == nil && len(people) > 0
}

// Refused says that somebody's word counts for nothing, so that nothing was done.
func Refused(err error, done string) error { return fmt.Errorf("%w. Nothing was %s", err, done) }
