package attention_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return key
}

func named(address string, key ed25519.PrivateKey, may ...string) policy.Decider {
	return policy.Decider{Address: address, Key: decider.FormatKey(key.Public().(ed25519.PublicKey)), May: may}
}

// item is one of the list as it is.
func (k *kept) item(system string) worklist.Item {
	k.t.Helper()
	found, err := k.ledger.Worklist().Items(k.t.Context(), worklist.ItemFilter{ID: worklist.ItemID(system, "down", "")})
	require.NoError(k.t, err)
	require.Len(k.t, found, 1)
	return found[0]
}

// says writes down a word about an item.
func (k *kept) says(id string, w decider.Word, verb string, until time.Time, proof *api.Proof) {
	k.t.Helper()
	word := policies.Word{ID: "unsigned", About: policies.WordOfItem(id), Verb: verb, By: w.By, Reason: w.Reason, Until: until, Proof: []byte("null")}
	if proof != nil {
		var err error
		word, err = decider.Said(word, proof)
		require.NoError(k.t, err)
	}
	_, err := k.ledger.Policies().Say(k.t.Context(), word)
	require.NoError(k.t, err)
}

// TestWordAboutAnItem: a word counts if somebody whom the policy names has signed it for this item as it is. Any other leaves the
// item as it was, and says why.
func TestWordAboutAnItem(t *testing.T) {
	t.Parallel()
	ann, eve := newKey(t), newKey(t)
	for name, c := range map[string]struct {
		verb string
		// key and by sign it; change is what is done to it afterwards, meanwhile what happens before it is judged.
		key       ed25519.PrivateKey
		by        string
		may       string
		unsigned  bool
		other     bool
		changed   bool
		meanwhile func(k *kept)
		want      string
	}{
		"taken":                     {verb: "take", may: policy.MayMFA},
		"accepted":                  {verb: "accept", may: policy.MayStep},
		"by whoever may all":        {verb: "accept", may: policy.MayAny},
		"take that is unsigned":     {verb: "take", unsigned: true, may: policy.MayAny, want: "nothing shows who this is"},
		"accept that is unsigned":   {verb: "accept", unsigned: true, may: policy.MayAny, want: "nothing shows who this is"},
		"accepted without scope":    {verb: "accept", may: policy.MayPlan, want: "this is step"},
		"taken by an outsider":      {verb: "take", key: eve, may: policy.MayAny, want: "no worker knows this key"},
		"accepted by an outsider":   {verb: "accept", key: eve, may: policy.MayAny, want: "no worker knows this key"},
		"in somebody's name":        {verb: "take", by: "bob@acme.example", may: policy.MayAny, want: "the key is that of"},
		"taken, for another item":   {verb: "take", other: true, may: policy.MayAny, want: "does not fit"},
		"accepted, of another item": {verb: "accept", other: true, may: policy.MayAny, want: "does not fit"},
		"another end":               {verb: "accept", changed: true, may: policy.MayAny, want: "does not fit"},
		"a day too late":            {verb: "take", may: policy.MayAny, meanwhile: func(k *kept) { k.advance(25 * time.Hour) }, want: "away from the worker's time"},
		"removed from the policy": {verb: "take", may: policy.MayAny, want: "no worker knows this key", meanwhile: func(k *kept) {
			k.named = []policy.Decider{named("bob@acme.example", eve, policy.MayAny)}
			k.advance(3 * time.Minute)
		}},
		"closed meanwhile": {verb: "take", may: policy.MayAny, want: "the item is closed", meanwhile: func(k *kept) {
			require.NoError(k.t, k.ledger.Worklist().ClearItem(k.t.Context(), "onelogin", "down", ""))
		}},
		"resting on something else": {verb: "accept", may: policy.MayAny, want: "the item has changed since", meanwhile: func(k *kept) {
			i := k.raise("onelogin", worklist.SeverityCritical)
			i.Evidence = "more"
			require.NoError(k.t, k.ledger.Worklist().RaiseItem(k.t.Context(), i))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKept(t)
			k.named = []policy.Decider{named("ann@acme.example", ann, c.may)}
			k.raise("onelogin", worklist.SeverityCritical)
			k.raise("jira", worklist.SeverityCritical)
			k.looks()
			item, about, by, key, until := k.item("onelogin"), k.item("onelogin"), c.by, c.key, time.Time{}
			if c.other {
				about = k.item("jira")
			}
			if by == "" {
				by = "ann@acme.example"
			}
			if key == nil {
				key = ann
			}
			if c.verb == policies.WordAccept {
				until = k.Now().Add(48 * time.Hour).UTC()
			}
			w := decider.ItemWord(c.verb, about, until, by, "it is known")
			proof := decider.SignWord(key, w, k.Now())
			if c.unsigned {
				proof = nil
			}
			if c.changed {
				until = until.Add(24 * time.Hour)
			}
			k.says(item.ID, w, c.verb, until, proof)
			if c.meanwhile != nil {
				c.meanwhile(k)
			}
			k.advance(3 * time.Minute)
			k.looks()
			words, err := k.ledger.Policies().WordsAbout(t.Context(), policies.WordOfItem(item.ID), 5)
			require.NoError(t, err)
			require.Len(t, words, 1)
			require.NotZero(t, words[0].JudgedAt)
			now := k.item("onelogin")
			if c.want != "" {
				require.Contains(t, words[0].Refused, c.want)
				require.Zero(t, now.TakenAt)
				require.Nil(t, now.Accepted)
				return
			}
			require.Empty(t, words[0].Refused)
			require.Equal(t, c.verb == policies.WordTake, now.TakenBy == by && now.TakenWord == words[0].ID)
			require.Equal(t, c.verb == policies.WordAccept, now.Accepted != nil && now.Accepted.By == by && now.Accepted.Word == words[0].ID)
		})
	}
}

// TestWordIsSaidOnce: a word that is written down again after the item was raised anew, or in the same shape, changes nothing.
func TestWordIsSaidOnce(t *testing.T) {
	t.Parallel()
	ann := newKey(t)
	k := newKept(t)
	k.named = []policy.Decider{named("ann@acme.example", ann, policy.MayAny)}
	k.raise("onelogin", worklist.SeverityCritical)
	k.looks()
	item := k.item("onelogin")
	w := decider.ItemWord(policies.WordTake, item, time.Time{}, "ann@acme.example", "")
	proof := decider.SignWord(ann, w, k.Now())
	k.says(item.ID, w, policies.WordTake, time.Time{}, proof)
	k.looks()
	require.NotZero(t, k.item("onelogin").TakenAt)
	require.NoError(t, k.ledger.Worklist().ClearItem(t.Context(), "onelogin", "down", ""))
	k.advance(11 * time.Minute)
	k.raise("onelogin", worklist.SeverityCritical)
	require.Zero(t, k.item("onelogin").TakenAt, "it is a new one")
	k.says(item.ID, w, policies.WordTake, time.Time{}, proof)
	k.looks()
	require.Zero(t, k.item("onelogin").TakenAt)
}

// TestWhatNobodySignedIsTakenBack where the policy names who may decide; before that it stands.
func TestWhatNobodySignedIsTakenBack(t *testing.T) {
	t.Parallel()
	ann := newKey(t)
	k := newKept(t)
	k.raise("onelogin", worklist.SeverityCritical)
	k.raise("jira", worklist.SeverityWarning)
	k.advance(time.Minute)
	k.looks()
	require.NoError(t, k.ledger.Worklist().TakeItem(t.Context(), k.item("onelogin").ID, "ann"))
	require.NoError(t, k.ledger.Worklist().AcceptItem(t.Context(), k.item("jira").ID, worklist.Acceptance{By: "ann", Reason: "x", Until: k.Now().Add(48 * time.Hour)}))
	k.looks()
	require.NotZero(t, k.item("onelogin").TakenAt)
	require.NotNil(t, k.item("jira").Accepted)
	k.named = []policy.Decider{named("ann@acme.example", ann, policy.MayAny)}
	k.looks()
	require.Zero(t, k.item("onelogin").TakenAt)
	require.Nil(t, k.item("jira").Accepted)
	k.advance(2 * time.Minute)
	said := k.looks()
	require.Contains(t, said, "it: jira is down.", "and whoever is to see to it is told")
}
