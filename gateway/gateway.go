package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/connectors/bamboohr"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

const (
	maxBody = 1 << 20
	// maxAge is generous on purpose: a replayed webhook is only one more hint.
	maxAge = 24 * time.Hour
	// sendTimeout bounds the time until a hint is durable. BambooHR repeats if we give up.
	sendTimeout = 10 * time.Second
	// parallel is how many people of one delivery are hinted at the same time.
	parallel = 16
)

// Options are what a gateway is made of.
type Options struct {
	// Send makes a hint durable.
	Send func(ctx context.Context, key string, hint api.Hint) (api.Sent, error)
	// Resolve returns the key of the person a record belongs to, if it is known.
	Resolve func(ctx context.Context, source, employeeID string) (key string, found bool, err error)
	// Odd, if there is one, counts entries of a source's deliveries that name nobody.
	Odd func(ctx context.Context, source string, entries int) error
	// Ready reports whether hints can be made durable now.
	Ready        func(ctx context.Context) error
	BambooHRKeys []httpx.Secret
	WorkdayKeys  []httpx.Secret

	// Poke has OneLogin's events read soon. OneLoginSecrets are what the event webhook may send in OneLoginHeader.
	Poke            func(ctx context.Context) error
	OneLoginHeader  string
	OneLoginSecrets []httpx.Secret
	// Signal makes a signal to a run durable; found is false if the run is over or never was.
	Signal func(ctx context.Context, workflowID, signal string, arg any) (found bool, err error)
	// Paged says whose an incident of the pager is. DedupKey is the incident's own, empty where its alerts have the keys.
	Paged func(ctx context.Context, incidentID, dedupKey string) (Paged, error)
	// Merged records that an incident is about the cases of these keys too, and Unheard keeps a word until a worker has found
	// out which cases it is about.
	Merged  func(ctx context.Context, incidentID string, dedupKeys []string) error
	Unheard func(ctx context.Context, word api.PagerUpdate, reopens bool) error
	// Reopened starts the run that paged under a dedup key anew with what somebody did.
	Reopened         func(ctx context.Context, dedupKey string, word api.PagerUpdate) error
	PagerDutySecrets []httpx.Secret
	// Approval returns what the buttons of a message are about.
	Approval func(ctx context.Context, id string) (workflowID, step string, found bool, err error)
	// Press tells a run that somebody has pressed a button. The answer is for whoever pressed, empty if there is nothing to say.
	Press              func(ctx context.Context, workflowID string, click api.Click) (answer string, err error)
	SlackSigningSecret httpx.Secret
	// SlackTeam and SlackApp, if set, are the only workspace and app that are listened to.
	SlackTeam, SlackApp string

	Clock func() time.Time
	Log   *slog.Logger
}

// Paged is what is known of an incident of the pager: the runs that it is about, by dedup key.
type Paged struct {
	Runs map[string]string
	// Whole says that it is about no others.
	Whole bool
}

// New returns the gateway's handler.
func New(o Options) http.Handler {
	g := &gateway{Options: o, client: httpx.NewClient(httpx.ClientOptions{MaxIdlePerHost: parallel})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/bamboohr", g.bamboohr)
	mux.HandleFunc("POST /webhooks/workday", g.workday)
	mux.HandleFunc("POST /webhooks/onelogin", g.oneLogin)
	mux.HandleFunc("POST /webhooks/pagerduty", g.pagerDuty)
	mux.HandleFunc("POST /slack/interactions", g.interactions)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { g.answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", g.ready)
	return mux
}

type gateway struct {
	Options
	// client answers whoever has pressed a button.
	client *http.Client
}

func (g *gateway) bamboohr(w http.ResponseWriter, r *http.Request) {
	body, ok := g.body(w, r)
	if !ok {
		return
	}
	// No age is too great: BambooHR repeats for hours, does not document the format of its timestamps, and never repeats
	// what was refused.
	if err := bamboohr.VerifyWebhook(body, r.Header, g.BambooHRKeys, g.Clock(), 0); err != nil {
		g.refuse(w, r, http.StatusUnauthorized, err)
		return
	}
	delivery, err := bamboohr.ParseWebhook(body)
	if err != nil {
		g.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	ids, odd := make([]string, 0, len(delivery.Employees)), delivery.Odd
	for _, e := range delivery.Employees {
		if !identity.UsableID(identity.SourceBambooHR, e.EmployeeID) {
			odd++
			continue
		}
		ids = append(ids, e.EmployeeID)
	}
	g.odd(r, identity.SourceBambooHR, odd, len(ids))
	g.hint(w, r, identity.SourceBambooHR, ids)
}

// odd counts the entries of a delivery that name nobody, where somebody sees it. The others go on, and the delivery is accepted
// even where there are none: what is refused is never repeated, and a repetition would say the same.
func (g *gateway) odd(r *http.Request, source string, odd, good int) {
	if odd == 0 {
		return
	}
	g.Log.Warn("webhook names somebody by no employee id", "source", source, "odd", odd, "good", good)
	if g.Odd != nil {
		if err := g.Odd(r.Context(), source, odd); err != nil {
			g.Log.Error("the odd entries of a webhook could not be counted", "source", source, "error", err)
		}
	}
}

func (g *gateway) workday(w http.ResponseWriter, r *http.Request) {
	body, ok := g.body(w, r)
	if !ok {
		return
	}
	if err := verifyWorkday(body, r.Header, g.WorkdayKeys, g.Clock()); err != nil {
		g.refuse(w, r, http.StatusUnauthorized, err)
		return
	}
	ids, odd, err := parseWorkday(body)
	if err != nil {
		g.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	g.odd(r, identity.SourceWorkday, odd, len(ids))
	g.hint(w, r, identity.SourceWorkday, ids)
}

func (g *gateway) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		g.refuse(w, r, http.StatusRequestEntityTooLarge, errors.New("the body is larger than 1 MiB"))
		return nil, false
	case err != nil:
		g.refuse(w, r, http.StatusBadRequest, errors.New("the body could not be read"))
		return nil, false
	}
	return body, true
}

// hint hints everybody a delivery is about and answers when all of it is durable.
func (g *gateway) hint(w http.ResponseWriter, r *http.Request, source string, ids []string) {
	ctx, cancel := context.WithTimeout(r.Context(), sendTimeout)
	defer cancel()
	seen := map[string]bool{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		group.Go(func() error { return g.hintOne(ctx, source, id) })
	}
	if err := group.Wait(); err != nil {
		g.retryLater(w, source, err)
		return
	}
	g.Log.Info("webhook accepted", "source", source, "people", len(seen))
	g.answer(w, http.StatusAccepted, "accepted")
}

func (g *gateway) hintOne(ctx context.Context, source, id string) error {
	key, found, err := g.Resolve(ctx, source, id)
	if err != nil {
		return err
	}
	if !found {
		key = source + "-" + id
	}
	_, err = g.Send(ctx, key, api.Hint{Source: source, Cause: "webhook"})
	return err
}

func (g *gateway) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := g.Ready(ctx); err != nil {
		g.Log.Warn("not ready", "error", err)
		g.answer(w, http.StatusServiceUnavailable, "Temporal or the ledger does not answer")
		return
	}
	g.answer(w, http.StatusOK, "ready")
}

func (g *gateway) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	g.Log.Warn("webhook refused", "path", r.URL.Path, "status", status, "error", err)
	g.answer(w, status, err.Error())
}

func (g *gateway) answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(map[string]string{"status": text}); err != nil {
		g.Log.Debug("the caller did not wait for the answer", "error", err)
	}
}
