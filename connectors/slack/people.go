package slack

import (
	"cmp"
	"context"

	slackapi "github.com/slack-go/slack"
)

// Self is who the token belongs to. Enterprise is the organisation that the workspace is one of, "" for none.
type Self struct{ UserID, BotID, TeamID, Enterprise string }

// User is a user of the workspace, or one of another workspace that shares a channel with it.
type User struct {
	ID, Email string
	// Team is the workspace that the user is at home in, "" if Slack does not say.
	Team string
	// Enterprise is the organisation of that workspace, "" for none.
	Enterprise string
	// Deleted says that the user is deactivated.
	Deleted bool
	// Bot says that nobody stands behind the user.
	Bot bool
	// Stranger says that the user comes from another company.
	Stranger bool
	// Guest says that the user is a guest, or invited and not there yet.
	Guest bool
}

// Outside reports that a user is no colleague of the app's: a user of another company who shares a channel with it.
func (u User) Outside(me Self) bool {
	sameOrganisation := u.Enterprise != "" && u.Enterprise == me.Enterprise
	return u.Stranger || u.Team != "" && u.Team != me.TeamID && !sameOrganisation
}

func user(u *slackapi.User) User {
	return User{
		ID: u.ID, Email: u.Profile.Email, Team: cmp.Or(u.TeamID, u.Profile.Team), Deleted: u.Deleted,
		Enterprise: u.Enterprise.EnterpriseID,
		Bot:        u.IsBot || u.IsWorkflowBot || u.IsConnectorBot, Stranger: u.IsStranger,
		Guest: u.IsRestricted || u.IsUltraRestricted || u.IsInvitedUser,
	}
}

// WhoAmI asks who the token belongs to, once.
func (c *Client) WhoAmI(ctx context.Context) (Self, error) {
	const op = "ask who the token belongs to"
	c.self.Lock()
	defer c.self.Unlock()
	if c.me != nil {
		return *c.me, nil
	}
	var me *slackapi.AuthTestResponse
	e := c.call(ctx, op, func(ctx context.Context) (err error) {
		me, err = c.api.AuthTestContext(ctx)
		return err
	})
	switch {
	case e != nil:
		return Self{}, e
	case me.UserID == "" && me.BotID == "":
		return Self{}, c.library.Malformed(op)
	}
	c.me = &Self{UserID: me.UserID, BotID: me.BotID, TeamID: me.TeamID, Enterprise: me.EnterpriseID}
	return *c.me, nil
}

// UserByEmail finds the user with an e-mail address. Found is false if there is none; a deactivated one may be found or not.
func (c *Client) UserByEmail(ctx context.Context, email string) (u User, found bool, err error) {
	var there *slackapi.User
	none, err := fails(c.call(ctx, "find a person", func(ctx context.Context) (err error) {
		there, err = c.api.GetUserByEmailContext(ctx, email)
		return err
	}), "users_not_found")
	if err != nil || none {
		return User{}, false, err
	}
	return user(there), true, nil
}

// User reads a user. Found is false for one that does not exist, or that the app may not see.
func (c *Client) User(ctx context.Context, id string) (u User, found bool, err error) {
	const op = "ask who a user is"
	var there *slackapi.User
	none, err := fails(c.call(ctx, op, func(ctx context.Context) (err error) {
		there, err = c.api.GetUserInfoContext(ctx, id)
		return err
	}), "user_not_found", "user_not_visible", "users_not_found")
	switch {
	case err != nil || none:
		return User{}, false, err
	case there.ID != id:
		return User{}, false, c.library.Malformed(op)
	}
	return user(there), true, nil
}

// Direct opens, or finds open, the conversation with a user. Open is false for a user whom nothing can be said to. It may be
// repeated.
func (c *Client) Direct(ctx context.Context, userID string) (channel string, open bool, err error) {
	var there *slackapi.Channel
	none, err := fails(c.call(ctx, "open a conversation", func(ctx context.Context) (err error) {
		there, _, _, err = c.api.OpenConversationContext(ctx, &slackapi.OpenConversationParameters{
			Users: []string{userID}, ReturnIM: true,
		})
		return err
	}), "user_disabled", "user_not_found", "user_not_visible")
	if err != nil || none {
		return "", false, err
	}
	return there.ID, true, nil
}
