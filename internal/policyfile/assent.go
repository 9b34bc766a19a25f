package policyfile

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
)

// wordsRead is how many acceptances of one policy are read.
const wordsRead = 100

// assent is what is known of who accepts the loss of protection that a policy brings.
type assent struct {
	given bool
	// words are the signed acceptances that count, note what whoever asks has to know of them.
	words []string
	note  string
}

// assent judges who accepts a policy that protects less. Where the policy in force names who may decide, an acceptance is signed by
// one of them, for that policy in force, and two have to accept that accounts or roles are protected no longer.
func (f *File) assent(ctx context.Context, hash string) (assent, error) {
	if f.Ledger == nil {
		return assent{}, nil
	}
	_, unsigned, err := f.Ledger.Policies().PolicyAccepted(ctx, hash)
	if err != nil || f.Deciders == nil || len(f.Deciders.People()) == 0 {
		return assent{given: unsigned}, err
	}
	words, err := f.Ledger.Policies().WordsAbout(ctx, policies.WordOfPolicy(hash), wordsRead)
	if err != nil {
		return assent{}, err
	}
	var a assent
	var by []string
	if unsigned {
		a.note = ". An acceptance that nobody has signed does not count"
	}
	for _, w := range words {
		if f.spent[w.ID] {
			continue
		}
		var proof *api.Proof
		if json.Unmarshal(w.Proof, &proof) != nil {
			proof = nil // It shows nothing, which the judge says.
		}
		who, err := f.Deciders.Carried(decider.PolicyWord(hash, f.Current().Hash(), w.By, w.Reason), proof)
		if err != nil {
			if !strings.Contains(a.note, err.Error()) {
				a.note += ". An acceptance does not count: " + err.Error()
			}
			continue
		}
		a.words = append(a.words, w.ID)
		if !slices.ContainsFunc(by, func(other string) bool { return identity.SameDecider(other, who.Address) }) {
			by = append(by, who.Address)
		}
	}
	switch {
	case !f.twice:
		a.given = len(by) > 0
	case len(by) > 1:
		a.given = true
	case len(by) == 1:
		a.note += ". One has accepted it; it gives up the protection of accounts or roles, so that another person has to accept it too"
	}
	return a, nil
}
