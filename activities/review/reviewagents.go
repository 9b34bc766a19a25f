package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// agentsUsed is how far back the use of an agent counts in a review.
const agentsUsed = 90 * 24 * time.Hour

// agentLetters writes to each owner of agents about theirs, and to compliance about all of them: nobody is the only one to look at what
// they answer for. It returns how many of the e-mails nobody could be sent.
func (w *writer) agentLetters(ctx context.Context) (refused int64, err error) {
	pol := w.Policy()
	usage, err := w.Ledger.Agents().Usage(ctx, "", w.campaign.FrozenAt.Add(-agentsUsed))
	if err != nil {
		return 0, err
	}
	all := [][]string{agentHeads}
	rows := map[string][][]string{}
	var owners []string
	for _, each := range pol.Agents() {
		if each.State == agent.StateRetired || !w.Clock().Before(each.Until) {
			continue
		}
		owner, err := w.Ledger.Owner(ctx, each.Owner)
		if err != nil {
			return 0, err
		}
		to := each.Owner
		if !owner.Employed {
			to = pol.Leaver().FallbackOwner
		}
		if !slices.Contains(owners, to) {
			owners, rows[to] = append(owners, to), [][]string{agentHeads}
		}
		row := agentRow(each, usage[each.Name])
		all, rows[to] = append(all, row), append(rows[to], row)
		if err := w.Ledger.Agents().AskReview(ctx, w.campaign.Key, each.Name); err != nil {
			return 0, err
		}
	}
	if len(owners) == 0 {
		return 0, nil
	}
	for _, to := range owners {
		lost, err := w.agentLetter(ctx, "agents", "owner/"+w.Ledger.Digest(to), to, rows[to])
		if err != nil {
			return refused, err
		}
		refused += lost
	}
	lost, err := w.agentLetter(ctx, "agents_all", "compliance", pol.Review().Compliance, all)
	return refused + lost, err
}

// agentLetter writes one of these e-mails, once. One that cannot be delivered is counted: compliance has all of them.
func (w *writer) agentLetter(ctx context.Context, name, key, to string, table [][]string) (refused int64, err error) {
	step.Beat(ctx, key)
	v := w.view()
	v.People = len(table) - 1
	mail, err := letter(name, v)
	if err != nil {
		return 0, err
	}
	mail.OnceKey, mail.To, mail.Table = "access-review/"+w.campaign.Key+"/agents/"+key, to, table
	if _, err = w.Letters.Deliver(ctx, mail); letters.Refuses(err) {
		return 1, nil
	}
	return 0, err
}

// agentRow is what whoever answers for an agent reads of it.
func agentRow(each agent.Agent, u ledgeragents.Usage) []string {
	var may []string
	for _, r := range each.Rules {
		may = append(may, fmt.Sprintf("%s (%s: %s)", r.Name, r.Verdict, strings.Join(r.Tools, ", ")))
	}
	refused := 0
	for _, n := range u.Refused {
		refused += n
	}
	rules, tools := each.Unused(u.Rules, u.Tools)
	used := "never"
	if !u.LastUse.IsZero() {
		used = instantText(u.LastUse)
	}
	return []string{
		each.Name, each.Owner, each.Purpose, step.Listed(may, "; ", maxTold), used, fmt.Sprintf("%d, %d refused", u.Asked, refused),
		step.Listed(append(rules, tools...), ", ", maxTold), each.Until.Add(-time.Second).Format(time.DateOnly),
	}
}
