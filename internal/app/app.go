// Package app is the only place that knows every part of Gatehouse and puts them together. The programs, the demo and
// the tests run the same wiring.
package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	sdklog "go.temporal.io/sdk/log"

	"gatehouse/activities"
	"gatehouse/activities/account"
	"gatehouse/activities/agentread"
	"gatehouse/activities/agentrequests"
	"gatehouse/activities/agents"
	"gatehouse/activities/attention"
	"gatehouse/activities/catalog"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/inventory"
	"gatehouse/activities/mfa"
	"gatehouse/activities/notify"
	"gatehouse/activities/orders"
	"gatehouse/activities/people"
	"gatehouse/activities/reading"
	"gatehouse/activities/review"
	"gatehouse/activities/roll"
	"gatehouse/activities/sponsored"
	"gatehouse/activities/step"
	"gatehouse/activities/systems"
	"gatehouse/connectors/bamboohr"
	"gatehouse/connectors/hr"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/connectors/workday"
	"gatehouse/identity"
	"gatehouse/internal/codec"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/internal/httpx"
	"gatehouse/internal/keyring"
	"gatehouse/internal/launch"
	"gatehouse/internal/policyfile"
	"gatehouse/internal/templates"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Options say which process this is.
type Options struct {
	// Eager is set where gateway and people worker share one client.
	Eager bool
	Clock func() time.Time
	Log   *slog.Logger
	// Temporal is used instead of dialling; it is not closed with the App.
	Temporal client.Client
	// Steering is for a process that steers the Gatehouse that is there. It makes no ledger: in an empty one an order
	// would be recorded that nobody ever sees.
	Steering bool
	// NoLedger is for a process that has nothing to do with the ledger.
	NoLedger bool
	// LedgerIfAny is for a process that also does without a ledger where none was made yet; App.Ledger is nil then.
	LedgerIfAny bool
	// Ailing is for a process that says what is wrong: it goes on without a ledger that cannot be opened, and keeps why in
	// App.LedgerError.
	Ailing bool
	// Lenient is for a process that does what it can without Temporal: it connects when Temporal is first asked for
	// something, which fails where that does not answer.
	Lenient bool
	// Watch has the process watch over deadlines for as long as it lives, under this name: "worker", "gateway".
	Watch string
	// Templates replace those of Gatehouse; nil leaves them.
	Templates []templates.Template
}

// App is Gatehouse, wired.
type App struct {
	Config   *config.Config
	Temporal client.Client
	Ledger   *ledger.Ledger
	// LedgerError says why there is no ledger although one should be, for a process that goes on without: [Options.Ailing].
	LedgerError error
	Launch      *launch.Launcher
	Log         *slog.Logger

	clock func() time.Time
	codec *codec.Codec
	// templates replace those of Gatehouse, unless nil.
	templates []templates.Template
	closers   []func() error
	// reader is made when it is first asked for.
	reading sync.Mutex
	reader  *onelogin.Client

	// connected and policy are there once the process has got that far; the watch over deadlines begins before.
	connected atomic.Pointer[client.Client]
	policy    atomic.Pointer[policyfile.File]
}

// Open connects to Temporal and the ledger. Vendors are connected by Vendors, where a process needs them.
func Open(ctx context.Context, cfg *config.Config, o Options) (*App, error) {
	a := &App{Config: cfg, Log: o.Log, clock: o.Clock, templates: o.Templates}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	if a.clock == nil {
		a.clock = time.Now
	}
	keys, err := ring(cfg.Encryption)
	if err != nil {
		return nil, err
	}
	if keys != nil {
		a.codec = codec.New(keys)
	}
	if !o.NoLedger {
		switch a.Ledger, err = a.openLedger(ctx, keys, o.Steering || o.LedgerIfAny); {
		case err == nil:
			a.closers = append(a.closers, a.Ledger.Close)
		case o.Ailing && (!errors.Is(err, ledger.ErrNoLedger) || cfg.Ledger.Astray() != ""):
			a.LedgerError = err
		case !o.LedgerIfAny || !errors.Is(err, ledger.ErrNoLedger) || cfg.Ledger.Astray() != "":
			return nil, err
		}
	}
	if o.Watch != "" {
		a.startWatchdog(ctx, o.Watch)
	}
	a.Temporal = o.Temporal
	if a.Temporal == nil {
		if a.Temporal, err = a.dial(ctx, o.Lenient); err != nil {
			return nil, errors.Join(err, a.Close())
		}
		a.closers = append(a.closers, func() error { a.Temporal.Close(); return nil })
	}
	a.connected.Store(&a.Temporal)
	a.Launch = launch.New(a.Temporal, o.Eager)
	return a, nil
}

// openLedger opens the ledger. One is made only by a process that works, and not while one lies where its path led before
// paths were relative to the configuration file.
func (a *App) openLedger(ctx context.Context, seal *keyring.Ring, steering bool) (*ledger.Ledger, error) {
	at, astray := a.Config.Ledger, a.Config.Ledger.Astray()
	l, err := ledger.Open(ctx, at.URL.Reveal(), ledger.Options{
		Seal: seal, Clock: a.clock, DigestKey: []byte(at.DigestKey.Reveal()), MustExist: steering || astray != "",
	})
	switch {
	case errors.Is(err, ledger.ErrNoLedger) && astray != "":
		return nil, fmt.Errorf("%w. Relative paths are relative to the configuration file, and there is a file %s in the working "+
			"directory: move that one, or write its absolute path into ledger.url", err, astray)
	case errors.Is(err, ledger.ErrNoLedger):
		return nil, fmt.Errorf("%w. Nothing was done. The programs `worker` and `starter serve` make the ledger when they first start; "+
			"this command only steers: name the configuration that they run with (--config), or correct ledger.url", err)
	case err != nil:
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	return l, nil
}

// Close lets go of everything that Open opened.
func (a *App) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	return errors.Join(errs...)
}

// dial reads the connection from TEMPORAL_* variables and the profiles of the temporal CLI.
func (a *App) dial(ctx context.Context, lazily bool) (client.Client, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, fmt.Errorf("read the Temporal settings: %w", err)
	}
	if options.Namespace == "" {
		options.Namespace = a.Config.Temporal.Namespace
	}
	// One namespace for everything: links and search attributes follow the connection.
	a.Config.Temporal.Namespace = options.Namespace
	options.Logger = sdklog.NewStructuredLogger(a.Log)
	options.DataConverter, options.FailureConverter = codec.Converters(a.codec)
	if sameMachine(options.HostPort) {
		options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	}
	if lazily {
		return client.NewLazyClient(options)
	}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal at %s: %w; is it running, and is TEMPORAL_ADDRESS right?", options.HostPort, err)
	}
	return c, nil
}

// sameMachine reports that a server is reached over loopback, where compressing costs both sides more than it saves.
func sameMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Codec is what payloads are sealed with, nil if they are not.
func (a *App) Codec() *codec.Codec { return a.codec }

// Codec seals and opens what Temporal stores; nil if no encryption is configured.
func Codec(cfg *config.Config) (*codec.Codec, error) {
	keys, err := ring(cfg.Encryption)
	if err != nil || keys == nil {
		return nil, err
	}
	return codec.New(keys), nil
}

// ring has the keys of a configuration; nil if it has none.
func ring(e config.Encryption) (*keyring.Ring, error) {
	if len(e.Keys) == 0 {
		return nil, nil
	}
	keys := map[string][]byte{}
	for id, key := range e.Keys {
		raw, err := base64.StdEncoding.DecodeString(key.Reveal())
		if err != nil {
			return nil, fmt.Errorf("encryption key %q is not base64", id)
		}
		keys[id] = raw
	}
	return keyring.New(e.Active, keys)
}

// Vendors are the clients and activities of a process that acts.
type Vendors struct {
	OneLogin   *onelogin.Client
	Catalog    *catalog.Catalog
	Policy     *policyfile.File
	Activities activities.Set
	// Sponsored adds people whom HR does not have.
	Sponsored *sponsored.Sponsored
	// Deciders judges decisions, and what somebody has signed about items and policies.
	Deciders *decider.Judge

	// targets are the systems beside OneLogin, by their names.
	targets map[string]target.System
	// slack and mail say what there is to tell people by.
	slack, mail bool
	ledger      *ledger.Ledger
	clock       func() time.Time
	log         *slog.Logger
}

// policyOptions are how this process follows the policy file.
func (a *App) policyOptions() policyfile.Options {
	return policyfile.Options{
		Path: a.Config.Policy, Installed: Installed(a.Config), Log: a.Log, Ledger: a.Ledger, Program: policyfile.ThisProcess(), Clock: a.clock,
	}
}

// Vendors connects the vendors and builds the activities. It sends nothing yet.
// Long because everything is wired in one place.
func (a *App) Vendors() (*Vendors, error) {
	cfg := a.Config
	v := &Vendors{log: a.Log, ledger: a.Ledger, clock: a.clock, slack: cfg.Slack.Configured(), mail: cfg.MailsTeams(), Deciders: &decider.Judge{Slack: cfg.Gateway.SlackSigningSecret, Clock: a.clock}}
	o := a.policyOptions()
	o.Check, o.Deciders, o.Launch = v.checkTenant, v.Deciders, a.Launch
	file, err := policyfile.Open(o)
	if err != nil {
		return nil, err
	}
	v.Policy, v.Deciders.People = file, func() []policy.Decider { return file.Current().Deciders() }
	a.policy.Store(file)
	v.OneLogin, err = onelogin.New(onelogin.Options{
		BaseURL: cfg.OneLogin.BaseURL, ClientID: cfg.OneLogin.ClientID, ClientSecret: cfg.OneLogin.ClientSecret,
		Timeout: cfg.OneLogin.Timeout, Clock: a.clock, Log: a.Log,
		Protected: func(u onelogin.User) string { return v.protected(u) },
	})
	if err != nil {
		return nil, err
	}
	if v.targets, err = a.targets(protectedBy(file.Current)); err != nil {
		return nil, err
	}
	// A leaver's account cannot be described without names, and reading them takes a few calls in ten minutes.
	v.Catalog = catalog.NewCatalog(v.OneLogin.For(onelogin.Containment), a.clock)
	person := &people.Person{
		Records: &reading.Reader{Ledger: a.Ledger, Policy: file.Current, Clock: a.clock}, Roll: roll.New(),
		Ledger: a.Ledger, OneLogin: v.OneLogin, Catalog: v.Catalog, Launch: a.Launch, Policy: file.Current, Clock: a.clock,
		Sources: map[string]hr.Source{}, CredentialOwners: cfg.OneLogin.Owners(),
		Paging: cfg.PagerDuty.RoutingKey != "" || cfg.Alerts.URL != "",
	}
	if len(person.CredentialOwners) == 0 {
		a.Log.Warn("onelogin.credential_owners is empty: nobody is told when the owner of an API credential leaves, and their account is not kept from being deleted")
	}
	sync := &hrsync.Sync{
		Ledger: a.Ledger, Person: person, Launch: a.Launch, Policy: file.Current, Clock: a.clock,
		Sweepers: map[string]hr.Sweeper{},
	}
	if err := a.sources(person, sync); err != nil {
		return nil, err
	}
	v.Sponsored = a.keepSponsored(person, sync)
	table, gmail, err := a.google()
	if err != nil {
		return nil, err
	}
	mailer, err := a.mailer(gmail)
	if err != nil {
		return nil, err
	}
	messenger := a.messenger(person, mailer, func(kind string) string { return file.Current().Channel(kind) })
	tickets, err := a.tickets(messenger)
	if err != nil {
		return nil, err
	}
	beside := &systems.Systems{Targets: v.targets, Ledger: a.Ledger, Person: person, Launch: a.Launch, Policy: file.Current, Clock: a.clock}
	person.Systems = beside
	theirAgents := &agents.Agents{Ledger: a.Ledger, Policy: file.Current, Clock: a.clock}
	theirs := onelogin.NewTarget(v.OneLogin)
	accounts := &inventory.Accounts{OneLogin: v.OneLogin, Target: theirs, Catalog: v.Catalog, Ledger: a.Ledger, Person: person, Clock: a.clock}
	access := &account.Target{
		Systems: v.reached(theirs),
		Ledger:  a.Ledger, Person: person, Accounts: accounts, Clock: a.clock,
	}
	holds := &hrsync.Holds{Sync: sync}
	reads := &agentread.Reads{OneLogin: v.OneLogin, Accounts: accounts, Ledger: a.Ledger, Clock: a.clock}
	given := &orders.Orders{
		Ledger: a.Ledger, Launch: a.Launch,
		HoldDeciders: func() []string { return file.Current().HoldDeciders() },
		Requestable:  func(role string) bool { return file.Current().Requestable(role) },
	}
	v.Activities = activities.Set{
		Sheets: table, Letters: mailer,
		Review: &review.Review{
			Ledger: a.Ledger, OneLogin: v.OneLogin, Policy: file.Current, Sheets: table, Letters: mailer, Launch: a.Launch, Clock: a.clock,
			Sources: slices.Sorted(maps.Keys(sync.Sweepers)), Systems: cfg.Systems.Names(),
		},
		Accounts: accounts, AgentReads: reads, Attention: &attention.Attention{Ledger: a.Ledger, Systems: KnownSystems()},
		Orders:   given,
		Requests: &agentrequests.Requests{Ledger: a.Ledger, Policy: file.Current, Clock: a.clock, Give: given.Give, Release: given.Release, Launch: a.Launch, Reread: reads.Again, Provision: a.provision(v, file.Current)},
		Authorised: &orders.Authorised{
			Ledger: a.Ledger, Orders: given, Launch: a.Launch, Policy: file.Current, Clock: a.clock, Paging: person.Paging,
		},
		Person: person, Sync: sync, Holds: holds, Reconcile: &hrsync.Reconcile{Sync: sync, Holds: holds, Agents: theirAgents.Sweep}, Agents: theirAgents, Slack: messenger, Jira: tickets, Evidence: &step.Evidence{Ledger: a.Ledger},
		MFA: &mfa.MFA{
			Ledger: a.Ledger, OneLogin: v.OneLogin, Person: person, Launch: a.Launch, Policy: file.Current, Clock: a.clock,
			Sheets: table, Letters: mailer, Title: notify.Title,
		},
		PagerDuty: a.pagerDuty(),
		OneLogin: &account.OneLogin{
			Client: v.OneLogin, Catalog: v.Catalog, Ledger: a.Ledger, Person: person, Clock: a.clock, ClientID: a.Config.OneLogin.ClientID,
			Target: access,
		},
		Target: access, Systems: beside,
	}
	return v, a.watch(v, person)
}

// sources connects the HR systems that are configured.
func (a *App) sources(person *people.Person, sync *hrsync.Sync) error {
	if w := a.Config.Workday; w.BaseURL != "" {
		c, err := workday.New(workday.Options{
			BaseURL: w.BaseURL, Tenant: w.Tenant, ClientID: w.ClientID, ClientSecret: w.ClientSecret,
			RefreshToken: w.RefreshToken, ReportOwner: w.ReportOwner, RosterReport: w.RosterReport,
			WorkerReport: w.WorkerReport, WorkerPrompt: w.WorkerPrompt, Columns: w.Columns, Timeout: w.Timeout, Clock: a.clock,
			OnRotatedRefreshToken: a.refreshTokenRotated,
		})
		if err != nil {
			return err
		}
		person.Sources[identity.SourceWorkday] = hr.WorkdaySource{Client: c}
		sync.Sweepers[identity.SourceWorkday] = hr.WorkdaySweeper{Client: c}
	}
	if b := a.Config.BambooHR; b.BaseURL != "" {
		c, err := bamboohr.New(bamboohr.Options{BaseURL: b.BaseURL, APIKey: b.APIKey, Timeout: b.Timeout, Clock: a.clock})
		if err != nil {
			return err
		}
		person.Sources[identity.SourceBambooHR] = hr.BambooHRSource{Client: c, Clock: a.clock}
		sync.Sweepers[identity.SourceBambooHR] = hr.BambooHRSweeper{Client: c, Clock: a.clock}
	}
	a.ownSource(person, sync)
	return nil
}

// refreshTokenRotated stores a rotated token where the configured one came from a file.
func (a *App) refreshTokenRotated(token httpx.Secret) {
	path := a.Config.Workday.RefreshTokenFile()
	if path == "" {
		a.Log.Error("workday replaced its refresh token: put the new one into the configuration before this process ends; " +
			"keep it in a file: secret to have that done for you")
		return
	}
	if err := os.WriteFile(path, []byte(token.Reveal()), 0o600); err != nil {
		a.Log.Error("workday replaced its refresh token, and the new one could not be stored", "error", err)
	}
}
