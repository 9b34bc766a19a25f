package slack

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Limits of a message. Source: docs.slack.dev, chat.postMessage and block reference.
const (
	maxText     = 40000
	maxMarkdown = 12000
	maxBlocks   = 50
	maxMetadata = 16000
)

// content reads what a post and an update have in common into a message.
func content(args url.Values, m *Message) (bad string) {
	if args.Has("text") {
		m.Text = args.Get("text")
	}
	if args.Get("markdown_text") != "" {
		if args.Get("text") != "" || args.Get("blocks") != "" {
			return "markdown_text_conflict"
		}
		if m.Text = args.Get("markdown_text"); len(m.Text) > maxMarkdown {
			return "msg_too_long"
		}
	}
	if len(m.Text) > maxText {
		return "msg_too_long"
	}
	if raw := args.Get("blocks"); raw != "" {
		if bad := checkBlocks(raw); bad != "" {
			return bad
		}
		m.Blocks = json.RawMessage(raw)
	}
	if raw := args.Get("attachments"); raw != "" {
		if !json.Valid([]byte(raw)) {
			return "invalid_attachments"
		}
		m.Attachments = json.RawMessage(raw)
	}
	if raw := args.Get("metadata"); raw != "" {
		var meta struct {
			Type    string         `json:"event_type"`
			Payload map[string]any `json:"event_payload"`
		}
		if json.Unmarshal([]byte(raw), &meta) != nil {
			return "invalid_metadata_format"
		}
		if meta.Type == "" || meta.Payload == nil {
			return "invalid_metadata_schema"
		}
		if len(raw) > maxMetadata {
			return "metadata_too_large"
		}
		m.Metadata = json.RawMessage(raw)
	}
	if m.Text == "" && m.Blocks == nil && m.Attachments == nil {
		return "no_text"
	}
	return ""
}

// postable finds the channel to write to; a user's id stands for the direct message with that user. The lock must be
// held.
func (s *Slack) postable(id string) (c *channel, bad string) {
	if u := s.users[id]; u != nil && !u.Bot {
		c, _ = s.openIM(id)
	} else if c, bad = s.channelFor(id); bad != "" {
		return nil, bad
	}
	switch {
	case c.refuses != "":
		return nil, c.refuses
	case c.archived:
		return nil, "is_archived"
	case c.im != "" && s.users[c.im].Deleted:
		return nil, "user_disabled"
	}
	return c, ""
}

func (s *Slack) postMessage(c *tenant.Call, args url.Values) tenant.Reply {
	m := &Message{User: BotUserID, BotID: BotID, ThreadTS: args.Get("thread_ts")}
	m.Broadcast = m.ThreadTS != "" && truth(args.Get("reply_broadcast"))
	bad := content(args, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	where := args.Get("channel")
	if s.channels[where] == nil && where != "" {
		where = s.named(where)
	}
	ch, noChannel := s.postable(where)
	if noChannel != "" {
		return refuse(noChannel)
	}
	if bad != "" {
		return refuse(bad)
	}
	if m.ThreadTS != "" {
		if _, found := ch.find(m.ThreadTS); !found {
			return refuse("thread_not_found")
		}
	}
	s.post(ch, m)
	c.Subject("channel", ch.id)
	c.Effect("message posted")
	return ok(map[string]any{"channel": ch.id, "ts": m.TS, "message": messageView(m, true)})
}

func (s *Slack) updateMessage(c *tenant.Call, args url.Values) tenant.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, bad := s.postable(args.Get("channel"))
	if bad != "" {
		return refuse(bad)
	}
	c.Subject("channel", ch.id)
	i, found := ch.find(args.Get("ts"))
	if !found {
		return refuse("message_not_found")
	}
	old := ch.messages[i]
	if old.BotID != BotID {
		return refuse("cant_update_message")
	}
	m := *old
	if bad := content(args, &m); bad != "" {
		return refuse(bad)
	}
	if m.Text != old.Text || !slices.Equal(m.Blocks, old.Blocks) || !slices.Equal(m.Metadata, old.Metadata) {
		c.Effect("message updated")
		m.Edited = s.nextTS()
		messages := slices.Clone(ch.messages)
		messages[i] = &m
		ch.messages = messages
	}
	return ok(map[string]any{"channel": ch.id, "ts": m.TS, "text": m.Text, "message": messageView(&m, true)})
}

// deleteMessage takes one of the bot's own messages away.
func (s *Slack) deleteMessage(c *tenant.Call, args url.Values) tenant.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, bad := s.channelFor(args.Get("channel"))
	if bad != "" {
		return refuse(bad)
	}
	i, found := ch.find(args.Get("ts"))
	switch {
	case !found:
		return refuse("message_not_found")
	case ch.messages[i].BotID != BotID:
		return refuse("cant_delete_message")
	}
	ts := ch.messages[i].TS
	ch.messages = slices.Delete(slices.Clone(ch.messages), i, i+1)
	c.Subject("channel", ch.id)
	c.Effect("message deleted")
	return ok(map[string]any{"channel": ch.id, "ts": ts})
}

// messageView is a message in a list; metadata is shown only on request.
func messageView(m *Message, metadata bool) map[string]any {
	v := map[string]any{"type": "message", "ts": m.TS, "user": m.User, "text": m.Text, "team": TeamID}
	if m.BotID != "" {
		v["bot_id"] = m.BotID
	}
	if m.ThreadTS != "" {
		v["thread_ts"] = m.ThreadTS
	}
	if m.Broadcast {
		v["subtype"] = "thread_broadcast"
	}
	if m.Blocks != nil {
		v["blocks"] = m.Blocks
	}
	if m.Attachments != nil {
		v["attachments"] = m.Attachments
	}
	if m.Edited != "" {
		v["edited"] = map[string]string{"user": m.User, "ts": m.Edited}
	}
	if metadata && m.Metadata != nil {
		v["metadata"] = m.Metadata
	}
	return v
}

// history answers the newest messages first, without replies in threads.
func (s *Slack) history(c *tenant.Call, args url.Values) tenant.Reply {
	return s.read(c, args, func(m *Message) bool { return m.ThreadTS == "" || m.ThreadTS == m.TS || m.Broadcast }, true)
}

// replies answers a thread, its first message included, oldest first.
func (s *Slack) replies(c *tenant.Call, args url.Values) tenant.Reply {
	ts := args.Get("ts")
	s.mu.RLock()
	ch, bad := s.channelFor(args.Get("channel"))
	found := false
	if bad == "" {
		_, found = ch.find(ts)
	}
	s.mu.RUnlock()
	if bad == "" && !found {
		return refuse("thread_not_found")
	}
	return s.read(c, args, func(m *Message) bool { return m.TS == ts || m.ThreadTS == ts }, false)
}

// read is what history and replies have in common.
func (s *Slack) read(c *tenant.Call, args url.Values, keep func(*Message) bool, newestFirst bool) tenant.Reply {
	limit, offset, bad := readPage(args, 100, 999)
	if bad != "" {
		return refuse(bad)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	ch, bad := s.channelFor(args.Get("channel"))
	if bad != "" {
		return refuse(bad)
	}
	c.Subject("channel", ch.id)
	messages := ch.between(args)
	var found []*Message
	for i := range messages {
		m := messages[i]
		if newestFirst {
			m = messages[len(messages)-1-i]
		}
		if keep(m) {
			found = append(found, m)
		}
		if len(found) > offset+limit {
			break
		}
	}
	out := []map[string]any{}
	for _, m := range cut(found, offset, limit) {
		out = append(out, messageView(m, truth(args.Get("include_all_metadata"))))
	}
	return ok(map[string]any{
		"messages": out, "has_more": offset+limit < len(found), "pin_count": 0,
		"response_metadata": nextPage(offset+limit, len(found)),
	})
}

// between returns the messages from oldest to latest, which are part of it if inclusive is true.
func (c *channel) between(args url.Values) []*Message {
	from, to := 0, len(c.messages)
	if oldest := args.Get("oldest"); oldest != "" {
		i, found := c.find(oldest)
		if found && !truth(args.Get("inclusive")) {
			i++
		}
		from = i
	}
	if latest := args.Get("latest"); latest != "" {
		i, found := c.find(latest)
		if found && truth(args.Get("inclusive")) {
			i++
		}
		to = i
	}
	return c.messages[from:max(from, to)]
}

func truth(s string) bool { return s == "1" || s == "true" }

// mostOffset is further than any list of the sandbox goes: a cursor beyond it was made by somebody else.
const mostOffset = 1 << 30

// readPage reads limit and cursor.
func readPage(args url.Values, usual, most int) (limit, offset int, bad string) {
	limit = usual
	if text := args.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return 0, 0, "invalid_limit"
		}
		limit = n
	}
	if cur := args.Get("cursor"); cur != "" {
		raw, err := base64.StdEncoding.DecodeString(cur)
		rest, found := strings.CutPrefix(string(raw), "next:")
		if err != nil || !found {
			return 0, 0, "invalid_cursor"
		}
		if offset, err = strconv.Atoi(rest); err != nil || offset < 0 || offset > mostOffset {
			return 0, 0, "invalid_cursor"
		}
	}
	return limit, offset, ""
}

// cut is a page of a list.
func cut[T any](all []T, offset, limit int) []T {
	return all[min(offset, len(all)):min(offset+limit, len(all))]
}

func nextPage(offset, total int) map[string]string {
	if offset >= total {
		return map[string]string{"next_cursor": ""}
	}
	return map[string]string{"next_cursor": base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(offset)))}
}
