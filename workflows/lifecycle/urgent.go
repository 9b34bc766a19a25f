package lifecycle

import (
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// returnsBeforePage is how often access may come back after it was taken away before somebody is woken.
const returnsBeforePage = 2

// pageDoubt wakes somebody about an account that an administrator may still sign in with after they have left. It is a
// word like any other: nothing waits for it.
func (r *run) pageDoubt(d api.Doubt) {
	if !r.assessment.Pages || !d.Privileged || d.Suspend || d.Code == api.NoticeNewOwner {
		return
	}
	what := "is privileged and may belong to somebody who has left"
	if d.Code == api.NoticeProtectedLeaver {
		what = "is protected and belongs to somebody who has left"
	}
	ref := d.Ref()
	r.page("doubt", ref, d.Evidence, fmt.Sprintf("URGENT: OneLogin account %s %s. It can still sign in until people decide.", ref.ID, what))
}

// countReturn counts that access to this account came back, and wakes somebody once it has come back again and again,
// within one read-back or over several.
func (c closing) countReturn() {
	if c.account == nil || !c.assessment.Pages && !c.persists() {
		return
	}
	ref := c.ref()
	if c.in.Returns == nil {
		c.in.Returns = map[string]int{}
	}
	c.in.Returns[ref.String()]++
	if c.in.Returns[ref.String()] != returnsBeforePage || !c.assessment.Pages {
		return
	}
	c.page("returns", ref, "", c.pagedReturns(ref))
}

// page wakes somebody, once for each account, episode and evidence. It names the account and nobody.
func (r *run) page(name string, ref identity.Ref, evidence, text string) {
	dedup := r.effect("page-" + name + "/" + ref.ID)
	once := dedup
	if evidence != "" {
		once += "/" + evidence
	}
	r.speak(api.Word{
		Step: "pagerduty." + name + "@" + ref.String(), Summary: "wake somebody: " + name, Template: r.State.Template, Episode: r.assessment.Episode,
		Page: &api.PagerEvent{
			Action: api.PagerTrigger, DedupKey: dedup, OnceKey: once, Severity: api.SeverityCritical, Summary: text,
			Source: "gatehouse", WorkflowID: api.PersonID(r.in.Key), Details: map[string]string{"account": ref.String(), "person": r.in.Key},
		},
	})
}
