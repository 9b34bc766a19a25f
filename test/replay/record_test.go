package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// Names of the recorded scenarios.
const (
	hireFromWorkday             = "hire-from-workday"
	terminationByWebhook        = "termination-by-webhook"
	terminationAtOnce           = "termination-at-once"
	terminationUnmarked         = "termination-unmarked"
	terminationDuringOnboarding = "termination-during-onboarding"
	rescindedHire               = "rescinded-hire"
	attentionThenRetry          = "attention-then-retry"
	overdueContainment          = "overdue-containment"
	overdueUnassessed           = "overdue-unassessed"
	overdueHeld                 = "overdue-held"
	suspensionLapses            = "suspension-lapses"
	responsesAtOnce             = "responses-at-once"
	suspendDuringOnboarding     = "suspend-during-onboarding"
	incidentResolved            = "incident-resolved"
	incidentApproved            = "incident-approved"
	incidentApprovalListed      = "incident-approval-listed"
	incidentAgain               = "incident-again"
	incidentLinked              = "incident-linked"
	incidentReopened            = "incident-reopened"
	incidentTied                = "incident-tied"
	incidentMergedInPager       = "incident-merged-in-pager"
	syncBaseline                = "baseline"
	syncChanges                 = "changes"
	secondFactorEnrolled        = "second-factor-enrolled"
	secondFactorRestricted      = "second-factor-restricted"
	secondFactorExtended        = "second-factor-extended"
	secondFactorEvents          = "second-factor-events"
	secondFactorWeak            = "second-factor-weak"
	monthlyReview               = "monthly-review"
	moveWithOverlap             = "move-with-overlap"
	datedMove                   = "dated-move"
	moveNoticeLost              = "move-notice-lost"
	moveNoticed                 = "move-noticed"
	floodedWatch                = "flooded-watch"
	approvedMove                = "approved-move"
	approvedPlan                = "approved-plan"
	terminationEverywhere       = "termination-everywhere"
	terminationWithdrawn        = "termination-withdrawn"
	terminationDoubted          = "termination-doubted"
	leaverLeftOpen              = "leaver-left-open"
	leaverClosedAgain           = "leaver-closed-again"
	accountsSwept               = "accounts-swept"
	accountsChanged             = "accounts-changed"
	sweepParked                 = "sweep-parked"
	peopleCompared              = "people-compared"
	agentRead                   = "agent-read"
	policyHeld                  = "policy-held"
	// What goes beside the work, in the runs of each kind.
	leaversHeld         = "leavers-held"
	ticketRefused       = "ticket-refused"
	reminderRefused     = "reminder-refused"
	ruleUnfit           = "rule-unfit"
	readerRefused       = "reader-refused"
	incidentWithRefused = "incident-comment-refused"
	// What is held as one, and what was decided ahead.
	batchGrown           = "batch-grown"
	listAuthorised       = "list-authorised"
	agentRequestApproved = "agent-request-approved"
	agentRequestRejected = "agent-request-rejected"
	leaverDeleted        = "leaver-deleted"
	// What orders deny, set and open.
	roleDenied       = "role-denied"
	deniedReturns    = "denied-role-returns"
	liftWithDenial   = "lift-with-denial"
	attributesSet    = "attributes-set"
	accountOpened    = "account-opened"
	accountNotOpened = "account-not-opened"
	leaverAgents     = "leaver-agents"
	// What is done in systems beside OneLogin.
	leaverSystems = "leaver-systems"
	hireSystems   = "hire-systems"
	leaverRefused = "leaver-systems-refused"
	moverRefused  = "mover-systems-refused"
	addressTold   = "system-address-told"
	// How these systems are read.
	systemSwept       = "system-swept"
	systemChanged     = "system-changed"
	systemNotBelieved = "system-not-believed"
)

// TestRecord plays every scenario that is not recorded yet on a real Temporal server and writes the history of each of
// its runs. It never overwrites a file: what was recorded once stands for the runs that were open then. Record into an
// empty directory with GATEHOUSE_RECORD_DIR to see whether today's runs keep their order and their budgets.
func TestRecord(t *testing.T) {
	if !recording() {
		t.Skip("GATEHOUSE_RECORD is not 1: nothing is recorded (`make histories` does)")
	}
	for name, play := range map[string]func(*testing.T){
		hireFromWorkday:             recordHire,
		terminationByWebhook:        recordTermination(terminationByWebhook, offboardingBudget),
		terminationAtOnce:           recordTermination(terminationAtOnce, atOnceBudget),
		terminationUnmarked:         recordTermination(terminationUnmarked, unmarkedBudget),
		terminationDuringOnboarding: recordTerminationDuringOnboarding,
		rescindedHire:               recordRescindedHire,
		attentionThenRetry:          recordAttention,
		overdueContainment:          recordOverdue,
		overdueUnassessed:           recordUnassessed,
		overdueHeld:                 recordHeldOverdue,
		secondFactorEnrolled:        recordEnrolledMidway,
		secondFactorRestricted:      recordRestricted,
		secondFactorExtended:        recordExtended,
		secondFactorEvents:          recordRiskAndEnrolment,
		secondFactorWeak:            recordWeak,
		suspensionLapses:            recordSuspension,
		responsesAtOnce:             recordResponses,
		suspendDuringOnboarding:     recordSuspendDuringOnboarding,
		incidentResolved:            recordIncidentResolved,
		incidentApproved:            recordIncidentApproved(incidentApproved),
		incidentApprovalListed:      recordIncidentApproved(incidentApprovalListed),
		incidentAgain:               recordIncidentAgain,
		incidentLinked:              recordIncidentApproved(incidentLinked),
		incidentReopened:            recordIncidentReopened,
		incidentTied:                recordIncidentTied,
		incidentMergedInPager:       recordIncidentMergedInPager,
		monthlyReview:               recordReview,
		moveWithOverlap:             recordMove,
		datedMove:                   recordDatedMove,
		moveNoticeLost:              recordNoticed(moveNoticeLost),
		moveNoticed:                 recordNoticed(moveNoticed),
		floodedWatch:                recordFlood,
		approvedMove:                recordApproved(approvedMove),
		approvedPlan:                recordApproved(approvedPlan),
		terminationEverywhere:       recordEverywhere,
		terminationDoubted:          recordDoubt,
		leaverLeftOpen:              recordReopened(leaverLeftOpen),
		leaverClosedAgain:           recordReopened(leaverClosedAgain),
		terminationWithdrawn:        recordWithdrawn,
		accountsSwept:               recordSwept,
		sweepParked:                 recordSweepParked,
		peopleCompared:              recordCompared,
		agentRead:                   recordAgentRead,
		leaversHeld:                 recordHeld,
		ticketRefused:               recordTicketRefused,
		reminderRefused:             recordReminderRefused,
		ruleUnfit:                   recordRuleUnfit,
		readerRefused:               recordReaderRefused,
		incidentWithRefused:         recordIncidentWithRefused,
		batchGrown:                  recordBatch,
		listAuthorised:              recordAuthorised,
		agentRequestApproved:        recordAgentRequest,
		agentRequestRejected:        recordAgentRejected,
		leaverDeleted:               recordDeleted,
		roleDenied:                  recordDenied,
		deniedReturns:               recordDeniedReturns,
		liftWithDenial:              recordLiftWithDenial,
		attributesSet:               recordSet,
		accountOpened:               recordOpened,
		accountNotOpened:            recordNotOpened,
		leaverAgents:                recordLeaverAgents,
		leaverSystems:               recordLeaverSystems,
		hireSystems:                 recordHireSystems,
		systemSwept:                 recordSystemSwept,
		systemNotBelieved:           recordSystemNotBelieved,
		leaverRefused:               recordLeaverRefused,
		moverRefused:                recordMoverRefused,
		addressTold:                 recordAddressTold,
	} {
		t.Run(name, func(t *testing.T) {
			there, err := filepath.Glob(filepath.Join(directory(), "*", name+".json"))
			require.NoError(t, err)
			if len(there) > 0 {
				t.Skipf("recorded already: %v", there)
			}
			play(t)
		})
	}
}

func TestRecordedHistoryIsNeverReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Person", "scenario.json")
	require.NoError(t, save(path, []byte("first")))
	require.ErrorIs(t, save(path, []byte("second")), os.ErrExist)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "first", string(text))
}

func engineer(first, last, day string) control.Fields {
	return control.Fields{
		"first_name": first, "last_name": last, "department": "Engineering", "title": "Engineer",
		"location": "Berlin", "hire_date": day, "manager_id": "21001", "personal_email": first + "@home.example",
	}
}

func recordHire(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	write(s, syncBaseline, "hr-sync-workday")
	key := s.Hire("workday", engineer("Ada", "Byron", "today"))
	require.Equal(t, 1, s.Sync("workday").Hinted)
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	write(s, syncChanges, "hr-sync-workday")
	runs := write(s, hireFromWorkday, api.PersonID(key))
	requireBudget(t, runs, onboardingBudget, api.TypePerson, api.TypeOnboarding)
}

// recordTermination is the same departure under each name: what was recorded first went step by step, and the second
// marked the version that joined the steps.
func recordTermination(scenario string, budget int) func(*testing.T) {
	return func(t *testing.T) {
		s := kit.New(t, kit.Options{})
		s.Baseline()
		s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
		require.Equal(t, 202, s.BambooHRWebhook("101"))
		require.Equal(t, "access ended", s.Outcome("bamboohr-101").Result)
		runs := write(s, scenario, api.PersonID("bamboohr-101"))
		requireBudget(t, runs, budget, api.TypePerson, api.TypeOffboarding)
	}
}

// recordTerminationDuringOnboarding has the activation land late, after the suspension.
func recordTerminationDuringOnboarding(t *testing.T) {
	s := kit.New(t, kit.Options{})
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{
		System: "onelogin", Op: "onelogin.update_user", Style: "delay", DelayMS: 2000, Times: 1,
	}))
	key := s.Hire("workday", engineer("Mary", "Golda", "today"))
	s.Hint(key, "onboard")
	s.Until("the account is being opened", func() bool {
		state, ok := s.State(key)
		return ok && state.Doing == "Opening the account"
	})
	s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Hint(key, "webhook")
	require.Equal(t, "access ended", s.Outcome(key).Result)
	require.Equal(t, 2, s.Account(key).Status, "the activation that landed late must not stand")
	runs := write(s, terminationDuringOnboarding, api.PersonID(key))
	requireSuspendedAround(t, closed(runs[api.TypeOnboarding].History))
}

func recordRescindedHire(t *testing.T) {
	s := kit.New(t, kit.Options{})
	key := s.Hire("workday", engineer("Emmy", "Noether", "today+3"))
	s.Hint(key, "onboard")
	s.AwaitStage(key, api.StageWaiting)
	s.HR(key, "rescind", nil)
	s.Hint(key, "webhook")
	require.Equal(t, "hire undone", s.Outcome(key).Result)
	write(s, rescindedHire, api.PersonID(key))
}

// recordAttention has somebody suspend an employee by hand, which Gatehouse asks about and never lifts.
func recordAttention(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	key := s.Hire("workday", engineer("Lise", "Meitner", "today"))
	s.Hint(key, "onboard")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	account := s.Account(key)
	require.NoError(t, s.Sandbox.AcceptInvite(t.Context(), account.Username))
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 2))
	s.Hint(key, "look")
	s.AwaitStage(key, api.StageAttention)
	s.Until("the owner has been told", func() bool { return strings.Contains(s.Messages(""), "Needs a decision") })
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.NoError(t, s.Decide(api.PersonID(key), api.VerbRetry))
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	write(s, attentionThenRetry, api.PersonID(key))
}

// recordOverdue has OneLogin fail past the moment at which a containment is late.
func recordOverdue(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "contain_within: 15m", "contain_within: 2s")
	}})
	s.Baseline()
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Op: "onelogin.update_user", Status: 503, Times: -1}))
	s.HR("bamboohr-101", "terminate", control.Fields{"last_day": "today"})
	require.Equal(t, 202, s.BambooHRWebhook("101"))
	s.Until("security has been warned", func() bool { return strings.Contains(s.Messages("C0SECURITY"), "OVERDUE") })
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	require.Equal(t, "access ended", s.Outcome("bamboohr-101").Result)
	// A message says it twice: in its text and in its block.
	require.Equal(t, 2, strings.Count(s.Messages("C0SECURITY"), "OVERDUE"), "one warning")
	write(s, overdueContainment, api.PersonID("bamboohr-101"))
}

// write records every run of the latest chain of a workflow id, and returns the last one of each type.
func write(s *kit.Stack, scenario, workflowID string) map[string]golden {
	s.T.Helper()
	written, names := map[string]golden{}, map[string]int{}
	for run := first(s, workflowID); run != ""; {
		h := history(s.T, s.Temporal, workflowID, run)
		kind := h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName()
		names[kind]++
		g := golden{Workflow: kind, Scenario: scenario, History: h}
		if names[kind] > 1 {
			g.Scenario = fmt.Sprintf("%s-%d", scenario, names[kind])
		}
		g.Name = g.Workflow + "/" + g.Scenario
		store(s.T, g)
		s.T.Logf("recorded %s: %d events", g.Name, len(h.GetEvents()))
		written[kind] = g
		run = h.GetEvents()[len(h.GetEvents())-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return written
}

// first is the first run of the chain that the latest run belongs to.
func first(s *kit.Stack, workflowID string) string {
	s.T.Helper()
	return history(s.T, s.Temporal, workflowID, "").GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetFirstExecutionRunId()
}

// store writes a history without what would only say whose machine it was recorded on, after a check that it replays.
func store(t testing.TB, g golden) {
	t.Helper()
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableRegistrationAliasing: true})
	require.NoError(t, err)
	register(r)
	// A replay writes into the history it is given: upserted search attributes end up in the start event.
	copied, ok := proto.Clone(g.History).(*historypb.History)
	require.True(t, ok)
	require.NoError(t, replay(r, copied), g.Name)

	raw, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(g.History)
	require.NoError(t, err)
	var document any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&document))
	anonymise(document)
	text, err := json.MarshalIndent(document, "", " ")
	require.NoError(t, err)

	require.NoError(t, save(filepath.Join(directory(), g.Workflow, g.Scenario+".json"), append(text, '\n')))
	g.takeDown(t)
}

// save writes a file that must not be there yet.
func save(path string, text []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("a recorded history is never replaced, give the new behaviour a scenario of its own: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(text)
	return err
}

// machine are the fields that name the recording machine.
var machine = []string{"identity", "workerId", "stackTrace", "binaryChecksum", "buildId"}

func anonymise(v any) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			anonymise(each)
		}
	case map[string]any:
		for name, value := range v {
			if _, text := value.(string); text && slices.Contains(machine, name) {
				v[name] = "recorded"
			}
			anonymise(value)
		}
		if v["kind"] == "TASK_QUEUE_KIND_STICKY" {
			v["name"] = "recorded"
		}
	}
}
