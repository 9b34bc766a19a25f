package api

// Task queues. What ends sign-in comes first: neither a review on the sweep queue nor the work of templates on theirs
// delays the look at a leaver and the containment, which are done on the people queue.
const (
	QueuePeople    = "gatehouse"
	QueueTemplates = "gatehouse-templates"
	QueueSweep     = "gatehouse-sweep"
)

// Registered activity names.
const (
	PersonAssess  = "Person.Assess"
	PersonForward = "Person.Forward"
	PersonDecide  = "Person.Decide"
	PersonKeep    = "Person.KeepRoles"
	PersonSearch  = "Person.Search"
	PersonSettle  = "Person.Settle"

	PersonDeparture = "Person.Departure"
	PersonUndone    = "Person.Undone"
	LedgerRecord    = "Ledger.Record"

	OneLoginEnsureSuspended = "OneLogin.EnsureSuspended"
	OneLoginEnsureLoggedOut = "OneLogin.EnsureLoggedOut"
	OneLoginEnsureAccount   = "OneLogin.EnsureAccount"
	OneLoginEnsureProfile   = "OneLogin.EnsureProfile"
	OneLoginEnsureRenamed   = "OneLogin.EnsureRenamed"
	OneLoginEnsureRoles     = "OneLogin.EnsureRoles"
	OneLoginEnsureNoRoles   = "OneLogin.EnsureNoRoles"
	OneLoginEndAccess       = "OneLogin.EndAccess"
	OneLoginEnsureActive    = "OneLogin.EnsureActive"
	OneLoginInvite          = "OneLogin.Invite"
	OneLoginScramble        = "OneLogin.ScramblePassword"
	OneLoginNoFactors       = "OneLogin.EnsureNoFactors"
	OneLoginEnsureDeleted   = "OneLogin.EnsureDeleted"
	OneLoginDeleteLeaver    = "OneLogin.DeleteLeaver"
	OneLoginReadBack        = "OneLogin.ReadBack"
	OneLoginReopenedBy      = "OneLogin.ReopenedBy"
	OneLoginGiveBack        = "OneLogin.GiveBack"
	OneLoginEndSessions     = "OneLogin.EndSessions"
	OneLoginEnsureLocked    = "OneLogin.EnsureLocked"
	OneLoginEnsureEnabled   = "OneLogin.EnsureEnabled"
	OneLoginResetPassword   = "OneLogin.ResetPassword"

	// What can be done in any system. Runs that began before it was carry out the same by their OneLogin activities.
	TargetEnsureSuspended = "Target.EnsureSuspended"
	TargetEnsureActive    = "Target.EnsureActive"
	TargetEnsureLoggedOut = "Target.EnsureLoggedOut"
	TargetEnsureRemoved   = "Target.EnsureRemoved"
	TargetEndSessions     = "Target.EndSessions"
	TargetReadBack        = "Target.ReadBack"

	// What is done in systems beside OneLogin.
	SystemsCarry    = "Systems.Carry"
	SystemsOwe      = "Systems.Owe"
	SystemsReadBack = "Systems.ReadBack"
	SystemsSweep    = "Systems.Sweep"

	OrdersGive      = "Orders.Give"
	OrdersRelease   = "Orders.Release"
	AgentsSwitchOff = "Agents.SwitchOff"
	OrdersClose     = "Orders.Close"

	SlackPost   = "Slack.Post"
	SlackUpdate = "Slack.Update"
	SlackWhoIs  = "Slack.WhoIs"

	JiraTicket     = "Jira.EnsureTicket"
	JiraComment    = "Jira.Comment"
	JiraTransition = "Jira.Transition"
	JiraConclude   = "Jira.Conclude"

	PagerDutyEvent  = "PagerDuty.Event"
	PagerDutyStatus = "PagerDuty.Status"

	MFAScan        = "MFA.Scan"
	MFAStartGraces = "MFA.StartGraces"
	MFACheck       = "MFA.Check"
	MFAMove        = "MFA.Move"
	MFADecide      = "MFA.Decide"
	MFATrack       = "MFA.Track"
	MFALetter      = "MFA.Letter"

	AccountsSweep    = "Accounts.Sweep"
	AccountsRoles    = "Accounts.Roles"
	AccountsMappings = "Accounts.Mappings"
	AccountsMatch    = "Accounts.Match"

	AgentReadsRead = "AgentReads.Read"

	ReconcileCompare = "Reconcile.Compare"
	ReconcileAdmit   = "Reconcile.Admit"
	ReconcileHint    = "Reconcile.Hint"

	SyncCollect = "Sync.Collect"
	SyncReserve = "Sync.Reserve"
	SyncHint    = "Sync.Hint"
	SyncDrop    = "Sync.Drop"
	SyncAdmit   = "Sync.Admit"
	HoldsShow   = "Holds.Show"
	HoldsDecide = "Holds.Decide"

	AuthorisedCarry = "Authorised.Carry"

	ReviewBegin    = "Review.Start"
	ReviewOpen     = "Review.Open"
	ReviewUsers    = "Review.CollectUsers"
	ReviewRoles    = "Review.CollectRoles"
	ReviewApps     = "Review.CollectApps"
	ReviewAssess   = "Review.Assess"
	ReviewFreeze   = "Review.Freeze"
	ReviewWrite    = "Review.Write"
	ReviewMail     = "Review.Mail"
	ReviewManagers = "Review.MailManagers"

	EventsCollect  = "Events.Collect"
	EventsEvaluate = "Events.Evaluate"
	EventsPoke     = "Events.Poke"
	EventsCase     = "Events.Case"
	EventsNote     = "Events.Note"
	EventsApprover = "Events.Approver"
)

// Types of application errors, as they appear in histories and in the UI.
const (
	// ErrSuperseded: right before its write a step found that the plan no longer holds. The run looks again.
	ErrSuperseded = "Superseded"
	// ErrRateLimited: the vendor, or our own share of its limit, says later.
	ErrRateLimited = "RateLimited"
	// ErrUnauthorized: a credential or permission has to be repaired by a person; retried slowly until then.
	ErrUnauthorized = "Unauthorized"
	// ErrUnavailable: the vendor or the network is down.
	ErrUnavailable = "Unavailable"
	// ErrInvalid: the vendor refuses what was asked; only a person can help.
	ErrInvalid = "InvalidRequest"
	// ErrConflict: the vendor has something else under that name.
	ErrConflict = "Conflict"
	// ErrRefused: Gatehouse itself refuses, for a protected account for example.
	ErrRefused = "Refused"
	// ErrNotFound: what was to be changed is gone.
	ErrNotFound = "NotFound"
)
