package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities"
	"gatehouse/internal/app"
	"gatehouse/ledger"
)

// personUsage explains a flag that names a person.
const personUsage = "the person: key (workday-21001), e-mail address, or first and last name"

// personFlag adds the flag that names a person.
func personFlag(cmd *cobra.Command, text *string) {
	cmd.Flags().StringVar(text, "person", "", personUsage)
}

// find returns the key of whom an operator means. Nobody and more than one are errors, which name keys only.
func find(ctx context.Context, a *app.App, text string) (string, error) {
	if _, _, err := activities.SplitKey(text); err == nil {
		return text, nil
	}
	search, what := a.Ledger.FindByName, "name"
	if strings.Contains(text, "@") {
		search, what = a.Ledger.FindByAddress, "address"
	}
	found, err := search(ctx, text)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("nobody that Gatehouse knows has this %s: write the key (workday-21001), an e-mail address, or first and "+
			"last name as HR has them; HR may not have been read since they were entered", what)
	case len(found) > 1:
		return "", fmt.Errorf("%d people have this %s: name one of them by the key:\n  %s", len(found), what, strings.Join(lines(found), "\n  "))
	}
	return found[0].Key, nil
}

func lines(found []ledger.Known) []string {
	out := make([]string, len(found))
	for i, k := range found {
		out[i] = fmt.Sprintf("%s (%s)", k.Key, strings.Join(k.Sources, ", "))
	}
	return out
}

// findOwner is find for whoever the person stands for by now: orders and evidence are theirs.
func findOwner(ctx context.Context, a *app.App, text string) (string, error) {
	key, err := find(ctx, a, text)
	if err != nil {
		return "", err
	}
	owner, err := activities.OwnerOf(ctx, a.Ledger, key)
	return owner, plain(err)
}

// findNamed is findOwner for commands that take a OneLogin user instead of a person.
func findNamed(ctx context.Context, a *app.App, text string, user int64) (string, error) {
	switch {
	case (text == "") == (user == 0):
		return "", errors.New("name either --person or --user")
	case user < 0:
		return "", fmt.Errorf("--user %d is not a OneLogin user id", user)
	case user > 0:
		text = fmt.Sprintf("onelogin-%d", user)
	}
	return findOwner(ctx, a, text)
}
