package api

// Activity is one call of a registered activity: its name, what it is given and where its result goes. Only the methods of Call
// make one, so that the compiler holds what a workflow gives and expects against the activity.
type Activity struct {
	name    string
	in, out any
}

// Name is the name under which the activity is registered.
func (a Activity) Name() string { return a.name }

// Input is what the activity is given.
func (a Activity) Input() any { return a.in }

// Result is a pointer to where the result goes, nil if there is none or nobody wants it.
func (a Activity) Result() any { return a.out }

// Call has a method for each registered activity: it takes the activity's input and, if the activity returns something, a pointer
// to where that goes, which is nil if nobody wants it. The methods are held against the registered functions by a test.
var Call calls

type calls struct{}

// returning is a call of an activity that returns something.
func returning[Out any](name string, in any, out *Out) Activity {
	a := Activity{name: name, in: in}
	if out != nil {
		a.out = out
	}
	return a
}

func (calls) PersonAssess(in AssessInput, out *Assessment) Activity {
	return returning(PersonAssess, in, out)
}

func (calls) PersonForward(in ForwardInput) Activity { return Activity{name: PersonForward, in: in} }
func (calls) PersonDecide(in DecideInput) Activity   { return Activity{name: PersonDecide, in: in} }
func (calls) PersonKeep(in KeepRolesInput) Activity  { return Activity{name: PersonKeep, in: in} }

func (calls) PersonSearch(in SearchInput, out *Found) Activity {
	return returning(PersonSearch, in, out)
}

func (calls) PersonSettle(in SettleInput) Activity { return Activity{name: PersonSettle, in: in} }

func (calls) PersonDeparture(in DepartureInput, out *Departure) Activity {
	return returning(PersonDeparture, in, out)
}

func (calls) PersonUndone(in UndoneInput) Activity { return Activity{name: PersonUndone, in: in} }

func (calls) LedgerRecord(in RecordInput) Activity { return Activity{name: LedgerRecord, in: in} }

func (calls) OneLoginEnsureSuspended(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginEnsureSuspended, in, out)
}

func (calls) OneLoginEnsureLoggedOut(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginEnsureLoggedOut, in, out)
}

func (calls) OneLoginEnsureAccount(in EnsureAccountInput, out *AccountState) Activity {
	return returning(OneLoginEnsureAccount, in, out)
}

func (calls) OneLoginEnsureProfile(in EnsureProfileInput, out *AccountState) Activity {
	return returning(OneLoginEnsureProfile, in, out)
}

func (calls) OneLoginEnsureRenamed(in RenameInput, out *AccountState) Activity {
	return returning(OneLoginEnsureRenamed, in, out)
}

func (calls) OneLoginEnsureRoles(in RolesInput, out *AccountState) Activity {
	return returning(OneLoginEnsureRoles, in, out)
}

func (calls) OneLoginEnsureNoRoles(in RolesInput, out *AccountState) Activity {
	return returning(OneLoginEnsureNoRoles, in, out)
}

func (calls) OneLoginEndAccess(in RolesInput, out *AccessEnded) Activity {
	return returning(OneLoginEndAccess, in, out)
}

func (calls) OneLoginEnsureActive(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginEnsureActive, in, out)
}

func (calls) OneLoginInvite(in InviteInput, out *AccountState) Activity {
	return returning(OneLoginInvite, in, out)
}

func (calls) OneLoginScramble(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginScramble, in, out)
}

func (calls) OneLoginNoFactors(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginNoFactors, in, out)
}

func (calls) OneLoginEnsureDeleted(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginEnsureDeleted, in, out)
}

func (calls) OneLoginDeleteLeaver(in AccountInput, out *AccountState) Activity {
	return returning(OneLoginDeleteLeaver, in, out)
}

func (calls) OneLoginReadBack(in ReadBackInput, out *AccountState) Activity {
	return returning(OneLoginReadBack, in, out)
}

func (calls) OneLoginReopenedBy(in AccountInput, out *ReopenedBy) Activity {
	return returning(OneLoginReopenedBy, in, out)
}

func (calls) OneLoginGiveBack(in GiveBackInput, out *GivenBack) Activity {
	return returning(OneLoginGiveBack, in, out)
}

func (calls) OneLoginEndSessions(in ResponseInput, out *AccountState) Activity {
	return returning(OneLoginEndSessions, in, out)
}

func (calls) OneLoginEnsureEnabled(in ResponseInput, out *AccountState) Activity {
	return returning(OneLoginEnsureEnabled, in, out)
}

func (calls) OneLoginEnsureLocked(in ResponseInput, out *AccountState) Activity {
	return returning(OneLoginEnsureLocked, in, out)
}

func (calls) OneLoginResetPassword(in ResponseInput, out *AccountState) Activity {
	return returning(OneLoginResetPassword, in, out)
}

func (calls) TargetEnsureSuspended(in TargetInput, out *TargetState) Activity {
	return returning(TargetEnsureSuspended, in, out)
}

func (calls) TargetEnsureActive(in TargetInput, out *TargetState) Activity {
	return returning(TargetEnsureActive, in, out)
}

func (calls) TargetEnsureLoggedOut(in TargetInput, out *TargetState) Activity {
	return returning(TargetEnsureLoggedOut, in, out)
}

func (calls) TargetEnsureRemoved(in RemovalInput, out *TargetState) Activity {
	return returning(TargetEnsureRemoved, in, out)
}

func (calls) TargetEndSessions(in TargetResponse, out *TargetState) Activity {
	return returning(TargetEndSessions, in, out)
}

func (calls) TargetReadBack(in TargetInput, out *TargetState) Activity {
	return returning(TargetReadBack, in, out)
}

func (calls) SystemsCarry(in SystemInput, out *SystemState) Activity {
	return returning(SystemsCarry, in, out)
}

func (calls) SystemsOwe(in OweInput) Activity { return Activity{name: SystemsOwe, in: in} }

func (calls) SystemsReadBack(in SystemReadBack, out *SystemState) Activity {
	return returning(SystemsReadBack, in, out)
}

func (calls) SystemsSweep(in SystemSweepInput, out *SystemSwept) Activity {
	return returning(SystemsSweep, in, out)
}

func (calls) OrdersGive(in GiveOrder, out *OrderGiven) Activity {
	return returning(OrdersGive, in, out)
}

func (calls) OrdersRelease(in ReleaseOrder, out *OrderReleased) Activity {
	return returning(OrdersRelease, in, out)
}

func (calls) OrdersClose(in CloseOrder, out *OrderReleased) Activity {
	return returning(OrdersClose, in, out)
}

func (calls) AgentsSwitchOff(in SwitchAgents) Activity {
	return Activity{name: AgentsSwitchOff, in: in}
}

func (calls) SlackPost(in Message, out *Posted) Activity { return returning(SlackPost, in, out) }

func (calls) SlackUpdate(in MessageUpdate, out *Updated) Activity {
	return returning(SlackUpdate, in, out)
}

func (calls) SlackWhoIs(in WhoIsInput, out *SlackPerson) Activity {
	return returning(SlackWhoIs, in, out)
}

func (calls) JiraTicket(in TicketInput, out *Ticket) Activity { return returning(JiraTicket, in, out) }

func (calls) JiraComment(in CommentInput, out *Commented) Activity {
	return returning(JiraComment, in, out)
}

func (calls) JiraTransition(in TransitionInput, out *Transitioned) Activity {
	return returning(JiraTransition, in, out)
}

func (calls) JiraConclude(in ConcludeInput, out *Concluded) Activity {
	return returning(JiraConclude, in, out)
}

func (calls) PagerDutyEvent(in PagerEvent, out *PagerSent) Activity {
	return returning(PagerDutyEvent, in, out)
}

func (calls) PagerDutyStatus(in PagerQuery, out *PagerUpdate) Activity {
	return returning(PagerDutyStatus, in, out)
}

func (calls) MFAScan(in MFAScanInput, out *MFAScanned) Activity { return returning(MFAScan, in, out) }

// MFAStartGraces takes Nothing, and was always given nil for it: what is recorded stays as it is.
func (calls) MFAStartGraces(out *MFAStarted) Activity { return returning(MFAStartGraces, nil, out) }

func (calls) MFACheck(in MFACheckInput, out *MFALook) Activity { return returning(MFACheck, in, out) }

func (calls) MFAMove(in MFAMoveInput) Activity { return Activity{name: MFAMove, in: in} }

func (calls) MFADecide(in MFADecision) Activity { return Activity{name: MFADecide, in: in} }

func (calls) MFATrack(in MFATrackInput, out *MFATracked) Activity {
	return returning(MFATrack, in, out)
}

func (calls) MFALetter(in MFALetterInput, out *MFALettered) Activity {
	return returning(MFALetter, in, out)
}

func (calls) AccountsSweep(in SweepAccountsInput, out *SweptAccounts) Activity {
	return returning(AccountsSweep, in, out)
}

func (calls) AccountsRoles(in SweepRolesInput, out *SweptRoles) Activity {
	return returning(AccountsRoles, in, out)
}

func (calls) AccountsMappings(out *SweptMappings) Activity {
	return returning(AccountsMappings, Nothing{}, out)
}

func (calls) AgentReadsRead(in AgentReadRequest, out *AgentReadOutcome) Activity {
	return returning(AgentReadsRead, in, out)
}

func (calls) AccountsMatch(out *MatchedAccounts) Activity {
	return returning(AccountsMatch, Nothing{}, out)
}

func (calls) ReconcileCompare(in ReconcileInput, out *ReconcileFound) Activity {
	return returning(ReconcileCompare, in, out)
}

func (calls) ReconcileAdmit(in ReconcileInput, out *ReconcileAdmitted) Activity {
	return returning(ReconcileAdmit, in, out)
}

func (calls) ReconcileHint(in ReconcileInput, out *BatchSent) Activity {
	return returning(ReconcileHint, in, out)
}

func (calls) SyncCollect(in SyncInput, out *SyncReport) Activity {
	return returning(SyncCollect, in, out)
}

func (calls) SyncReserve(in BatchInput, out *BatchHeld) Activity {
	return returning(SyncReserve, in, out)
}

func (calls) SyncHint(in BatchInput, out *BatchSent) Activity { return returning(SyncHint, in, out) }

func (calls) SyncDrop(in BatchInput) Activity { return Activity{name: SyncDrop, in: in} }

func (calls) SyncAdmit(in BatchInput, out *BatchAdmitted) Activity {
	return returning(SyncAdmit, in, out)
}

func (calls) HoldsShow(in HoldRef, out *HoldShown) Activity { return returning(HoldsShow, in, out) }

func (calls) HoldsDecide(in HoldDecision, out *HoldDecided) Activity {
	return returning(HoldsDecide, in, out)
}

func (calls) AuthorisedCarry(in AuthorisedInput, out *AuthorisedState) Activity {
	return returning(AuthorisedCarry, in, out)
}

func (calls) AgentRequestJudge(in AgentRequestRef, out *AgentJudged) Activity {
	return returning(AgentRequestJudge, in, out)
}

func (calls) AgentRequestCarry(in AgentCarry, out *AgentCarried) Activity {
	return returning(AgentRequestCarry, in, out)
}

func (calls) AgentRequestWatch(in AgentRequestRef, out *AgentSeen) Activity {
	return returning(AgentRequestWatch, in, out)
}

func (calls) AgentRequestWho(in AgentPresser, out *AgentDecider) Activity {
	return returning(AgentRequestWho, in, out)
}

func (calls) AgentRequestEnd(in AgentEnd, out *AgentSeen) Activity {
	return returning(AgentRequestEnd, in, out)
}

func (calls) ReviewBegin(in ReviewStart, out *ReviewStarted) Activity {
	return returning(ReviewBegin, in, out)
}

func (calls) ReviewOpen(in ReviewInput, out *ReviewOpened) Activity {
	return returning(ReviewOpen, in, out)
}

func (calls) ReviewUsers(in ReviewInput, out *ReviewCount) Activity {
	return returning(ReviewUsers, in, out)
}

func (calls) ReviewRoles(in ReviewInput, out *ReviewCount) Activity {
	return returning(ReviewRoles, in, out)
}

func (calls) ReviewApps(in ReviewInput, out *ReviewCount) Activity {
	return returning(ReviewApps, in, out)
}

func (calls) ReviewAssess(in ReviewInput, out *ReviewCount) Activity {
	return returning(ReviewAssess, in, out)
}

func (calls) ReviewFreeze(in ReviewInput, out *ReviewSnapshot) Activity {
	return returning(ReviewFreeze, in, out)
}

func (calls) ReviewWrite(in ReviewInput, out *ReviewWritten) Activity {
	return returning(ReviewWrite, in, out)
}

func (calls) ReviewMail(in ReviewInput, out *ReviewTold) Activity {
	return returning(ReviewMail, in, out)
}

func (calls) ReviewManagers(in ReviewInput, out *ReviewMailed) Activity {
	return returning(ReviewManagers, in, out)
}

func (calls) EventsCollect(out *CollectReport) Activity {
	return returning(EventsCollect, Nothing{}, out)
}

func (calls) EventsEvaluate(out *EvaluateReport) Activity {
	return returning(EventsEvaluate, Nothing{}, out)
}

func (calls) EventsPoke() Activity { return Activity{name: EventsPoke, in: Nothing{}} }

func (calls) EventsCase(in CaseRef, out *CaseState) Activity { return returning(EventsCase, in, out) }

func (calls) EventsNote(in NoteCase) Activity { return Activity{name: EventsNote, in: in} }

func (calls) EventsApprover(in ApproverInput, out *ApproverVerdict) Activity {
	return returning(EventsApprover, in, out)
}

func (calls) AttentionHold(in Parked, out *Listed) Activity { return returning(AttentionHold, in, out) }

func (calls) AttentionDrop(in Parked) Activity { return Activity{name: AttentionDrop, in: in} }
