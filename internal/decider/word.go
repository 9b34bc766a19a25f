package decider

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// Word is what somebody says of their own accord, and not as an answer to a question of a run.
type Word struct {
	// Kind is what kind of word it is, and Scope what they have to be allowed to decide about, empty for what is granted otherwise.
	Kind, Scope string
	By, Reason  string
	// Details are everything else that is said.
	Details []string
}

// OrderWord is an order that somebody gives. Who gives hold orders is said by deciders.hold.
func OrderWord(o identity.Order) Word {
	w := Word{Kind: "order", Scope: policy.MayOrder, By: o.By, Reason: o.Reason, Details: []string{
		o.ID, o.Key, string(o.Kind), moment(o.At), moment(o.Until), o.Group, strings.Join(o.Roles, "\n"), strconv.Itoa(o.Minutes),
	}}
	for _, name := range slices.Sorted(maps.Keys(o.Attributes)) {
		w.Details = append(w.Details, name+"="+o.Attributes[name])
	}
	if o.Kind == identity.OrderHold {
		w.Scope = ""
	}
	return w
}

// ReleaseWord is the end of an order.
func ReleaseWord(o identity.Order, by, reason string) Word {
	w := Word{Kind: "release", Scope: policy.MayOrder, By: by, Reason: reason, Details: []string{o.ID, string(o.Kind)}}
	if o.Kind == identity.OrderHold {
		w.Scope = ""
	}
	return w
}

// MFAWord is an exception from second factors, carried to a run.
func MFAWord(workflowID, verb string, d api.MFADecision) Word {
	return Word{Kind: "mfa", Scope: policy.MayMFA, By: d.By, Reason: d.Reason, Details: []string{workflowID, verb, moment(d.Until)}}
}

// AccountWord is what somebody says about an account.
func AccountWord(verb, by, reason string, details ...string) Word {
	return Word{Kind: "account " + verb, Scope: policy.MayIdentity, By: by, Reason: reason, Details: details}
}

// ListWord is what somebody says about an authorised list: they file, approve or withdraw it.
func ListWord(verb, id, hash, by, reason string) Word {
	return Word{Kind: "list " + verb, Scope: policy.MayList, By: by, Reason: reason, Details: []string{id, hash}}
}

// PolicyWord accepts that a policy protects less than the one in force.
func PolicyWord(hash, over, by, reason string) Word {
	return Word{Kind: "policy accept", Scope: policy.MayPolicy, By: by, Reason: reason, Details: []string{hash, over}}
}

// ItemWord is what somebody says about an item as they see it: they take it, or live with it until a day. It fits the item no more
// once that was raised anew or rests on something else.
func ItemWord(verb string, i worklist.Item, until time.Time, by, reason string) Word {
	w := Word{Kind: "item " + verb, By: by, Reason: reason, Details: []string{
		i.ID, strconv.FormatInt(i.RaisedAt.UnixMicro(), 10), i.Evidence, moment(until),
	}}
	if verb != policies.WordTake {
		w.Scope = ItemScope(i)
	}
	return w
}

// ItemScope is what somebody has to be allowed to decide about who lives with an item: what its question is about, or else whose it is.
func ItemScope(i worklist.Item) string {
	switch i.Class {
	case api.NoticeLeaverDoubt, api.NoticeLeaverNamesake, api.NoticeNewOwner, api.NoticeCredentialOwner:
		return policy.MayIdentity
	case "credential", "unavailable", "refused", "failing", "down":
		return policy.MayStep
	}
	scope := Scope("", i.Class)
	if scope == policy.MayPlan && i.Owner == "security" {
		return policy.MayResponse
	}
	return scope
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (w Word) words() []string {
	return append([]string{"gatehouse word 1", w.Kind, w.By, w.Reason}, w.Details...)
}

// SignWord proves that a word is that of the holder of a key.
func SignWord(key ed25519.PrivateKey, w Word, at time.Time) *api.Proof {
	return sign(key, at, w.words()...)
}

// wordID is the name of a signed word: the same signature is the same word.
func wordID(p *api.Proof) string {
	sum := sha256.Sum256(p.Signature)
	if p.Press != nil {
		sum = sha256.Sum256(p.Press.Vouch)
	}
	return hex.EncodeToString(sum[:16])
}

// Said is a signed word as the ledger keeps it until a worker has judged it. The same signature twice is one word.
func Said(word policies.Word, proof *api.Proof) (policies.Word, error) {
	text, err := json.Marshal(proof)
	if err != nil {
		return policies.Word{}, fmt.Errorf("write down a signature: %w", err)
	}
	word.ID, word.Proof = wordID(proof), text
	return word, nil
}

// Word says why somebody's word does not count, nil if it does.
func (j *Judge) Word(w Word, proof *api.Proof) error {
	if proof != nil && proof.Cause != nil {
		return errors.New("the proof is one of a decision about a cause")
	}
	_, err := j.judge(said{words: w.words(), by: w.By, proof: proof, within: fresh, scope: w.Scope})
	return err
}

// Carried says who has signed a word that the ledger kept for a worker, or why it does not count. It may be a day on its way.
// Where the policy names nobody there is nothing that it could be judged by.
func (j *Judge) Carried(w Word, proof *api.Proof) (policy.Decider, error) {
	switch {
	case proof == nil:
		return policy.Decider{}, ErrUnproven
	case proof.Cause != nil:
		return policy.Decider{}, errors.New("the proof is one of a decision about a cause")
	}
	return j.judge(said{words: w.words(), by: w.By, proof: proof, within: carriedFor, scope: w.Scope})
}
