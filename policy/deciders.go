package policy

import (
	"crypto/ed25519"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"gatehouse/internal/yamlfile"
)

// What somebody may decide about.
const (
	MayAny        = "any"
	MayAgent      = "agent"      // what agents ask for
	MayBudget     = "budget"     // what a safety budget or a hold keeps back
	MayIdentity   = "identity"   // whose an account or a record is
	MayList       = "list"       // lists of people that are decided about ahead
	MayMFA        = "mfa"        // exceptions from second factors
	MayOrder      = "order"      // orders about people
	MayPlan       = "plan"       // plans that wait for approval
	MayPolicy     = "policy"     // a policy that protects less than the one before
	MayProtection = "protection" // protected accounts
	MayResponse   = "response"   // what a security event asks to have done
	MayStep       = "step"       // parked steps: try again, skip, end the run
)

var mayWords = []string{MayAny, MayAgent, MayBudget, MayIdentity, MayList, MayMFA, MayOrder, MayPlan, MayPolicy, MayProtection, MayResponse, MayStep}

// MayWords are the words of deciders.people.may.
func MayWords() []string { return slices.Clone(mayWords) }

// Decider is somebody who may answer questions of runs.
type Decider struct {
	// Address is their work address. Who signs in at the identity provider is recognised by it.
	Address string
	// Key is the public key that speaks for them, as `starter key` prints it; empty for those who sign in.
	Key string
	// Slack is the id of their user in Slack, by which their presses of buttons are recognised.
	Slack string
	// May is what they may decide about.
	May []string
}

// MayAbout reports that they may decide about something.
func (d Decider) MayAbout(scope string) bool {
	return slices.Contains(d.May, MayAny) || slices.Contains(d.May, scope)
}

// slackUser is how Slack writes the ids of people.
var slackUser = regexp.MustCompile(`^[UW][A-Z0-9]{5,}$`)

// Deciders are those who may decide. Empty means that decisions are taken from everybody, unverified.
func (p *Policy) Deciders() []Decider { return slices.Clone(p.deciders) }

// twoWords are the budgets of which deciders.two may say that two people have to allow what is held.
var twoWords = []string{"contain", "delete", "grant", "grant_privileged", "group", "join", "profile", "reactivate", "remove", "respond"}

// Two are the budgets of which two people have to allow what is held. Protected accounts and authorised lists always need two.
func (p *Policy) Two() []string { return slices.Clone(p.two) }

func readTwo(s yamlfile.Section) []string {
	s.Reader.NoteChoices(yamlfile.Join(s.Path, "two")+"[]", twoWords)
	var found []string
	for _, w := range s.Words("two") {
		switch {
		case w.Text == MayProtection || w.Text == MayList:
			s.Fail(w.Node, "deciders.two: %s always needs two people: leave it out", w.Text)
		case !slices.Contains(twoWords, w.Text):
			s.Fail(w.Node, "deciders.two: %q is not a budget: write one or more of %s", w.Text, strings.Join(twoWords, ", "))
		}
		found = append(found, w.Text)
	}
	return found
}

func readPeople(s yamlfile.Section) []Decider {
	var found []Decider
	for i, node := range s.Items("people", "people, each with an address and what they may decide") {
		path := yamlfile.Item(s.Path+".people", i)
		each := s.Reader.Section(path, node, node, "address", "key", "slack", "may")
		if each.Unreadable {
			continue
		}
		var d Decider
		if w, ok := each.Required("address", "the work address of somebody who may decide"); ok {
			d.Address = s.Reader.Mailbox(path+".address", w)
		}
		if w, ok := each.Text("key"); ok {
			d.Key = w.Text
			raw, prefixed := strings.CutPrefix(w.Text, "ed25519:")
			if key, err := base64.StdEncoding.DecodeString(raw); !prefixed || err != nil || len(key) != ed25519.PublicKeySize {
				s.Fail(w.Node, "%s.key is not an operator's public key: `starter key` prints it as ed25519:...", path)
			}
		}
		if w, ok := each.Text("slack"); ok {
			if d.Slack = w.Text; !slackUser.MatchString(d.Slack) {
				s.Fail(w.Node, "%s.slack: %q is not a Slack user: write the member id of their profile, such as U012ABCDEF", path, w.Text)
			}
		}
		s.Reader.NoteChoices(path+".may[]", mayWords)
		s.Reader.NoteRequired(path, "may")
		for _, w := range each.Words("may") {
			if !slices.Contains(mayWords, w.Text) {
				s.Fail(w.Node, "%s.may: %q is not a scope: write one or more of %s", path, w.Text, strings.Join(mayWords, ", "))
			}
			d.May = append(d.May, w.Text)
		}
		if len(d.May) == 0 && !each.Has("may") {
			s.Fail(node, "%s.may is missing: say what they may decide about, one or more of %s", path, strings.Join(mayWords, ", "))
		}
		if slices.ContainsFunc(found, func(o Decider) bool {
			return o.Address != "" && strings.EqualFold(o.Address, d.Address) || o.Key != "" && o.Key == d.Key ||
				o.Slack != "" && o.Slack == d.Slack
		}) {
			s.Fail(node, "%s: another entry has this address, key or Slack user: give each person one entry", path)
		}
		found = append(found, d)
	}
	return found
}
