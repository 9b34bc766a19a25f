package decider

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// ErrUnproven says that a decision shows nothing of who made it where the policy asks for that.
var ErrUnproven = errors.New("the policy names who may decide (deciders.people), and nothing shows who this is: sign in with `starter " +
	"login`, or make a key with `starter key` and have it named in the policy; then use `starter decide`")

// Judge says whether a decision counts.
type Judge struct {
	// People are those whom the policy in force names. Nobody means that decisions are taken unverified.
	People func() []policy.Decider
	Clock  func() time.Time

	// known are the keys of those who have signed in, by id.
	known atomic.Pointer[map[string]session]
}

type session struct {
	key     ed25519.PublicKey
	address string
	until   time.Time
}

// Judge says why a decision about a run does not count, nil if it does. It asks nobody, so that a run can wait for it.
func (j *Judge) Judge(workflowID string, d api.Decision) error {
	people := j.People()
	switch {
	case len(people) == 0 && d.Proof == nil:
		return nil
	case len(people) == 0:
		return errors.New("the policy names nobody who may decide (deciders.people), so that a proof cannot be judged: decide without one")
	case d.Proof == nil:
		return ErrUnproven
	}
	who, key, err := j.holder(people, d.Proof.Key)
	if err != nil {
		return err
	}
	if off := j.Clock().Sub(d.Proof.At); off > fresh || off < -fresh {
		return fmt.Errorf("the decision was signed %s away from the worker's time: set the clocks right and decide again", off.Round(time.Second))
	}
	if !ed25519.Verify(key, statement(workflowID, d, d.Proof.At), d.Proof.Signature) {
		return errors.New("the signature does not fit the decision: it was made for another run, question or answer, or was changed")
	}
	if identity.BareAddress(d.By) != identity.BareAddress(who.Address) {
		return fmt.Errorf("the key is that of %s, and the decision says that %s made it", who.Address, d.By)
	}
	if d.Item == "" || d.Code == "" {
		return errors.New("a signed decision names the question that it answers: give its item")
	}
	if scope := Scope(d.Verb, d.Code); !slices.Contains(who.May, policy.MayAny) && !slices.Contains(who.May, scope) {
		return fmt.Errorf("%s may decide about %s, and this is %s: somebody has to decide whose deciders.people entry has it",
			who.Address, strings.Join(who.May, ", "), scope)
	}
	return nil
}

// holder is whom the policy names for a key, or for the address that signed in to get it.
func (j *Judge) holder(people []policy.Decider, id string) (policy.Decider, ed25519.PublicKey, error) {
	for _, each := range people {
		if key, err := ParseKey(each.Key); err == nil && KeyID(key) == id {
			return each, key, nil
		}
	}
	known := j.known.Load()
	if known == nil {
		return policy.Decider{}, nil, errors.New("no worker knows this key: have it named in deciders.people, or sign in with `starter login` where that is set up")
	}
	s, there := (*known)[id]
	if !there || !s.until.After(j.Clock()) {
		return policy.Decider{}, nil, errors.New("the key is unknown, or the sign-in is over: `starter login` again, and allow a few seconds for the workers to hear of it")
	}
	for _, each := range people {
		if identity.BareAddress(each.Address) == s.address {
			return each, s.key, nil
		}
	}
	return policy.Decider{}, nil, errors.New("you have signed in, but deciders.people does not name your address")
}

// Learn takes over who has signed in: of each session the provider's token is verified. It returns how many do not stand.
func (j *Judge) Learn(ctx context.Context, sessions []ledger.DeciderSession, verify Verify) (refused int) {
	known := make(map[string]session, len(sessions))
	for _, s := range sessions {
		key := ed25519.PublicKey(s.PublicKey)
		if len(key) != ed25519.PublicKeySize || KeyID(key) != s.KeyID {
			refused++
			continue
		}
		address, err := verify(ctx, s.Token, s.IssuedAt)
		if err != nil || s.ExpiresAt.Sub(s.IssuedAt) > SessionLife {
			refused++
			continue
		}
		known[s.KeyID] = session{key: key, address: identity.BareAddress(address), until: s.ExpiresAt}
	}
	j.known.Store(&known)
	return refused
}

// Scope is what a decision is about, in the words of deciders.people.may.
func Scope(verb, code string) string {
	switch verb {
	case api.VerbLink, api.VerbSeparate:
		return policy.MayIdentity
	case api.VerbApprove, api.VerbDeny:
		return policy.MayResponse
	case api.VerbRetry, api.VerbSkip, api.VerbAbort:
		return policy.MayStep
	}
	switch {
	case code == api.NoticeProtectedLeaver:
		return policy.MayProtection
	case strings.HasPrefix(code, "budget_"), strings.HasPrefix(code, "held"):
		return policy.MayBudget
	}
	return policy.MayPlan
}
