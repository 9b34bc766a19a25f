package notify_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/notify"
	"gatehouse/policy"
)

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"<!channel>", "<!here|here>", "<@U1>", "<https://evil.example|Reset password>", "& &lt;!channel&gt;", "`code` *bold* _it_ ~x~ :bomb:",
	"a\nPerson: forged\nWhat to do: nothing", "Person: forged", `a\nPerson\c forged \\`, "{{.Key}} {{template \"x\"}}", "<b onclick=x>&quot;</b>",
	strings.Repeat("very long ", 500), "\u202eevil\u2066", "=HYPERLINK(\"https://evil.example\")", "", "%!s(MISSING) %d", "\x00\x1e", " ",
}

// TestNoDataBecomesMarkupOrALine renders every kind for every audience with hostile data.
func TestNoDataBecomesMarkupOrALine(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	for _, kind := range allKinds {
		labels := labelsOf(t, s, saying(kind, "harmless"))
		for _, text := range evil {
			for _, audience := range []api.Audience{api.AudienceIT, api.AudiencePerson} {
				m := saying(kind, text)
				m.Audience = audience
				notification, blocks, err := s.Render(m)
				require.NoError(t, err)
				require.False(t, strings.ContainsAny(notification, "<>"), "%s: %q", kind, notification)
				require.NotRegexp(t, `&[^agl]|&$`, notification, "%s", kind)
				for _, printed := range append(textsOf(t, blocks), notification) {
					require.NotContains(t, printed, "<no value>", "%s", kind)
					if !strings.Contains(text, "%!") {
						require.NotContains(t, printed, "%!", "%s", kind)
					}
				}
				if strings.TrimSpace(text) != "" {
					require.Equal(t, labels, labelsOf(t, s, m), "%s: data made or took a line: %q", kind, text)
				}
			}
		}
	}
}

// saying is a hostile message whose run says two lines.
func saying(kind api.MessageKind, text string) api.Message {
	m := hostile(kind, text)
	m.Text = "A sentence.\n" + text
	return m
}

// labelsOf are the labels of a message's lines. Only the run's link is anything but plain text.
func labelsOf(t *testing.T, s *notify.Slack, m api.Message) []string {
	t.Helper()
	_, blocks, err := s.Render(m)
	require.NoError(t, err)
	var labels []string
	for _, block := range blocks {
		section, ok := block.(*slack.SectionBlock)
		if !ok {
			data, err := json.Marshal(block)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(data), `"mrkdwn"`))
			require.Regexp(t, `\\u003chttp://127.0.0.1:8233/namespaces/default/workflows/(\\u0026|[^<>| \\])*\|Open the run\\u003e`, string(data))
			continue
		}
		for _, f := range section.Fields {
			require.Equal(t, slack.PlainTextType, f.Type)
			label, _, found := strings.Cut(f.Text, ": ")
			require.True(t, found)
			// A long step takes more lines than a short one.
			if len(labels) == 0 || label != "Step" || labels[len(labels)-1] != label {
				labels = append(labels, label)
			}
		}
	}
	return labels
}

func textsOf(t *testing.T, blocks []slack.Block) []string {
	t.Helper()
	var texts []string
	for _, block := range blocks {
		if section, ok := block.(*slack.SectionBlock); ok {
			if section.Text != nil {
				require.Equal(t, slack.PlainTextType, section.Text.Type)
				texts = append(texts, section.Text.Text)
			}
			for _, f := range section.Fields {
				texts = append(texts, f.Text)
			}
		}
	}
	require.NotEmpty(t, texts)
	return texts
}

// TestEveryKindHasItsWords holds that each kind of the contract has a file, and each file a kind.
func TestEveryKindHasItsWords(t *testing.T) {
	t.Parallel()
	want := map[string]bool{"other": true}
	file, err := parser.ParseFile(token.NewFileSet(), "../api/messages.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "MessageKind" {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			want[name] = true
		}
		return true
	})
	require.Len(t, want, len(allKinds), "a kind is missing in this test's list")
	there := map[string]bool{}
	files, err := os.ReadDir("words")
	require.NoError(t, err)
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".tmpl"); !strings.HasPrefix(name, "_") {
			there[name] = true
		}
	}
	require.Equal(t, want, there)
}

// Ways in which a message says what to do.
const (
	nothing = "" // It only tells.
	theRun  = "the run's text says it"
	command = "Decide: starter decide"
)

// instructions are the words by which each kind says what to do.
var instructions = map[api.MessageKind]string{
	api.MessageJoinerIT: "Action needed: ", api.MessageJoinerManager: nothing, api.MessageJoinerUndone: nothing, api.MessageLeaverSecurity: nothing,
	api.MessageContainOverdue:   "Suspend the account in OneLogin by hand and look at the run",
	api.MessageDepartureOverdue: "suspend the account in OneLogin by hand", api.MessageHoldOverdue: theRun,
	api.MessageLeaverDrift: "Look for a mapping or a person who gave it", api.MessageLeaverByHand: "Remove it by hand in OneLogin",
	api.MessageLeaverDoubt: theRun, api.MessageLeaverDoubtPrivileged: theRun, api.MessageLeaverOwner: "needs a new owner and a new secret",
	api.MessageCredentialOwner: "Action needed: an API credential of OneLogin has to get another owner", api.MessageAttention: command,
	api.MessageMFARemind: "What to do: ", api.MessageMFAEscalate: "What to do: ", api.MessageMFARestricted: "What to do: ",
	api.MessageMFALifted: nothing, api.MessageMoverPerson: nothing, api.MessageMoverManager: nothing, api.MessageMoverIT: "Action needed: ",
	api.MessageSyncQuarantine: command, api.MessageSyncHeld: command, api.MessageSyncVanished: theRun, api.MessageSyncSetAside: theRun,
	api.MessageReviewUnshared: "Action needed: give somebody access", api.MessageContractEnds: "What to do: ", api.MessageIncident: theRun,
	api.MessageItem: "Next: ", api.MessageDigest: "Next: ", api.MessageApproval: command, api.MessageRefused: theRun,
	api.MessageTicket: "What to do: ", api.MessageAgentRequest: command,
	api.MessageSponsoredEnds: "What to do: ", api.MessageSponsorGone: "What to do: ",
	api.MessageSystemsLeft: "Do by hand what the system refuses",
	"a kind of tomorrow":   theRun,
}

// TestWhoeverIsAskedIsToldWhatToDo holds that a message which asks for something says what to do.
func TestWhoeverIsAskedIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{}
	for _, kind := range allKinds {
		says, known := instructions[kind]
		require.True(t, known, "%s: say how its reader learns what to do", kind)
		m := full(kind)
		m.Text += " Do this."
		m.Asked = &api.Asked{Item: "0a1b", Options: []string{"allow"}}
		_, blocks, err := s.Render(m)
		require.NoError(t, err)
		shown := strings.Join(textsOf(t, blocks), "\n")
		switch says {
		case nothing:
			require.NotRegexp(t, "Please|needed|OVERDUE|URGENT", strings.SplitN(shown, "\n", 2)[0], "%s asks for something", kind)
		case theRun:
			require.Contains(t, shown, "Do this.", "%s", kind)
		default:
			require.Contains(t, shown, says, "%s", kind)
		}
	}
}

// TestThePolicyKnowsEveryKind: what carries a message can be said of each kind, and of nothing else.
func TestThePolicyKnowsEveryKind(t *testing.T) {
	t.Parallel()
	var kinds []string
	for _, kind := range allKinds[:len(allKinds)-1] {
		kinds = append(kinds, string(kind))
	}
	slices.Sort(kinds)
	require.Equal(t, policy.MessageKinds(), kinds)
}
