// Package decider tells who has decided. A decision carries a proof: a signature by a key that the policy names, or by one
// that was made when somebody signed in at the identity provider. Workers judge it before a run hears of the decision.
package decider

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
)

// fresh is how far a proof's time may be from the judge's: one that was taken down somewhere is of no use later.
const fresh = 10 * time.Minute

// keyPrefix begins a public key in policy.yaml.
const keyPrefix = "ed25519:"

// Sign proves that a decision about a run was made by the holder of a key.
func Sign(key ed25519.PrivateKey, workflowID string, d api.Decision, at time.Time) *api.Proof {
	return sign(key, at, decisionWords(workflowID, d)...)
}

// sign makes a proof of words.
func sign(key ed25519.PrivateKey, at time.Time, words ...string) *api.Proof {
	p := &api.Proof{Key: KeyID(key.Public().(ed25519.PublicKey)), At: at.UTC().Truncate(time.Second)}
	p.Signature = ed25519.Sign(key, statement(p.At, words))
	return p
}

// decisionWords are what a proof covers: a decision that is carried to another run or question, or changed, has none.
func decisionWords(workflowID string, d api.Decision) []string {
	return []string{"gatehouse decision 1", workflowID, d.Verb, d.Item, d.Code, d.Step, d.By, d.Reason}
}

// statement is what is signed: words, the first of which says what they are, and a time.
func statement(at time.Time, words []string) []byte {
	text, err := json.Marshal(append(slices.Clone(words), at.UTC().Format(time.RFC3339)))
	if err != nil {
		panic(fmt.Sprintf("a list of texts cannot be written as JSON: %v", err))
	}
	return text
}

// KeyID is the short name of a public key.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// FormatKey writes a public key as policy.yaml has it.
func FormatKey(key ed25519.PublicKey) string {
	return keyPrefix + base64.StdEncoding.EncodeToString(key)
}

// ParseKey reads a public key as policy.yaml has it.
func ParseKey(text string) (ed25519.PublicKey, error) {
	rest, found := strings.CutPrefix(text, keyPrefix)
	key, err := base64.StdEncoding.DecodeString(rest)
	if !found || err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("it is no public key of an operator, which `starter key` prints with ed25519: before it")
	}
	return key, nil
}
