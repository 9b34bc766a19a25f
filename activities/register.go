package activities

import (
	"gatehouse/activities/account"
	"gatehouse/activities/agentread"
	"gatehouse/activities/agentrequests"
	"gatehouse/activities/agents"
	"gatehouse/activities/api"
	"gatehouse/activities/attention"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/incidents"
	"gatehouse/activities/inventory"
	"gatehouse/activities/letters"
	"gatehouse/activities/mfa"
	"gatehouse/activities/notify"
	"gatehouse/activities/orders"
	"gatehouse/activities/pager"
	"gatehouse/activities/people"
	"gatehouse/activities/review"
	"gatehouse/activities/step"
	"gatehouse/activities/systems"
	"gatehouse/activities/ticket"
)

// Named are activities by the names under which they are registered. A worker is given the groups that its templates use.
type Named map[string]any

// Set is every activity of Gatehouse.
type Set struct {
	Person   *people.Person
	OneLogin *account.OneLogin
	// Target does what can be done in any system.
	Target    *account.Target
	Slack     *notify.Messenger
	Jira      *ticket.Desk
	PagerDuty *pager.Pager
	Evidence  *step.Evidence
	Sync      *hrsync.Sync
	Holds     *hrsync.Holds
	Reconcile *hrsync.Reconcile
	// Authorised carries out what was decided ahead.
	Authorised *orders.Authorised
	MFA        *mfa.MFA
	Orders     *orders.Orders
	// Sheets and Letters have no activities of their own: reviews and reminders use them from theirs.
	Sheets  *gsuite.Sheets
	Letters letters.Sender
	Review  *review.Review
	Events  *incidents.Events
	// Accounts keeps the inventory.
	Accounts *inventory.Accounts
	// Requests sees the requests of agents through.
	Requests *agentrequests.Requests
	// AgentReads reads anew what agents ask about.
	AgentReads *agentread.Reads
	// Attention keeps the list of what needs a person.
	Attention *attention.Attention
	// Agents sees to it that agents end with their owners.
	Agents *agents.Agents
	// Systems reads and changes accounts in the systems beside OneLogin.
	Systems *systems.Systems
}

// People is what asks and decides about one person.
func (s Set) People() Named {
	return Named{
		api.PersonAssess:    step.Result(s.Person.Assess),
		api.PersonForward:   step.Done(s.Person.Forward),
		api.PersonDecide:    step.Done(s.Person.Decide),
		api.PersonKeep:      step.Done(s.Person.KeepRoles),
		api.PersonSearch:    step.Result(s.Person.Search),
		api.PersonSettle:    step.Done(s.Person.Settle),
		api.PersonDeparture: step.Result(s.Person.Departure),
		api.PersonUndone:    step.Done(s.Person.Undone),
	}
}

// Access is what changes an account and reads it back.
func (s Set) Access() Named {
	return Named{
		api.OneLoginReopenedBy:      step.Result(s.OneLogin.ReopenedBy),
		api.OneLoginEnsureSuspended: step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureSuspended)),
		api.OneLoginEnsureLoggedOut: step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureLoggedOut)),
		api.OneLoginEnsureAccount:   step.Result(s.OneLogin.EnsureAccount),
		api.OneLoginEnsureProfile:   step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureProfile)),
		api.OneLoginEnsureRenamed:   step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureRenamed)),
		api.OneLoginEnsureRoles:     step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureRoles)),
		api.OneLoginEnsureNoRoles:   step.Result(s.OneLogin.EnsureNoRoles),
		api.OneLoginEndAccess:       step.Result(s.OneLogin.EndAccess),
		api.OneLoginEnsureActive:    step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureActive)),
		api.OneLoginInvite:          step.Result(account.UnlessOff(s.Target, s.OneLogin.Invite)),
		api.OneLoginScramble:        step.Result(s.OneLogin.ScramblePassword),
		api.OneLoginNoFactors:       step.Result(s.OneLogin.EnsureNoFactors),
		api.OneLoginEnsureDeleted:   step.Result(s.OneLogin.EnsureDeleted),
		api.OneLoginDeleteLeaver:    step.Result(s.OneLogin.DeleteLeaver),
		api.OneLoginReadBack:        step.Result(s.OneLogin.ReadBack),
		api.OneLoginGiveBack:        step.Result(s.OneLogin.GiveBack),
		api.OneLoginEndSessions:     step.Result(account.UnlessOff(s.Target, s.OneLogin.EndSessions)),
		api.OneLoginEnsureLocked:    step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureLocked)),
		api.OneLoginResetPassword:   step.Result(account.UnlessOff(s.Target, s.OneLogin.ResetPassword)),
		api.TargetEnsureSuspended:   step.Result(account.UnlessOff(s.Target, s.Target.EnsureSuspended)),
		api.TargetEnsureActive:      step.Result(account.UnlessOff(s.Target, s.Target.EnsureActive)),
		api.TargetEnsureLoggedOut:   step.Result(account.UnlessOff(s.Target, s.Target.EnsureLoggedOut)),
		api.TargetEnsureRemoved:     step.Result(account.UnlessOff(s.Target, s.Target.EnsureRemoved)),
		api.TargetEndSessions:       step.Result(account.UnlessOff(s.Target, s.Target.EndSessions)),
		api.OneLoginEnsureEnabled:   step.Result(account.UnlessOff(s.Target, s.OneLogin.EnsureEnabled)),
		api.TargetReadBack:          step.Result(s.Target.ReadBack),
	}
}

// Beside is what changes accounts in the systems beside OneLogin, and reads them back.
func (s Set) Beside() Named {
	return Named{
		api.SystemsCarry:    step.Result(s.Systems.Carry),
		api.SystemsOwe:      step.Done(s.Systems.Owe),
		api.SystemsReadBack: step.Result(s.Systems.ReadBack),
	}
}

// SystemSweeping is what reads the accounts of a system beside OneLogin.
func (s Set) SystemSweeping() Named {
	return Named{api.SystemsSweep: step.Result(s.Systems.Sweep)}
}

// Ordering is what gives and releases orders about people.
func (s Set) Ordering() Named {
	return Named{
		api.OrdersGive:    step.Result(s.Orders.Give),
		api.OrdersRelease: step.Result(s.Orders.Release),
	}
}

// Closing is what closes the orders that a run has carried out.
func (s Set) Closing() Named {
	return Named{
		api.OrdersClose: step.Result(s.Orders.Close),
	}
}

// Suspending is what ends the agents of somebody who has left.
func (s Set) Suspending() Named {
	return Named{api.AgentsSwitchOff: step.Done(s.Agents.SwitchOff)}
}

// Record is what writes evidence.
func (s Set) Record() Named {
	return Named{
		api.LedgerRecord: step.Done(s.Evidence.Record),
	}
}

// Telling is what any run may say: a message, a ticket, a page, and an item on the list of what needs a person.
func (s Set) Telling() Named {
	return Named{
		api.SlackPost:      step.Result(s.Slack.Post),
		api.JiraTicket:     step.Result(s.Jira.EnsureTicket),
		api.PagerDutyEvent: step.Result(s.PagerDuty.Event),
		api.AttentionHold:  step.Result(s.Attention.Hold),
		api.AttentionDrop:  step.Done(s.Attention.Drop),
	}
}

// Following is what keeps to a message, a ticket or a page that was sent.
func (s Set) Following() Named {
	return Named{
		api.SlackUpdate:     step.Result(s.Slack.Update),
		api.SlackWhoIs:      step.Result(s.Slack.WhoIs),
		api.JiraComment:     step.Result(s.Jira.Comment),
		api.JiraTransition:  step.Result(s.Jira.Transition),
		api.JiraConclude:    step.Result(s.Jira.Conclude),
		api.PagerDutyStatus: step.Result(s.PagerDuty.Status),
	}
}

// Cases is what reads and writes the case of an incident.
func (s Set) Cases() Named {
	return Named{
		api.EventsCase:     step.Result(s.Events.Case),
		api.EventsNote:     step.Done(s.Events.Note),
		api.EventsApprover: step.Result(s.Events.Approver),
	}
}

// Watching is what reads the events of OneLogin and judges them by rule.
func (s Set) Watching() Named {
	return Named{
		api.EventsCollect:  step.Result(s.Events.Collect),
		api.EventsEvaluate: step.Result(s.Events.Evaluate),
		api.EventsPoke:     step.Done(s.Events.Poke),
	}
}

// Requesting is what judges the requests of agents and has them carried out.
func (s Set) Requesting() Named {
	return Named{
		api.AgentRequestJudge: step.Result(s.Requests.Judge),
		api.AgentRequestCarry: step.Result(s.Requests.Carry),
		api.AgentRequestWatch: step.Result(s.Requests.Watch),
		api.AgentRequestEnd:   step.Result(s.Requests.End),
		api.AgentRequestWho:   step.Result(s.Requests.Who),
	}
}

// HR is what reads an HR system, holds what is too much, and hints whom it concerns.
func (s Set) HR() Named {
	return Named{
		api.SyncCollect: step.Result(s.Sync.Collect),
		api.SyncReserve: step.Result(s.Sync.Reserve),
		api.SyncHint:    step.Result(s.Sync.Hint),
		api.SyncDrop:    step.Done(s.Sync.Drop),
		api.SyncAdmit:   step.Result(s.Holds.Admit),
	}
}

// Batches is what shows a held batch and carries out what was decided about it.
func (s Set) Batches() Named {
	return Named{
		api.HoldsShow:       step.Result(s.Holds.Show),
		api.HoldsDecide:     step.Result(s.Holds.Decide),
		api.AuthorisedCarry: step.Result(s.Authorised.Carry),
	}
}

// Comparing is what compares people with their accounts.
func (s Set) Comparing() Named {
	return Named{
		api.ReconcileCompare: step.Result(s.Reconcile.Compare),
		api.ReconcileAdmit:   step.Result(s.Reconcile.Admit),
		api.ReconcileHint:    step.Result(s.Reconcile.Hint),
	}
}

// Inventory is what reads the accounts of OneLogin.
func (s Set) Inventory() Named {
	return Named{
		api.AccountsSweep:    step.Result(s.Accounts.Sweep),
		api.AccountsRoles:    step.Result(s.Accounts.Roles),
		api.AccountsMappings: step.Result(s.Accounts.Mappings),
		api.AccountsMatch:    step.Result(s.Accounts.Match),
	}
}

// ReadingAnew is what reads OneLogin because an agent asked.
func (s Set) ReadingAnew() Named {
	return Named{api.AgentReadsRead: step.Result(s.AgentReads.Read)}
}

// SecondFactors is what finds and follows people without a second factor.
func (s Set) SecondFactors() Named {
	return Named{
		api.MFAScan:        step.Result(s.MFA.Scan),
		api.MFAStartGraces: step.Result(s.MFA.StartGraces),
		api.MFACheck:       step.Result(s.MFA.Check),
		api.MFAMove:        step.Done(s.MFA.Move),
		api.MFADecide:      step.Done(s.MFA.Decide),
		api.MFATrack:       step.Result(s.MFA.Track),
		api.MFALetter:      step.Result(s.MFA.Letter),
	}
}

// Reviewing is what makes an access review.
func (s Set) Reviewing() Named {
	return Named{
		api.ReviewBegin:    step.Result(s.Review.Start),
		api.ReviewOpen:     step.Result(s.Review.Open),
		api.ReviewUsers:    step.Result(s.Review.CollectUsers),
		api.ReviewRoles:    step.Result(s.Review.CollectRoles),
		api.ReviewApps:     step.Result(s.Review.CollectApps),
		api.ReviewAssess:   step.Result(s.Review.Assess),
		api.ReviewFreeze:   step.Result(s.Review.Freeze),
		api.ReviewWrite:    step.Result(s.Review.Write),
		api.ReviewMail:     step.Result(s.Review.Mail),
		api.ReviewManagers: step.Result(s.Review.MailManagers),
	}
}
