package decider

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
)

// ErrUnproven says that a decision shows nothing of who made it where the policy asks for that.
var ErrUnproven = errors.New("the policy names who may decide (deciders.people), and nothing shows who this is: sign in with `starter " +
	"login`, or make a key with `starter key` and have it named in the policy; then use `starter decide`")

// ErrUnfit says that a signature is of something else.
var ErrUnfit = errors.New("the signature does not fit")

// UnknownKeyError says that a key is nobody's whom the worker knows. It may be one of a sign-in that it has not heard of yet.
type UnknownKeyError string

// Error implements error.
func (e UnknownKeyError) Error() string { return string(e) }

// Judge says whether a decision counts.
type Judge struct {
	// People are those whom the policy in force names. Nobody means that decisions are taken unverified.
	People func() []policy.Decider
	// Slack is the secret by which the gateway vouches for presses of buttons, empty where this worker does not have it.
	Slack httpx.Secret
	Clock func() time.Time

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
	if d.Proof != nil && d.Proof.Press != nil {
		return j.decisionByPress(workflowID, d)
	}
	words, within := decisionWords(workflowID, d), fresh
	if d.Proof != nil && d.Proof.Cause != nil {
		words, within = causeWords(workflowID, d), carriedFor
	}
	said := said{words: words, by: d.By, proof: d.Proof, within: within, scope: Scope(d.Verb, d.Code), unnamed: d.Item == "" || d.Code == ""}
	_, err := j.judge(said)
	return err
}

// said is what somebody says, with what shows that they do.
type said struct {
	words []string
	by    string
	proof *api.Proof
	// within is how old the proof may be, and scope what they have to be allowed to decide about.
	within time.Duration
	scope  string
	// unnamed says that it names no question where it has to.
	unnamed bool
}

// judge says who has said something, or why it does not count. Nobody is whoever it is where the policy names nobody.
func (j *Judge) judge(s said) (policy.Decider, error) {
	nobody, people := policy.Decider{}, j.People()
	switch {
	case len(people) == 0 && s.proof == nil:
		return nobody, nil
	case len(people) == 0:
		return nobody, errors.New("the policy names nobody who may decide (deciders.people), so that a proof cannot be judged: decide without one")
	case s.proof == nil:
		return nobody, ErrUnproven
	}
	who, key, err := j.holder(people, s.proof.Key)
	if err != nil {
		return nobody, err
	}
	if old := j.Clock().Sub(s.proof.At); old > s.within || old < -fresh {
		return nobody, fmt.Errorf("the decision was signed %s away from the worker's time: set the clocks right and decide again", old.Round(time.Second))
	}
	if !ed25519.Verify(key, statement(s.proof.At, s.words), s.proof.Signature) {
		return nobody, fmt.Errorf("%w the decision: it was made for another run, question or answer, or was changed", ErrUnfit)
	}
	if identity.BareAddress(s.by) != identity.BareAddress(who.Address) {
		return nobody, fmt.Errorf("the key is that of %s, and the decision says that %s made it", who.Address, s.by)
	}
	if s.unnamed {
		return nobody, errors.New("a signed decision names the question that it answers: give its item")
	}
	return who, mayAbout(who, s.scope)
}

// mayAbout refuses whoever may not decide about something.
func mayAbout(who policy.Decider, scope string) error {
	if scope == "" || who.MayAbout(scope) {
		return nil
	}
	return fmt.Errorf("%s may decide about %s, and this is %s: somebody has to decide whose deciders.people entry has it",
		who.Address, strings.Join(who.May, ", "), scope)
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
		return policy.Decider{}, nil, UnknownKeyError("no worker knows this key: have it named in deciders.people, or sign in with `starter login` where that is set up")
	}
	s, there := (*known)[id]
	if !there || !s.until.After(j.Clock()) {
		return policy.Decider{}, nil, UnknownKeyError("the key is unknown, or the sign-in is over: `starter login` again, and allow a few seconds for the workers to hear of it")
	}
	for _, each := range people {
		if identity.BareAddress(each.Address) == s.address {
			return each, s.key, nil
		}
	}
	return policy.Decider{}, nil, errors.New("you have signed in, but deciders.people does not name your address")
}

// Learn takes over who has signed in: of each session the provider's token is verified. It returns how many do not stand.
func (j *Judge) Learn(ctx context.Context, sessions []policies.DeciderSession, verify Verify) (refused int) {
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
	case code == api.CodeAgentRequest:
		return policy.MayAgent
	case code == api.NoticeProtectedLeaver:
		return policy.MayProtection
	case strings.HasPrefix(code, "budget_"), strings.HasPrefix(code, "held"):
		return policy.MayBudget
	}
	return policy.MayPlan
}
