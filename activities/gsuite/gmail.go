package gsuite

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"google.golang.org/api/gmail/v1"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/google"
)

// mailbox is how Gmail calls the mailbox of whoever is signed in.
const mailbox = "me"

// maxDrafts is how many drafts are looked through for one of ours. Drafts go when they are sent, so there are few.
const maxDrafts = 100

// Configured implements [letters.Sender].
func (g *Gmail) Configured() bool { return g.Client != nil }

// Deliver sends an e-mail. Gmail takes no idempotency key, but a draft can be sent only once: it is gone afterwards. So
// the draft is made first and its id kept in the ledger, and an attempt at sending that may be the second one looks
// whether the draft is still there. Source: Google, "Create and send draft emails".
func (g *Gmail) Deliver(ctx context.Context, l letters.Letter) (api.Mailed, error) {
	if g.Client == nil {
		return api.Mailed{}, NotConfigured()
	}
	marker := step.Mark(l.OnceKey)
	raw, err := l.Compose(letters.Envelope{Name: g.Name, From: g.Sender, Marker: marker})
	if err != nil {
		return api.Mailed{}, err
	}
	draftKey := l.OnceKey + "/draft"
	draft, err := step.Once(ctx, g.Ledger, g.Clock, step.Creation[string]{
		Key:  draftKey,
		Find: func(ctx context.Context, _ time.Time) (string, bool, error) { return g.findDraft(ctx, marker) },
		Make: func(ctx context.Context) (string, error) { return g.createDraft(ctx, raw) },
	})
	if err != nil {
		return api.Mailed{}, letters.OfOne(err)
	}
	mailed, err := g.send(ctx, l.OnceKey+"/sent", draftKey, draft)
	return mailed, letters.OfOne(err)
}

func (g *Gmail) createDraft(ctx context.Context, raw []byte) (string, error) {
	draft, err := ask(ctx, g.Client, "prepare an e-mail", func(ctx context.Context) (*gmail.Draft, error) {
		return g.Client.Gmail.Users.Drafts.Create(mailbox, &gmail.Draft{
			Message: &gmail.Message{Raw: base64.URLEncoding.EncodeToString(raw)},
		}).Fields("id").Context(ctx).Do()
	})
	if err != nil {
		return "", err
	}
	if draft.Id == "" {
		return "", &connectors.Error{System: google.System, Op: "prepare an e-mail", Kind: connectors.KindMalformed}
	}
	return draft.Id, nil
}

// findDraft looks through the drafts for one with the marker. One that is overlooked stays behind unsent and does no
// harm.
func (g *Gmail) findDraft(ctx context.Context, marker string) (string, bool, error) {
	list, err := ask(ctx, g.Client, "look for a prepared e-mail", func(ctx context.Context) (*gmail.ListDraftsResponse, error) {
		return g.Client.Gmail.Users.Drafts.List(mailbox).MaxResults(maxDrafts).Fields("drafts(id)").Context(ctx).Do()
	})
	if err != nil {
		return "", false, err
	}
	for _, each := range list.Drafts {
		draft, err := g.draft(ctx, each.Id)
		if step.IsNotFound(err) {
			continue // sent meanwhile
		}
		if err != nil {
			return "", false, err
		}
		if draft.Message == nil || draft.Message.Payload == nil {
			continue
		}
		for _, h := range draft.Message.Payload.Headers {
			if h.Name == letters.KeyHeader && h.Value == marker {
				return each.Id, true, nil
			}
		}
	}
	return "", false, nil
}

func (g *Gmail) draft(ctx context.Context, id string) (*gmail.Draft, error) {
	return ask(ctx, g.Client, "look at a prepared e-mail", func(ctx context.Context) (*gmail.Draft, error) {
		return g.Client.Gmail.Users.Drafts.Get(mailbox, id).Format("metadata").Fields("id,message(payload(headers))").Context(ctx).Do()
	})
}

// send sends the draft. That it is gone means sent if an earlier attempt may have done it, and deleted by a person if
// this is the first one: then both claims are given up, and the next attempt writes the e-mail anew.
func (g *Gmail) send(ctx context.Context, key, draftKey, draft string) (api.Mailed, error) {
	second, vanished := false, false
	mailed, err := step.Once(ctx, g.Ledger, g.Clock, step.Creation[api.Mailed]{
		Key: key,
		Find: func(ctx context.Context, _ time.Time) (api.Mailed, bool, error) {
			second = true
			_, err := g.draft(ctx, draft)
			if step.IsNotFound(err) {
				return api.Mailed{Adopted: true}, true, nil
			}
			return api.Mailed{}, false, err
		},
		Make: func(ctx context.Context) (api.Mailed, error) {
			sent, err := ask(ctx, g.Client, "send an e-mail", func(ctx context.Context) (*gmail.Message, error) {
				return g.Client.Gmail.Users.Drafts.Send(mailbox, &gmail.Draft{Id: draft}).Fields("id").Context(ctx).Do()
			})
			if step.IsNotFound(err) && second {
				return api.Mailed{Adopted: true}, nil // the earlier attempt came through between the look and now
			}
			vanished = step.IsNotFound(err)
			if err != nil {
				return api.Mailed{}, err
			}
			return api.Mailed{ID: sent.Id}, nil
		},
	})
	if vanished {
		if err := g.Ledger.Journal().Forget(ctx, draftKey); err != nil {
			return api.Mailed{}, fmt.Errorf("give up a deleted draft: %w", err)
		}
		return api.Mailed{}, step.RetryAfter("the prepared e-mail was deleted in the mailbox before it was sent; it is written anew", time.Second)
	}
	return mailed, err
}
