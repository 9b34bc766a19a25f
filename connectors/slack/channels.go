package slack

import (
	"context"

	slackapi "github.com/slack-go/slack"
)

// Channel is how the app stands to a channel.
type Channel struct{ Archived, Member bool }

// Channel reads how the app stands to a channel.
func (c *Client) Channel(ctx context.Context, id string) (Channel, error) {
	var info *slackapi.Channel
	e := c.call(ctx, "read a channel", func(ctx context.Context) (err error) {
		info, err = c.api.GetConversationInfoContext(ctx, &slackapi.GetConversationInfoInput{ChannelID: id})
		return err
	})
	if e != nil {
		return Channel{}, e
	}
	return Channel{Archived: info.IsArchived, Member: info.IsMember}, nil
}

// Readable fails if the messages of a channel cannot be read, and so not be found again.
func (c *Client) Readable(ctx context.Context, id string) error {
	_, err := c.history(ctx, &slackapi.GetConversationHistoryParameters{ChannelID: id, Limit: 1})
	return err
}
