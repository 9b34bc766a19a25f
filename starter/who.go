package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/ledger"
)

// personUsage explains a flag that names a person.
const personUsage = "the person: key (workday-21001), e-mail address, or first and last name"

// personFlag adds the flag that names a person.
func personFlag(cmd *cobra.Command, text *string) {
	cmd.Flags().StringVar(text, "person", "", personUsage)
}

// userID is a flag that takes the id of a OneLogin user.
type userID struct{ id *int64 }

// userFlag adds the flag that names a OneLogin user instead of a person.
func userFlag(cmd *cobra.Command, id *int64) {
	cmd.Flags().Var(userID{id}, "user", "a OneLogin user id instead")
}

func (u userID) String() string {
	if u.id == nil || *u.id == 0 {
		return ""
	}
	return strconv.FormatInt(*u.id, 10)
}

func (u userID) Type() string { return "id" }

// Set takes an id as OneLogin, or Gatehouse, shows it.
func (u userID) Set(text string) error {
	digits := strings.TrimSpace(text)
	for _, before := range []string{"onelogin/", "onelogin-"} {
		digits = strings.TrimPrefix(strings.ToLower(digits), before)
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return errors.New("write the number that OneLogin shows for the user, such as 100042")
	}
	*u.id = id
	return nil
}

// find returns the key of whom an operator means. Nobody and more than one are errors, which name keys only.
func find(ctx context.Context, a *app.App, text string) (string, error) {
	text = asKey(text)
	if _, _, err := identity.SplitKey(text); err == nil {
		return text, nil
	}
	search, what := a.Ledger.FindByName, "name"
	switch {
	case strings.Contains(text, "@"):
		search, what, text = a.Ledger.FindByAddress, "address", identity.BareAddress(text)
	case text != "" && strings.Trim(text, "0123456789") == "":
		search, what = a.Ledger.FindByNumber, "employee id"
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

// asKey is what an operator wrote for a person, as a key is written where it is one: without spaces around it, with the source
// in lower case, and with the hyphen that people write as a colon or a slash.
func asKey(text string) string {
	text = strings.TrimSpace(text)
	at := strings.IndexAny(text, "-:/")
	if at < 0 {
		return text
	}
	source, id := strings.ToLower(strings.TrimSpace(text[:at])), strings.TrimSpace(text[at+1:])
	if key := source + "-" + id; !strings.ContainsAny(id, " @") {
		if _, _, err := identity.SplitKey(key); err == nil {
			return key
		}
	}
	return text
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
	owner, err := people.OwnerOf(ctx, a.Ledger, key)
	return owner, err
}

// findNamed is findOwner for commands that take a OneLogin user instead of a person.
func findNamed(ctx context.Context, a *app.App, text string, user int64) (string, error) {
	switch {
	case (text == "") == (user == 0):
		return "", errors.New("name either --person or --user")
	case user > 0:
		text = fmt.Sprintf("onelogin-%d", user)
	}
	return findOwner(ctx, a, text)
}
