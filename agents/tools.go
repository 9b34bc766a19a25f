package agents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"gatehouse/policy/agent"
)

const whoAmI = agent.WhoAmI

// tool is what agents are told of a tool. add puts it on a server with how it is answered.
type tool struct {
	name, title, description string
	// destructive says that it takes access or data away, idempotent that the same call twice is one.
	destructive, idempotent bool
	add                     func(s *server, m *mcp.Server, t tool)
}

// tools are all that there are.
func tools() []tool {
	return []tool{
		{
			name: agent.WhoAmI, title: "Who am I", add: answering(whoami),
			description: "Say which agent this is, whose it is, what it may do and see, and how much of its limits is used.",
		},
		{
			name: agent.LookUpUser, title: "Look up a user", add: answering(lookUpUser),
			description: "Find people and accounts by work address, username, full name, employee id or key, with what the inventory knows of them and how old that is.",
		},
		{
			name: agent.ListUserRoles, title: "List a user's roles", add: answering(listUserRoles),
			description: "List the OneLogin roles of one person's accounts, which of them are privileged, and where each comes from.",
		},
		{
			name: agent.ListAppsOf, title: "List app assignments", add: answering(listApps),
			description: "List the apps that one person has and the role that each comes from, or the apps that a role carries. Name a user, a role or a group.",
		},
		{
			name: agent.ListMembers, title: "List members of a group or role", add: answering(listMembers),
			description: "List who is in a OneLogin group or holds a OneLogin role: first how many, then the members by page, as far as this agent may know them.",
		},
		{
			name: agent.ListEvents, title: "List events", add: answering(listEvents),
			description: "List sign-ins and other OneLogin events of one person or one app, the latest first: of the last 24 hours, or of a time of at most 7 days.",
		},
	}
}

// handler answers a tool.
type handler[In, Out any] func(context.Context, *asked, In) (Out, error)

func answering[In, Out any](do handler[In, Out]) func(*server, *mcp.Server, tool) {
	return func(s *server, m *mcp.Server, t tool) { mcp.AddTool(m, t.described(), serve(s, t, do)) }
}

// scope is what a token needs for the tool, "" for none.
func (t tool) scope() string {
	switch {
	case t.name == agent.WhoAmI:
		return ""
	case agent.Writes(t.name):
		return ScopeWrite
	}
	return ScopeRead
}

func (t tool) described() *mcp.Tool {
	closed := false
	destructive := t.destructive
	return &mcp.Tool{
		Name: t.name, Title: t.title, Description: t.description,
		Annotations: &mcp.ToolAnnotations{
			Title: t.title, ReadOnlyHint: !agent.Writes(t.name), DestructiveHint: &destructive, IdempotentHint: t.idempotent || !agent.Writes(t.name),
			OpenWorldHint: &closed,
		},
	}
}

// digest identifies what agents are told of the tool: a record shows under which words a call was made.
func (t tool) digest() string {
	sum := sha256.Sum256([]byte(t.name + "\n" + t.title + "\n" + t.description))
	return hex.EncodeToString(sum[:])[:12]
}
