package step

import (
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
)

// NoTime is the time of what has none.
var NoTime time.Time

// verbs describes every decision to the person who has to make it.
var verbs = []struct{ name, description string }{
	{api.VerbRetry, "Try the parked step again."},
	{api.VerbSkip, "Go on without the parked step. Recorded with your name."},
	{api.VerbAbort, "End this run at the parked step. Recorded with your name."},
	{api.VerbAllow, "Let the plan go ahead although it was held."},
	{api.VerbReject, "Do not carry the plan out. Nothing changes until HR or an order does."},
	{api.VerbLink, "The two records are the same human: treat them as one person."},
	{api.VerbSeparate, "The two records are different humans: keep them apart from now on."},
}

// SameQuestion reports that what was told is a question of the item's kind, whatever the plan in it.
func SameQuestion(told string, item api.Attention) bool {
	return told == CodeOf(item) || strings.HasPrefix(told, CodeOf(item)+"/")
}

// EffectKey is <person>/<episode>/<effect>.
func EffectKey(key string, episode int, name string) string {
	return key + "/" + strconv.Itoa(episode) + "/" + name
}
