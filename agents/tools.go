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

// tools are all that there are. Long because each tool has what agents are told of it here.
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
			name: agent.RequestStatus, title: "How a request stands", add: answering(requestStatus),
			description: "Say how a request of this agent stands, and wait up to 20 seconds for it to be over.",
		},
		{
			name: agent.AssignRole, title: "Give a role", add: answering(changeRole), idempotent: true,
			description: "Ask that somebody is given a OneLogin role, for a while or for good." + asking,
		},
		{
			name: agent.ProvisionUser, title: "Provision a user", add: answering(provisionUser), idempotent: true,
			description: "Ask that somebody whom HR has gets what HR and the rules say now, or that somebody whom HR does not have is sponsored until a day." + asking,
		},
		{
			name: agent.AssignApp, title: "Give an app", add: answering(changeApp), idempotent: true,
			description: "Ask that somebody is given an app, by the role that carries it and least besides; the plan says all that it carries." + asking,
		},
		{
			name: agent.UnassignApp, title: "Take an app", add: answering(changeApp), destructive: true, idempotent: true,
			description: "Ask that an app is taken from somebody, if a role carries it alone." + asking,
		},
		{
			name: agent.RemoveRole, title: "Take a role", add: answering(changeRole), destructive: true, idempotent: true,
			description: "Ask that a OneLogin role is taken from somebody, for a while or for good, whatever rules give." + asking,
		},
		{
			name: agent.UpdateProfile, title: "Change a profile", add: answering(updateProfile), destructive: true, idempotent: true,
			description: "Ask that title, department, company or phone of somebody's account say something else than HR, until a day." + asking,
		},
		{
			name: agent.EnableUser, title: "Open an account", add: answering(once), idempotent: true,
			description: "Ask that somebody's OneLogin account is opened that is locked, or was suspended by hand or by a request of an agent." + asking,
		},
		{
			name: agent.DisableUser, title: "Suspend a user", add: answering(disableUser), destructive: true, idempotent: true,
			description: "Ask that somebody's OneLogin account is suspended and its sessions end. Roles and data stay." + asking,
		},
		{
			name: agent.ResetPassword, title: "Reset a password", add: answering(once), destructive: true, idempotent: true,
			description: "Ask that somebody's password is made unknown, and a link to set a new one is mailed to an address that HR has. No password is ever shown." + asking,
		},
		{
			name: agent.RevokeSessions, title: "End sessions", add: answering(once), destructive: true, idempotent: true,
			description: "Ask that somebody's OneLogin sessions end. They can sign in again." + asking,
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

// asking is what every tool says that asks for a change.
const asking = " Without execute it is a dry run, which returns the plan, its hash and who would be asked. With it the request is filed: people may " +
	"be asked, and request_status says what came of it. The same request_id again is the same request."

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
