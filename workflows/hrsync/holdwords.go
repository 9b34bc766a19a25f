package hrsync

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

const (
	// gathering is how long a hold to which runs add people one by one waits before it asks, at first. Each time the list has
	// grown since, it waits twice as long, at most gatheringLong: nobody is asked about every single one.
	gathering     = 5 * time.Second
	gatheringLong = 30 * time.Second
)

// gather lets those who are about to join the list do so.
func (h *hold) gather(ctx workflow.Context) error {
	if h.list != api.HoldGrown {
		return nil
	}
	wait := gathering
	for range h.grown {
		wait = min(2*wait, gatheringLong)
	}
	h.grown++
	h.SetStatus(ctx, "People are being added to what is held")
	if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: "until the list is complete"},
	}, func() bool { return false }); err != nil {
		return err
	}
	h.changed()
	return nil
}

// code is what kind of question this is.
func (h *hold) code() string {
	switch h.in.Kind {
	case api.HoldJoin, api.HoldDelete, api.HoldRemove, api.HoldGrant, api.HoldGroup, api.HoldProfile, api.HoldReactivate:
		return api.BudgetNotice + h.in.Kind
	case api.HoldPrivileged:
		return api.NoticeBudgetPrivileged
	}
	return api.NoticeBudgetContain
}

// still is what keeps a list alive that somebody has rejected.
func (h *hold) still() string {
	switch h.in.Kind {
	case api.HoldJoin:
		return "HR still has them"
	case api.HoldDelete:
		return "HR still says that they do not come, or that they have left"
	case api.HoldRemove, api.HoldGrant, api.HoldPrivileged, api.HoldGroup, api.HoldProfile, api.HoldReactivate:
		return "HR and policy still ask for it"
	}
	return "HR still says that they have left"
}

// what a kind of hold would do to people.
func what(kind string) string {
	switch kind {
	case api.HoldJoin:
		return "get an account and an invitation"
	case api.HoldDelete:
		return "have an account deleted: one that was prepared for a hire who does not come, or that of somebody who left long ago"
	case api.HoldRemove:
		return "lose roles"
	case api.HoldGrant:
		return "get roles"
	case api.HoldPrivileged:
		return "get privileged roles"
	case api.HoldGroup:
		return "change their group"
	case api.HoldProfile:
		return "get another title, department or name in their account"
	case api.HoldReactivate:
		return "get their access back"
	}
	return "lose access"
}

// question is what there is to decide, without saying who is meant.
func (h *hold) question() string {
	if h.in.Kind == api.GapPolicy {
		return h.ofPolicy()
	}
	if strings.HasPrefix(h.in.Kind, api.HoldAhead) {
		return h.textAhead()
	}
	text := fmt.Sprintf("%d people would %s, but the budget allows %d in its window and %d are used. None of them was touched. ",
		h.shown.People, what(h.in.Kind), h.shown.Allowed, h.shown.Used)
	if len(h.shown.Changes) > 1 {
		var parts []string
		for _, c := range h.shown.Changes {
			parts = append(parts, fmt.Sprintf("%d would %s", c.People, what(c.Kind)))
		}
		text += "In all: " + strings.Join(parts, ", ") + ". "
	}
	if h.shown.Rejected {
		text += fmt.Sprintf("%s rejected this on %s, and %s. ", h.shown.RejectedBy, step.Day(h.shown.RejectedAt), h.still())
	}
	return text + "Read the list with `starter holds --source " + h.in.Source + "`. Allow it, or reject it and repair " + h.updateMessage() + "."
}

// updateMessage is where somebody repairs what was rejected.
func (h *hold) updateMessage() string {
	switch h.in.Kind {
	case api.HoldRemove, api.HoldGrant, api.HoldPrivileged, api.HoldGroup, api.HoldProfile, api.HoldReactivate:
		return "HR or the policy"
	}
	return "HR"
}

// textAhead is the question about a day on which many leave. Nobody is named, and nothing is done before.
func (h *hold) textAhead() string {
	text := fmt.Sprintf("%d people of %s leave within a day from %s, and the budget allows %d. Nothing changes before that moment, "+
		"and without an answer nothing does after it: they would keep their access. ",
		h.shown.People, h.in.Source, h.shown.LeaveAt.UTC().Format("2006-01-02 15:04 MST"), h.shown.Allowed)
	if h.shown.Rejected {
		text += fmt.Sprintf("%s rejected this on %s, and HR still says so. ", h.shown.RejectedBy, step.Day(h.shown.RejectedAt))
	}
	return text + "Allow it, which is good for this list and leaves the budget to those whom nobody foresees, or reject it and repair HR."
}

// ofPolicy is what there is to decide about a batch that a change of the policy has made.
func (h *hold) ofPolicy() string {
	text := fmt.Sprintf("The policy in force, or a mode that was changed, calls for changes to %d people of %s about whom HR has changed nothing. "+
		"None of them was touched. ", h.shown.People, h.in.Source)
	if h.shown.Rejected {
		text += fmt.Sprintf("%s rejected this on %s, and the policy still says so. ", h.shown.RejectedBy, step.Day(h.shown.RejectedAt))
	}
	return text + "Read the list with `starter holds --source " + h.in.Source + "`. Allow it, or reject it and correct the policy."
}

// paged wakes somebody about people who must be out and are held.
func (h *hold) paged(id string) api.Word {
	key := id + "/" + h.shown.Hash + "/overdue"
	name := key
	if h.shown.PagedApart {
		name += "/page"
	}
	return api.Word{
		Step: "pagerduty.overdue:" + h.shown.Hash[:min(12, len(h.shown.Hash))], Summary: "wake somebody: people who are held are overdue", Template: api.TypeHold,
		Page: &api.PagerEvent{
			Action: api.PagerTrigger, DedupKey: key, OnceKey: name, Severity: api.SeverityCritical, Source: "gatehouse", WorkflowID: id,
			Summary: fmt.Sprintf("URGENT: %d people of %s who must have no access keep it: their batch is held, and nobody has decided.", h.shown.People, h.in.Source),
		},
	}
}
