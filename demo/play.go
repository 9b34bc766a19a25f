package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// story is one thing that happens to people in a company, and how it must end.
type story struct {
	title string
	play  func(ctx context.Context, s *scene) error
}

// scene is what a story acts on and what it reports.
type scene struct {
	*house
	// runs are the workflow ids of the story with the end state of each, in the order in which they were told.
	runs []ending
	// said are the sentences of the story, in order.
	said []string
}

type ending struct{ id, result string }

// say adds a sentence to the story as it is told.
func (s *scene) say(format string, args ...any) {
	s.said = append(s.said, fmt.Sprintf(format, args...))
}

// end notes how a run ended.
func (s *scene) end(id, result string) { s.runs = append(s.runs, ending{id, result}) }

// playAll plays every story and returns how many did not end as they should.
func (h *house) playAll(ctx context.Context) int {
	failed := 0
	for i, st := range stories() {
		fmt.Printf("%2d  %s\n", i+1, bold(st.title))
		s := &scene{house: h}
		mark, err := h.sandbox.Mark(ctx)
		start := time.Now()
		if err == nil {
			err = st.play(ctx, s)
		}
		took := time.Since(start)
		for _, sentence := range s.said {
			fmt.Printf("      %s\n", sentence)
		}
		for i, r := range s.runs {
			fmt.Printf("    %s %s  %s\n", green("✓"), bold(r.id), r.result)
			if i+1 == len(s.runs) || s.runs[i+1].id != r.id {
				fmt.Printf("      %s\n", faint(h.link(r.id)))
			}
		}
		if calls, callErr := h.calls(ctx, mark); callErr == nil {
			fmt.Printf("      %s\n", faint(calls))
		}
		if err != nil {
			failed++
			fmt.Printf("    %s %v\n", red("✗ did not end as it should:"), err)
		}
		fmt.Printf("      %s\n\n", faint(fmt.Sprintf("%.1fs", took.Seconds())))
	}
	return failed
}

// calls sums up the vendor calls since a mark, changes by name.
func (h *house) calls(ctx context.Context, mark uint64) (string, error) {
	entries, err := h.sandbox.Journal(ctx, mark, false)
	if err != nil {
		return "", err
	}
	total, changes := map[string]int{}, map[string][]string{}
	for _, e := range entries {
		total[e.System]++
		if e.Effect != "" {
			op := strings.TrimPrefix(e.Op, e.System+".")
			changes[e.System] = append(changes[e.System], op)
		}
	}
	systems := make([]string, 0, len(total))
	for system := range total {
		systems = append(systems, system)
	}
	slices.Sort(systems)
	var parts []string
	for _, system := range systems {
		part := fmt.Sprintf("%s %d", system, total[system])
		if made := changes[system]; len(made) > 0 {
			part += " (" + strings.Join(counted(made), ", ") + ")"
		}
		parts = append(parts, part)
	}
	return "calls: " + strings.Join(parts, " · "), nil
}

// counted writes repeated names once, with their number.
func counted(names []string) []string {
	n := map[string]int{}
	var order []string
	for _, name := range names {
		if n[name]++; n[name] == 1 {
			order = append(order, name)
		}
	}
	for i, name := range order {
		if n[name] > 1 {
			order[i] = fmt.Sprintf("%s ×%d", name, n[name])
		}
	}
	return order
}

// link points at a workflow in the Temporal UI.
func (h *house) link(id string) string {
	return h.temporal.UI + "/namespaces/default/workflows/" + url.PathEscape(id)
}

func (h *house) welcome() {
	fmt.Printf("\n%s\n\n", bold("Gatehouse: who works here decides who gets in"))
	fmt.Printf("  Temporal UI   %s\n", h.temporal.UI)
	fmt.Printf("  The company   %s   %s\n", h.sandbox.URL(), faint("OneLogin, Workday, BambooHR, Slack, Jira, PagerDuty and Google, simulated"))
	fmt.Printf("  The gateway   %s   %s\n\n", h.gateway, faint("where webhooks arrive"))
}

func (h *house) farewell(failed int) {
	n := len(stories())
	if failed == 0 {
		fmt.Printf("%s\n", green(fmt.Sprintf("all %d stories ended as they should", n)))
	} else {
		fmt.Printf("%s\n", red(fmt.Sprintf("%d of %d stories did not end as they should", failed, n)))
	}
}

// invite says what can be done while everything stays up; missing is why nothing waits for a person, nil if something does.
func (h *house) invite(left unfinished, missing error) {
	fmt.Printf("\nEverything stays up until Ctrl-C. Things to try:\n\n")
	fmt.Printf("  watch the company            open %s\n", h.sandbox.URL())
	fmt.Printf("  see every run                open %s\n", h.temporal.UI)
	command := "TEMPORAL_ADDRESS=" + h.temporal.Address + " bin/starter --config " + h.dir + "/gatehouse.yaml"
	if missing == nil {
		fmt.Printf("  answer a question in Slack   press Approve on the company's page as %s; it is about %s\n", approver, left.subject)
		fmt.Printf("  a run that waits for you     open %s\n", h.link(api.PersonID(parked)))
		fmt.Printf("  have HR correct its cause    curl %s/sandbox/hr -d '{\"source\":\"workday\",\"action\":\"change\",\"employee_id\":\"%s\",\"fields\":{\"department\":\"People\"}}'\n",
			h.sandbox.URL(), strings.TrimPrefix(parked, "workday-"))
		fmt.Printf("  let it go on                 %s decide --person %s --item %s --verb retry --by you --reason demo\n", command, parked, left.item)
	} else {
		fmt.Printf("  %s\n", red(missing.Error()))
	}
	fmt.Printf("  is everything in step?       %s status\n", command)
	fmt.Printf("  what would be done?          %s plan --person workday-21005\n", command)
	fmt.Printf("  end somebody's access        %s offboard --person workday-21005 --now --reason demo\n", command)
	fmt.Printf("  what was done, and why       %s evidence --person workday-21005\n", command)
	fmt.Printf("  who has no second factor?    %s mfa status\n", command)
	fmt.Printf("  review everybody's access    %s review\n\n", command)
}

// plain is set where escape sequences would only be noise.
func plain() bool {
	info, err := os.Stdout.Stat()
	return err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("NO_COLOR") != ""
}

func paint(code, s string) string {
	if plain() {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func bold(s string) string  { return paint("1", s) }
func faint(s string) string { return paint("2", s) }
func green(s string) string { return paint("32", s) }
func red(s string) string   { return paint("31", s) }

// outcome waits until a person's chain has come to rest.
func (s *scene) outcome(ctx context.Context, key string) (api.Outcome, error) {
	return s.outcomeOf(ctx, key, "")
}

// outcomeOf is what the chain that one run belongs to has come to, whatever has run since.
func (s *scene) outcomeOf(ctx context.Context, key, run string) (api.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out api.Outcome
	if err := s.app.Temporal.GetWorkflow(ctx, api.PersonID(key), run).Get(ctx, &out); err != nil {
		return out, fmt.Errorf("the run of %s: %w", key, err)
	}
	return out, nil
}

// patience is how long something may take. An activity that was under way at a kill -9 is begun again once its heartbeat is a minute late.
const patience = 2 * time.Minute

// until asks again and again until a condition holds.
func until(ctx context.Context, what string, condition func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := condition(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it never came to this: %s", what)
		case <-tick.C:
		}
	}
}

// account returns the account of a person.
func (s *scene) account(ctx context.Context, key string) (control.Person, error) {
	p, found, err := s.sandbox.ByExternalID(ctx, key)
	if err == nil && !found {
		err = fmt.Errorf("%s has no account", key)
	}
	return p, err
}
