package step

import (
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Changes to what runs schedule. A run that began before a change goes on as it began; the name of a change is in the
// histories of all that began after it and never changes.
const (
	// ChangeTicketAside: an incident's ticket and messages no longer hold up its pager, its decisions and its responses,
	// and what nobody decided is asked again when the incident is open again.
	ChangeTicketAside = "incident-ticket-aside"
	// ChangeHolds: a poll waits for nobody. Who is held by a budget is asked about by a run of its own, everybody else is
	// hinted, and messages come after the hints.
	ChangeHolds = "sync-holds"
	// ChangeReviewAside: nobody whom a review cannot be shown to, or written to, keeps the others from it.
	ChangeReviewAside = "review-letters-aside"
	// ChangeScanAside: a reading of factors ends whether or not its sheet can be written.
	ChangeScanAside = "mfa-scan-aside"
	// ChangeExtensionTracked: an extension is written into the tracking sheet at once, and not with the next reminder.
	ChangeExtensionTracked = "mfa-extension-tracked"
	// ChangeLookAfterApproval: an account is looked at once more after its restriction was allowed.
	ChangeLookAfterApproval = "mfa-look-after-approval"
	// ChangeEscalationTheirs: who is told at the end of a grace period reads about the report, and not about an account of their own.
	ChangeEscalationTheirs = "mfa-escalation-theirs"
	// ChangeWeakExplained: who enrols a factor that does not count is told why. It stands where one has been enrolled.
	ChangeWeakExplained = "mfa-weak-explained"
	// ChangeCaseUnread: an incident whose case cannot be read says so, hears the pager and people meanwhile, and reads on by
	// itself. It stands behind a reading that has failed.
	ChangeCaseUnread = "incident-case-unread"
	// ChangeTiedWords: of two words of the pager of the same time, the one that comes first in an incident's course changes nothing.
	ChangeTiedWords = "pager-words-of-one-time"
	// ChangePagerMerged: an incident that was merged into another one in the pager says so in its ticket and goes on.
	ChangePagerMerged = "incident-merged-in-pager"
	// changeCrowded, with a number that says how full the run is: a run that has taken many signals goes on as a fresh one.
	changeCrowded = "crowded-"
	// ChangeDeadlineWatched: while a person cannot be assessed, the ledger is asked by when they have to be out. It stands
	// behind an assessment that has failed, so that a good day has no marker of it.
	ChangeDeadlineWatched = "departure-deadline-watched"
	// ChangeAttended: what a run waits for is on the list of what needs a person. It stands where a run begins to wait, and in
	// a person's run only behind a look that has failed.
	ChangeAttended = "attention-listed"
	// ChangeRefusedAside: a group, role or licence that a system refuses keeps no other kind from somebody who is employed. It stands
	// behind a refusal.
	ChangeRefusedAside = "system-refusal-aside"
	// ChangeProfileAside: a profile or a place that a system refuses, and a mailbox that cannot be taken back, keep nothing else from somebody
	// who is employed, nor does what waits for somebody keep from them what a later look finds. It stands behind such a step.
	ChangeProfileAside = "system-profile-aside"
	// ChangeNotedMeanwhile: what a template's work noticed while a hint had the person looked at is told as well. It stands behind
	// such a notice.
	ChangeNotedMeanwhile = "notice-during-look"
	// ChangeFoundMeanwhile: an account that somebody decided about after a search had found it to be theirs is closed once. It stands
	// behind such a decision.
	ChangeFoundMeanwhile = "decided-account-known"
	// ChangeReopenedMeanwhile: a leaver's account that is opened again while the work or a read-back of others goes on is closed at once.
	// It stands behind a look that finds it open.
	ChangeReopenedMeanwhile = "reopened-during-work"
	// ChangeSettlingGivesWay: a decision about an account that cannot be carried out yet holds up no departure and no look. It stands
	// behind such a decision.
	ChangeSettlingGivesWay = "settling-gives-way"
	// ChangeSettledFirst: a run does not end before somebody's decision about an account is carried out. It stands behind such a decision.
	ChangeSettledFirst = "settled-before-end"
	// ChangeAddressTold: IT is told that HR's address is not written beside OneLogin. It stands behind a plan that says so.
	ChangeAddressTold = "system-address-told"
)

// HasQueueOfItsOwn reports that a template began when templates had got a queue of their own. Only workers that know what
// changed then serve it, so this tells such runs apart and costs no event.
func HasQueueOfItsOwn(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).TaskQueueName == api.QueueTemplates
}
