package cmdline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger"
)

// RefuseUnknown refuses an order about somebody who does not exist. Where that cannot be found out in a moment the order is
// given all the same, and its run says so.
func RefuseUnknown(cmd *cobra.Command, a *app.App, key string) error {
	ctx := cmd.Context()
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return err
	}
	if user, ok := (identity.Ref{System: source, ID: id}).OneLogin(); ok {
		_, exists, asked, err := a.ReadAccount(ctx, user)
		if err != nil {
			cmd.PrintErrf("%v; the order is given all the same\n", err)
		}
		if asked && !exists {
			return fmt.Errorf("OneLogin has no user %d: nothing was ordered; check the id", user)
		}
		return nil
	}
	return RefuseUnknownPerson(cmd, a, key)
}

// RefuseUnknownPerson refuses a key that no HR source has a record for.
func RefuseUnknownPerson(cmd *cobra.Command, a *app.App, key string) error {
	ctx := cmd.Context()
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return err
	}
	if _, known, err := a.Ledger.Dossier(ctx, key); err != nil || known {
		return err
	}
	if _, known, err := a.Ledger.Roster().Row(ctx, source, id); err != nil || known {
		return err
	}
	state, err := a.Ledger.Roster().Source(ctx, source)
	if err != nil || state.BaselinedAt.IsZero() {
		return err
	}
	undone, hint := "ordered", "Check the key"
	switch {
	case cmd.Flags().Lookup("user") != nil:
		hint += ", or name the account with --user"
	case cmd.Flags().Lookup("account") != nil:
		undone = "done"
	}
	return fmt.Errorf("%s had no record of %s when it was read %s: nothing was %s. %s", source, key, cli.Ago(state.SyncedAt), undone, hint)
}

// Operator is who is recorded for what is done by hand, unless --by says otherwise.
func Operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}

// KnownSource refuses a source that is not configured.
func KnownSource(a *app.App, source string) error {
	sources := a.Config.Sources()
	for _, s := range sources {
		if s == source {
			return nil
		}
	}
	return fmt.Errorf("no HR source %q is configured: write --source %s", source, strings.Join(sources, " or --source "))
}

// personUsage explains a flag that names a person.
const personUsage = "the person: key (workday-21001), e-mail address, or first and last name"

// PersonFlag adds the flag that names a person.
func PersonFlag(cmd *cobra.Command, text *string) {
	cmd.Flags().StringVar(text, "person", "", personUsage)
}

// userID is a flag that takes the id of a OneLogin user.
type userID struct{ id *int64 }

// UserFlag adds the flag that names a OneLogin user instead of a person.
func UserFlag(cmd *cobra.Command, id *int64) {
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

// Find returns the key of whom an operator means. Nobody and more than one are errors, which name keys only.
func Find(ctx context.Context, a *app.App, text string) (string, error) {
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

// FindOwner is Find for whoever the person stands for by now: orders and evidence are theirs.
func FindOwner(ctx context.Context, a *app.App, text string) (string, error) {
	key, err := Find(ctx, a, text)
	if err != nil {
		return "", err
	}
	owner, err := people.OwnerOf(ctx, a.Ledger, key)
	return owner, err
}

// FindNamed is FindOwner for commands that take a OneLogin user instead of a person.
func FindNamed(ctx context.Context, a *app.App, text string, user int64) (string, error) {
	if err := OneNamed(text, user); err != nil {
		return "", err
	}
	if user > 0 {
		text = fmt.Sprintf("onelogin-%d", user)
	}
	return FindOwner(ctx, a, text)
}

// OneNamed refuses a command line that names both a person and a OneLogin user, or neither.
func OneNamed(text string, user int64) error {
	if (text == "") == (user == 0) {
		return errors.New("name either --person or --user")
	}
	return nil
}
