package attention

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	m, err := message(item, overdue, now)
	if err != nil {
		return err
	}
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
func message(item worklist.Item, overdue bool, now time.Time) (api.Message, error) {
	title, lines, err := sayOn(item, overdue, now)
	m := api.Message{Kind: api.MessageItem, Audience: api.AudienceIT, Text: title, Step: item.Next, Lines: lines}
	if item.Owner == "security" {
		m.Audience = api.AudienceSecurity
	}
	return m, err
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
		m, err := digest(open, day, now)
		if err == nil {
			_, err = k.post(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("post the daily digest: %w", err)
		}
	}
	k.digested = day
	return nil
}

// digestLines is how many lines a digest has at most.
const digestLines = 20

func digest(open []worklist.ItemKind, day string, now time.Time) (api.Message, error) {
	v, counts := view{More: max(0, len(open)-digestLines)}, map[worklist.Severity]int{}
	for i, each := range open {
		v.Total += each.Items
		counts[each.Severity] += each.Items
		if i < digestLines {
			v.Kinds = append(v.Kinds, kind{
				Severity: each.Severity.String(), System: each.System, Class: each.Class, Items: each.Items, Waiting: each.Holders, Age: age(now.Sub(each.Oldest)),
			})
		}
	}
	for _, s := range []worklist.Severity{worklist.SeverityCritical, worklist.SeverityWarning, worklist.SeverityInfo} {
		if counts[s] > 0 {
			v.Severities = append(v.Severities, severity{s.String(), counts[s]})
		}
	}
	said, err := texts.Lines("digest", v)
	if err != nil {
		return api.Message{}, err
	}
	return api.Message{
		Kind: api.MessageDigest, Audience: api.AudienceIT, OnceKey: "attention/digest/" + day,
		Text: said[0].String(), Step: said[1].String(), Lines: labelled(said[2:]),
	}, nil
}
