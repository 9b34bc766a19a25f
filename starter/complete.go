package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/census"
	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
	"gatehouse/starter/show"
)

// mostCompleted is how many keys a completion offers: more than that nobody reads.
const mostCompleted = 50

// completeWithin bounds how long a shell waits for a completion.
const completeWithin = 2 * time.Second

// words are the flags whose values are among a few words, by command, or by name alone where it is the same everywhere.
var words = map[string][]string{
	"order give --kind":      orderKinds(),
	"account declare --kind": {string(identity.KindPerson), string(identity.KindService), string(identity.KindShared), string(identity.KindBreakGlass)},
	"account list --kind": {
		string(identity.KindPerson), string(identity.KindService), string(identity.KindShared), string(identity.KindBreakGlass), string(identity.KindUnknown),
	},
	"account list --state": {
		string(identity.AccountLinked), string(identity.AccountCandidate), string(identity.AccountUnowned), string(identity.AccountRefused),
		string(identity.AccountDisputed),
	},
	"account link --use":    accounts.Uses("link"),
	"account declare --use": accounts.Uses("declare"),
	"authorise plan --kind": {api.AuthoriseContain, api.AuthoriseMove},
	"authorise file --kind": {api.AuthoriseContain, api.AuthoriseMove},
	"--verb":                decide.Answers,
	"--severity":            {"info", "warning", "critical"},
	"--verdict":             show.Verdicts,
	"--section":             sections(),
}

func orderKinds() []string {
	var out []string
	for _, kind := range identity.OrderKinds() {
		out = append(out, string(kind))
	}
	return out
}

func sections() []string {
	var out []string
	for _, s := range census.Sections() {
		out = append(out, s.Name)
	}
	return out
}

// completion offers what a command takes, from the ledger of the configuration.
type completion struct{ *cmdline.Program }

// withCompletion lets the shell complete what a command takes.
func (p completion) withCompletion(cmd *cobra.Command) {
	path := strings.TrimPrefix(cmd.CommandPath(), "starter ")
	for flag, complete := range map[string]cobra.CompletionFunc{
		"person": p.completePeople, "owner": p.completePeople, "source": p.completeSources, "order": p.completeOrders, "cause": p.completeItems,
	} {
		if cmd.Flags().Lookup(flag) != nil && path+" --"+flag != "attention list --owner" {
			cmdline.Must(cmd.RegisterFlagCompletionFunc(flag, complete))
		}
	}
	for flag, values := range words {
		at, name, _ := strings.Cut(flag, "--")
		if at = strings.TrimSpace(at); (at == "" || at == path) && cmd.Flags().Lookup(name) != nil {
			cmdline.Must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
		}
	}
	switch path {
	case "attention show", "attention take", "attention accept":
		cmd.ValidArgsFunction = p.completeItems
	case "order release":
		cmd.ValidArgsFunction = p.completeOrders
	}
	for _, sub := range cmd.Commands() {
		p.withCompletion(sub)
	}
}

// completing opens the ledger for a completion. Where that fails it offers nothing: a shell has no place for an error.
func (p completion) completing(cmd *cobra.Command, typed string, read func(ctx context.Context, a *app.App) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(cmd.Context(), completeWithin)
	defer cancel()
	cfg, err := config.Load(p.Config, config.Needs{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	a, err := app.Open(ctx, cfg, app.Options{Steering: true, Lenient: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer func() { _ = a.Close() }() // It was only read.
	all, err := read(ctx, a)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, one := range all {
		if strings.HasPrefix(one, typed) && len(out) < mostCompleted {
			out = append(out, one)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completePeople offers keys, and no name: what a shell offers stands on the screen and in no record of who asked.
func (p completion) completePeople(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return p.completing(cmd, typed, func(ctx context.Context, a *app.App) ([]string, error) {
		return a.Ledger.KeysBeginning(ctx, typed, mostCompleted)
	})
}

func (p completion) completeSources(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return p.completing(cmd, typed, func(_ context.Context, a *app.App) ([]string, error) { return a.Config.Sources(), nil })
}

func (p completion) completeOrders(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return p.completing(cmd, typed, func(ctx context.Context, a *app.App) ([]string, error) {
		open, err := a.Ledger.Orders().Open(ctx)
		var ids []string
		for _, o := range open {
			ids = append(ids, o.ID)
		}
		return ids, err
	})
}

func (p completion) completeItems(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return p.completing(cmd, typed, func(ctx context.Context, a *app.App) ([]string, error) {
		open, err := a.Ledger.Worklist().Items(ctx, worklist.ItemFilter{})
		var ids []string
		for _, i := range open {
			ids = append(ids, i.ID)
		}
		return ids, err
	})
}
