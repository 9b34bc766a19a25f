package slack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// maxGroup is how many users a direct message has besides whoever opens it. Source: docs.slack.dev, conversations.open.
const maxGroup = 8

func (c *channel) kind() string {
	switch {
	case c.im != "":
		return "im"
	case c.group != nil:
		return "mpim"
	case c.private:
		return "private_channel"
	}
	return "public_channel"
}

// list leaves out what the bot cannot see.
func (s *Slack) list(_ *tenant.Call, args url.Values) tenant.Reply {
	limit, offset, bad := readPage(args, 100, 1000)
	if bad != "" {
		return refuse(bad)
	}
	types := strings.Split(args.Get("types"), ",")
	if args.Get("types") == "" {
		types = []string{"public_channel"}
	}
	for i, t := range types {
		if types[i] = strings.TrimSpace(t); !slices.Contains([]string{"public_channel", "private_channel", "mpim", "im"}, types[i]) {
			return refuse("invalid_types")
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := []map[string]any{}
	for _, id := range s.order {
		c := s.channels[id]
		if slices.Contains(types, c.kind()) && !c.hidden() && (!c.archived || !truth(args.Get("exclude_archived"))) {
			all = append(all, s.channelView(c))
		}
	}
	return ok(map[string]any{
		"channels": cut(all, offset, limit), "response_metadata": nextPage(offset+limit, len(all)),
	})
}

// info answers for one channel.
func (s *Slack) info(_ *tenant.Call, args url.Values) tenant.Reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.channels[args.Get("channel")]
	if c.hidden() {
		return refuse("channel_not_found")
	}
	v := s.channelView(c)
	if truth(args.Get("include_num_members")) {
		v["num_members"] = len(s.membersOf(c))
	}
	return ok(map[string]any{"channel": v})
}

// membersOf are who is in a conversation. In a channel that is everybody in #general, and in any other the bot alone: who else is in it
// matters to nothing here. The lock must be held.
func (s *Slack) membersOf(c *channel) []string {
	out := []string{}
	switch {
	case c.im != "":
		out = append(out, c.im)
	case c.group != nil:
		out = append(out, c.group...)
	case c.id == ChannelGeneral:
		for id, u := range s.users {
			if !u.Bot && !u.Deleted && !u.Guest && u.Team == "" {
				out = append(out, id)
			}
		}
	}
	if c.bot {
		out = append(out, BotUserID)
	}
	slices.Sort(out)
	return out
}

func (s *Slack) members(_ *tenant.Call, args url.Values) tenant.Reply {
	limit, offset, bad := readPage(args, 100, 1000)
	if bad != "" {
		return refuse(bad)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.channels[args.Get("channel")]
	if c.hidden() {
		return refuse("channel_not_found")
	}
	all := s.membersOf(c)
	return ok(map[string]any{
		"members": cut(all, offset, limit), "response_metadata": nextPage(offset+limit, len(all)),
	})
}

// channelView is a channel or a direct message; only the latter has a user. The lock must be held.
func (s *Slack) channelView(c *channel) map[string]any {
	v := map[string]any{
		"id": c.id, "name": c.name, "name_normalized": c.name, "is_channel": c.kind() == "public_channel", "is_group": c.private && c.group == nil,
		"is_im": c.im != "", "is_mpim": c.group != nil, "is_private": c.private || c.im != "", "is_member": c.bot, "is_archived": c.archived,
		"is_general": c.id == ChannelGeneral, "is_shared": false, "is_ext_shared": false, "context_team_id": TeamID,
	}
	if c.im != "" {
		v["user"], v["is_user_deleted"] = c.im, s.users[c.im].Deleted
		delete(v, "name")
		delete(v, "name_normalized")
	}
	return v
}

// open opens or resumes the direct message with one user or several.
func (s *Slack) open(c *tenant.Call, args url.Values) tenant.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ch *channel
	already := true
	if id := args.Get("channel"); id != "" {
		if ch = s.channels[id]; ch == nil || ch.im == "" && ch.group == nil {
			return refuse("channel_not_found")
		}
	} else {
		users, bad := s.invited(args.Get("users"))
		if bad != "" {
			return refuse(bad)
		}
		if ch = s.opened(users); ch == nil && truth(args.Get("prevent_creation")) {
			return refuse("channel_not_found")
		} else if ch == nil {
			ch, already = s.openWith(users), false
			c.Effect("direct message opened")
		}
	}
	c.Subject("channel", ch.id)
	view := map[string]any{"id": ch.id}
	if truth(args.Get("return_im")) {
		view = s.channelView(ch)
	}
	fields := map[string]any{"channel": view}
	if already {
		fields["already_open"], fields["no_op"] = true, true
	}
	return ok(fields)
}

// invited reads whom to open a conversation with. The lock must be held.
func (s *Slack) invited(list string) (users []string, bad string) {
	if list == "" {
		return nil, "users_list_not_supplied"
	}
	for id := range strings.SplitSeq(list, ",") {
		u := s.users[strings.TrimSpace(id)]
		switch {
		case u == nil || u.Bot:
			return nil, "user_not_found"
		case u.Deleted:
			return nil, "user_disabled"
		}
		users = append(users, u.ID)
	}
	slices.Sort(users)
	if users = slices.Compact(users); len(users) > maxGroup {
		return nil, "too_many_users"
	}
	return users, ""
}

// opened is the conversation with users that is there, nil if there is none. The lock must be held.
func (s *Slack) opened(users []string) *channel {
	if len(users) == 1 {
		return s.channels[s.ims[users[0]]]
	}
	for _, c := range s.channels {
		if slices.Equal(c.group, users) {
			return c
		}
	}
	return nil
}

// openWith makes the conversation with users. The lock must be held.
func (s *Slack) openWith(users []string) *channel {
	if len(users) == 1 {
		c, _ := s.openIM(users[0])
		return c
	}
	name := "mpdm-gatehouse"
	for _, id := range users {
		name += "--" + strings.ToLower(s.users[id].First)
	}
	c := &channel{id: fmt.Sprintf("C0MPDM%04d", len(s.order)), name: name + "-1", group: users, bot: true, private: true}
	s.addChannel(c)
	return c
}
