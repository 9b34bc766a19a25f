package agent

import (
	"slices"

	"github.com/google/cel-go/cel"

	"gatehouse/policy/condition"
)

// AnyTool in a rule is every tool.
const AnyTool = "any"

// The tools of agents.
const (
	WhoAmI         = "whoami"
	LookUpUser     = "look_up_user"
	ListUserRoles  = "list_user_roles"
	ListAppsOf     = "list_app_assignments"
	ListMembers    = "list_group_members"
	ListEvents     = "list_events"
	RequestStatus  = "request_status"
	ProvisionUser  = "provision_user"
	UpdateProfile  = "update_user_profile"
	AssignRole     = "assign_role"
	RemoveRole     = "remove_role"
	AssignApp      = "assign_app"
	UnassignApp    = "unassign_app"
	EnableUser     = "enable_user"
	DisableUser    = "disable_user"
	ResetPassword  = "reset_password"
	RevokeSessions = "revoke_sessions"
)

var (
	reading = []string{WhoAmI, LookUpUser, ListUserRoles, ListAppsOf, ListMembers, ListEvents, RequestStatus}
	writing = []string{ProvisionUser, UpdateProfile, AssignRole, RemoveRole, AssignApp, UnassignApp, EnableUser, DisableUser, ResetPassword, RevokeSessions}
)

// Tools are the names of all tools, those that change nothing first.
func Tools() []string { return slices.Concat(reading, writing) }

// Writes reports that a tool asks for a change.
func Writes(tool string) bool { return slices.Contains(writing, tool) }

// The attributes that an agent may be shown.
const (
	FieldName       = "name"
	FieldUsername   = "username"
	FieldEmail      = "email"
	FieldTitle      = "title"
	FieldDepartment = "department"
	FieldCompany    = "company"
	FieldManager    = "manager"
	FieldEmployeeID = "employee_id"
	FieldGroup      = "group"
	FieldStatus     = "status"
	FieldLastLogin  = "last_login"
	FieldRoles      = "roles"
	FieldApps       = "apps"
	FieldOrders     = "orders"
	FieldAddresses  = "addresses" // network addresses of events
)

var fields = []string{
	FieldName, FieldUsername, FieldEmail, FieldTitle, FieldDepartment, FieldCompany, FieldManager, FieldEmployeeID, FieldGroup, FieldStatus,
	FieldLastLogin, FieldRoles, FieldApps, FieldOrders, FieldAddresses,
}

// Fields are the words of see.
func Fields() []string { return slices.Clone(fields) }

// Call is what an agent asks, as conditions see it.
type Call struct {
	Tool string
	// Role, App and Group are what it names, empty if the tool takes none.
	Role, App, Group string
	// Attributes are those that it would change.
	Attributes []string
	// Days is for how long what it asks for would last, in days begun; 0 is without an end.
	Days int64
	// Ticket says that it names one, Fresh that it wants to have read anew.
	Ticket, Fresh bool
	// Privileged says that the role is one of access.privileged_roles.
	Privileged bool
}

// Target is whom a call is about, as the inventory has them and as conditions see them. The zero value is nobody in particular.
type Target struct {
	Key, Username, Email, Title, Department, Company, Group, Status string
	// Kind is person, service, shared, break_glass or unknown.
	Kind  string
	Roles []string
	// Employed says that HR has them, Protected that safety.protected matches, Privileged that a role of theirs is privileged.
	Employed, Protected, Privileged bool
}

func callSubject() condition.Subject {
	of := func(name string, typ *cel.Type, get func(*Call) any) condition.Field {
		return condition.Field{Name: name, Type: typ, Get: func(v any) any { return get(v.(*Call)) }}
	}
	return condition.Subject{
		Name: "call", Object: "gatehouse.Call", Empty: &Call{},
		Fields: []condition.Field{
			of("tool", cel.StringType, func(c *Call) any { return c.Tool }),
			of("role", cel.StringType, func(c *Call) any { return c.Role }),
			of("app", cel.StringType, func(c *Call) any { return c.App }),
			of("group", cel.StringType, func(c *Call) any { return c.Group }),
			of("attributes", cel.ListType(cel.StringType), func(c *Call) any { return c.Attributes }),
			of("days", cel.IntType, func(c *Call) any { return c.Days }),
			of("ticket", cel.BoolType, func(c *Call) any { return c.Ticket }),
			of("fresh", cel.BoolType, func(c *Call) any { return c.Fresh }),
			of("privileged", cel.BoolType, func(c *Call) any { return c.Privileged }),
		},
	}
}

func targetSubject() condition.Subject {
	text := func(name string, get func(*Target) string) condition.Field {
		return condition.Field{Name: name, Type: cel.StringType, Get: func(v any) any { return get(v.(*Target)) }}
	}
	yes := func(name string, get func(*Target) bool) condition.Field {
		return condition.Field{Name: name, Type: cel.BoolType, Get: func(v any) any { return get(v.(*Target)) }}
	}
	return condition.Subject{
		Name: "target", Object: "gatehouse.Target", Empty: &Target{},
		Fields: []condition.Field{
			text("key", func(t *Target) string { return t.Key }),
			text("username", func(t *Target) string { return t.Username }),
			text("email", func(t *Target) string { return t.Email }),
			text("title", func(t *Target) string { return t.Title }),
			text("department", func(t *Target) string { return t.Department }),
			text("company", func(t *Target) string { return t.Company }),
			text("group", func(t *Target) string { return t.Group }),
			text("status", func(t *Target) string { return t.Status }),
			text("kind", func(t *Target) string { return t.Kind }),
			{Name: "roles", Type: cel.ListType(cel.StringType), Get: func(v any) any { return v.(*Target).Roles }},
			yes("employed", func(t *Target) bool { return t.Employed }),
			yes("protected", func(t *Target) bool { return t.Protected }),
			yes("privileged", func(t *Target) bool { return t.Privileged }),
		},
	}
}

// view is what a condition of a rule sees.
type view struct {
	call   *Call
	target *Target
}

// ResolveName returns the value of a variable.
func (v view) ResolveName(name string) (any, bool) {
	switch name {
	case "call":
		return v.call, true
	case "target":
		return v.target, true
	}
	return nil, false
}

// Parent returns nil: there is no outer scope.
func (v view) Parent() cel.Activation { return nil }
