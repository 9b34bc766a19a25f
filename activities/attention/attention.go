package attention

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// Attention keeps the list of what needs a person: the run decides, the row shows.
type Attention struct {
	Ledger *ledger.Ledger
	// Systems are those that a step's name or an error's text may begin with.
	Systems []string
}

// Hold lists a question that a run waits with, or renews it.
func (a *Attention) Hold(ctx context.Context, in api.Parked) (api.Listed, error) {
	listed, shared := a.parked(in)
	told := !shared
	if many, each, ok := joint(in, listed); ok && in.About != api.AboutDigest {
		listed, told, shared = many, each, !each
	}
	if ref, held := heldBy(in); held {
		var err error
		shared = true
		if listed, told, err = a.batchItem(ctx, listed, ref, in.Code); err != nil {
			return api.Listed{}, err
		}
	}
	item, err := listed.worded()
	if err != nil {
		return api.Listed{}, err
	}
	err = a.Ledger.Worklist().HoldItem(ctx, item, worklist.Holder{
		Workflow: in.Workflow, FirstRun: in.FirstRun, Step: in.Step, Question: in.Item, Verbs: in.Options, Hash: in.PlanHash,
		Policy: in.Policy, ParkedAt: in.At, Code: in.Code, Told: told,
	})
	return api.Listed{Shared: shared}, err
}

// Drop takes a question off the list that the run waits with no longer.
func (a *Attention) Drop(ctx context.Context, in api.Parked) error {
	return a.Ledger.Worklist().DropHolder(ctx, worklist.Holder{Workflow: in.Workflow, Step: in.Step, ParkedAt: in.At})
}

// answerWithin is how long whoever owns an item has before it is told again.
const answerWithin = 24 * time.Hour

// parked is the item that a question belongs to, and whether others may share it.
func (a *Attention) parked(in api.Parked) (l listing, shared bool) {
	// Words of a question are shown with the command for each answer, as it is by then.
	l = listing{
		Item: worklist.Item{Severity: worklist.SeverityWarning, Owner: "it", Deadline: in.At.Add(answerWithin), Evidence: in.PlanHash},
		says: saysQuestion, view: view{Text: in.Text, Code: in.Code, About: in.About, Run: step.WhoseRun(in.Workflow, in.Key)},
	}
	if !in.Overdue.IsZero() {
		l.Severity, l.Owner = worklist.SeverityCritical, "security"
	}
	if in.About == api.AboutDigest {
		return digested(in, l), true
	}
	if canSignIn(in) || endsAccess(in.Step) {
		l.Severity, l.Owner, l.Deadline = worklist.SeverityCritical, "security", in.At.Add(openWithin)
	}
	switch in.Code {
	case api.CodeApproval:
		l.Severity, l.Owner, l.Deadline = worklist.SeverityCritical, "security", in.At.Add(openWithin)
		l.System, l.Class, l.Object = "gatehouse", in.Code, in.Step+"@"+in.Workflow
		return l, false
	case policy.NoticeDepartmentUnmapped:
		l.System, l.Class, l.Object, l.says = "policy", in.Code, in.About, in.Code
	case policy.NoticeColumnHidden:
		l.System, l.Class, l.says = in.About, in.Code, in.Code
	default:
		l.System, l.Class, l.Object = a.failing(in.Step, in.Code, in.Text)
		if l.System == "" && ownTrouble(in.Code) {
			l.System, l.Class, l.Object = ofGatehouse(in.Step)
		}
		if l.System == "" {
			l.System, l.Class, l.Object = "gatehouse", in.Code, in.Step+"@"+cmp.Or(in.Key, in.Workflow)
			return l, false
		}
		l.says, l.Lingers = saysCause, true
	}
	l.Evidence = ""
	return l, true
}

// openWithin is how long whoever owns it has for an account that may be a leaver's and can still sign in.
const openWithin = time.Hour

// canSignIn reports that a question is about an account of a leaver, or that may be one's, which can still sign in.
func canSignIn(in api.Parked) bool {
	return in.Code == api.NoticeProtectedLeaver || in.Code == api.NoticeLeaverDoubt && !in.Shut || api.StaysOpen(in.Code)
}

// endsAccess reports that a step in a system beside OneLogin is one by which a leaver's access ends there. It is asked about because
// it is refused, so that the access goes on.
func endsAccess(step string) bool {
	name, _, ok := strings.Cut(step, "@")
	kind, _, _ := strings.Cut(name, ":")
	return ok && identity.SystemStepKind(kind).EndsAccess()
}

// ownTrouble reports that a step failed with an error that is no vendor's and about nobody in particular: it took too long, or
// Gatehouse itself could not go on.
func ownTrouble(code string) bool {
	switch code {
	case api.ErrInvalid, api.ErrRefused, api.ErrNotFound, api.ErrConflict, api.ErrSuperseded:
		return false
	case "timed_out", "step_failed":
		return true
	}
	return strings.ToLower(code) != code // The name of an error's type. What is asked on purpose has a code in small letters.
}

// ofGatehouse is the fingerprint of what keeps a part of Gatehouse from going on: "accounts" of the step accounts.match, whichever
// run it is in.
func ofGatehouse(step string) (system, class, object string) {
	part, _, _ := strings.Cut(step, ".")
	return "gatehouse", "failing", strings.ToLower(part)
}

// failing is the fingerprint of what keeps a step from going on, empty if it is nobody's but the person's: what a system does
// to everybody is one cause, and so is one refusal in the same words.
func (a *Attention) failing(step, code, text string) (system, class, object string) {
	if system = a.systemOf(step, text); system == "" {
		return "", "", ""
	}
	switch code {
	case api.ErrUnauthorized:
		return system, ClassCredential, ""
	case api.ErrUnavailable, api.ErrRateLimited, "timed_out", "step_failed":
		return system, ClassUnavailable, ""
	case api.ErrInvalid, api.ErrRefused, api.ErrNotFound, api.ErrConflict:
		if identity.KeepsPeople(system) {
			return "", "", "" // It is about one account or record.
		}
		return system, "refused", digestOfText(text)
	}
	return "", "", ""
}

// Classes of what a system does to everybody.
const (
	ClassCredential  = "credential"
	ClassUnavailable = "unavailable"
)

// systemOf is the system that an error is of: the errors of connectors begin with it, and so do the names of steps, or they end in
// "@" and an account of it.
func (a *Attention) systemOf(step, text string) string {
	_, place, _ := strings.Cut(step, "@")
	place, _, _ = strings.Cut(place, "/")
	for _, from := range []string{text, step, place + "."} {
		word := from[:max(0, strings.IndexAny(from, ":."))]
		if slices.Contains(a.Systems, word) {
			return word
		}
	}
	return ""
}

// FailingItem is the item of an activity that keeps failing by itself.
func (a *Attention) FailingItem(name, id string, failed error) (worklist.Item, error) {
	code, text := "step_failed", failed.Error()
	if kind, message, known := step.Kind(failed); known {
		code, text = kind, message
	}
	l := listing{
		Item: worklist.Item{Severity: worklist.SeverityWarning, Owner: "it", Lingers: true},
		says: saysFailing, view: view{Text: text},
	}
	l.System, l.Class, l.Object = a.failing(id, code, text)
	if l.System == "" {
		l.System, l.Class, l.Object = ofGatehouse(name)
	}
	if l.Class == ClassCredential {
		l.says = saysCredential
	}
	return l.worded()
}
