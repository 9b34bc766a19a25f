package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "slack"

// Tokens and identities of the workspace.
const (
	BotToken = "xoxb-sandbox"
	// NarrowToken is a bot without the scopes to read history and e-mail addresses.
	NarrowToken = "xoxb-sandbox-narrow"
	TeamID      = "T0ACME"
	BotID       = "B0GATEHOUSE"
	BotUserID   = "U0GATEHOUSE"
)

// Channels of the workspace. The bot is in all of them but ChannelPrivate.
const (
	ChannelIT       = "C0IT"
	ChannelSecurity = "C0SECURITY"
	ChannelGeneral  = "C0GENERAL"
	ChannelPrivate  = "C0BOARD"
)

// User is a member of the workspace.
type User struct {
	ID      string
	Email   string
	First   string
	Last    string
	Deleted bool
	Bot     bool
	// Guest has access to some channels only; Team is set for a stranger from another company's workspace.
	Guest bool
	Team  string
}

// Message is a message. Blocks, Attachments and Metadata are kept as they were sent.
type Message struct {
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	User        string          `json:"user"`
	BotID       string          `json:"bot_id,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Edited      string          `json:"edited,omitempty"`
	// Broadcast says that a reply in a thread stands in the channel as well.
	Broadcast bool `json:"broadcast,omitempty"`
}

// channel is a conversation with its messages in the order of ts.
type channel struct {
	id, name string
	// im is the user of a direct message, and group those of one with several.
	im       string
	group    []string
	bot      bool
	private  bool
	archived bool
	refuses  string
	messages []*Message
}

// Slack is a simulated workspace.
type Slack struct {
	t *tenant.Tenant

	mu       sync.RWMutex
	users    map[string]*User
	byEmail  map[string]string
	channels map[string]*channel
	order    []string
	ims      map[string]string
	lastTS   int64
	// interactivity is where presses of buttons are sent, with client.
	interactivity string
	// responses are the addresses by which those who pressed are answered, and whispers what they were told.
	responses map[string]*response
	whispers  []Whisper
	client    *http.Client
}

// New returns a workspace with its channels and the bot.
func New(t *tenant.Tenant) *Slack {
	s := &Slack{
		t: t, users: map[string]*User{}, byEmail: map[string]string{}, channels: map[string]*channel{},
		ims: map[string]string{}, responses: map[string]*response{}, client: &http.Client{Transport: &http.Transport{}},
	}
	s.users[BotUserID] = &User{ID: BotUserID, First: "Gatehouse", Bot: true}
	for _, c := range []channel{
		{id: ChannelGeneral, name: "general", bot: true},
		{id: ChannelIT, name: "it-operations", bot: true},
		{id: ChannelSecurity, name: "security", bot: true},
		{id: ChannelPrivate, name: "board"},
	} {
		s.addChannel(&c)
	}
	return s
}

func (s *Slack) addChannel(c *channel) {
	s.channels[c.id] = c
	s.order = append(s.order, c.id)
}

// AddUser adds a member. The number makes the id.
func (s *Slack) AddUser(number int64, email, first, last string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &User{ID: fmt.Sprintf("U%08d", number), Email: email, First: first, Last: last}
	s.users[u.ID] = u
	if email != "" {
		s.byEmail[strings.ToLower(email)] = u.ID
	}
}

// Room is a channel as somebody makes or changes it.
type Room struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Archived bool   `json:"archived"`
	Private  bool   `json:"private"`
	// Bot says that the bot is in it, true if left out.
	Bot *bool `json:"bot"`
	// Refuses is Slack's name of the error with which it refuses messages there, such as restricted_action.
	Refuses string `json:"refuses"`
}

// SetRoom makes a channel, or changes one: archived, private, with or without the bot.
func (s *Slack) SetRoom(r Room) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[r.ID]
	switch {
	case r.ID == "" || c == nil && r.Name == "":
		return errors.New("slack: a channel needs an id, and a new one a name")
	case c == nil:
		c = &channel{id: r.ID}
		s.addChannel(c)
	case c.im != "":
		return errors.New("slack: a direct message is no channel")
	}
	if r.Name != "" {
		c.name = r.Name
	}
	c.archived, c.private, c.bot, c.refuses = r.Archived, r.Private, r.Bot == nil || *r.Bot, r.Refuses
	return nil
}

// hidden reports that the bot cannot see a channel: a private one that it is not in looks like none at all.
// Source: getsentry/sentry issue 119600.
func (c *channel) hidden() bool { return c == nil || c.private && !c.bot }

// channelFor finds a channel that the bot may read. The lock must be held.
func (s *Slack) channelFor(id string) (c *channel, bad string) {
	c = s.channels[id]
	switch {
	case c.hidden():
		return nil, "channel_not_found"
	case !c.bot:
		return nil, "not_in_channel"
	}
	return c, ""
}

// named is the id of the channel that has a name, with or without its "#"; the name itself if there is none. Only posting takes names.
// The lock must be held.
func (s *Slack) named(name string) string {
	for id, c := range s.channels {
		if c.im == "" && c.group == nil && c.name == strings.TrimPrefix(name, "#") {
			return id
		}
	}
	return name
}

// Knows reports whether somebody has the address.
func (s *Slack) Knows(email string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byEmail[strings.ToLower(email)] != ""
}

// SetDeleted deactivates a member or brings one back; false means that nobody has the address.
func (s *Slack) SetDeleted(email string, deleted bool) bool {
	return s.change(email, func(u *User) { u.Deleted = deleted })
}

// SetKind makes a member a guest, or somebody from another workspace; false means that nobody has the address.
func (s *Slack) SetKind(email string, guest bool, team string) bool {
	return s.change(email, func(u *User) { u.Guest, u.Team = guest, team })
}

func (s *Slack) change(email string, f func(u *User)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[s.byEmail[strings.ToLower(email)]]
	if u == nil {
		return false
	}
	changed := *u
	f(&changed)
	s.users[u.ID] = &changed
	return true
}

// nextTS returns a timestamp greater than every one before. The lock must be held.
func (s *Slack) nextTS() string {
	s.lastTS = max(s.t.Now().UnixMicro(), s.lastTS+1)
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// post appends a message. The lock must be held.
func (s *Slack) post(c *channel, m *Message) {
	m.TS = s.nextTS()
	c.messages = append(c.messages, m)
}

// openIM returns the direct message with a user, and whether it was there already. The lock must be held.
func (s *Slack) openIM(user string) (c *channel, already bool) {
	if id := s.ims[user]; id != "" {
		return s.channels[id], true
	}
	c = &channel{id: "D" + strings.TrimPrefix(user, "U"), im: user, bot: true}
	s.addChannel(c)
	s.ims[user] = c.id
	return c, false
}

// find returns the index of a message by its ts.
func (c *channel) find(ts string) (int, bool) {
	return slices.BinarySearchFunc(c.messages, ts, func(m *Message, ts string) int { return compareTS(m.TS, ts) })
}

// compareTS orders timestamps of any number of digits.
func compareTS(a, b string) int { return microTS(a).Compare(microTS(b)) }

func microTS(ts string) time.Time {
	whole, frac, _ := strings.Cut(ts, ".")
	var sec, micro int64
	for _, d := range whole {
		sec = sec*10 + int64(d-'0')
	}
	for _, d := range (frac + "000000")[:6] {
		micro = micro*10 + int64(d-'0')
	}
	return time.UnixMicro(sec*1e6 + micro)
}

// ChannelState is a conversation for the sandbox's own endpoints.
type ChannelState struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Email is whose direct message it is.
	Email    string     `json:"email,omitempty"`
	Messages []*Message `json:"messages"`
}

// State returns every conversation with its messages, or with the newest so many if last is positive.
func (s *Slack) State(last int) []ChannelState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]ChannelState, 0, len(s.order))
	for _, id := range s.order {
		c := s.channels[id]
		st := ChannelState{ID: id, Name: c.name, Messages: append([]*Message{}, c.messages...)}
		if c.im != "" {
			st.Email = s.users[c.im].Email
			st.Name = "@" + s.users[c.im].First + " " + s.users[c.im].Last
		}
		if last > 0 && len(st.Messages) > last {
			st.Messages = st.Messages[len(st.Messages)-last:]
		}
		out = append(out, st)
	}
	return out
}
