package agents

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// An answer has at most 20,000 tokens: no text has more of them than bytes. maxItems of these are for the items of a list.
const (
	maxAnswer = 20_000
	maxItems  = 15_000
)

// size is what a value takes in an answer.
func size(v any) int {
	text, err := json.Marshal(v)
	if err != nil {
		return maxAnswer
	}
	return len(text) + 1
}

// fitting returns as many of the first items as fit, and at least one if there is any.
func fitting[T any](items []T, most int) []T {
	left := most
	for i, item := range items {
		if left -= size(item); left < 0 && i > 0 {
			return items[:i]
		}
	}
	return items
}

// following returns the items that stand behind a place in a list that is in the order of places. What came or went meanwhile
// moves nobody to another page.
func following[T any](items []T, place string, of func(T) string) []T {
	for i, item := range items {
		if place == "" || of(item) > place {
			return items[i:]
		}
	}
	return nil
}

// next is the cursor of what stands behind a place. It holds for the same agent and the same question.
func (a *asked) next(place string, question ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(place)) + "." + a.seal(place, question)
}

// place is where a cursor says that a list goes on, "" for its beginning.
func (a *asked) place(cursor string, question ...string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	text, seal, _ := strings.Cut(cursor, ".")
	place, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(place) == 0 || seal != a.seal(string(place), question) {
		return "", wrong("after is the value of next in an answer to the same question")
	}
	return string(place), nil
}

func (a *asked) seal(place string, question []string) string {
	text, err := json.Marshal([]any{a.agent.Name, a.tool.name, question, place})
	if err != nil {
		return ""
	}
	return a.Ledger.Digest(string(text))[:24]
}
