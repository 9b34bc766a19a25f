package slack

import (
	"context"
	"iter"
	"strconv"
	"time"

	slackapi "github.com/slack-go/slack"
)

// markerType marks messages of ours.
const markerType = "gatehouse_notice"

// historyPage is how many messages are read at once. Source: docs.slack.dev, conversations.history.
const historyPage = 200

// Message is what is posted, or what a message is changed into.
type Message struct {
	// Text is what a notification shows. It is escaped: it can neither ping anybody nor be a link.
	Text   string
	Blocks []slackapi.Block
	// Marker is what the message is found by again. An update leaves it as it is.
	Marker string
}

// Seen is a message of a channel.
type Seen struct {
	Timestamp string
	// Marker is the one that the message carries, "" for a message without.
	Marker string
	// UserID and BotID say who posted it.
	UserID, BotID string
}

// Post posts a message. It is not safe to repeat: look for the marker first where an earlier attempt may have gone through.
// Source: docs.slack.dev, chat.postMessage.
func (c *Client) Post(ctx context.Context, channel string, m Message) (at, timestamp string, err error) {
	const op = "post a message"
	e := c.call(ctx, op, func(ctx context.Context) (err error) {
		at, timestamp, err = c.api.PostMessageContext(ctx, channel,
			slackapi.MsgOptionText(m.Text, true),
			slackapi.MsgOptionBlocks(m.Blocks...),
			slackapi.MsgOptionMetadata(slackapi.SlackMetadata{EventType: markerType, EventPayload: map[string]any{"k": m.Marker}}),
			slackapi.MsgOptionDisableLinkUnfurl(), slackapi.MsgOptionDisableMediaUnfurl(),
		)
		return err
	})
	switch {
	case e != nil:
		return "", "", e
	case timestamp == "":
		// The library takes an answer without "ok" and without an error for success.
		return "", "", c.library.Malformed(op)
	}
	return at, timestamp, nil
}

// Update changes a message that was posted. Closed says that it cannot be changed any more: somebody deleted it, or the time
// for that is over. It may be repeated. Metadata that is not sent stays, and with it the marker.
// Source: docs.slack.dev, chat.update.
func (c *Client) Update(ctx context.Context, channel, timestamp string, m Message) (closed bool, err error) {
	const op = "change a message"
	var changed string
	closed, err = fails(c.call(ctx, op, func(ctx context.Context) (err error) {
		_, changed, _, err = c.api.UpdateMessageContext(ctx, channel, timestamp,
			slackapi.MsgOptionText(m.Text, true), slackapi.MsgOptionBlocks(m.Blocks...))
		return err
	}), "message_not_found", "edit_window_closed", "is_inactive")
	switch {
	case err != nil || closed:
		return closed, err
	case changed == "":
		return false, c.library.Malformed(op)
	}
	return false, nil
}

// Find looks through a channel for a message of ours with a marker, from a moment on.
func (c *Client) Find(ctx context.Context, channel, marker string, since time.Time) (timestamp string, found bool, err error) {
	me, err := c.WhoAmI(ctx)
	if err != nil {
		return "", false, err
	}
	for m, err := range c.Messages(ctx, channel, since) {
		if err != nil {
			return "", false, err
		}
		ours := (me.BotID != "" && m.BotID == me.BotID) || (me.UserID != "" && m.UserID == me.UserID)
		if ours && m.Marker == marker {
			return m.Timestamp, true, nil
		}
	}
	return "", false, nil
}

// Messages walks the messages of a channel from a moment on, page by page as the caller goes on, the latest first. An error
// ends the walk. Source: docs.slack.dev, conversations.history.
func (c *Client) Messages(ctx context.Context, channel string, since time.Time) iter.Seq2[Seen, error] {
	params := &slackapi.GetConversationHistoryParameters{
		ChannelID: channel, Inclusive: true, IncludeAllMetadata: true, Limit: historyPage,
		Oldest: strconv.FormatInt(since.Unix(), 10),
	}
	return func(yield func(Seen, error) bool) {
		for {
			page, err := c.history(ctx, params)
			if err != nil {
				yield(Seen{}, err)
				return
			}
			for _, m := range page.Messages {
				if !yield(seen(m), nil) {
					return
				}
			}
			next := page.ResponseMetaData.NextCursor
			if !page.HasMore || next == "" {
				return
			}
			if next == params.Cursor {
				yield(Seen{}, c.library.Malformed(readHistory)) // It would never end.
				return
			}
			params.Cursor = next
		}
	}
}

const readHistory = "read a channel's history"

func (c *Client) history(ctx context.Context, params *slackapi.GetConversationHistoryParameters) (page *slackapi.GetConversationHistoryResponse, err error) {
	e := c.call(ctx, readHistory, func(ctx context.Context) (err error) {
		page, err = c.api.GetConversationHistoryContext(ctx, params)
		return err
	})
	if e != nil {
		return nil, e
	}
	return page, nil
}

func seen(m slackapi.Message) Seen {
	s := Seen{Timestamp: m.Timestamp, UserID: m.User, BotID: m.BotID}
	if m.Metadata.EventType == markerType {
		s.Marker, _ = m.Metadata.EventPayload["k"].(string)
	}
	return s
}
