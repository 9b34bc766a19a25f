// Package watchdog looks after deadlines when everything else may be down. Every program that has the ledger runs it; a
// lease in the ledger elects the one that speaks. It needs neither Temporal nor a vendor: it reads who had to be out by
// now, and says so on a channel that can only post.
//
// While all is well it calls an address at an interval, so that a service outside notices when Gatehouse itself is dead.
package watchdog

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"gatehouse/internal/alerts"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// Options are the settings of a watchdog.
type Options struct {
	Ledger *ledger.Ledger
	// Program is what runs it: "worker", "gateway".
	Program string
	// Post sends an alert; nil only logs it.
	Post func(context.Context, alerts.Alert) error
	// PingURL is called every PingEvery while all is well; empty calls nobody.
	PingURL   httpx.Secret
	PingEvery time.Duration
	// Every is how often it looks, Grace how long a departure may be late beyond what policy allows, and Repeat how long it
	// is silent about what it has announced.
	Every, Grace, Repeat time.Duration
	// Rules is what the policy in force says; false where a program has no policy.
	Rules func() (persons.DepartureRules, bool)
	// Checks are what has to work so that a departure can be carried out at all.
	Checks []Check
	Clock  func() time.Time
	Log    *slog.Logger
}

// Check is something that has to work.
type Check struct {
	// Name is one word, and Down what is so when it does not work: "Temporal does not answer".
	Name, Down string
	// Do returns why it does not work.
	Do func(context.Context) error
	// Advice is what to do about it, with the command.
	Advice string
	// Quiet says that it keeps nobody in: it is on the list of what needs a person, wakes nobody and does not keep the service
	// outside from being called.
	Quiet bool
}

// ClassDown is the class of the items that a watchdog puts on the list of what needs a person; their object is the check.
const ClassDown = "down"

// Watchdog watches. Its methods are for one goroutine.
type Watchdog struct {
	o      Options
	holder string
	// failing is since when a check has been failing, and told when that was last announced.
	failing, told map[string]time.Time
	pinged        time.Time
	// listed are the checks that are on the list of what needs a person, as this round found it.
	listed map[string]bool
}

const task = "watchdog"

// Kept reports that some program with this ledger watches: only then does an empty list say that nothing needs a person.
func Kept(ctx context.Context, l *ledger.Ledger) (bool, error) { return l.Journal().Leased(ctx, task) }

// leases is for how many rounds an election holds. Whoever has died is replaced after that.
const leases = 3

// New makes a watchdog. It does nothing until Run or Round.
func New(o Options) *Watchdog {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Watchdog{
		o: o, holder: fmt.Sprintf("%s@%s/%d/%s", o.Program, host, os.Getpid(), rand.Text()[:8]),
		failing: map[string]time.Time{}, told: map[string]time.Time{},
	}
}

// Run watches until the context ends. It never gives up, whatever a round comes to.
func (w *Watchdog) Run(ctx context.Context) {
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	for {
		w.unhurried(ctx)
		select {
		case <-ctx.Done():
			w.resign(context.WithoutCancel(ctx))
			return
		case <-tick.C:
		}
	}
}

// stopWithin is how long a round that has begun may go on after the end: a process that cannot stay, because something is
// down, says so before it goes.
const stopWithin = 5 * time.Second

func (w *Watchdog) unhurried(ctx context.Context) {
	round, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-round.Done():
		case <-time.After(stopWithin):
			cancel()
		}
	})
	defer stop()
	w.Round(round)
}

// resign lets another program speak at once, and not when the lease has run out.
func (w *Watchdog) resign(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := w.o.Ledger.Journal().Unlease(ctx, task, w.holder); err != nil {
		w.o.Log.Warn("watchdog: lease not given back", "error", err)
	}
}

func (w *Watchdog) rules() (persons.DepartureRules, bool) {
	if w.o.Rules == nil {
		return persons.DepartureRules{}, false
	}
	return w.o.Rules()
}

// answerWithin bounds each question: what hangs is announced like what fails, and keeps nothing else from being said.
const answerWithin = 10 * time.Second

// elected writes down what the policy says and reports whether this program is the one that speaks.
func (w *Watchdog) elected(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if rules, has := w.rules(); has {
		if err := w.o.Ledger.People().SetDepartureRules(ctx, rules); err != nil {
			return false, err
		}
	}
	return w.o.Ledger.Journal().Lease(ctx, task, w.holder, leases*w.o.Every)
}

// Round looks once. Whoever is not elected only stands by, except that a ledger that does not answer elects nobody and
// is announced by every program.
func (w *Watchdog) Round(ctx context.Context) {
	held, err := w.elected(ctx)
	told := w.observe(ctx, Check{Name: "ledger", Do: func(context.Context) error { return err }}.worded("ledger", ""))
	if err != nil || !held {
		return
	}
	well := told
	w.readListed(ctx)
	if err := w.departures(ctx); err != nil {
		w.o.Log.Error("watchdog: overdue departures not announced; the next round tries again", "error", err)
		well = false
	}
	for _, c := range w.o.Checks {
		well = w.observe(ctx, c) && well
	}
	w.ping(ctx, well)
}

// departures announces who had to be out by now and is not known to be: each once, and again at an interval.
func (w *Watchdog) departures(ctx context.Context) error {
	now := w.o.Clock()
	late, err := w.late(ctx, now)
	if err != nil {
		return err
	}
	news := slices.DeleteFunc(slices.Clone(late), func(d persons.Departure) bool {
		return !d.AnnouncedAt.IsZero() && now.Sub(d.AnnouncedAt) < w.o.Repeat
	})
	if len(news) == 0 {
		return nil
	}
	alert, err := overdue(news, len(late))
	if err != nil {
		return err
	}
	if w.o.Post == nil {
		return w.onlyLog(ctx, alert)
	}
	if err := w.post(ctx, alert); err != nil {
		return err
	}
	return w.o.Ledger.People().MarkDeparturesAnnounced(ctx, news, now)
}

// late lists who is overdue. Where HR is only observed, its word alarms nobody.
func (w *Watchdog) late(ctx context.Context, now time.Time) ([]persons.Departure, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	rules, err := w.o.Ledger.People().DepartureRules(ctx)
	if err != nil {
		return nil, err
	}
	late, err := w.o.Ledger.People().OverdueDepartures(ctx, now, rules.ContainWithin+w.o.Grace)
	return slices.DeleteFunc(late, func(d persons.Departure) bool { return d.Order == "" && rules.Observe }), err
}

// onlyLog stands in for an alert where there is nobody to post it to. Nothing counts as announced by that.
func (w *Watchdog) onlyLog(ctx context.Context, a alerts.Alert) error {
	now := w.o.Clock()
	if logged, was := w.told[a.Kind]; was && now.Sub(logged) < w.o.Repeat {
		return nil
	}
	w.told[a.Kind] = now
	return w.post(ctx, a)
}

// named is how many people an alert names. The rest is a number: `starter status` has them all.
const named = 50

// overdue is the alert about departures. A person whom HR and an order want out counts once.
func overdue(news []persons.Departure, late int) (_ alerts.Alert, err error) {
	a := alerts.Alert{Kind: "departures_overdue"}
	seen := map[string]bool{}
	for _, d := range news {
		if seen[d.Key] {
			continue
		}
		seen[d.Key] = true
		if a.Count++; a.Count <= named {
			a.Departures = append(a.Departures, alerts.Departure{Key: d.Key, Since: d.DueAt, Ordered: d.Order != ""})
		}
	}
	a.Text, a.Do, err = words.Pair("overdue", view{People: a.Count, Before: max(0, late-len(news))})
	return a, err
}

// observe makes a check and announces one that has failed for longer than a moment. Well is false while it fails, or
// while nobody could be told.
func (w *Watchdog) observe(ctx context.Context, c Check) (well bool) {
	now := w.o.Clock()
	asked, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := c.Do(asked)
	if err == nil {
		if since, was := w.failing[c.Name]; was {
			w.o.Log.Info("watchdog: works again", "what", c.Name, "after", now.Sub(since).Round(time.Second).String())
			delete(w.failing, c.Name)
			delete(w.told, c.Name)
		}
		w.delist(ctx, c)
		return true
	}
	since, was := w.failing[c.Name]
	if !was {
		since = now
		w.failing[c.Name] = now
	}
	w.o.Log.Error("watchdog: does not work", "what", c.Name, "since", since, "error", err)
	if now.Sub(since) < 2*w.o.Every {
		return c.Quiet
	}
	var late lateSince
	if errors.As(err, &late) {
		w.enlist(ctx, c, late.at)
	} else {
		w.enlist(ctx, c, since)
	}
	if told, was := w.told[c.Name]; c.Quiet || was && now.Sub(told) < w.o.Repeat {
		return c.Quiet
	}
	text, failed := words.First("down", view{Down: c.Down, Program: w.o.Program, Lasting: now.Sub(since).Round(time.Second).String()})
	if failed == nil {
		failed = w.post(ctx, alerts.Alert{Kind: c.Name + "_down", Text: text, Do: c.Advice})
	}
	if failed != nil {
		w.o.Log.Error("watchdog: nobody told", "what", c.Name, "error", failed)
		return false
	}
	w.told[c.Name] = now
	return false
}

// postWithin bounds all attempts to post an alert.
const postWithin = time.Minute

// post sends an alert, and logs it in any case.
func (w *Watchdog) post(ctx context.Context, a alerts.Alert) error {
	a.From, a.At = w.o.Program, w.o.Clock().UTC()
	w.o.Log.Error("watchdog: "+a.Text, "kind", a.Kind, "count", a.Count)
	if w.o.Post == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	return w.o.Post(ctx, a)
}

// ping says that Gatehouse lives. It keeps silent while something does not work, so that the silence is noticed outside.
func (w *Watchdog) ping(ctx context.Context, well bool) {
	now := w.o.Clock()
	if w.o.PingURL == "" || !well || now.Sub(w.pinged) < w.o.PingEvery {
		return
	}
	if err := alerts.Ping(ctx, w.o.PingURL); err != nil {
		w.o.Log.Warn("watchdog: the service outside was not reached", "error", err)
		return
	}
	w.pinged = now
}
