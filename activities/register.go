package activities

import (
	"go.temporal.io/sdk/activity"

	"gatehouse/activities/account"
	"gatehouse/activities/api"
	"gatehouse/activities/attention"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/incidents"
	"gatehouse/activities/inventory"
	"gatehouse/activities/mfa"
	"gatehouse/activities/notify"
	"gatehouse/activities/orders"
	"gatehouse/activities/pager"
	"gatehouse/activities/people"
	"gatehouse/activities/review"
	"gatehouse/activities/step"
	"gatehouse/activities/ticket"
)

// Registry is the part of a worker or a test environment that activities are registered with.
type Registry interface {
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// Set is every activity of Gatehouse.
type Set struct {
	Person    *people.Person
	OneLogin  *account.OneLogin
	Slack     *notify.Slack
	Jira      *ticket.Jira
	PagerDuty *pager.PagerDuty
	Evidence  *step.Evidence
	Sync      *hrsync.Sync
	Holds     *hrsync.Holds
	Reconcile *hrsync.Reconcile
	// Authorised carries out what was decided ahead.
	Authorised *orders.Authorised
	MFA        *mfa.MFA
	Orders     *orders.Orders
	// Sheets and Gmail have no activities of their own: reviews and reminders use them from theirs.
	Sheets *gsuite.Sheets
	Gmail  *gsuite.Gmail
	Review *review.Review
	Events *incidents.Events
	// Accounts keeps the inventory.
	Accounts *inventory.Accounts
	// Attention keeps the list of what needs a person.
	Attention *attention.Attention
}

// RegisterPeople registers the activities of the people queue.
func (s Set) RegisterPeople(r Registry) {
	for name, fn := range map[string]any{
		api.PersonAssess:            s.Person.Assess,
		api.PersonForward:           s.Person.Forward,
		api.PersonDecide:            s.Person.Decide,
		api.PersonKeep:              s.Person.KeepRoles,
		api.PersonSearch:            s.Person.Search,
		api.PersonSettle:            s.Person.Settle,
		api.PersonDeparture:         s.Person.Departure,
		api.OneLoginReopenedBy:      s.OneLogin.ReopenedBy,
		api.LedgerRecord:            s.Evidence.Record,
		api.OneLoginEnsureSuspended: s.OneLogin.EnsureSuspended,
		api.OneLoginEnsureLoggedOut: s.OneLogin.EnsureLoggedOut,
		api.OneLoginEnsureAccount:   s.OneLogin.EnsureAccount,
		api.OneLoginEnsureProfile:   s.OneLogin.EnsureProfile,
		api.OneLoginEnsureRenamed:   s.OneLogin.EnsureRenamed,
		api.OneLoginEnsureRoles:     s.OneLogin.EnsureRoles,
		api.OneLoginEnsureNoRoles:   s.OneLogin.EnsureNoRoles,
		api.OneLoginEndAccess:       s.OneLogin.EndAccess,
		api.OneLoginEnsureActive:    s.OneLogin.EnsureActive,
		api.OneLoginInvite:          s.OneLogin.Invite,
		api.OneLoginScramble:        s.OneLogin.ScramblePassword,
		api.OneLoginNoFactors:       s.OneLogin.EnsureNoFactors,
		api.OneLoginEnsureDeleted:   s.OneLogin.EnsureDeleted,
		api.OneLoginReadBack:        s.OneLogin.ReadBack,
		api.OneLoginEndSessions:     s.OneLogin.EndSessions,
		api.OneLoginEnsureLocked:    s.OneLogin.EnsureLocked,
		api.OneLoginResetPassword:   s.OneLogin.ResetPassword,
		api.OrdersGive:              s.Orders.Give,
		api.OrdersRelease:           s.Orders.Release,
		api.OrdersClose:             s.Orders.Close,
		api.SlackPost:               s.Slack.Post,
		api.SlackUpdate:             s.Slack.Update,
		api.SlackWhoIs:              s.Slack.WhoIs,
		api.JiraComment:             s.Jira.Comment,
		api.JiraTransition:          s.Jira.Transition,
		api.PagerDutyEvent:          s.PagerDuty.Event,
		api.PagerDutyStatus:         s.PagerDuty.Status,
		api.JiraTicket:              s.Jira.EnsureTicket,
		api.EventsCase:              s.Events.Case,
		api.EventsNote:              s.Events.Note,
		api.EventsApprover:          s.Events.Approver,
		api.AttentionHold:           s.Attention.Hold,
		api.AttentionDrop:           s.Attention.Drop,
	} {
		r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// RegisterSweeps registers the activities of the sweep queue. Messages about a sweep are posted from there too, and what
// it wants done to a person is ordered from there.
func (s Set) RegisterSweeps(r Registry) {
	for name, fn := range map[string]any{
		api.SyncCollect: s.Sync.Collect,
		api.SyncReserve: s.Sync.Reserve,
		api.SyncHint:    s.Sync.Hint,
		api.SyncDrop:    s.Sync.Drop,
		api.SyncAdmit:   s.Holds.Admit,
		api.HoldsShow:   s.Holds.Show,
		api.HoldsDecide: s.Holds.Decide,

		api.AuthorisedCarry: s.Authorised.Carry,

		api.OrdersGive:    s.Orders.Give,
		api.OrdersRelease: s.Orders.Release,
		api.SlackPost:     s.Slack.Post,

		api.MFAScan:        s.MFA.Scan,
		api.MFAStartGraces: s.MFA.StartGraces,
		api.MFACheck:       s.MFA.Check,
		api.MFAMove:        s.MFA.Move,
		api.MFADecide:      s.MFA.Decide,
		api.MFATrack:       s.MFA.Track,
		api.MFALetter:      s.MFA.Letter,
		// A grace course records what operators decide.
		api.LedgerRecord: s.Evidence.Record,

		// What a sweep tells may be a ticket or a page.
		api.PagerDutyEvent: s.PagerDuty.Event,
		api.JiraTicket:     s.Jira.EnsureTicket,
		api.EventsCollect:  s.Events.Collect,
		api.EventsEvaluate: s.Events.Evaluate,
		api.EventsPoke:     s.Events.Poke,

		api.AccountsSweep:    s.Accounts.Sweep,
		api.AccountsRoles:    s.Accounts.Roles,
		api.AccountsMappings: s.Accounts.Mappings,
		api.AccountsMatch:    s.Accounts.Match,

		api.ReviewBegin:    s.Review.Start,
		api.ReviewOpen:     s.Review.Open,
		api.ReviewUsers:    s.Review.CollectUsers,
		api.ReviewRoles:    s.Review.CollectRoles,
		api.ReviewApps:     s.Review.CollectApps,
		api.ReviewAssess:   s.Review.Assess,
		api.ReviewFreeze:   s.Review.Freeze,
		api.ReviewWrite:    s.Review.Write,
		api.ReviewMail:     s.Review.Mail,
		api.ReviewManagers: s.Review.MailManagers,

		api.ReconcileCompare: s.Reconcile.Compare,
		api.ReconcileAdmit:   s.Reconcile.Admit,
		api.ReconcileHint:    s.Reconcile.Hint,
		api.AttentionHold:    s.Attention.Hold,
		api.AttentionDrop:    s.Attention.Drop,
	} {
		r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}
