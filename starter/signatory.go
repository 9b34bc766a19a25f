package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/decider"
)

// signatory is who says something of their own accord: an order, a word about an account, an exception.
type signatory struct {
	by     string
	signer *signer
	judge  *decider.Judge
}

// authorOf finds out who says something, and the key that shows it where the policy names who may decide.
func authorOf(cmd *cobra.Command, a *app.App, by, keyFile string) (*signatory, error) {
	people, err := a.Deciding(cmd.Context())
	if err != nil {
		return nil, err
	}
	if len(people) == 0 && keyFile == "" {
		return &signatory{by: by}, nil
	}
	s, err := findSigner(keyFile, time.Now())
	if err != nil {
		return nil, err
	}
	if err := s.is(by, cmd.Flags().Changed("by")); err != nil {
		return nil, err
	}
	judge, err := a.DecidersJudge(cmd.Context(), people, !s.Expires.IsZero())
	if err != nil {
		return nil, err
	}
	return &signatory{by: s.Address, signer: s, judge: judge}, nil
}

// is refuses a key for the name of somebody else.
func (s *signer) is(by string, named bool) error {
	if named && identity.BareAddress(by) != identity.BareAddress(s.Address) {
		return fmt.Errorf("--by %s: the key is that of %s, who is the one that decides with it", by, s.Address)
	}
	return nil
}

// prove signs a word, and refuses one that does not count. Where the policy names nobody there is nothing to show.
func (w *signatory) prove(word decider.Word) (*api.Proof, error) {
	if w.signer == nil {
		return nil, nil
	}
	proof := decider.SignWord(w.signer.key, word, time.Now())
	return proof, w.judge.Word(word, proof)
}

// name is who it is, as far as that is known.
func (w *signatory) name() string {
	return known(w.by, w.signer != nil)
}

// known is who somebody is, as far as that is proven.
func known(by string, proven bool) string {
	if proven {
		return by
	}
	return by + " (unverified)"
}

// decidersNamed reports that the policy names who may decide, as far as that is known here.
func decidersNamed(ctx context.Context, a *app.App) bool {
	people, err := a.Deciding(ctx)
	return err == nil && len(people) > 0
}
