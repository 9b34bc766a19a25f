package decider

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gatehouse/activities/api"
)

// carriedFor is how long a decision about a cause may be on its way to those who wait. It is bound to their questions, so that
// it fits nothing that is asked later.
const carriedFor = 24 * time.Hour

// Cause is one answer for everybody who waits because of an item.
type Cause struct {
	// Item is the fingerprint of the cause.
	Item, Verb, By, Reason string
}

// Question is what one run waits with.
type Question struct{ Workflow, Step, Item, Code string }

// SignedCause is a decision about a cause as it was signed, with digests of all questions that it answers.
type SignedCause struct {
	Proof api.Proof `json:"proof"`
	// Questions are the digests, sorted.
	Questions [][]byte `json:"questions"`

	// tree has the digests, then those of each two of them, and so on until there is one.
	tree [][][]byte
}

// SignCause proves that a decision about a cause was made by the holder of a key for exactly these questions.
func SignCause(key ed25519.PrivateKey, c Cause, questions []Question, at time.Time) *SignedCause {
	s := &SignedCause{Questions: make([][]byte, len(questions))}
	for i, q := range questions {
		s.Questions[i] = q.digest()
	}
	slices.SortFunc(s.Questions, bytes.Compare)
	s.Questions = slices.CompactFunc(s.Questions, bytes.Equal)
	levels := s.levels()
	s.Proof = *sign(key, at, c.words(len(s.Questions), levels[len(levels)-1][0])...)
	return s
}

// Encode writes a signed decision as the ledger keeps it.
func (s *SignedCause) Encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write down a signed decision about a cause: %w", err)
	}
	return text, nil
}

// DecodeCause reads what Encode has written.
func DecodeCause(text []byte) (*SignedCause, error) {
	var s SignedCause
	if err := json.Unmarshal(text, &s); err != nil || len(s.Questions) == 0 {
		return nil, errors.New("what the ledger keeps of a signed decision about a cause cannot be read")
	}
	return &s, nil
}

// ProofFor is the proof that a decision about a cause carries to one question; nil if it was not signed for it.
func (s *SignedCause) ProofFor(c Cause, q Question) *api.Proof {
	at, found := slices.BinarySearchFunc(s.Questions, q.digest(), bytes.Compare)
	if !found {
		return nil
	}
	p := s.Proof
	p.Cause = &api.CauseProof{Item: c.Item, Questions: len(s.Questions)}
	levels := s.levels()
	for _, level := range levels[:len(levels)-1] {
		if beside := at ^ 1; beside < len(level) {
			p.Cause.Path = append(p.Cause.Path, level[beside])
		}
		at /= 2
	}
	return &p
}

// levels makes the tree when it is first needed.
func (s *SignedCause) levels() [][][]byte {
	if s.tree != nil {
		return s.tree
	}
	levels := [][][]byte{s.Questions}
	for last := s.Questions; len(last) > 1; last = levels[len(levels)-1] {
		var next [][]byte
		for pair := range slices.Chunk(last, 2) {
			if len(pair) == 1 {
				next = append(next, pair[0])
				continue
			}
			next = append(next, both(pair[0], pair[1]))
		}
		levels = append(levels, next)
	}
	s.tree = levels
	return levels
}

// words are what is signed of a decision about a cause.
func (c Cause) words(questions int, root []byte) []string {
	return []string{
		"gatehouse cause 1", c.Item, c.Verb, c.By, c.Reason, strconv.Itoa(questions), hex.EncodeToString(root),
	}
}

// digest tells a question from all others. The byte before it keeps it from being taken for a digest of two.
func (q Question) digest() []byte {
	text, err := json.Marshal([]string{q.Workflow, q.Step, q.Item, q.Code})
	if err != nil {
		panic(fmt.Sprintf("a list of texts cannot be written as JSON: %v", err))
	}
	sum := sha256.Sum256(append([]byte{0}, text...))
	return sum[:]
}

// both is the digest of two digests, in whatever order they are given.
func both(a, b []byte) []byte {
	if bytes.Compare(a, b) > 0 {
		a, b = b, a
	}
	sum := sha256.Sum256(slices.Concat([]byte{1}, a, b))
	return sum[:]
}

// causeWords are what the proof of a decision about a cause covers, as one of its questions knows it.
func causeWords(workflowID string, d api.Decision) []string {
	root := Question{Workflow: workflowID, Step: d.Step, Item: d.Item, Code: d.Code}.digest()
	for _, beside := range d.Proof.Cause.Path {
		root = both(root, beside)
	}
	cause := Cause{Item: d.Proof.Cause.Item, Verb: d.Verb, By: d.By, Reason: d.Reason}
	return cause.words(d.Proof.Cause.Questions, root)
}
