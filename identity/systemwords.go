package identity

// systemVerbs say what a step does.
var systemVerbs = map[SystemStepKind]string{
	SystemCreate: "create the account", SystemResume: "open the account again", SystemWriteProfile: "write the profile",
	SystemMove: "move the account", SystemRemoveGroups: "take it out of groups", SystemAddGroups: "add it to groups",
	SystemRemoveRoles: "take roles", SystemAddRoles: "give roles", SystemAssignLicences: "assign licences",
	SystemReleaseLicences: "release licences", SystemSuspend: "suspend the account",
	SystemResetPassword: "set a password that nobody knows", SystemEndSessions: "end its sessions",
	SystemRevokeGrants: "revoke what apps and app passwords may do", SystemDemote: "take its administrator roles",
	SystemAutoReply: "set the auto-reply", SystemDelegate: "delegate the mailbox", SystemTransfer: "hand over its files",
	SystemEndReply: "end the auto-reply", SystemUndelegate: "take the delegation of the mailbox back",
}

// Words say what a step does, empty for a kind that this version does not know.
func (k SystemStepKind) Words() string { return systemVerbs[k] }

// ReturnsMailbox reports that a step takes the mailbox of somebody who is here again back.
func (k SystemStepKind) ReturnsMailbox() bool { return k == SystemEndReply || k == SystemUndelegate }

// EndsAccess reports that a step takes from somebody what they sign in by.
func (k SystemStepKind) EndsAccess() bool {
	switch k {
	case SystemSuspend, SystemResetPassword, SystemEndSessions, SystemRevokeGrants, SystemDemote:
		return true
	case SystemCreate, SystemResume, SystemWriteProfile, SystemMove, SystemRemoveGroups, SystemAddGroups, SystemRemoveRoles, SystemAddRoles,
		SystemAssignLicences, SystemReleaseLicences, SystemAutoReply, SystemDelegate, SystemTransfer, SystemEndReply,
		SystemUndelegate:
	}
	return false
}
