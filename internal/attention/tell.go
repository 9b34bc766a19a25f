package attention

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
)

// tell posts what has to be told now: one message for each item, however many wait because of it.
func (k *Keeper) tell(ctx context.Context) error {
	due, err := k.o.Ledger.Worklist().ItemsToTell(ctx, worklist.Telling{Settle: 2 * k.o.Every, Repeat: k.o.Repeat}, batch)
	if err != nil {
		return err
	}
	var failed error
	for _, item := range due {
		if err := k.tellOne(ctx, item); err != nil {
			failed = errors.Join(failed, fmt.Errorf("tell item %s: %w", item.ID, err))
		}
	}
	return failed
}

func (k *Keeper) tellOne(ctx context.Context, item worklist.Item) error {
	now := k.o.Clock()
	overdue := !item.Deadline.IsZero() && !item.Deadline.After(now)
	what := "raised"
	switch {
	case overdue && item.OverdueToldAt.IsZero():
		what = "overdue"
	case !item.ToldAt.IsZero():
		what = "again/" + strconv.FormatInt(item.ToldAt.UnixMicro(), 10)
	}
	m := message(item, overdue, now)
	m.OnceKey = "attention/" + item.ID + "/" + strconv.FormatInt(item.RaisedAt.UnixMicro(), 10) + "/" + what
	told := k.offer(ctx, &m, item)
	if told == nil {
		told = k.postItem(ctx, m, item.ID)
	}
	if item.Severity >= worklist.SeverityCritical && k.o.Page != nil && !k.o.Observes() {
		// Whoever is woken is told, whatever becomes of the message.
		if err := k.o.Page(ctx, item); err == nil {
			told = nil
		} else {
			told = errors.Join(told, err)
		}
	}
	if told != nil {
		return told
	}
	if err := k.o.Ledger.Worklist().ToldItem(ctx, item.ID, overdue); err != nil || item.JoinedAt.IsZero() {
		return err
	}
	return k.o.Ledger.Worklist().ToldJoined(ctx, item.ID, item.JoinedAt)
}

// postItem posts a message about an item, and keeps where it is if it has buttons.
func (k *Keeper) postItem(ctx context.Context, m api.Message, id string) error {
	at, err := k.post(ctx, m)
	if err != nil || len(m.Buttons) == 0 || at.Timestamp == "" {
		return err
	}
	return k.o.Ledger.Worklist().PostedItem(ctx, id, at.Channel, at.Timestamp)
}

// post posts to whoever is to read it, and to the other channel where that one cannot be written to.
func (k *Keeper) post(ctx context.Context, m api.Message) (api.Posted, error) {
	at, err := k.o.Post(ctx, m)
	if err == nil {
		return at, nil
	}
	m.Audience, m.OnceKey = other(m.Audience), m.OnceKey+"/elsewhere"
	at, again := k.o.Post(ctx, m)
	if again != nil {
		return at, errors.Join(err, again)
	}
	return at, nil
}

func other(a api.Audience) api.Audience {
	if a == api.AudienceSecurity {
		return api.AudienceIT
	}
	return api.AudienceSecurity
}

// message says what is wrong, how many wait and what to do, in its first line: a notification shows no more.
func message(item worklist.Item, overdue bool, now time.Time) api.Message {
	title := item.Text
	if item.Holders > 1 {
		title = fmt.Sprintf("%s %d wait because of it.", title, item.Holders)
	}
	if overdue {
		title = "STILL OPEN after " + age(now.Sub(item.RaisedAt)) + ": " + title
	}
	if item.Severity >= worklist.SeverityCritical {
		title = "CRITICAL: " + title
	}
	m := api.Message{
		Kind: api.MessageItem, Audience: api.AudienceIT, Text: title, Step: item.Next,
		Lines: []api.Line{
			{Label: "Item", Value: item.ID + ", " + item.System + ", " + item.Class},
			{Label: "Open since", Value: age(now.Sub(item.RaisedAt))},
			{Label: "Show it", Value: "starter attention show " + item.ID},
			{Label: "Live with it", Value: "starter attention accept " + item.ID + " --until DATE --reason WHY"},
		},
	}
	if item.Owner == "security" {
		m.Audience = api.AudienceSecurity
	}
	if item.Severity >= worklist.SeverityCritical {
		m.Lines = append(m.Lines, api.Line{Label: "Not again", Value: "starter attention take " + item.ID})
	}
	return m
}

// digest posts once a day what is open: counts by system and class, and nobody's key.
func (k *Keeper) digest(ctx context.Context) error {
	now := k.o.Clock()
	local := now.In(k.o.Zone())
	day := local.Format(time.DateOnly)
	if local.Hour() < digestHour || k.digested == day {
		return nil
	}
	open, err := k.o.Ledger.Worklist().ItemKinds(ctx)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		if _, err := k.post(ctx, digest(open, day, now)); err != nil {
			return fmt.Errorf("post the daily digest: %w", err)
		}
	}
	k.digested = day
	return nil
}

// digestLines is how many lines a digest has at most.
const digestLines = 20

func digest(open []worklist.ItemKind, day string, now time.Time) api.Message {
	total, counts := 0, map[worklist.Severity]int{}
	m := api.Message{Kind: api.MessageDigest, Audience: api.AudienceIT, OnceKey: "attention/digest/" + day}
	for i, kind := range open {
		total += kind.Items
		counts[kind.Severity] += kind.Items
		if i < digestLines {
			m.Lines = append(m.Lines, api.Line{
				Label: kind.Severity.String(), Value: fmt.Sprintf("%d of %s/%s, %d wait, the oldest for %s", kind.Items, kind.System, kind.Class, kind.Holders, age(now.Sub(kind.Oldest))),
			})
		}
	}
	if more := len(open) - digestLines; more > 0 {
		m.Lines = append(m.Lines, api.Line{Label: "And", Value: fmt.Sprintf("%d kinds more", more)})
	}
	var parts []string
	for _, s := range []worklist.Severity{worklist.SeverityCritical, worklist.SeverityWarning, worklist.SeverityInfo} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	m.Text, m.Step = fmt.Sprintf("Daily digest, %d open (%s).", total, strings.Join(parts, ", ")), "starter attention list"
	return m
}

// age is a time gone by as people say it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
