package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/internal/yamlfile"
)

// What carries a message.
const (
	ChannelSlack = "slack"
	ChannelMail  = "mail"
	ChannelBoth  = "both"
)

// MessageKinds are the kinds of message that Gatehouse sends, by the names that histories know.
func MessageKinds() []string { return slices.Clone(messageKinds) }

var messageKinds = []string{
	"agent_request", "approval", "attention", "attention_digest", "contain_overdue", "contract_ends", "credential_owner", "departure_overdue", "hold_overdue",
	"incident", "item", "joiner_it", "joiner_manager", "joiner_undone", "leaver_by_hand", "leaver_doubt", "leaver_doubt_privileged",
	"leaver_drift", "leaver_owner", "leaver_security", "mfa_escalate", "mfa_lifted", "mfa_remind", "mfa_restricted", "mover_it",
	"mover_manager", "mover_person", "refused", "review_unshared", "sponsor_gone", "sponsored_ends", "sync_held", "sync_quarantine", "sync_set_aside", "sync_vanished",
	"systems_left", "ticket",
}

// messages says what carries each kind of message, with where the file says it.
type messages struct {
	fallback yamlfile.Word
	kinds    map[string]yamlfile.Word
}

func (p *Policy) readMessages(root yamlfile.Section) {
	s := root.Section("messages", "default", "kinds")
	p.messages.kinds = map[string]yamlfile.Word{}
	if w, ok := s.Text("default"); ok && channel(s, "messages.default", w) {
		p.messages.fallback = w
	}
	s.Reader.NoteChoices("messages.default", channels)
	node := s.Value("kinds")
	if node == nil {
		return
	}
	keys, values := s.Reader.Pairs("messages.kinds", node)
	for i, key := range keys {
		path := yamlfile.Join("messages.kinds", key.Text)
		w, ok := s.Reader.Scalar(path, values[i], "slack, mail or both", ast.StringType)
		s.Reader.NoteChoices(path, channels)
		if !slices.Contains(messageKinds, key.Text) {
			s.Fail(key.Node, "%s: there is no such kind of message%s; known kinds: %s", path, yamlfile.DidYouMean(key.Text, messageKinds), strings.Join(messageKinds, ", "))
			continue
		}
		if ok && channel(s, path, w) {
			p.messages.kinds[key.Text] = w
		}
	}
}

var channels = []string{ChannelSlack, ChannelMail, ChannelBoth}

func channel(s yamlfile.Section, path string, w yamlfile.Word) bool {
	if slices.Contains(channels, w.Text) {
		return true
	}
	s.Fail(w.Node, "%s cannot be %q: write slack, mail or both", path, w.Text)
	return false
}

// Channel is what carries a kind of message, "" where the policy says nothing.
func (p *Policy) Channel(kind string) string {
	if w, ok := p.messages.kinds[kind]; ok {
		return w.Text
	}
	return p.messages.fallback.Text
}

// CheckChannels compares the policy with what the company has to tell people by. The error is *Problems, one for each setting that asks
// for what is not there.
func (p *Policy) CheckChannels(slack, mail bool) error {
	var list []yamlfile.Problem
	check := func(path string, w yamlfile.Word) {
		lacks := ""
		switch {
		case w.Text == "":
			return
		case !slack && w.Text != ChannelMail:
			lacks = "this company has no Slack: write mail, or set slack in gatehouse.yaml"
		case !mail && w.Text != ChannelSlack:
			lacks = "nothing can be sent by e-mail: write slack, or set mail.it, mail.security and mail.smtp in gatehouse.yaml"
		default:
			return
		}
		list = append(list, yamlfile.Problem{File: p.file, Line: w.Line, Col: w.Col, Text: fmt.Sprintf("%s is %s, and %s", path, w.Text, lacks)})
	}
	check("messages.default", p.messages.fallback)
	for _, kind := range slices.Sorted(maps.Keys(p.messages.kinds)) {
		check(yamlfile.Join("messages.kinds", kind), p.messages.kinds[kind])
	}
	return yamlfile.AsError(list)
}
